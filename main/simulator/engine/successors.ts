/**
 * What follows from many states at once: the steps out of them laid side by side, so that the set of states is asked about
 * hundreds of numbers in one go (memory answers them together, not one after the other) and each loop is so small that it
 * is soon compiled.
 */
import type { Fields } from './fields'
import { ROW, SLOW, type Moves } from './moves'

/** Steps that are laid side by side; the last state may have more. */
const ROOM = 512

/** What a step whose effect is worked out by the space leads to, where that is no state. */
export const NOWHERE = -1
export const UNUSUAL = -2

/** The states whose steps are laid out, and what their numbers mean. */
export interface Ground {
  readonly moves: Moves
  readonly fields: Fields
  readonly initial: number
  /** How often each step was taken. */
  readonly taken: Float64Array
  /** Where a step leads: the number of a state, NOWHERE where it is disabled, UNUSUAL. */
  slow(step: number, key: number): number
}

export class Successors {
  count = 0
  /** Where each step leads, which move it is, and out of which of the states. */
  readonly keys: Float64Array
  readonly moves: Int32Array
  readonly origins: Int32Array
  /** The last state that was done has no step. */
  ended = false
  private readonly rows: Int32Array

  constructor(components: number, steps: number) {
    // A step is one move, or two where it writes down an answer.
    const room = ROOM + 2 * steps
    this.keys = new Float64Array(room)
    this.moves = new Int32Array(room)
    this.origins = new Int32Array(room)
    this.rows = new Int32Array(components)
  }

  /** So many steps are laid out at most. */
  get room(): number {
    return this.keys.length
  }

  /**
   * The steps of `states` from `first` on, before `end`: returns how many states were done. Ends before a state with a step
   * that is UNUSUAL, that leads back to the initial one, or that is it; and after one that has none.
   */
  gather(ground: Ground, states: Float64Array, first: number, end: number): number {
    const { rows, keys, moves: laid, origins } = this
    const { moves, initial, taken } = ground
    const { table, base } = moves
    const { unit, per } = ground.fields
    const size = rows.length
    let count = 0
    let at = first
    this.ended = false
    while (at < end && count < ROOM) {
      const key = states[at] ?? 0
      if (key === initial) break
      let answers = 0
      let rest = key
      for (let c = size - 1; c >= 0; c--) {
        const one = unit[c] ?? 1
        // Not divided: that takes four times as long, and is at most one off this way.
        let id = (rest * (per[c] ?? 1)) | 0
        rest -= id * one
        if (rest < 0) {
          id--
          rest += one
        } else if (rest >= one) {
          id++
          rest -= one
        }
        const row = (base[c] ?? 0) + id * ROW
        if ((table[row + 1] ?? 0) < 0) moves.row(c, id)
        rows[c] = row
        answers |= table[row] ?? 0
      }
      const { needs, kind, step, adds } = moves
      const before = count
      let usual = true
      for (let c = 0; c < size && usual; c++) {
        const row = rows[c] ?? 0
        const last = table[row + 2] ?? 0
        for (let m = table[row + 1] ?? 0; m < last; m++) {
          const wanted = needs[m] ?? 0
          if ((answers & wanted) !== wanted) continue
          const s = step[m] ?? 0
          let next = key + (adds[m] ?? 0)
          const k = kind[m] ?? 0
          if (k < 0) next = k === SLOW ? ground.slow(s, key) : UNUSUAL
          if (next === NOWHERE) continue
          if (next < 0 || next === initial) {
            usual = false
            break
          }
          keys[count] = next
          laid[count] = m
          origins[count] = at
          count++
          taken[s] = (taken[s] ?? 0) + 1
        }
      }
      if (!usual) {
        while (count > before) {
          const s = step[laid[--count] ?? 0] ?? 0
          taken[s] = (taken[s] ?? 0) - 1
        }
        break
      }
      at++
      if (count === before) {
        this.ended = true
        break
      }
    }
    this.count = count
    return at - first
  }
}
