/**
 * What the IOMMU unit and its driver must have before a request may carry a PASID.
 * Sources: drivers/iommu/intel/iommu.c sm_supported, pasid_supported, intel_svm_check; intel_iommu_setup;
 * drivers/iommu/amd/iommu.c amd_iommu_gt_ppr_supported; arm-smmu-v3-sva.c arm_smmu_master_sva_supported.
 */
import type { Platform } from '../../platform/schema'
import { amdGuestTables } from '../amd'
import { bit } from '../decision'
import type { Plan } from '../plan'
import { atLeast } from '../policies/policy'
import type { Served } from '../units'
import { bitRung, RUNG, rung, type Rung } from './rung'

/** ECAP_REG and CAP_REG (VT-d 5.10 §11.4.2, §11.4.3). */
const ECAP = { DT: 2n, NEST: 26n, PRS: 29n, SRS: 31n, PASID: 40n, SMTS: 43n, SSTS: 46n, FSTS: 47n } as const
const CAP = { FS1GP: 56n, FS5LP: 60n } as const

export function unitRungs(plan: Plan, { unit }: Served): Rung[] {
  const { version } = plan.policy
  switch (unit.kind) {
    case 'vt-d':
      return vtd(plan, unit.registers)
    case 'amd-vi': {
      const tables = amdGuestTables(plan.board)
      return [
        rung(
          RUNG.inKernel,
          atLeast(version, 6, 10),
          atLeast(version, 6, 10)
            ? 'iommu_sva_set_dev_pasid, since 6.10'
            : 'AMD-Vi takes part from 6.10 on; before that only amd_iommu_v2 binds processes, for amdkfd',
          'drivers/iommu/amd/pasid.c',
        ),
        rung(
          RUNG.unitPasid,
          tables,
          tables === null ? 'EFR is not known' : `EFR.GTSup and EFR.PPRSup ${tables ? 'are 1' : 'are not both 1'}`,
          'drivers/iommu/amd/init.c amd_iommu_gt_ppr_supported',
        ),
      ]
    }
    case 'smmu-v3':
      return [
        rung(
          RUNG.inKernel,
          atLeast(version, 5, 11),
          atLeast(version, 5, 11) ? 'arm_smmu_master_enable_sva, since 5.11' : 'came with 5.11',
          'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c',
        ),
        rung(RUNG.unitPasid, null, 'SMMU_IDR1.SSIDSIZE is in no table', 'arm_smmu_master_sva_supported'),
        rung(
          RUNG.unitPages,
          false,
          'arm-smmu-v3 takes stalls of platform devices, no page requests of PCI functions: pages must be pinned',
          'arm_smmu_master_iopf_supported',
        ),
      ]
    case 'smmu-v2':
    case 'virtio-iommu':
    case 'pamu':
      return [rung(RUNG.inKernel, false, `the driver of ${unit.kind} has no PASIDs`, '80 §1')]
  }
}

function vtd(plan: Plan, registers: Readonly<Record<string, string>>): Rung[] {
  const [cap, ecap] = [registers['CAP_REG'], registers['ECAP_REG']]
  const ecapRung = (name: string, field: keyof typeof ECAP): Rung =>
    bitRung(name, bit(ecap, ECAP[field]), 'ECAP_REG', `ECAP.${field}`, 'VT-d 5.10 §11.4.3')
  return [
    vtdInKernel(plan),
    ecapRung(RUNG.scalable, 'SMTS'),
    scalableMode(plan),
    ecapRung(RUNG.unitPasid, 'PASID'),
    cpuTables(plan.board.platform, cap),
    ecapRung(RUNG.unitTlbs, 'DT'),
    ecapRung(RUNG.unitPages, 'PRS'),
  ]
}

