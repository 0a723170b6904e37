/**
 * What every reader of fault lines makes of a line: a reason that a specification lists, the hop and the field that it
 * speaks of, and whatever else the line names.
 */
import { because } from '../../linux/reason'
import { code as numbered, refused, type Block } from '../hop'
import type { FaultLine } from './line'

/** Which hop refuses, and which field of it. */
export interface Place {
  readonly block: Block
  readonly register: string
  /** The field, or what of the register is wrong. */
  readonly field: string
}

export interface FaultReason extends Place {
  readonly code: number
  /** Verbatim. */
  readonly name: string
  readonly condition: string
}

/** One row of a specification's list. */
export const reason = (
  code: number,
  name: string,
  condition: string,
  [block, register, field]: readonly [Block, string, string],
): FaultReason => ({ code, name, condition, block, register, field })

export interface Told extends Pick<FaultLine, 'source' | 'device' | 'access'> {
  /** What refuses, in words: `SMMUv3`. */
  readonly at: string
  readonly cite: string
  readonly address?: bigint | undefined
  readonly pasid?: bigint | undefined
  /** Of the register that is named, where the line has it: what it has is mostly an address or an index. */
  readonly value?: string
  /** Besides the field that the reason is about. */
  readonly fields?: Readonly<Record<string, string>>
  /** What the reason stands on; the fields, when it is not said. */
  readonly facts?: readonly string[]
  /** Where the specification has no number for it: `bit 1`. */
  readonly code?: string
}

export const hex = (n: bigint): string => `0x${n.toString(16)}`

export function faultLine({ code, name, condition, ...place }: FaultReason, told: Told): FaultLine {
  const { source, device, access, at, cite } = told
  const address = told.address === undefined ? undefined : hex(told.address)
  const fields = { field: place.field, ...told.fields }
  const facts = told.facts ?? Object.entries(fields).map(([k, v]) => `${k} ${v}`)
  return {
    source,
    ...(device === undefined ? {} : { device }),
    ...(address === undefined ? {} : { address }),
    ...(access === undefined ? {} : { access }),
    ...(told.pasid === undefined ? {} : { pasid: hex(told.pasid) }),
    hop: refused(
      {
        block: place.block,
        at,
        register: place.register,
        value: told.value ?? '',
        fields,
        because: [because(condition, cite, ...facts)],
      },
      { code: told.code ?? numbered(code), name, condition },
    ),
  }
}
