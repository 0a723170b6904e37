/**
 * What AMD's driver wants of a device that can carry PASIDs. Sources: drivers/iommu/amd/iommu.c iommu_init_device,
 * pci_iommuv2_capable (to 6.6), pdev_get_caps (6.7), amd_iommu_def_domain_type (reference 20 §4).
 */
import type { Board } from './board'
import { bit, type DomainSetting, type Member, type Opinion } from './decision'
import { atLeast } from './policies/policy'
import { because } from './reason'

/** Extended Feature Register: PPRSup and GTSup. */
const EFR_PPR = 1n
const EFR_GT = 4n

/** Guest page tables and peripheral page requests in every unit (amd_iommu_gt_ppr_supported); null: a unit's EFR is not known. */
export const amdGuestTables = (board: Board): boolean | null => {
  const units = board.platform.iommus.filter((u) => u.kind === 'amd-vi').map((u) => u.registers['EFR'])
  const lacks = units.some((efr) => bit(efr, EFR_PPR) === false || bit(efr, EFR_GT) === false)
  return lacks ? false : units.includes(undefined) ? null : true
}

/**
 * An IOMMUv2 device, by pci_iommuv2_capable up to 6.6 (all three capabilities), from 6.7 on one with PASID
 * (pdev_pasid_supported). Memory encryption, under which none is, is not seen in any input.
 */
export function amdWish({ fn, served }: Member, s: DomainSetting): Opinion | undefined {
  const efr = served.unit.registers['EFR']
  const newer = atLeast(s.policy.version, 6, 7)
  const unit = newer ? amdGuestTables(s.board) === true : bit(efr, EFR_PPR) === true && bit(efr, EFR_GT) === true
  if (!fn.pasid || (!newer && !(fn.ats && fn.pri))) return undefined
  if (efr === undefined)
    s.assume(
      `${served.unit.name}: its EFR is not known, taken to lack guest page tables; with them ${fn.bdf}, which has PASID, is identity mapped`,
    )
  if (!unit) return undefined
  // iommu_init_device: with force_isolation the capabilities count only where everything is passed through anyway.
  if (s.cmdline.forceIsolation && s.system.type !== 'identity') return undefined
  // From 5.11 on the core answers for an untrusted device before any driver is asked.
  if (s.untrusted.has(fn) && atLeast(s.policy.version, 5, 11)) return undefined
  const capabilities = newer ? 'PASID' : 'PASID, ATS and PRI'
  return {
    type: 'identity',
    reason: because(
      `AMD: a device with ${capabilities} is identity mapped`,
      '20 §4; amd_iommu_def_domain_type',
      fn.bdf,
    ),
  }
}
