/**
 * A path: what an interrupt message or a DMA request meets on its way, hop by hop, up to the hop that refuses it.
 * Register values are those that Linux programs by its rules; `chosen` names the fields where the rules leave the choice
 * to the kernel and the number is ours.
 */
import type { Reason } from '../linux/reason'

export const BLOCKS = [
  'device',
  'permission',
  'bus',
  'vfio',
  'iommu',
  'window',
  'domain',
  'translation',
  'remapping',
  'controller',
  'cpu',
  'memory',
] as const
export type Block = (typeof BLOCKS)[number]

/** Why hardware refuses, in its own words: `LGN.3 (0x06)`, `F_TRANSLATION (0x10)`. */
export interface Refusal {
  /** Hex, where the specification numbers it. */
  readonly code?: string
  readonly name: string
  readonly condition: string
}

export interface Hop {
  readonly block: Block
  /** Which one: `dmar0`, `0000:01:00.0`. */
  readonly at: string
  readonly register: string
  /** Of the register, or of what arrives: hex where it is a number. */
  readonly value: string
  readonly decision: 'accepted' | 'refused'
  readonly refusal?: Refusal
  readonly fields?: Readonly<Record<string, string>>
  readonly chosen?: readonly string[]
  readonly because: readonly Reason[]
}

export interface Path {
  readonly accepted: boolean
  readonly hops: readonly Hop[]
}

/** What a hop says, without where it stands. */
export type Said = Omit<Hop, 'decision' | 'refusal'>

export const accepted = (said: Said): Hop => ({ ...said, decision: 'accepted' })
export const refused = (said: Said, refusal: Refusal): Hop => ({ ...said, decision: 'refused', refusal })

/** `0x06` */
export const code = (n: number): string => `0x${n.toString(16).padStart(2, '0')}`
