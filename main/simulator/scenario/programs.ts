/** The programs of a scenario, operation by operation, against the table of operations. */
import { fault, nearest, type Fault } from '../faults'
import { EVENTS, OPERATIONS, PROGRAM_AGENTS, type Operation, type ProgramAgent } from '../flows/operations'
import type { Handler, Program, ProgramItem } from '../flows/setup'
import type { ScenarioDocument, Path } from './document'
import { shapeFaults, startOf } from './read'
import { PASID_MAX, type Scenario } from './schema'

const ITEM_KEYS = new Set(['id', 'when'])
const ID = /^[A-Za-z_][A-Za-z0-9_.]*$/

export interface ReadPrograms {
  readonly programs: readonly Program[]
  readonly faults: readonly Fault[]
}

interface Context {
  readonly d: ScenarioDocument
  readonly scenario: Scenario
  readonly vectors: number
  readonly faults: Fault[]
  readonly ids: Map<string, Path>
  readonly descriptors: Map<string, Path>
}

export function readPrograms(d: ScenarioDocument, scenario: Scenario, vectors: number): ReadPrograms {
  const c: Context = { d, scenario, vectors, faults: [], ids: new Map(), descriptors: new Map() }
  const programs: Program[] = []
  for (const [agent, entries] of Object.entries(scenario.programs)) {
    const known = PROGRAM_AGENTS.find((a) => a === agent)
    if (!known) {
      const near = nearest(agent, PROGRAM_AGENTS)
      c.faults.push(
        fault('SCENARIO_UNKNOWN_AGENT', `there is no agent ${agent}`, {
          ...d.keyAt(['programs', agent]),
          hint: near ? `did you mean ${near}?` : `agents: ${PROGRAM_AGENTS.join(', ')}`,
        }),
      )
      continue
    }
    programs.push(readProgram(c, known, entries))
  }
  return { programs, faults: c.faults }
}

function readProgram(c: Context, agent: ProgramAgent, entries: readonly unknown[]): Program {
  const items: ProgramItem[] = []
  const handlers: Handler[] = []
  entries.forEach((entry, i) => {
    const path = ['programs', agent, i]
    if (isRecord(entry) && 'on' in entry) {
      const h = readHandler(c, agent, entry, path)
      if (h && handlers.some((x) => x.event === h.event))
        c.faults.push(
          fault('SCENARIO_DUPLICATE_NAME', `programs.${agent} has two handlers of ${h.event}`, c.d.at(path)),
        )
      else if (h) handlers.push(h)
    } else {
      if (handlers.length > 0)
        c.faults.push(
          fault(
            'SCENARIO_MISPLACED_OPERATION',
            'operations that are done once stand before the first "on:"',
            c.d.at(path),
          ),
        )
      items.push(...readItem(c, agent, entry, path, null))
    }
  })
  return { agent, items, handlers }
}

function readHandler(
  c: Context,
  agent: ProgramAgent,
  entry: Readonly<Record<string, unknown>>,
  path: Path,
): Handler | null {
  const { d, faults } = c
  const event = entry['on']
  for (const k of Object.keys(entry))
    if (k !== 'on' && k !== 'do')
      faults.push(fault('SCENARIO_UNKNOWN_KEY', `a handler has "on" and "do", not "${k}"`, d.keyAt([...path, k])))
  const known = typeof event === 'string' ? EVENTS[event] : undefined
  if (typeof event !== 'string' || !known || known.agent !== agent) {
    const mine = Object.entries(EVENTS).flatMap(([e, { agent: a }]) => (a === agent ? [e] : []))
    const near = typeof event === 'string' ? nearest(event, mine) : undefined
    faults.push(
      fault('SCENARIO_UNKNOWN_OPERATION', `${agent} is not told of an event ${JSON.stringify(event)}`, {
        ...d.at([...path, 'on']),
        hint: near
          ? `did you mean ${near}?`
          : mine.length > 0
            ? `events of ${agent}: ${mine.join(', ')}`
            : `${agent} has no events`,
      }),
    )
    return null
  }
  const list = entry['do']
  if (!Array.isArray(list)) {
    faults.push(fault('SCENARIO_SHAPE', '"do" is the list of operations of the handler', d.at([...path, 'do'])))
    return null
  }
  const items = list.flatMap((item: unknown, i) => readItem(c, agent, item, [...path, 'do', i], event))
  return { event, items, at: startOf(d, path) }
}

