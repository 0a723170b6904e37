/** The ways a step can go: its cases with their indices filled in. */
import type { CaseSpec } from '../../hardware/block'
import type { Place } from '../../hardware/mistake'
import { framesOf, type Frame, type PlainStep } from './frame'

/** A case of a step with its own indices. */
export interface Filled {
  readonly c: CaseSpec
  /** Its place among the cases. */
  readonly number: number
  readonly frame: Frame
  /** The values of its indices, for its name. */
  readonly at: string
  readonly path: Place
}

/** Cases of one step with their indices written out; each is tested against all that come before. */
export const MAX_CASES = 256

/** The cases of a step, each with its indices filled in. */
export function casesOf(frame: Frame, s: PlainStep, path: Place): Filled[] {
  const cases: readonly CaseSpec[] = s.cases ?? [
    {
      ...(s.set ? { set: s.set } : {}),
      ...(s.now ? { now: s.now } : {}),
      ...(s.fault ? { fault: s.fault } : {}),
      ...(s.errno ? { errno: s.errno } : {}),
    },
  ]
  return cases.flatMap((c, number) => {
    const indices = c.per ?? []
    const here = s.cases ? [...path, 'cases', number] : path
    return framesOf(frame, indices, [...here, 'per']).map((one): Filled => {
      const at = indices.map((index) => one.env.values.get(index) ?? '').join(',')
      return { c, number, frame: one, at: at && !c.name?.includes('{') ? `(${at})` : '', path: here }
    })
  })
}

/** Some case ends the operation early, at its own end. */
export function endsHere(s: PlainStep, errnoToo: boolean): boolean {
  return (s.cases ?? []).some((c) => c.return === true || (errnoToo && c.errno !== undefined))
}
