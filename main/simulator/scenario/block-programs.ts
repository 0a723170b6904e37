/** The programs of a block scenario: `block.operation: { operands }`, `wait`, `write`, `either`; each against its declaration. */
import { fault, nearest, type Fault } from '../faults'
import type { Board } from '../flows/board/board'
import type { InstanceSetup } from '../flows/board/instance'
import type { Condition, Item, OperandValue, ProgramSetup } from '../flows/board/items'
import { ROLES, type OperandSpec, type OperationSpec } from '../hardware/block'
import { parseExpression, type Typed } from '../model/expression'
import type { AgentRole } from '../model/model'
import type { ScenarioDocument, Path } from './document'
import { startOf } from './read'
import type { Scenario } from './schema'

const ITEM_KEYS = new Set(['id', 'when', 'if', 'on_error'])
const ID = /^[A-Za-z_][A-Za-z0-9_.]*$/
const CONTROL = ['wait', 'write', 'either', 'repeat'] as const
const MAX_REPEAT = 64
/** Names of agents that say their role themselves, besides the roles. */
const BY_NAME: Readonly<Record<string, AgentRole>> = {
  user: 'vmm',
  qemu: 'vmm',
  kernel: 'host',
  driver: 'host',
  firmware: 'other',
  attacker: 'device',
  hotplug: 'host',
  cpu: 'host',
}

/** A name's role: `guest2` is a guest. */
export function roleOf(agent: string, scenario: Scenario): AgentRole {
  const stem = agent.replace(/[0-9_]+[a-z]?$/i, '')
  return scenario.agents[agent]?.role ?? ROLES.find((r) => r === stem) ?? BY_NAME[stem] ?? 'other'
}

export const titleOf = (agent: string, scenario: Scenario): string =>
  scenario.agents[agent]?.title ?? agent.charAt(0).toUpperCase() + agent.slice(1)

/** Programs without their items: what has to be known before expressions can be read. */
export function programHeads(scenario: Scenario): ProgramSetup[] {
  return Object.keys(scenario.programs).map((agent) => ({
    agent,
    title: titleOf(agent, scenario),
    role: roleOf(agent, scenario),
    items: [],
    optional: scenario.agents[agent]?.optional ?? false,
  }))
}

export class ProgramReader {
  readonly faults: Fault[] = []
  private readonly ids = new Set<string>()

  constructor(
    private readonly d: ScenarioDocument,
    private readonly scenario: Scenario,
    private readonly instances: readonly InstanceSetup[],
    private readonly board: Board,
  ) {}

  read(): ProgramSetup[] {
    for (const agent of Object.keys(this.scenario.agents))
      if (!Object.hasOwn(this.scenario.programs, agent))
        this.refuse('SCENARIO_UNKNOWN_AGENT', `${agent} has no program`, ['agents', agent], true)
    return programHeads(this.scenario).map((p) => ({
      ...p,
      items: this.items(p.role, this.scenario.programs[p.agent] ?? [], ['programs', p.agent]),
    }))
  }

  private items(role: AgentRole, entries: readonly unknown[], path: Path): Item[] {
    return entries.flatMap((e, i) => this.item(role, e, [...path, i]))
  }

  private item(role: AgentRole, entry: unknown, path: Path): Item[] {
    const record: Readonly<Record<string, unknown>> | null =
      typeof entry === 'string' ? { [entry]: null } : isRecord(entry) ? entry : null
    const names = record ? Object.keys(record).filter((k) => !ITEM_KEYS.has(k)) : []
    const [name] = names
    if (!record || name === undefined || names.length > 1) {
      this.refuse(
        'SCENARIO_SHAPE',
        'an operation is written "block.operation: { operands }", one to an item',
        path,
        false,
        names.length > 1 ? `this item names ${names.join(' and ')}` : undefined,
      )
      return []
    }
    const at = typeof entry === 'string' ? startOf(this.d, path) : this.keyOf([...path, name])
    const id = this.idOf(record['id'], path)
    const when = this.condition(record['when'], [...path, 'when'])
    const skip = this.condition(record['if'], [...path, 'if'])
    const common = { at, ...(id === undefined ? {} : { id }), ...(when ? { when } : {}), ...(skip ? { if: skip } : {}) }
    const value = record[name]
    const inner: Path = typeof entry === 'string' ? path : [...path, name]
    switch (name) {
      case 'wait': {
        const until = isRecord(value) ? this.condition(value['until'], [...inner, 'until']) : undefined
        if (until) return [{ k: 'wait', until, ...common }]
        this.refuse('SCENARIO_OPERAND', 'wait: { until: EXPRESSION }', inner)
        return []
      }
      case 'write':
        return this.write(value, inner, common)
      case 'either': {
        if (!Array.isArray(value) || value.length < 2 || !value.every((w) => Array.isArray(w))) {
          this.refuse('SCENARIO_OPERAND', 'either: a list of two or more lists of operations', inner)
          return []
        }
        const branches = value.map((w: unknown[], i) => this.items(role, w, [...inner, i]))
        return [{ k: 'either', branches, ...common }]
      }
      case 'repeat':
        return this.repeat(role, value, inner)
      default:
        return this.operation(role, name, value, inner, record['on_error'], path, common, typeof entry === 'string')
    }
  }

