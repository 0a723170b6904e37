/** Exit codes, and how a fault leaves the program. */
import type { Fault } from '../simulator/faults'
import { formatFault } from './format/fault'
import type { Io } from './io'

export const EXIT = {
  /** Computed. */
  ok: 0,
  /** `explore` and its kin: a property is violated or unwitnessed. */
  violated: 1,
  /** Bad usage or input. */
  badInput: 2,
  /** A bound was hit, or the person interrupted. */
  undecided: 3,
} as const

/** Prints `{"error": …}` on standard output, or a line for a person on standard error. Several: the first is the error. */
export function fail(io: Io, json: boolean, faults: readonly [Fault, ...Fault[]]): number {
  const [first, ...more] = faults
  if (json) io.out(JSON.stringify({ error: { ...first, ...(more.length > 0 ? { more } : {}) } }) + '\n')
  else io.err(faults.map(formatFault).join(''))
  return EXIT.badInput
}