function readItem(c: Context, agent: ProgramAgent, entry: unknown, path: Path, event: string | null): ProgramItem[] {
  const { d, faults } = c
  const record: Readonly<Record<string, unknown>> | null =
    typeof entry === 'string' ? { [entry]: null } : isRecord(entry) ? entry : null
  const names = record ? Object.keys(record).filter((k) => !ITEM_KEYS.has(k)) : []
  const [name] = names
  if (!record || name === undefined || names.length > 1) {
    faults.push(
      fault('SCENARIO_SHAPE', 'an operation is written "name: { operands }", one to an item', {
        ...d.at(path),
        ...(names.length > 1 ? { hint: `this item names ${names.join(' and ')}` } : {}),
      }),
    )
    return []
  }
  const o = OPERATIONS.get(name)
  const nameAt = typeof entry === 'string' ? d.at(path) : d.keyAt([...path, name])
  const misplaced = o ? misplacement(o, agent, event) : null
  if (!o || misplaced) {
    faults.push(
      o ? fault('SCENARIO_MISPLACED_OPERATION', misplaced ?? '', nameAt) : unknownOperation(name, agent, event, nameAt),
    )
    return []
  }
  const operands = o.operands.safeParse(record[name] ?? {})
  if (!operands.success) {
    const base = typeof entry === 'string' ? path : [...path, name]
    faults.push(
      ...operands.error.issues
        .flatMap((i) => shapeFaults(d, i, base))
        .map((f) => ({ ...f, code: f.code === 'SCENARIO_SHAPE' ? ('SCENARIO_OPERAND' as const) : f.code })),
    )
    return []
  }
  const id = record['id']
  if (id !== undefined && (typeof id !== 'string' || !ID.test(id))) {
    faults.push(fault('SCENARIO_SHAPE', 'an id is a word of letters, digits, _ and .', d.at([...path, 'id'])))
    return []
  }
  if (typeof id === 'string' && !unique(c, c.ids, id, [...path, 'id'], 'two operations have the id')) return []
  const when = record['when']
  if (when !== undefined && typeof when !== 'string' && typeof when !== 'boolean') {
    faults.push(fault('SCENARIO_SHAPE', '"when" is an expression', d.at([...path, 'when'])))
    return []
  }
  return expandEach(c, o, operands.data, path, name, {
    ...(id !== undefined ? { id } : {}),
    ...(when !== undefined
      ? { when: String(when), whenAt: startOf(d, [...path, 'when']) }
      : name === 'wait'
        ? { whenAt: startOf(d, [...path, name, 'until']) }
        : {}),
    at: { line: nameAt.line, column: nameAt.column },
  })
}