  private repeat(role: AgentRole, value: unknown, path: Path): Item[] {
    const times = isRecord(value) ? value['times'] : undefined
    const body = isRecord(value) ? value['do'] : undefined
    if (
      typeof times !== 'number' ||
      !Number.isInteger(times) ||
      times < 1 ||
      times > MAX_REPEAT ||
      !Array.isArray(body)
    ) {
      this.refuse('SCENARIO_OPERAND', `repeat: { times: 1 … ${MAX_REPEAT}, do: [operations] }`, path)
      return []
    }
    return Array.from({ length: times }, () => this.items(role, body, [...path, 'do'])).flat()
  }

  private operation(
    role: AgentRole,
    name: string,
    value: unknown,
    path: Path,
    onError: unknown,
    whole: Path,
    common: Omit<Extract<Item, { k: 'operation' }>, 'k' | 'instance' | 'operation' | 'operands' | 'goesOn'>,
    bare: boolean,
  ): Item[] {
    const dot = name.indexOf('.')
    const instance = this.instances.find((i) => i.name === name.slice(0, dot))
    const operation = instance?.spec.operations[name.slice(dot + 1)]
    if (!instance || !operation) {
      const known = this.instances.flatMap((i) => Object.keys(i.spec.operations).map((o) => `${i.name}.${o}`))
      const near = nearest(name, [...known, ...CONTROL])
      this.refuse(
        'SCENARIO_UNKNOWN_OPERATION',
        `there is no operation ${name}`,
        path,
        !bare,
        near
          ? `did you mean ${near}?`
          : instance
            ? `operations of ${instance.name}: ${Object.keys(instance.spec.operations).join(', ') || 'none'}`
            : `blocks: ${this.instances.map((i) => i.name).join(', ')}`,
      )
      return []
    }
    if (operation.by && !operation.by.includes(role)) {
      this.refuse(
        'SCENARIO_MISPLACED_OPERATION',
        `${name} is an operation of ${operation.by.join(', ')}, this agent is ${role}`,
        path,
        !bare,
        `give the agent another role: agents: { ${String(whole[1])}: { role: ${operation.by[0] ?? ''} } }`,
      )
      return []
    }
    if (onError !== undefined && onError !== 'continue' && onError !== 'stop') {
      this.refuse('SCENARIO_SHAPE', 'on_error is "stop" or "continue"', [...whole, 'on_error'])
      return []
    }
    const operands = this.operands(instance, operation, name, value, path)
    return operands
      ? [
          {
            k: 'operation',
            instance: instance.name,
            operation: name.slice(dot + 1),
            operands,
            goesOn: onError === 'continue',
            ...common,
          },
        ]
      : []
  }

  private operands(
    instance: InstanceSetup,
    operation: OperationSpec,
    name: string,
    value: unknown,
    path: Path,
  ): Map<string, OperandValue> | undefined {
    const given = value === null || value === undefined ? {} : value
    if (!isRecord(given)) {
      this.refuse('SCENARIO_OPERAND', `${name}: operands are written { name: value }`, path)
      return undefined
    }
    let good = true
    for (const key of Object.keys(given))
      if (!Object.hasOwn(operation.operands, key)) {
        const near = nearest(key, Object.keys(operation.operands))
        this.refuse(
          'SCENARIO_UNKNOWN_KEY',
          `${name} has no operand ${key}`,
          [...path, key],
          true,
          near ? `did you mean ${near}?` : `operands: ${Object.keys(operation.operands).join(', ') || 'none'}`,
        )
        good = false
      }
    const out = new Map<string, OperandValue>()
    for (const [key, spec] of Object.entries(operation.operands)) {
      const v = given[key] ?? spec.default
      if (v === undefined) {
        this.refuse('SCENARIO_OPERAND', `${name} needs ${key}`, path, false, spec.doc || undefined)
        good = false
        continue
      }
      const r = this.operand(instance, spec, v, [...path, key])
      if (typeof r === 'string') {
        this.refuse('SCENARIO_OPERAND', `${name}, ${key}: ${r}`, [...path, key])
        good = false
      } else if (r) out.set(key, r)
      else good = false
    }
    return good ? out : undefined
  }

