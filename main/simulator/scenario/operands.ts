/** What a program gives an operation of a block, against the operation's declaration. */
import { nearest, type Fault } from '../faults'
import type { Board } from '../flows/board/board'
import type { InstanceSetup } from '../flows/board/instance'
import type { OperandValue } from '../flows/board/items'
import type { OperandSpec, OperationSpec } from '../hardware/block'
import { parseExpression, type Typed } from '../model/expression'
import { isRecord, type Path } from './document'

export interface OperandMistake {
  readonly code: Fault['code']
  readonly message: string
  readonly path: Path
  /** It is the key that is wrong. */
  readonly key?: boolean
  readonly hint?: string | undefined
  /** Of an expression: which character. */
  readonly offset?: number | undefined
}

export class OperandReader {
  constructor(
    private readonly board: Board,
    /** Of the copy of the board that the program belongs to. */
    private readonly prefix: string,
    private readonly refuse: (m: OperandMistake) => void,
  ) {}

  read(
    instance: InstanceSetup,
    operation: OperationSpec,
    name: string,
    value: unknown,
    path: Path,
  ): Map<string, OperandValue> | undefined {
    const given = value === null || value === undefined ? {} : value
    if (!isRecord(given)) {
      this.refuse({ code: 'SCENARIO_OPERAND', message: `${name}: operands are written { name: value }`, path })
      return undefined
    }
    let good = true
    for (const key of Object.keys(given))
      if (!Object.hasOwn(operation.operands, key)) {
        const near = nearest(key, Object.keys(operation.operands))
        this.refuse({
          code: 'SCENARIO_UNKNOWN_KEY',
          message: `${name} has no operand ${key}`,
          path: [...path, key],
          key: true,
          hint: near ? `did you mean ${near}?` : `operands: ${Object.keys(operation.operands).join(', ') || 'none'}`,
        })
        good = false
      }
    const out = new Map<string, OperandValue>()
    for (const [key, spec] of Object.entries(operation.operands)) {
      const v = given[key] ?? spec.default
      if (v === undefined) {
        this.refuse({ code: 'SCENARIO_OPERAND', message: `${name} needs ${key}`, path, hint: spec.doc || undefined })
        good = false
        continue
      }
      const r = this.operand(instance, spec, v, [...path, key])
      if (typeof r === 'string') {
        this.refuse({ code: 'SCENARIO_OPERAND', message: `${name}, ${key}: ${r}`, path: [...path, key] })
        good = false
      } else if (r) out.set(key, r)
      else good = false
    }
    return good ? out : undefined
  }

  /** The operand; what is wrong with it; or nothing, when the mistake has been reported. */
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
        variable: (n) => b.typed(this.prefix + n) ?? b.typed(n),
        value: (n) => (b.hasName(n) ? b.name(n) : undefined),
        done: () => undefined,
        names: () => [...b.variableNames(), ...b.derived.keys()],
        steps: () => [],
      },
      want,
    )
    if (r.ok) return r.value
    const { code, message, hint, offset } = r.error
    this.refuse({ code, message, path, hint, offset: offset ?? 0 })
    return undefined
  }
}
