/**
 * The same scenario with one step of an agent's program in another place: the other kind of repair (design: litmus
 * scenarios). Works on the text's own data, so that every variant is read and checked like any scenario.
 */
import { stringify } from 'yaml'
import { ScenarioDocument } from './document'

export interface Move {
  readonly agent: string
  /** The program after the move: names of its steps or operations. */
  readonly order: readonly string[]
  readonly text: string
  /** The list in the text, which of its items take part, and which of those comes where. */
  readonly path: readonly (string | number)[]
  readonly at: readonly number[]
  readonly from: readonly number[]
}

interface Line {
  readonly agent: string
  readonly path: readonly (string | number)[]
  /** Numbers of `items` in the list. */
  readonly at: readonly number[]
  readonly items: readonly unknown[]
  /** The whole data with this line's items in another order. */
  with(items: readonly unknown[]): unknown
}

/** Every order that moving one step of one agent gives, each once, in the order of agents and places. */
export function movesOf(text: string): Move[] {
  const read = ScenarioDocument.read(text)
  if (!read.ok) return []
  return linesOf(read.value.value).flatMap((line) => {
    const seen = new Set<string>([key(line.items.map((_, i) => i))])
    return line.items.flatMap((_, from) =>
      line.items.flatMap((__, to): Move[] => {
        const order = line.items.map((___, i) => i).filter((i) => i !== from)
        order.splice(to, 0, from)
        if (seen.has(key(order))) return []
        seen.add(key(order))
        const items = order.map((i) => line.items[i])
        const { agent, path, at } = line
        return [{ agent, order: items.map((i) => nameOf(i)), text: stringify(line.with(items)), path, at, from: order }]
      }),
    )
  })
}

const key = (order: readonly number[]): string => order.join(' ')

/** The lists of steps that a move may change: a litmus agent's, a program's, a handler's. */
function linesOf(data: unknown): Line[] {
  if (!isRecord(data)) return []
  const litmus = data['litmus']
  if (isRecord(litmus) && isRecord(litmus['agents'])) {
    const agents = litmus['agents']
    return Object.entries(agents).flatMap(([agent, items]): Line[] =>
      isList(items)
        ? [
            {
              agent,
              path: ['litmus', 'agents', agent],
              at: [...items.keys()],
              items,
              with: (x) => ({ ...data, litmus: { ...litmus, agents: { ...agents, [agent]: x } } }),
            },
          ]
        : [],
    )
  }
  const programs = data['programs']
  if (!isRecord(programs)) return []
  return Object.entries(programs).flatMap(([agent, entries]): Line[] => {
    if (!isList(entries)) return []
    const put = (x: readonly unknown[]): unknown => ({ ...data, programs: { ...programs, [agent]: x } })
    const handlers = entries.filter((e) => isRecord(e) && 'on' in e)
    const items = entries.filter((e) => !handlers.includes(e))
    const inner = handlers.flatMap((h, i): Line[] => {
      const list = isRecord(h) ? h['do'] : undefined
      return isList(list)
        ? [
            {
              agent,
              path: ['programs', agent, entries.indexOf(h), 'do'],
              at: [...list.keys()],
              items: list,
              with: (x) => put([...items, ...handlers.map((o, j) => (i === j && isRecord(o) ? { ...o, do: x } : o))]),
            },
          ]
        : []
    })
    const at = items.map((i) => entries.indexOf(i))
    return [{ agent, path: ['programs', agent], at, items, with: (x) => put([...x, ...handlers]) }, ...inner]
  })
}

/** A step's name, an operation's id, or the operation with its operands as one would write it. */
function nameOf(item: unknown): string {
  if (typeof item === 'string') return item
  if (!isRecord(item)) return '?'
  if (typeof item['step'] === 'string') return item['step']
  if (typeof item['id'] === 'string') return item['id']
  const [operation = '?'] = Object.keys(item).filter((k) => !['id', 'when', 'if', 'on_error'].includes(k))
  const operands = item[operation]
  if (!isRecord(operands)) return operation
  const words = Object.values(operands).filter((v) => ['string', 'number', 'boolean'].includes(typeof v))
  return words.length > 0 ? `${operation}(${words.map((w) => String(w)).join(',')})` : operation
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
const isList = (x: unknown): x is readonly unknown[] => Array.isArray(x)
