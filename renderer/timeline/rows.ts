/** Which lanes stand where: pinned ones first, then the others group by group, folded groups as their title alone. */
import type { RunLane } from '../../preload/contract'

export const RULER = 20
export const GROUP_ROW = 20
const [LEAST, MOST] = [24, 52]

export interface LaneRow {
  /** Number of the lane; −1: the title of a group. */
  lane: number
  group: string
  pinned: boolean
  y: number
  height: number
}

export interface RowsInput {
  lanes: readonly Pick<RunLane, 'id' | 'group' | 'events'>[]
  pinned: ReadonlySet<string>
  folded: ReadonlySet<string>
  /** Of the panel, without the ruler. */
  room: number
  /** Events that a filter leaves in each lane; lanes without any are left out. Null: no filter. */
  left: Uint32Array | null
}

export interface Rows {
  rows: LaneRow[]
  /** Of all rows together. */
  height: number
}

export function layRows({ lanes, pinned, folded, room, left }: RowsInput): Rows {
  const shown = lanes
    .map((lane, index) => ({ ...lane, index }))
    .filter(({ events, index, id }) => pinned.has(id) || (events > 0 && (!left || (left[index] ?? 0) > 0)))
  const first = shown.filter((lane) => pinned.has(lane.id))
  const groups = new Map<string, typeof shown>()
  for (const lane of shown) {
    if (pinned.has(lane.id)) continue
    groups.set(lane.group, [...(groups.get(lane.group) ?? []), lane])
  }
  const titles = [...groups.keys()].filter((g) => g !== '').length
  const open = first.length + [...groups].reduce((n, [g, list]) => n + (folded.has(g) ? 0 : list.length), 0)
  const height = Math.max(LEAST, Math.min(MOST, Math.floor((room - titles * GROUP_ROW) / Math.max(1, open))))
  const rows: LaneRow[] = []
  let y = 0
  const put = (row: Omit<LaneRow, 'y'>): void => {
    rows.push({ ...row, y })
    y += row.height
  }
  for (const { index, group } of first) put({ lane: index, group, pinned: true, height })
  for (const [group, list] of groups) {
    if (group !== '') put({ lane: -1, group, pinned: false, height: GROUP_ROW })
    if (group === '' || !folded.has(group))
      for (const { index } of list) put({ lane: index, group, pinned: false, height })
  }
  return { rows, height: y }
}

/** The rows that are seen between two heights, and a little more. */
export function rowsBetween({ rows }: Rows, top: number, bottom: number): LaneRow[] {
  return rows.filter((row) => row.y + row.height > top - 60 && row.y < bottom + 60)
}