  /** The operand; what is wrong with it; or nothing, when the fault has been reported. */
  private operand(i: InstanceSetup, spec: OperandSpec, v: unknown, path: Path): OperandValue | string | undefined {
    const text = (t: string): OperandValue => ({ k: 'text', text: t })
    if ('index' in spec) {
      const values = this.board.instances.get(i.name)?.valuesOf(spec.index) ?? []
      return (typeof v === 'number' || typeof v === 'string') && values.includes(v)
        ? text(String(v))
        : `${JSON.stringify(v)} is no ${spec.index} (${values.join(', ') || 'there are none'})`
    }
    if ('integer' in spec) {
      const [lo, hi] = spec.integer
      return typeof v === 'number' && Number.isInteger(v) && v >= lo && v <= hi
        ? text(String(v))
        : `an integer from ${lo} to ${hi} is needed`
    }
    if ('flag' in spec) return typeof v === 'boolean' ? text(String(v)) : 'true or false is needed'
    if ('expression' in spec) {
      const typed = this.expression(String(v), spec.expression, path)
      return typed ? { k: 'typed', typed } : undefined
    }
    const p = 'names' in spec ? i.parameters.get(spec.names) : undefined
    const names = 'values' in spec ? spec.values : p?.k === 'names' ? p.names.map(([n]) => n) : []
    if (typeof v === 'string' && names.includes(v)) return text(v)
    const near = nearest(String(v), names)
    return `${JSON.stringify(v)} is none of ${names.join(', ')}${near ? `; did you mean ${near}?` : ''}`
  }

  /** Over variables and named conditions; steps are not known yet. */
  private expression(text: string, want: Typed['type'], path: Path): Typed | undefined {
    const { b } = this.board
    const r = parseExpression(
      text,
      {
        variable: (n) => b.typed(n),
        value: (n) => (b.hasName(n) ? b.name(n) : undefined),
        done: () => undefined,
        names: () => [...b.variableNames(), ...b.derived.keys()],
        steps: () => [],
      },
      want,
    )
    if (r.ok) return r.value
    this.faults.push({ ...r.error, ...this.d.inside(path, r.error.offset ?? 0), offset: undefined })
    return undefined
  }

  private write(value: unknown, path: Path, common: { at: Condition['at']; id?: string }): Item[] {
    const register = isRecord(value) ? value['register'] : undefined
    const number = isRecord(value) ? value['value'] : undefined
    const rows = [...this.board.instances.values()].flatMap((i) => i.rows)
    const row = rows.find((r) => r.name === register)
    if (!row) {
      const near =
        typeof register === 'string'
          ? nearest(
              register,
              rows.map((r) => r.name),
            )
          : undefined
      this.refuse(
        'SCENARIO_OPERAND',
        register === undefined
          ? 'write: { register: block.REGISTER, value: NUMBER }'
          : `there is no register ${JSON.stringify(register)}`,
        [...path, 'register'],
        false,
        near ? `did you mean ${near}?` : undefined,
      )
      return []
    }
    const text = String(number)
    // YAML reads a long number as a float, whose low bits are gone.
    if (typeof number === 'number' && !Number.isSafeInteger(number)) {
      this.refuse('SCENARIO_OPERAND', `${row.name}: the number is too long to stand without quotes`, [...path, 'value'])
      return []
    }
    if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text) || BigInt(text) >> BigInt(row.register.width) !== 0n) {
      this.refuse('SCENARIO_OPERAND', `${row.name} takes a number of ${row.register.width} bits`, [...path, 'value'])
      return []
    }
    const v = BigInt(text)
    const reserved = row.register.fields.find(
      (f) => f.access === 'RSVD' && (v >> lowOf(f.bits)) % 2n ** widthOf(f.bits) !== 0n,
    )
    if (reserved) {
      this.refuse(
        'SCENARIO_OPERAND',
        `bits ${reserved.bits} of ${row.name} are reserved and must be 0`,
        [...path, 'value'],
        false,
        'clear them',
      )
      return []
    }
    return [{ k: 'write', row: row.name, value: v, ...common }]
  }

  private idOf(id: unknown, path: Path): string | undefined {
    if (id === undefined) return undefined
    if (typeof id !== 'string' || !ID.test(id))
      this.refuse('SCENARIO_SHAPE', 'an id is a word of letters, digits, _ and .', [...path, 'id'])
    else if (this.ids.has(id) && !path.includes('do'))
      this.refuse('SCENARIO_DUPLICATE_NAME', `two operations have the id ${id}`, [...path, 'id'])
    else {
      this.ids.add(id)
      return id
    }
    return undefined
  }

  private condition(text: unknown, path: Path): Condition | undefined {
    if (text === undefined) return undefined
    if (typeof text === 'string' || typeof text === 'boolean') return { text: String(text), at: startOf(this.d, path) }
    this.refuse('SCENARIO_SHAPE', 'an expression is needed', path)
    return undefined
  }

  private keyOf(path: Path): Condition['at'] {
    const { line, column } = this.d.keyAt(path)
    return { line, column }
  }

  private refuse(code: Fault['code'], message: string, path: Path, key = false, hint?: string): void {
    this.faults.push(
      fault(code, message, {
        ...(key ? this.d.keyAt(path) : this.d.at(path)),
        ...(hint === undefined ? {} : { hint }),
      }),
    )
  }
}

const partsOf = (bits: string | number): [bigint, bigint] => {
  const [msb = '0', lsb] = String(bits).split(':')
  return [BigInt(msb), BigInt(lsb ?? msb)]
}
const lowOf = (bits: string | number): bigint => partsOf(bits)[1]
const widthOf = (bits: string | number): bigint => {
  const [msb, lsb] = partsOf(bits)
  return msb - lsb + 1n
}
const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
