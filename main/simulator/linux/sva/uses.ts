/**
 * What the rungs add up to: a process's PASID (user), one for the kernel's own DMA (kernel), one of a guest's (guest).
 * Sources: drivers/dma/idxd/init.c idxd_probe, idxd_enable_sva, idxd_enable_system_pasid, cdev.c idxd_user_drv_probe;
 * drivers/iommu/intel/iommu.c intel_iommu_enable_sva, intel_iommu_enable_iopf; drivers/vfio/pci/vfio_pci_config.c.
 */
import type { PciFunction } from '../../platform/schema'
import type { Plan } from '../plan'
import { atLeast, type Version } from '../policies/policy'
import { because, type Reason } from '../reason'
import { RUNG, type Rung } from './rung'

export interface PasidUse {
  readonly use: 'user' | 'kernel' | 'guest'
  /** Null: it hangs on what the input does not say. */
  readonly ok: boolean | null
  /** Names of the rungs that are missing, and of those that are not known. */
  readonly missing: readonly string[]
  readonly unknown: readonly string[]
  readonly because: readonly Reason[]
}

/** Functions of the idxd driver: DSA and IAA. */
export const isIdxd = (fn: PciFunction): boolean =>
  fn.driver === 'idxd' || (fn.vendor === 0x8086 && (fn.device === 0x0b25 || fn.device === 0x0cfe))

const BASE = [
  RUNG.iommu,
  RUNG.inKernel,
  RUNG.scalable,
  RUNG.switchedOn,
  RUNG.unitPasid,
  RUNG.cpuTables,
  RUNG.pasid,
  RUNG.prefixes,
  RUNG.acsPath,
]
const FAULTS = [RUNG.unitTlbs, RUNG.ats, RUNG.atsHere, RUNG.unitPages, RUNG.pri]

/** VT-d before 6.4 asks for page requests itself, idxd from 6.4 on enables them first; other drivers may go without. */
function needed(fn: PciFunction, kind: string | undefined, version: Version): string[] {
  const pages =
    kind === 'vt-d' ? (isIdxd(fn) || !atLeast(version, 6, 4) ? FAULTS : [RUNG.unitTlbs, RUNG.ats, RUNG.atsHere]) : []
  return [
    ...BASE,
    ...pages,
    ...(kind === 'amd-vi' ? [RUNG.defaultDomain] : []),
    ...(isIdxd(fn) ? [RUNG.movdir64b] : []),
  ]
}

export function pasidUses(plan: Plan, fn: PciFunction, kind: string | undefined, rungs: readonly Rung[]): PasidUse[] {
  const { version } = plan.policy
  const user = sum('user', rungs, needed(fn, kind, version), userWords(fn, version))
  const inner = [...needed(fn, kind, version), RUNG.defaultDomain, RUNG.kernelPasids]
  const kernel = sum(
    'kernel',
    rungs,
    kind === 'vt-d' && version[0] === 5 && !atLeast(version, 5, 19) ? [...inner, RUNG.supervisor] : inner,
    kernelWords(fn),
  )
  const guest = sum('guest', rungs, [...needed(fn, kind, version), RUNG.nesting, RUNG.guestPasids], guestWords)
  return [user, kernel, guest]
}

function sum(
  use: PasidUse['use'],
  rungs: readonly Rung[],
  names: readonly string[],
  words: (ok: boolean | null) => Reason,
): PasidUse {
  const asked = rungs.filter((r) => names.includes(r.name))
  const missing = asked.filter((r) => r.ok === false)
  const unknown = asked.filter((r) => r.ok === null)
  const ok = missing.length > 0 ? false : unknown.length > 0 ? null : true
  return { use, ok, missing: missing.map((r) => r.name), unknown: unknown.map((r) => r.name), because: [words(ok)] }
}

const userWords =
  (fn: PciFunction, version: Version) =>
  (ok: boolean | null): Reason => {
    if (ok !== false)
      return because(
        'a process binds its page table to a PASID',
        isIdxd(fn) ? 'iommu_sva_bind_device; drivers/dma/idxd/cdev.c idxd_cdev_open' : 'iommu_sva_bind_device',
        isIdxd(fn)
          ? 'through a shared work queue only with ENQCMD, through a dedicated one in any case'
          : 'if its driver does so',
      )
    if (isIdxd(fn) && atLeast(version, 6, 1))
      return because(
        'user work queues cannot be enabled: -EOPNOTSUPP',
        'drivers/dma/idxd/cdev.c idxd_user_drv_probe',
        'IDXD_SCMD_WQ_USER_NO_IOMMU: a process could not say which of its pages are meant',
      )
    return because('binding a process is refused', 'iommu_sva_bind_device', fn.bdf)
  }

const kernelWords =
  (fn: PciFunction) =>
  (ok: boolean | null): Reason => {
    if (ok !== false)
      return because(
        "a PASID of the kernel's own shares the group's default domain",
        isIdxd(fn)
          ? 'drivers/dma/idxd/init.c idxd_enable_system_pasid; iommu_attach_device_pasid'
          : 'iommu_attach_device_pasid',
        isIdxd(fn) ? 'shared work queues of type kernel use it with ENQCMDS' : 'if its driver does so',
      )
    return because(
      'the kernel works without a PASID',
      isIdxd(fn) ? 'drivers/dma/idxd/init.c idxd_probe' : '20 §1',
      isIdxd(fn)
        ? '"No in-kernel DMA with PASID": dedicated work queues use the requester ID in the default domain, shared ones cannot be enabled'
        : 'the requester ID in the default domain',
    )
  }

const guestWords = (ok: boolean | null): Reason =>
  ok === false
    ? because('no PASID of a guest reaches this device', 'drivers/vfio/pci/vfio_pci_config.c pci_ext_cap_length')
    : because(
        "a guest's page table is nested in the host's",
        '80 §9; drivers/iommu/intel/nested.c',
        'dedicated work queues only: KVM has no PASID translation for ENQCMD',
      )
