/**
 * The numbers of a scenario that can be other than they are written (`scale`), the indices that count over them, and
 * the copies of a board. In texts they stand in braces as in blocks: `{vectors}`, `{v}`, `any{v: …}`.
 */
import { err, fault, nearest, ok, type Fault, type Result } from '../faults'
import { fill, type Environment } from '../hardware/template'
import type { ScenarioDocument, Path } from './document'
import { MAX_SCALE, type Scenario } from './schema'

export type Scale = Readonly<Record<string, number>>

export interface Extent {
  /** Values of the scale, and of every index over it. */
  readonly env: Environment
  /** Put before the names of each copy of the board: empty where there is one. */
  readonly prefixes: readonly string[]
}

export function extentOf(d: ScenarioDocument, s: Scenario, scale: Scale): Result<Extent, Fault[]> {
  const wrong = Object.entries(scale).flatMap(([k, n]) => scaleFaults(s, k, n))
  if (wrong.length > 0) return err(wrong)
  const sizes = new Map(Object.entries({ ...s.scale, ...scale }))
  const faults: Fault[] = []
  const size = (bound: number | string, path: Path): number => {
    if (typeof bound === 'number') return bound
    const n = sizes.get(bound)
    if (n === undefined) faults.push(unknown(s, bound, d.at(path)))
    return n ?? 1
  }
  const indices = new Map<string, readonly number[]>()
  for (const [index, bound] of Object.entries(s.indices)) {
    const path = ['indices', index]
    if (sizes.has(index))
      faults.push(fault('SCENARIO_DUPLICATE_NAME', `${index} is a number of "scale" already`, d.keyAt(path)))
    const [from, to] = Array.isArray(bound)
      ? [size(bound[0], [...path, 0]), size(bound[1], [...path, 1])]
      : [0, size(bound, path) - 1]
    if (to - from >= MAX_VALUES)
      faults.push(fault('MODEL_TOO_LARGE', `${index} has more than ${MAX_VALUES} values`, d.at(path)))
    else
      indices.set(
        index,
        Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i),
      )
  }
  const copies = s.copies === undefined ? 1 : size(s.copies, ['copies'])
  if (faults.length > 0) return err(faults)
  return ok({
    env: { values: new Map([...sizes].map(([k, n]) => [k, String(n)])), indices },
    prefixes: copies === 1 ? [''] : Array.from({ length: copies }, (_, i) => `vm${i + 1}.`),
  })
}

const MAX_VALUES = 64

function scaleFaults(s: Scenario, key: string, n: number): Fault[] {
  if (!Object.hasOwn(s.scale, key)) return [unknown(s, key, {})]
  if (n >= 1 && n <= MAX_SCALE) return []
  return [fault('SCENARIO_SCALE', `${key} ${n}: from 1 to ${MAX_SCALE}`)]
}

function unknown(s: Scenario, key: string, at: { line?: number; column?: number }): Fault {
  const known = Object.keys(s.scale)
  const near = nearest(key, known)
  return fault('SCENARIO_SCALE', `this scenario does not declare "scale: { ${key}: … }"`, {
    ...at,
    hint:
      known.length === 0
        ? 'only what a scenario declares can be scaled'
        : near
          ? `did you mean ${near}?`
          : `it can be scaled by ${known.join(' and ')}`,
  })
}

/** A value of the document with every text in it filled in; a text that was nothing but a number in braces becomes one. */
export function filled(value: unknown, env: Environment): Result<unknown> {
  if (typeof value === 'string') {
    if (!value.includes('{')) return ok(value)
    const text = fill(value, env)
    return text.ok && /^-?\d+$/.test(text.value) ? ok(Number(text.value)) : text
  }
  if (Array.isArray(value)) {
    const out: unknown[] = []
    for (const v of value) {
      const r = filled(v, env)
      if (!r.ok) return r
      out.push(r.value)
    }
    return ok(out)
  }
  if (typeof value !== 'object' || value === null) return ok(value)
  const out: Record<string, unknown> = {}
  for (const [k, v] of Object.entries(value)) {
    const r = filled(v, env)
    if (!r.ok) return r
    out[k] = r.value
  }
  return ok(out)
}