/** Checks vectors and PASIDs, and writes an operation with `vector: each` once for every vector. */
function expandEach(
  c: Context,
  o: Operation,
  operands: Readonly<Record<string, unknown>>,
  path: Path,
  key: string,
  more: Pick<ProgramItem, 'id' | 'when' | 'whenAt' | 'at'>,
): ProgramItem[] {
  const { d, faults, vectors } = c
  const resolved: Record<string, unknown> = { ...operands }
  if ('pasid' in operands) {
    const p = resolvePasid(c, operands['pasid'], [...path, key, 'pasid'], o.name !== 'submit')
    if (p === null) return []
    resolved['pasid'] = p
  }
  const vector = operands['vector']
  if (typeof vector === 'number' && vector > vectors) {
    faults.push(
      fault(
        'SCENARIO_VECTOR_RANGE',
        `vector ${vector}, but the device has ${vectors} (1 … ${vectors})`,
        d.at([...path, key, 'vector']),
      ),
    )
    return []
  }
  const each = vector === 'each' ? Array.from({ length: vectors }, (_, i) => i + 1) : [vector]
  return each.map((v, i): ProgramItem => {
    const one = { ...resolved, ...(v === undefined ? {} : { vector: v }) }
    if ('as' in one) {
      const name = vector === 'each' ? `${String(one.as)}${String(v)}` : String(one.as)
      unique(c, c.descriptors, name, [...path, key, 'as'], 'two descriptors are called')
      one.as = name
    }
    const { id, ...rest } = more
    return { op: o.name, operands: one, ...rest, ...(id === undefined ? {} : { id: i === 0 ? id : `${id}.${i + 1}` }) }
  })
}

function resolvePasid(c: Context, wanted: unknown, path: Path, guestSide: boolean): string | null {
  const { d, faults, scenario } = c
  const at = d.at(path)
  if (typeof wanted === 'number') {
    if (wanted > PASID_MAX) {
      faults.push(
        fault('SCENARIO_PASID_RANGE', `PASID 0x${wanted.toString(16)} does not fit into 20 bits`, {
          ...at,
          hint: `the largest PASID is 0x${PASID_MAX.toString(16)}`,
        }),
      )
      return null
    }
    const named = Object.entries(scenario.pasids).find(
      ([, p]) => (p.guest ?? (guestSide ? undefined : p.host)) === wanted,
    )
    if (named) return named[0]
    faults.push(
      fault(
        'SCENARIO_UNKNOWN_PASID',
        `no entry of "pasids" has the ${guestSide ? 'guest ' : ''}PASID 0x${wanted.toString(16)}`,
        at,
      ),
    )
    return null
  }
  const name = String(wanted)
  const p = scenario.pasids[name]
  if (!p || !Object.hasOwn(scenario.pasids, name)) {
    const near = nearest(name, Object.keys(scenario.pasids))
    faults.push(
      fault('SCENARIO_UNKNOWN_PASID', `pasids has no ${name}`, {
        ...at,
        ...(near ? { hint: `did you mean ${near}?` } : {}),
      }),
    )
    return null
  }
  if (guestSide && p.guest === undefined) {
    faults.push(
      fault('SCENARIO_UNKNOWN_PASID', `${name} has no guest PASID`, {
        ...at,
        hint: `give it one: pasids.${name}.guest`,
      }),
    )
    return null
  }
  return name
}

function unknownOperation(
  name: string,
  agent: ProgramAgent,
  event: string | null,
  at: { line: number; column: number },
): Fault {
  const here = [...OPERATIONS.values()].filter((o) => misplacement(o, agent, event) === null).map((o) => o.name)
  const near = nearest(name, here) ?? nearest(name, OPERATIONS.keys())
  return fault('SCENARIO_UNKNOWN_OPERATION', `there is no operation ${name}`, {
    ...at,
    hint: near ? `did you mean ${near}?` : `operations here: ${here.join(', ')}`,
  })
}

function misplacement(o: Operation, agent: ProgramAgent, event: string | null): string | null {
  const allowed = o.where[agent]
  if (allowed === undefined) return `${o.name} is an operation of ${Object.keys(o.where).join(', ')}, not of ${agent}`
  if (allowed === 'program')
    return event === null ? null : `${o.name} stands in the program of ${agent} itself, not in a handler`
  if (event !== null && allowed.includes(event)) return null
  return `${o.name} stands in a handler of ${agent}: on ${allowed.join(' or ')}`
}

function unique(c: Context, seen: Map<string, Path>, name: string, path: Path, what: string): boolean {
  if (seen.has(name)) {
    c.faults.push(fault('SCENARIO_DUPLICATE_NAME', `${what} ${name}`, c.d.at(path)))
    return false
  }
  seen.set(name, path)
  return true
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
