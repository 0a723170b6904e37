/** Which steps of the model an item of the text stands for, and which edges order it. */
import type { EdgeView, ScenarioView, StepView } from '../../preload/contract'
import type { Item, ItemList, ProgramText } from './program'

export interface Place {
  readonly list: ItemList
  readonly item: Item
  /** Among the list's items. */
  readonly at: number
}

export const placeKey = (list: Pick<ItemList, 'key'>, item: Pick<Item, 'index'>): string => `${list.key}#${item.index}`

export function placesOf(program: Pick<ProgramText, 'lanes'>): Place[] {
  return program.lanes.flatMap((lane) =>
    lane.lists.flatMap((list) => list.items.map((item, at) => ({ list, item, at }))),
  )
}

/**
 * Steps by the item that they are written in: the last one that begins before the step, on its line. The arrival of a
 * posted write, which an agent of the fabric does, belongs to the item that sent it.
 */
export function stepsByPlace(program: ProgramText, view: Pick<ScenarioView, 'steps'>): Map<string, StepView[]> {
  const found = new Map<string, StepView[]>()
  const byLine = new Map<number, Place[]>()
  for (const place of placesOf(program)) byLine.set(place.item.line, [...(byLine.get(place.item.line) ?? []), place])
  const keyOf = new Map<string, string>()
  const put = (key: string, step: StepView): void => {
    keyOf.set(step.id, key)
    found.set(key, [...(found.get(key) ?? []), step])
  }
  for (const step of view.steps) {
    if (step.line === undefined) continue
    const { column = Infinity } = step
    const place = (byLine.get(step.line) ?? [])
      .filter(({ list, item }) => isOf(step.agent, list.agent) && item.column <= column)
      .at(-1)
    if (place) put(placeKey(place.list, place.item), step)
  }
  for (const step of view.steps) {
    const sender = senderOf(step)
    const key = sender === null ? undefined : keyOf.get(sender)
    if (key !== undefined && !keyOf.has(step.id)) put(key, step)
  }
  return found
}

/** The step that sent what arrives here; null where the step is no arrival. */
export function senderOf(step: Pick<StepView, 'id' | 'line'>): string | null {
  if (step.line !== undefined) return null
  const sender = step.id.replace(/\.arrives(\.\d+)?$/, '')
  return sender === step.id ? null : sender
}

/**
 * Where a board is there several times, each copy's names begin with `vm1.`, `vm2.` …, while the text, and the orderings in
 * it, mean every copy: the first one stands for all.
 */
export function oneCopy(view: ScenarioView, program: ProgramText): ScenarioView {
  const [lane] = program.lanes
  const FIRST = 'vm1.'
  if (!lane || !view.agents.some((a) => a.id === FIRST + lane.agent)) return view
  const isFirst = (name: string): boolean => name.startsWith(FIRST)
  const bare = (name: string): string => name.slice(FIRST.length)
  return {
    ...view,
    agents: view.agents
      .filter((a) => isFirst(a.id))
      .map((a) => ({ ...a, id: bare(a.id), title: a.title.replace(/^vm1[ .]/, '') })),
    steps: view.steps.filter((s) => isFirst(s.id)).map((s) => ({ ...s, id: bare(s.id), agent: bare(s.agent) })),
    edges: view.edges
      .filter((e) => isFirst(e.before) && isFirst(e.after))
      .map((e) => ({ ...e, before: bare(e.before), after: bare(e.after) })),
  }
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

/** A litmus agent may be there once for each value of its indices: `Device.0.1` runs the program of `Device.d.v`. */
export function isOf(agent: string, program: string): boolean {
  if (agent === program) return true
  const [a, p] = [agent.split('.'), program.split('.')]
  return a.length === p.length && p.length > 1 && a[0] === p[0] && a.slice(1).every((part) => /^\d+$/.test(part))
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The names that an item bears in the model: one, or one for each value of what it is repeated for. */
export function namesOf(item: Item, steps: readonly StepView[]): string[] {
  if (item.id !== null && !item.id.includes('{')) return [item.id]
  // Ways and repetitions hold operations, and have no name as a whole.
  if (item.name === 'either' || item.name === 'repeat') return []
  const own = steps.filter((s) => s.line !== undefined)
  const [agent] = own.map((s) => s.agent)
  const literal = item.id?.split(/\{[^}]*\}/).map(escaped)
  // Without an id it is called by its agent, operation and operands, and numbered where that is there again.
  const name = literal?.join('[^.]+') ?? `${escaped(`${agent ?? ''}.${item.name}`)}(\\([^)]*\\))?`
  const found = new Set(own.flatMap((s) => new RegExp(`^${name}`).exec(s.id)?.[0] ?? []))
  const [base] = found
  if (found.size !== 1 || base === undefined) return [...found]
  const ids = own.map((s) => s.id.slice(base.length))
  const number = /^\.\d+(?=\.|$)/.exec(ids[0] ?? '')?.[0]
  return [number !== undefined && ids.every((id) => id.startsWith(number)) ? base + number : base]
}

/** What an ordering calls it. Null: it has no name, or several. */
export function orderName(item: Item, steps: readonly StepView[]): string | null {
  const names = namesOf(item, steps)
  return names.length === 1 ? (names[0] ?? null) : null
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
