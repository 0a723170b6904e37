/**
 * Interrupt messages of a function: which controller takes them, must the doorbell be mapped, is the interrupt isolated.
 * Two separate answers (reference 00 S0.12): a doorbell without a mapping loses the interrupt but attacks nobody.
 */
import type { FirmwareRegion, Iommu, MsiController, PciFunction } from '../platform/schema'
import type { Board } from './board'
import type { CommandLine } from './cmdline'
import type { KernelPolicy } from './policies/policy'
import { because, type Reason } from './reason'
import type { Units } from './units'

export interface MessageRoute {
  readonly controller: MsiController | undefined
  readonly mustMap: boolean
  readonly isolated: boolean
  readonly because: readonly Reason[]
}

export function messageRoute(
  board: Board,
  fn: PciFunction,
  units: Units,
  c: CommandLine,
  policy: KernelPolicy,
): MessageRoute {
  const candidates = board.platform.msiControllers.filter((m) => m.serves.includes(fn.bdf))
  const remapping = candidates.find((m) => m.kind === 'vt-d-ir' || m.kind === 'amd-ir')
  const unit = units.served.get(fn)?.unit
  const live =
    remapping !== undefined && c.interruptRemapping && remapper(board, remapping)?.interruptRemapping !== false
  const controller = live ? remapping : candidates.find((m) => m !== remapping)
  const translated = unit?.kind === 'smmu-v3' || unit?.kind === 'smmu-v2' || unit?.kind === 'pamu'
  const page = translated
    ? board.platform.regions.find((r) => r.kind === 'its-page' && r.devices.includes(fn.bdf))
    : undefined
  const map = mapping(unit, translated, page)
  return { controller, mustMap: translated && !page, ...isolation(board, controller, policy, map) }
}

function mapping(unit: Iommu | undefined, translated: boolean, page: FirmwareRegion | undefined): Reason {
  if (page) return because('a Hi161x passes writes to the page of the ITS untranslated', '30 §2.5', page.source)
  if (unit && translated)
    return because('the unit translates message writes: the doorbell needs a mapping', '00 S0.3', unit.name)
  return because('message writes are not translated', '00 S0.2', unit ? unit.name : 'no IOMMU in the path')
}

const remapper = (board: Board, m: MsiController) => board.platform.iommus.find((u) => m.name === `${u.name}-ir`)

function isolation(
  board: Board,
  controller: MsiController | undefined,
  policy: KernelPolicy,
  map: Reason,
): Pick<MessageRoute, 'isolated' | 'because'> {
  const own = isolates(controller)
  if (policy.isolation === 'device') return { isolated: own.isolated, because: [map, own.reason] }
  if (controller?.kind === 'vt-d-ir' || controller?.kind === 'amd-ir')
    return { isolated: true, because: [map, own.reason] }
  if (policy.isolation === 'bus-capability' && board.platform.arch === 'arm64')
    return { isolated: true, because: [map, because('arm-smmu claims interrupt remapping in this kernel', '00 S0.4')] }
  // 4.11 … 6.2: every MSI domain of the system must remap; without any the answer is yes (05.9).
  const domains = board.platform.msiControllers.filter((m) => m.kind === 'gicv2m' || m.kind === 'gicv3-its')
  const bad = domains.find((m) => !isolates(m).isolated)
  if (board.platform.arch === 'arm64') {
    return {
      isolated: bad === undefined,
      because: [
        map,
        because(
          bad ? 'one MSI domain of the system does not isolate' : 'every MSI domain of the system isolates',
          '40 §4',
          bad ? bad.name : `${domains.length} MSI domains`,
        ),
      ],
    }
  }
  return { isolated: own.isolated, because: [map, own.reason] }
}

function isolates(m: MsiController | undefined): { isolated: boolean; reason: Reason } {
  switch (m?.kind) {
    case 'vt-d-ir':
    case 'amd-ir':
      return { isolated: true, reason: because('interrupt remapping checks the requester', '00 S0.11; 60 §3', m.name) }
    case 'gicv3-its':
      return { isolated: true, reason: because('the ITS looks the event up by DeviceID', '00 S0.11; 60 §8', m.name) }
    case 'gicv2m':
      return {
        isolated: false,
        reason: because('whoever writes the GICv2m frame can raise any of its SPIs', '00 S0.11; 60 §7', m.name),
      }
    case 'mpic':
      return {
        isolated: false,
        reason: because('whoever writes the MPIC bank can raise any of its interrupts', '00 S1.12', m.name),
      }
    case 'x86-apic':
      return {
        isolated: false,
        reason: because('without remapping any write to the window is delivered', '60 §3 step 5', m.name),
      }
    case undefined:
      return { isolated: false, reason: because('no MSI controller takes its messages', '40 §6.1') }
  }
}