function vtdInKernel({ policy, board }: Plan): Rung {
  const cite = 'drivers/iommu/intel/svm.c'
  if (!atLeast(policy.version, 5, 8))
    return rung(
      RUNG.inKernel,
      false,
      'iommu_sva_bind_device knows VT-d from 5.8 on; before only intel_svm_bind_mm',
      cite,
    )
  const built = board.platform.kernel.config?.['CONFIG_INTEL_IOMMU_SVM']
  if (built === undefined && board.platform.kernel.config === undefined)
    return rung(RUNG.inKernel, true, 'taken to be built with CONFIG_INTEL_IOMMU_SVM', cite)
  return rung(RUNG.inKernel, built === 'y', `CONFIG_INTEL_IOMMU_SVM=${built ?? 'n'}`, cite)
}

function scalableMode({ cmdline, policy, board }: Plan): Rung {
  const cite = '20 §3; drivers/iommu/intel/iommu.c intel_iommu_setup'
  if (!atLeast(policy.version, 5, 0)) return rung(RUNG.switchedOn, false, 'scalable mode came with 5.0', cite)
  if (cmdline.scalable !== undefined)
    return rung(RUNG.switchedOn, cmdline.scalable, `intel_iommu=${cmdline.scalable ? 'sm_on' : 'sm_off'}`, cite)
  const option = 'CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON'
  const built = board.platform.kernel.config
  if (built === undefined)
    return rung(RUNG.switchedOn, null, `not on the command line: ${option} decides, which is not known`, cite)
  return rung(RUNG.switchedOn, built[option] === 'y', `${option}=${built[option] ?? 'n'}`, cite)
}

/** intel_svm_check: 1 GiB pages and five levels of the CPU must be known to the unit's first stage. */
function cpuTables({ cpuFlags }: Platform, cap: string | undefined): Rung {
  const cite = 'VT-d 5.10 §11.4.2; intel_svm_check'
  if (cap === undefined) return rung(RUNG.cpuTables, null, 'CAP_REG is not known', cite)
  const lacks = [
    { flag: 'pdpe1gb', field: 'FS1GP', of: '1 GiB pages' },
    { flag: 'la57', field: 'FS5LP', of: 'five levels' },
  ].filter(({ field }) => bit(cap, CAP[field as keyof typeof CAP]) !== true)
  if (lacks.length === 0) return rung(RUNG.cpuTables, true, 'CAP.FS1GP and CAP.FS5LP are 1', cite)
  if (!cpuFlags)
    return rung(
      RUNG.cpuTables,
      null,
      `${lacks.map((l) => `CAP.${l.field} is 0`).join(', ')}; the CPU is not known`,
      cite,
    )
  const asked = lacks.filter((l) => cpuFlags.includes(l.flag))
  if (asked.length === 0)
    return rung(
      RUNG.cpuTables,
      true,
      `${lacks.map((l) => `CAP.${l.field} is 0, and the CPU has no ${l.of}`).join('; ')}`,
      cite,
    )
  return rung(RUNG.cpuTables, false, asked.map((l) => `the CPU has ${l.of}, CAP.${l.field} is 0`).join('; '), cite)
}

/** What only some uses need. */
export function supervisorRung({ unit }: Served): Rung {
  return bitRung(
    RUNG.supervisor,
    bit(unit.registers['ECAP_REG'], ECAP.SRS),
    'ECAP_REG',
    'ECAP.SRS',
    'VT-d 5.10 §11.4.3',
  )
}

export function nestingRung({ unit }: Served): Rung {
  const ecap = unit.registers['ECAP_REG']
  if (unit.kind !== 'vt-d') return rung(RUNG.nesting, null, `not in the registers of ${unit.kind}`, '80 §2')
  if (ecap === undefined) return rung(RUNG.nesting, null, 'ECAP_REG is not known', 'VT-d 5.10 §11.4.3')
  const fields = (['NEST', 'FSTS', 'SSTS'] as const).filter((f) => bit(ecap, ECAP[f]) !== true)
  return rung(
    RUNG.nesting,
    fields.length === 0,
    fields.length === 0 ? 'ECAP.NEST, FSTS and SSTS are 1' : fields.map((f) => `ECAP.${f} is 0`).join(', '),
    'VT-d 5.10 §11.4.3',
  )
}
