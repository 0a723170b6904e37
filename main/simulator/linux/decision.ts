/** The words of a decision on a domain, and what every rule about it is asked with. */
import type { PciFunction } from '../platform/schema'
import type { Board } from './board'
import type { CommandLine } from './cmdline'
import type { KernelPolicy } from './policies/policy'
import type { Reason } from './reason'
import type { Served } from './units'

/** sysfs's words. `unknown`: no default domain, or one that the architecture owns. */
export type DomainType = 'DMA' | 'DMA-FQ' | 'identity' | 'unknown'

/** A device whose DMA meets another domain than its group's default (before 5.8). */
export interface OwnDomain {
  readonly fn: PciFunction
  readonly type: DomainType
  readonly because: readonly Reason[]
}

export interface Decision {
  readonly type: DomainType
  readonly because: readonly Reason[]
  readonly own?: readonly OwnDomain[]
}

/** What a driver wants of one device. */
export interface Opinion {
  readonly type: DomainType
  readonly reason: Reason
}

export interface Member {
  readonly fn: PciFunction
  readonly served: Served
}

export interface DomainSetting {
  readonly board: Board
  readonly cmdline: CommandLine
  readonly policy: KernelPolicy
  readonly untrusted: ReadonlySet<PciFunction>
  /** The system-wide default. */
  readonly system: Decision
  /** Takes note of what the input does not say. */
  readonly assume: (text: string) => void
}

/** The translation that the DMA of one member meets. */
export const domainOf = (group: Decision, fn: PciFunction): DomainType =>
  group.own?.find((o) => o.fn === fn)?.type ?? group.type

export const bit = (value: string | undefined, n: bigint): boolean | undefined =>
  value === undefined ? undefined : ((BigInt(value) >> n) & 1n) === 1n
