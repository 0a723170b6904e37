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
      .filter(({ list, item }) => isOf(step.agent, list.agent) && item.column <= column)
      .at(-1)
    if (!place) continue
    const key = placeKey(place.list, place.item)
    found.set(key, [...(found.get(key) ?? []), step])
  }
  return found
}

/**
 * The same for a text that has been changed since the view was made: what is written as before stands for the same steps,
 * wherever it was moved in its agent's program.
 */
export function stepsCarried(
  now: ProgramText,
  then: ProgramText,
  view: Pick<ScenarioView, 'steps'>,
): Map<string, StepView[]> {
  const old = stepsByPlace(then, view)
  if (now === then) return old
  const byWords = new Map(numbered(then).map(([words, key]) => [words, old.get(key)] as const))
  return new Map(
    numbered(now).flatMap(([words, key]) => {
      const steps = byWords.get(words)
      return steps ? [[key, steps] as const] : []
    }),
  )
}

/** Items by what is written; where that is written several times, by which of them it is. */
function numbered(program: ProgramText): [words: string, key: string][] {
  const seen = new Map<string, number>()
  return placesOf(program).map(({ list, item }) => {
    const words = JSON.stringify([list.agent, list.heading, item.name, item.operands, item.id])
    const n = (seen.get(words) ?? 0) + 1
    seen.set(words, n)
    return [`${words} ${n}`, placeKey(list, item)]
  })
}

/** The device runs its program once for each descriptor: `device.own` is of `device`. */
const isOf = (agent: string, program: string): boolean => agent === program || agent.startsWith(`${program}.`)

/** What an ordering calls it: its id, else the name of its one step, or what the names of its steps begin with. Null: none. */
export function orderName(item: Item, steps: readonly StepView[]): string | null {
  if (item.id !== null) return item.id
  const names = steps.map((s) => s.id).sort((a, b) => a.length - b.length)
  const [shortest] = names
  if (shortest === undefined) return null
  if (names.every((n) => n === shortest || n.startsWith(`${shortest}.`))) return shortest
  const parts = names.map((n) => n.split('.'))
  const shared = shortest.split('.').findIndex((part, i) => parts.some((p) => p[i] !== part))
  // One word is an agent, not an operation.
  return shared > 1 ? shortest.split('.').slice(0, shared).join('.') : shortest
}

/** Does an ordering's name mean this item? */
export const isNamed = (name: string, item: Item, steps: readonly StepView[]): boolean =>
  item.id === name || orderName(item, steps) === name || steps.some((s) => s.id === name)

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
  // A step that is there once for each value (`IMS1.CONTROL(guest,masked)`) is said once.
  const seen = new Set<string>()
  return found
    .sort((a, b) => rank(a) - rank(b))
    .filter(({ way, other, edge }) => {
      const key = `${way} ${other.replace(/\(.*$/, '')} ${edge.enforcedBy} ${edge.why}`
      return !seen.has(key) && seen.add(key)
    })
}
