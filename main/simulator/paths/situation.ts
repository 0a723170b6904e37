/**
 * What is asked about: a function of a machine under a kernel, and what has been done to it since it booted. A situation
 * is data, so that a change of it ("enable bus mastering") can be tried by running the same procedure again.
 */
import { planPlatform, type Plan, type PlannedGroup } from '../linux/plan'
import type { KernelPolicy } from '../linux/policies/policy'
import { attach, type AttachResult } from '../linux/attach'
import type { PciFunction, Platform } from '../platform/schema'
import { assert } from '../faults'
import { formatRequester, requesterId } from '../platform/address'
import { aliasPairs, type Alias } from './requester'

export interface Mapping {
  readonly iova: bigint
  readonly size: bigint
  /** Read-only when false. */
  readonly write: boolean
}

export interface Situation {
  readonly platform: Platform
  readonly policy: KernelPolicy
  readonly cmdline: string
  readonly kdump: boolean
  readonly device: string
  /** User space has it through VFIO; otherwise its own driver does. */
  readonly assigned: boolean
  readonly unsafe: boolean
  readonly bindGroup: 0 | 1 | 2
  /** Command.BME by function, where it is no longer as recorded. */
  readonly busMaster: Readonly<Record<string, boolean>>
  /** MSI or MSI-X enable, where it is no longer as recorded. */
  readonly messages?: boolean
  /** PASID Enable, where it is no longer as recorded. */
  readonly pasidEnable?: boolean
  /** PASIDs that a driver bound to an address space, which maps what is asked for. */
  readonly pasids: readonly number[]
  readonly maps: readonly Mapping[]
  /** The doorbell has a mapping though nobody made one. */
  readonly doorbell: boolean
}

/** The situation worked out: the kernel's plan, the function in it, and how far VFIO lets it go. */
export interface Scene {
  readonly situation: Situation
  readonly plan: Plan
  readonly fn: PciFunction
  readonly group: PlannedGroup | undefined
  /** Requester IDs under which its traffic may arrive, its own first. */
  readonly aliases: readonly Alias[]
  /** The one that its requests carry at the root complex. */
  readonly requester: number
  readonly vfio: AttachResult | undefined
}

export function sceneOf(situation: Situation): Scene {
  const { platform, policy, cmdline, kdump, device, assigned, unsafe, bindGroup } = situation
  const plan = planPlatform(platform, policy, cmdline, { kdump })
  const fn = plan.board.topology.find(device)
  assert(fn, `${device} is on the board`)
  const aliases = aliasPairs(fn, plan.board)
  const own = requesterId(plan.board.topology.address(plan.board.topology.dmaFunction(fn)))
  const last = aliases.at(-1)
  return {
    situation,
    plan,
    fn,
    group: plan.groups.find((g) => g.members.some((m) => m.fn === fn)),
    aliases,
    // Quirks concern DMA of some devices; a bridge to conventional PCI takes everything over.
    requester: last && last.by !== 'quirk' ? last.id : own,
    vfio: assigned
      ? attach(plan, { devices: [fn], bindGroup, unsafe: unsafe || plan.cmdline.unsafeInterrupts, maps: [] })
      : undefined,
  }
}

export const shownRequester = (id: number): string => `${formatRequester(id)} (0x${id.toString(16).padStart(4, '0')})`
