/**
 * Groups of devices that are not on PCI, each its own but for those that the unit cannot tell apart, and what they reserve.
 * Sources: drivers/iommu/iommu.c generic_device_group; drivers/iommu/amd/iommu.c acpihid_device_group; arm-smmu.c
 * arm_smmu_device_group; arm-smmu-v3.c arm_smmu_insert_master; fsl_pamu_domain.c fsl_pamu_device_group (reference 10 §6).
 */
import type { Iommu, PlatformDevice } from '../platform/schema'
import type { Board } from './board'
import type { Decision } from './decision'
import type { KernelPolicy } from './policies/policy'
import { because, type Reason } from './reason'
import { groupRegions } from './region-list'
import type { Region } from './regions'
import type { Units } from './units'

export interface PlatformGroup {
  readonly devices: readonly PlatformDevice[]
  readonly unit: Iommu
  readonly type: Decision
  readonly regions: readonly Region[]
  readonly because: readonly Reason[]
}

export interface PlatformGroups {
  readonly groups: readonly PlatformGroup[]
  readonly ungrouped: readonly { readonly device: PlatformDevice; readonly because: Reason }[]
}

interface Growing {
  readonly unit: Iommu
  readonly devices: PlatformDevice[]
  readonly because: Reason[]
}

export function groupPlatformDevices(
  board: Board,
  units: Units,
  system: Decision,
  policy: KernelPolicy,
): PlatformGroups {
  const groups: Growing[] = []
  const ungrouped: { device: PlatformDevice; because: Reason }[] = []
  for (const device of board.platform.platformDevices ?? []) {
    const unit = board.platform.iommus.find((u) => u.name === device.iommu)
    const dead = unit && units.dead.get(unit)
    if (!unit || dead) ungrouped.push({ device, because: dead ?? because('no IOMMU unit names it', '90', device.name) })
    else {
      const refused = place(device, unit, groups)
      if (refused) ungrouped.push({ device, because: refused })
    }
  }
  return {
    groups: groups.map((g) => ({
      ...g,
      type: typeOf(g.unit, system),
      regions: groupRegions(
        board,
        g.devices.map(({ name }) => ({ name, unit: g.unit })),
        policy,
      ),
    })),
    ungrouped,
  }
}

const typeOf = (unit: Iommu, system: Decision): Decision =>
  unit.kind === 'pamu'
    ? {
        type: 'unknown',
        because: [because('PAMU has no domain that the kernel could map in', '20 §1; drivers/iommu/fsl_pamu_domain.c')],
      }
    : system

/** Puts it into its group, or says why it gets none. */
function place(device: PlatformDevice, unit: Iommu, groups: Growing[]): Reason | undefined {
  const taken = groups.filter(
    (g) => g.unit === unit && g.devices.some((d) => d.ids.some((id) => device.ids.includes(id))),
  )
  const [first] = taken
  const ids = device.ids.map((id) => `0x${id.toString(16)}`).join(' ')
  if (first && unit.kind === 'smmu-v3')
    return because(
      'its StreamID is taken by another device: it fails to probe',
      '10 §6; 05.17; arm_smmu_insert_master',
      `${device.name}: ${ids}, ${first.devices.map((d) => d.name).join(' ')} has it`,
    )
  if (first && taken.length > 1 && unit.kind === 'smmu-v2')
    return because('its StreamIDs lie in two groups: -EINVAL', '10 §6; arm_smmu_device_group', `${device.name}: ${ids}`)
  if (first && (unit.kind === 'smmu-v2' || unit.kind === 'amd-vi')) {
    first.devices.push(device)
    first.because.push({
      ...because(
        unit.kind === 'amd-vi' ? 'one device id for both' : 'one stream map entry for both',
        unit.kind === 'amd-vi' ? '10 §6; acpihid_device_group' : '10 §6; arm_smmu_device_group',
        `${device.name}: ${ids}`,
      ),
      apart: 'ids of their own: no setting tells requests apart that carry one id',
    })
    return undefined
  }
  groups.push({ unit, devices: [device], because: [because('served by', '90', `${unit.name}: ${device.source}`)] })
  return undefined
}
