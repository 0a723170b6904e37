/** The programs of a block scenario: `block.operation: { operands }`, `wait`, `write`, `either`; each against its declaration. */
import { fault, nearest, type Fault } from '../faults'
import type { Board } from '../flows/board/board'
import type { InstanceSetup } from '../flows/board/instance'
import type { Condition, Item, ProgramSetup } from '../flows/board/items'
import type { Environment } from '../hardware/template'
import type { AgentRole } from '../model/model'
import type { ProgramHead } from './agents'
import { isRecord, type ScenarioDocument, type Path } from './document'
import { OperandReader, type OperandMistake } from './operands'
import { startOf } from './read'
import { readWrite } from './register-write'
import { filled } from './scale'
import type { Scenario } from './schema'

const ITEM_KEYS = new Set(['id', 'when', 'if', 'on_error'])
const ID = /^[A-Za-z_][A-Za-z0-9_.]*$/
export const CONTROL = ['wait', 'write', 'either', 'repeat'] as const
const MAX_REPEAT = 64

/** Programs of one copy of the board: their ids are its own. */
export class ProgramReader {
  readonly faults: Fault[] = []
  private readonly ids = new Set<string>()
  private readonly operands: OperandReader

  constructor(
    private readonly d: ScenarioDocument,
    private readonly scenario: Scenario,
    private readonly instances: readonly InstanceSetup[],
    private readonly board: Board,
    private readonly prefix: string,
    /** What fills the braces of items; `repeat` adds to it. */
    private env: Environment,
  ) {
    this.operands = new OperandReader(board, prefix, (m) => this.mistake(m))
  }

  read({ section, setup }: ProgramHead): ProgramSetup {
    const items = this.items(setup.role, this.scenario.programs[section] ?? [], ['programs', section])
    return { ...setup, items }
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
    const inner: Path = typeof entry === 'string' ? path : [...path, name]
    // What stands inside a repetition or a choice is filled in item by item.
    const whole = name === 'either' || name === 'repeat' ? { ...record, [name]: null } : record
    const good = filled(whole, this.env)
    if (!good.ok || !isRecord(good.value)) {
      if (!good.ok) this.refuse(good.error.code, good.error.message, path)
      return []
    }
    const item = good.value
    const id = this.idOf(item['id'], path)
    const when = this.condition(item['when'], [...path, 'when'])
    const skip = this.condition(item['if'], [...path, 'if'])
    const common = { at, ...(id === undefined ? {} : { id }), ...(when ? { when } : {}), ...(skip ? { if: skip } : {}) }
    const value = name === 'either' || name === 'repeat' ? record[name] : item[name]
    switch (name) {
      case 'wait': {
        const until = isRecord(value) ? this.condition(value['until'], [...inner, 'until']) : undefined
        if (until) return [{ k: 'wait', until, ...common }]
        this.refuse('SCENARIO_OPERAND', 'wait: { until: EXPRESSION }', inner)
        return []
      }
      case 'write': {
        const rows = [...this.board.instances.values()].flatMap((i) => i.rows)
        const write = readWrite(rows, this.prefix, isRecord(value) ? value : {})
        if (write.ok) return [{ k: 'write', ...write.value, ...common }]
        const { code, message, key, hint } = write.error
        this.refuse(code, message, [...inner, key], false, hint)
        return []
      }
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
    const given = isRecord(value) ? value : {}
    const { times, each, do: body } = given
    const path_ = [...path, 'do']
    if (Array.isArray(body) && typeof each === 'string' && times === undefined) {
      const values = this.env.indices.get(each)
      if (values) return values.flatMap((v) => this.inside(each, v, () => this.items(role, body, path_)))
      const known = [...this.env.indices.keys()]
      const near = nearest(each, known)
      const hint = near ? `did you mean ${near}?` : `indices: ${known.join(', ') || 'none'}`
      this.refuse('SCENARIO_OPERAND', `repeat: there is no index ${each}`, [...path, 'each'], false, hint)
      return []
    }
    const counted = filled(times, this.env)
    const n = counted.ok ? counted.value : undefined
    if (Array.isArray(body) && typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= MAX_REPEAT)
      return Array.from({ length: n }, () => this.items(role, body, path_)).flat()
    this.refuse(
      'SCENARIO_OPERAND',
      `repeat: { times: 1 … ${MAX_REPEAT}, do: [operations] }, or { each: INDEX, do: [operations] }`,
      path,
    )
    return []
  }

  /** Read with an index at one of its values. */
  private inside(index: string, value: number | string, read: () => Item[]): Item[] {
    const before = this.env
    this.env = { ...before, values: new Map([...before.values, [index, String(value)]]) }
    const items = read()
    this.env = before
    return items
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
    const instance = this.instanceNamed(name.slice(0, dot))
    const operation = instance?.spec.operations[name.slice(dot + 1)]
    if (!instance || !operation) {
      const known = this.instances.flatMap((i) => Object.keys(i.spec.operations).map((o) => `${this.own(i.name)}.${o}`))
      const near = nearest(name, [...known, ...CONTROL])
      this.refuse(
        'SCENARIO_UNKNOWN_OPERATION',
        `there is no operation ${name}`,
        path,
        !bare,
        near
          ? `did you mean ${near}?`
          : instance
            ? `operations of ${this.own(instance.name)}: ${Object.keys(instance.spec.operations).join(', ') || 'none'}`
            : `blocks: ${this.instances.map((i) => this.own(i.name)).join(', ')}`,
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
    const operands = this.operands.read(instance, operation, name, value, path)
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

  /** A block of this copy of the board, or one that all copies share. */
  private instanceNamed(name: string): InstanceSetup | undefined {
    return this.instances.find((i) => i.name === this.prefix + name) ?? this.instances.find((i) => i.name === name)
  }
  private own(name: string): string {
    return name.startsWith(this.prefix) ? name.slice(this.prefix.length) : name
  }

  private idOf(id: unknown, path: Path): string | undefined {
    if (id === undefined) return undefined
    if (typeof id !== 'string' || !ID.test(id))
      this.refuse('SCENARIO_SHAPE', 'an id is a word of letters, digits, _ and .', [...path, 'id'])
    else if (this.ids.has(id) && !path.includes('do'))
      this.refuse('SCENARIO_DUPLICATE_NAME', `two operations have the id ${id}`, [...path, 'id'])
    else {
      this.ids.add(id)
      return this.prefix + id
    }
    return undefined
  }

  private condition(text: unknown, path: Path): Condition | undefined {
    if (text === undefined) return undefined
    if (typeof text === 'string' || typeof text === 'boolean')
      return { text: String(text), prefix: this.prefix, at: startOf(this.d, path) }
    this.refuse('SCENARIO_SHAPE', 'an expression is needed', path)
    return undefined
  }

  private keyOf(path: Path): Condition['at'] {
    const { line, column } = this.d.keyAt(path)
    return { line, column }
  }

  private mistake({ code, message, path, key, hint, offset }: OperandMistake): void {
    const at = offset !== undefined ? this.d.inside(path, offset) : key ? this.d.keyAt(path) : this.d.at(path)
    this.faults.push(fault(code, message, { ...at, ...(hint === undefined ? {} : { hint }) }))
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
