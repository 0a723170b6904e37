/** The drawing of lspci -t → who is below whom: `-[0000:00]-+-00.0` and, in the same columns, `+-1c.0-[02-03]----00.0`. */
import { digits } from '../../platform/address'
import type { PastedLine } from '../pasted'

export interface Forest {
  /** Function → the bridge above it; undefined for one on a root bus. */
  readonly above: ReadonlyMap<string, string | undefined>
  /** Bridge → the buses below it. */
  readonly buses: ReadonlyMap<string, { secondary: number; subordinate: number }>
  /** What stands behind a function: its name, with ids if -nn was given. */
  readonly names: ReadonlyMap<string, string>
}

interface Bus {
  readonly segment: number
  readonly number: number
  readonly bridge: string | undefined
}

const ROOT = /-\[([0-9a-f]{4,8}):([0-9a-f]{2})(?:-[0-9a-f]{2})?\]/gi
/** A function or, directly behind one, the buses below it. */
const PIECE =
  /(?:[-+\\`|]-|--)([01][0-9a-f]\.[0-7])(?=[-\s]|$)|-\[(?:[0-9a-f]{4,8}:)?([0-9a-f]{2})(?:-([0-9a-f]{2}))?\]/gi

export function forestOf(lines: readonly PastedLine[]): Forest | undefined {
  const above = new Map<string, string | undefined>()
  const buses = new Map<string, { secondary: number; subordinate: number }>()
  const names = new Map<string, string>()
  let columns = new Map<number, Bus>()
  for (const { text } of lines) {
    const root = [...text.matchAll(ROOT)][0]
    const isRoot = root?.index !== undefined && /^[\s|+\\`-]*$/.test(text.slice(0, root.index))
    if (!isRoot && !/^[\s|]*[+\\`]-/.test(text)) continue
    let bus: Bus | undefined
    let start = 0
    if (isRoot && root) {
      columns = new Map()
      bus = { segment: parseInt(root[1] ?? '', 16), number: parseInt(root[2] ?? '', 16), bridge: undefined }
      start = root.index + root[0].length
    } else if (columns.size === 0) continue
    let last: string | undefined
    let end = start
    for (const piece of text.slice(start).matchAll(PIECE)) {
      const at = start + piece.index
      if (last !== undefined && at > end && !/^-*[+\\]?$/.test(text.slice(end, at))) break // names follow
      end = at + piece[0].length
      const [, slot, secondary, subordinate] = piece
      if (slot !== undefined) {
        const column = end - slot.length
        const on = bus ?? columns.get(column)
        if (!on) break
        columns.set(column, on)
        bus = undefined
        last = `${digits(on.segment, 4)}:${digits(on.number, 2)}:${slot.toLowerCase()}`
        above.set(last, on.bridge)
      } else if (last !== undefined && secondary !== undefined) {
        const first = parseInt(secondary, 16)
        buses.set(last, { secondary: first, subordinate: parseInt(subordinate ?? secondary, 16) })
        bus = { segment: parseInt(last, 16), number: first, bridge: last }
      } else break
    }
    const name = last === undefined ? '' : text.slice(end).trim()
    if (last !== undefined && /^\w/.test(name)) names.set(last, name)
  }
  return above.size > 0 ? { above, buses, names } : undefined
}
