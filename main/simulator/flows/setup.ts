/**
 * What a scenario of the 2021 flows is about, after its file has been read and checked: names resolved, numbers in range.
 * The flows turn this into a model; nothing here knows about YAML.
 */
import type { SourcePosition } from '../model/model'

/** Where the device compares PASIDs: when work is dispatched (DSA), when the message is sent (generic IMS), nowhere. */
export type PasidCheck = 'dispatch' | 'send' | 'none'

export interface PasidSetup {
  readonly name: string
  /** The value on the wire and in the IMS entry, 20 bits. */
  readonly host: number
  /** The guest's own number for it (SPID), where the guest has one. */
  readonly guest?: number
}

/** How the platform carries this device's messages: decides the words of the route and the encoding of the message. */
export interface InterruptRoute {
  readonly controller: 'x86-apic' | 'vt-d-ir' | 'amd-ir' | 'gicv2m' | 'gicv3-its' | 'mpic' | 'assumed'
  readonly hops: readonly string[]
  /** Requester ID (bus, device, function) of the parent function. */
  readonly requesterId: number
  /** Address that messages go to, where it is not the x86 interrupt window. */
  readonly doorbell?: bigint
  /** GICv2m: the first interrupt of the frame. */
  readonly firstSpi?: number
}

export interface DeviceSetup {
  readonly id: string
  readonly check: PasidCheck
  /** Guest MSI-X vectors that are backed by IMS entries: 1 … vectors (vector 0 is emulated). */
  readonly vectors: number
  /** The name of the PASID that the host gives the mediated device at first. */
  readonly defaultPasid: string
  /** WQCFG.PASID_EN and PASID_EN of every entry that the host writes; false where the host is the only submitter (S4.17). */
  readonly validatePasid: boolean
  readonly wq: 'dedicated' | 'shared'
  readonly under: string | null
  readonly route: InterruptRoute
}

export interface ProgramItem {
  readonly op: string
  /** Operands, already checked against the operation's schema. */
  readonly operands: Readonly<Record<string, unknown>>
  readonly id?: string
  readonly when?: string
  readonly at: SourcePosition
  /** Position of the expression in `when` (or of an operand that is one), for faults. */
  readonly whenAt?: SourcePosition
}

export interface Handler {
  readonly event: string
  readonly items: readonly ProgramItem[]
  readonly at: SourcePosition
}

export interface Program {
  readonly agent: string
  /** Done once, from the start. */
  readonly items: readonly ProgramItem[]
  /** Done each time another agent calls. */
  readonly handlers: readonly Handler[]
}

export interface Setup {
  readonly name: string
  readonly device: DeviceSetup
  readonly pasids: readonly PasidSetup[]
  readonly programs: readonly Program[]
  /** Posted MMIO writes of the host that may be under way at once. */
  readonly mmioCapacity: number
  /** How many identical devices, each in a machine of its own. */
  readonly copies: number
}

/** `0x0002a`: a PASID as the manuals print it. */
export const pasidHex = (value: number): string => `0x${value.toString(16).padStart(5, '0')}`
