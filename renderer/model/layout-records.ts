/**
 * The arrangement of panels as records, so that it has a history like any document. Which tab is in front is no part of it:
 * looking at something is not a change.
 */
import type { SerializedDockview } from 'dockview-vue'
import { diffOf, same, type Json, type Records } from '../../preload/records'

type Node = SerializedDockview['grid']['root']
interface Leaf {
  views: string[]
  activeView?: string
}

const PANEL = 'panel:'
const KNOWN = 'known'
const WAITING = 'waiting'

export interface Remembered {
  dock: SerializedDockview
  sidebar: { open: boolean; width: number }
  /** Every panel that there was when it was written, open or not, so that a later version can tell which ones came after. */
  known?: readonly string[]
  /** The timeline is low, as it came: with the first run it gets its room. */
  waiting?: boolean
}

const isLeaf = (data: Node['data']): data is Extract<Node['data'], { id: string }> => !Array.isArray(data)

/** Without the tabs in front. */
function bare(node: Node): Json {
  const { data, ...rest } = node
  if (isLeaf(data)) {
    const { activeView: _front, ...leaf } = data
    return json({ ...rest, data: leaf })
  }
  return json({ ...rest, data: data.map(bare) })
}
/** It comes from a library that makes it for JSON. */
const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

export function layoutRecords({ dock, sidebar, known, waiting }: Remembered): Records {
  const { root, ...grid } = dock.grid
  const later: [string, Json][] = [
    ...(known ? [[KNOWN, [...known]] satisfies [string, Json]] : []),
    ...(waiting === true ? [[WAITING, true] satisfies [string, Json]] : []),
  ]
  return new Map<string, Json>([
    ['grid', json({ ...grid, root: bare(root) })],
    ['sidebar', { ...sidebar }],
    ...later,
    ...Object.entries(dock.panels).map(([id, panel]) => [PANEL + id, json(panel)] as const),
  ])
}

/** In front of each group as in `dockOf`. Null: not a layout. */
export function layoutOf(
  records: Records,
  front: ReadonlySet<string>,
  present: ReadonlySet<string>,
): Remembered | null {
  const dock = dockOf(records, front, present)
  const sidebar = records.get('sidebar')
  if (!dock || typeof sidebar !== 'object' || sidebar === null || !('open' in sidebar) || !('width' in sidebar))
    return null
  const known = knownPanels(records)
  return {
    dock,
    sidebar: { open: sidebar.open === true, width: Number(sidebar.width) || 244 },
    ...(known ? { known } : {}),
    ...(records.get(WAITING) === true ? { waiting: true } : {}),
  }
}

/**
 * In front of each group: a tab that is not in the dock now (`present`), one of `front`, or the last. Null: not a layout.
 */
function dockOf(records: Records, front: ReadonlySet<string>, present: ReadonlySet<string>): SerializedDockview | null {
  const grid = records.get('grid')
  if (typeof grid !== 'object' || grid === null || !('root' in grid)) return null
  const whole = structuredClone(grid) as unknown as SerializedDockview['grid']
  const fill = (node: Node): void => {
    if (!isLeaf(node.data)) return node.data.forEach(fill)
    const leaf: Leaf = node.data
    leaf.activeView =
      leaf.views.find((id) => !present.has(id)) ?? leaf.views.find((id) => front.has(id)) ?? leaf.views.at(-1) ?? ''
  }
  try {
    fill(whole.root)
  } catch {
    return null
  }
  const panels = [...records].flatMap(([name, panel]) =>
    name.startsWith(PANEL) ? [[name.slice(PANEL.length), structuredClone(panel)] as const] : [],
  )
  return { grid: whole, panels: Object.fromEntries(panels) } as unknown as SerializedDockview
}

/** The panels that there were when it was written; undefined in a layout that is older than this record. */
function knownPanels(records: Records): readonly string[] | undefined {
  const known = records.get(KNOWN)
  return Array.isArray(known) ? known.filter((id) => typeof id === 'string') : undefined
}

/** Only the window's own size is different. */
export const sameWindow = (a: Records, b: Records): boolean => {
  const size = (records: Records): Json => {
    const grid = records.get('grid')
    return typeof grid === 'object' && grid !== null && 'width' in grid && 'height' in grid
      ? [grid.width ?? null, grid.height ?? null]
      : null
  }
  return same(size(a), size(b))
}

/** The mark of a step that only moves edges. */
export const RESIZED = 'Resize panels'

/** What a person did: "Close Timeline", "Open mine.yaml", "Move panels". */
export function layoutMark(before: Records, after: Records, nameOf: (panel: string) => string): string {
  const diff = diffOf(before, after)
  const names = (is: (change: object) => boolean): string[] =>
    Object.entries(diff).flatMap(([name, change]) =>
      name.startsWith(PANEL) && is(change) ? [nameOf(name.slice(PANEL.length))] : [],
    )
  const [come, gone] = [names((c) => 'add' in c), names((c) => 'remove' in c)]
  if (come.length > 0 && gone.length > 0) return 'Change panels'
  if (come.length > 0) return `Open ${come.join(', ')}`
  if (gone.length > 0) return `Close ${gone.join(', ')}`
  if (diff['grid']) return shapeOf(before) === shapeOf(after) ? RESIZED : 'Move panels'
  const open = after.get('sidebar')
  return typeof open === 'object' && open !== null && 'open' in open && open.open ? 'Side bar' : 'Side bar away'
}

/** Where which panel is, without sizes. */
function shapeOf(records: Records): string {
  return JSON.stringify(records.get('grid'), (key: string, value: unknown) => (key === 'size' ? undefined : value))
}
