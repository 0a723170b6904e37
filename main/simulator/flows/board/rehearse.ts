/**
 * Every operation of a person's own blocks written out once, whether a program uses it or not, so that a mistake in one
 * is found when it is written and not when it is first called. Operands take their first legal value.
 */
import type { OperandSpec } from '../../hardware/block'
import type { Mistake } from '../../hardware/mistake'
import { ModelBuilder } from '../../model/builder'
import { constant } from '../../model/expr'
import { Board, NO_ERRNO } from './board'
import type { Instance, InstanceSetup } from './instance'
import type { OperandValue, OperationItem } from './items'

const AT = { line: 1, column: 1 }

export function rehearse(instances: readonly InstanceSetup[], isOwn: (i: InstanceSetup) => boolean): Mistake[] {
  const program = { agent: 'rehearsal', title: 'Rehearsal', role: 'other', items: [], optional: true } as const
  const b = new ModelBuilder()
  b.name(NO_ERRNO)
  const board = new Board(b, { instances: instances.map((i) => ({ ...i })), programs: [program] })
  board.declare()
  const items = [...board.instances.values()].filter((i) => isOwn(i.setup)).flatMap((i) => itemsOf(i))
  if (board.faults.length === 0) board.lay([{ ...program, items }])
  // That no case can be taken may be true of these operands alone.
  return board.faults.flatMap((f) => ('path' in f && f.code !== 'BLOCK_SHAPE' ? [f] : []))
}

function itemsOf(i: Instance): OperationItem[] {
  return Object.entries(i.setup.spec.operations).flatMap(([name, operation]) => {
    const operands = new Map<string, OperandValue>()
    for (const [o, spec] of Object.entries(operation.operands)) {
      const value = firstOf(i, spec)
      if (value === undefined) return []
      operands.set(o, value)
    }
    return [{ k: 'operation', instance: i.setup.name, operation: name, operands, goesOn: true, at: AT } as const]
  })
}

/** Undefined where the parameters leave none. */
function firstOf(i: Instance, spec: OperandSpec): OperandValue | undefined {
  const text = (t: string | number | boolean | undefined): OperandValue | undefined =>
    t === undefined ? undefined : { k: 'text', text: String(t) }
  if ('index' in spec) return text(i.valuesOf(spec.index)[0])
  if ('integer' in spec) return text(spec.integer[0])
  if ('values' in spec) return text(spec.values[0])
  if ('flag' in spec) return text(true)
  if ('names' in spec) {
    const p = i.setup.parameters.get(spec.names)
    return p?.k === 'names' ? text(p.names[0]?.[0]) : undefined
  }
  return {
    k: 'typed',
    typed: { expr: spec.expression === 'name' ? i.b.nameExpr(NO_ERRNO) : constant(0), type: spec.expression },
  }
}
