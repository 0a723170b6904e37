/** Which steps of the model an item of the text stands for, and which edges order it. */
import type { EdgeView, ScenarioView, StepView } from '../../preload/contract'
import type { Item, ItemList, ProgramText } from './program'

export interface Place {
  readonly list: ItemList
  readonly item: Item
  /** Among the list's items. */
  readonly at: number
}

export const placeKey = (list: ItemList, item: Pick<Item, 'index'>): string => `${list.key}#${item.index}`

export function placesOf(program: ProgramText): Place[] {
  return program.lanes.flatMap((lane) =>
    lane.lists.flatMap((list) => list.items.map((item, at) => ({ list, item, at }))),
  )
}

/** Steps by the item that they are written in: the last one that begins before the step, on its line. */
export function stepsByPlace(program: ProgramText, view: Pick<ScenarioView, 'steps'>): Map<string, StepView[]> {
  const found = new Map<string, StepView[]>()
  const byLine = new Map<number, Place[]>()
  for (const place of placesOf(program)) byLine.set(place.item.line, [...(byLine.get(place.item.line) ?? []), place])
  for (const step of view.steps) {
    if (step.line === undefined) continue
    const { column = Infinity } = step
    const place = (byLine.get(step.line) ?? [])
      .filter(({ list, item }) => list.agent === step.agent && item.column <= column)
      .at(-1)
    if (!place) continue
    const key = placeKey(place.list, place.item)
    found.set(key, [...(found.get(key) ?? []), step])
  }
  return found
}

/** What an ordering calls it: its id, else the shortest name of its steps, which the others begin with. Null: it has none. */
export function orderName(item: Item, steps: readonly StepView[]): string | null {
  if (item.id !== null) return item.id
  return steps.reduce<string | null>((best, s) => (best === null || s.id.length < best.length ? s.id : best), null)
}

/** Does an ordering's name mean this item? */
export const isNamed = (name: string, item: Item, steps: readonly StepView[]): boolean =>
  item.id === name || steps.some((s) => s.id === name)

export interface Order {
  readonly way: 'before' | 'after'
  /** The step at the other end. */
  readonly other: string
  readonly edge: EdgeView
}

/** The edges that begin or end at these steps; those of nobody first. */
export function ordersOf(steps: readonly StepView[], edges: readonly EdgeView[]): Order[] {
  const own = new Set(steps.map((s) => s.id))
  const found = edges.flatMap((edge): Order[] => [
    ...(own.has(edge.after) && !own.has(edge.before) ? [{ way: 'after' as const, other: edge.before, edge }] : []),
    ...(own.has(edge.before) && !own.has(edge.after) ? [{ way: 'before' as const, other: edge.after, edge }] : []),
  ])
  const rank = (o: Order): number =>
    o.edge.enforcedBy === 'nobody' ? 0 : o.edge.enforcedBy === 'program-order' ? 2 : 1
  return found.sort((a, b) => rank(a) - rank(b))
}
