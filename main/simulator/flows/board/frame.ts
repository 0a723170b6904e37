/** An operation or behaviour of a block while it is being written out: whose it is, with which operands, under which names. */
import type { BlockStep, OperationSpec } from '../../hardware/block'
import type { Place } from '../../hardware/mistake'
import type { Environment } from '../../hardware/template'
import type { Typed } from '../../model/expression'
import type { SourcePosition } from '../../model/model'
import type { Instance } from './instance'
import type { OperandValue } from './items'

export type PlainStep = Extract<BlockStep, { step?: string | undefined }>
export type CallStep = Extract<BlockStep, { call: string }>
export const isCall = (s: BlockStep): s is CallStep => 'call' in s

/** One operation or behaviour while it is being written out. */
export interface Frame {
  readonly instance: Instance
  readonly env: Environment
  readonly operands: ReadonlyMap<string, Typed>
  /** Step ids begin with this. */
  readonly base: string
  /** What the operation is called in traces. */
  readonly op: string
  readonly cite: string
  /** Where it stands in the block's declaration. */
  readonly path: Place
  readonly at?: SourcePosition | undefined
  /** Where an errno leads; undefined: to the operation's own end. */
  readonly fail: number | undefined
  /** Whether `me.errno` takes the errno. */
  readonly keepsErrno: boolean
  /** Its errno does not end the operation of the program. */
  readonly swallowed?: boolean | undefined
  /** The block that is at work, where another one's operation called it: put before what the step says. */
  readonly within?: string | undefined
  /** What a block does on its own: nothing at all, where its parameters leave no case. */
  readonly behaviour?: boolean
}

/** The frame of an operation with its operands filled in. */
export function frameOf(
  instance: Instance,
  name: string,
  operation: OperationSpec,
  base: string,
  operands: ReadonlyMap<string, OperandValue>,
  at: SourcePosition | undefined,
): Omit<Frame, 'fail' | 'keepsErrno'> {
  const values = new Map(instance.base().values)
  const typed = new Map<string, Typed>()
  for (const [o, v] of operands) {
    if (v.k === 'typed') {
      typed.set(o, v.typed)
      continue
    }
    values.set(o, v.text)
    // `{pasid.code}`: the number behind the name, for registers that hold numbers of several kinds.
    const spec = operation.operands[o]
    const code =
      spec && 'names' in spec
        ? instance.namesOf(spec.names, ['operations', name, 'operands', o, 'names']).find(([n]) => n === v.text)?.[1]
        : undefined
    if (code !== undefined) values.set(`${o}.code`, String(code))
  }
  return {
    instance,
    env: { ...instance.base(), values },
    operands: typed,
    base,
    op: base.split('.').pop()?.replace(/\(.*$/, '') ?? base,
    cite: operation.cite ?? instance.setup.spec.cite,
    path: ['operations', name],
    at,
  }
}

/** The frame once for every combination of these indices. */
export function framesOf(frame: Frame, indices: readonly string[], path: Place): Frame[] {
  const unknown = indices.find((index) => !frame.env.indices.has(index))
  if (unknown === undefined)
    return frame.instance.environments(indices, path, frame.env).map((env) => ({ ...frame, env }))
  frame.instance.refuse('BLOCK_NAME', `${frame.op}: there is no index ${unknown}`, path)
  return []
}

/** What a step says, with the block that is at work. */
export const said = ({ within }: Frame, words: string): string => (within === undefined ? words : `${within}: ${words}`)
