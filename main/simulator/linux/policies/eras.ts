/**
 * The eras that Doorbell knows, one file each. A real version takes the nearest at or below it, with what is known to
 * have come between that era and it.
 */
import { LINUX_4_9 } from './linux-4.9'
import { LINUX_5_3 } from './linux-5.3'
import { LINUX_6_1 } from './linux-6.1'
import { LINUX_6_12 } from './linux-6.12'
import { atLeast, versionOf, type KernelPolicy, type Version } from './policy'

export const ERAS: readonly KernelPolicy[] = [LINUX_4_9, LINUX_5_3, LINUX_6_1, LINUX_6_12]

/** Changes whose release is known, in order: they hold from there on, whatever era a release is nearest to. */
const SINCE: readonly { readonly from: Version; readonly change: Partial<KernelPolicy> }[] = [
  { from: [4, 11], change: { isolation: 'system' } }, // irq_domain_check_msi_remap (40 §4)
  { from: [5, 0], change: { untrusted: 'all-below' } }, // set_pcie_untrusted (617654aae50e)
  { from: [5, 4], change: { iovaList: true } }, // the IOVA list of type 1 (40 §5)
  { from: [5, 8], change: { defaultDomains: 'core' } }, // iommu_ops.def_domain_type; the two requests are gone (S3.8)
  { from: [5, 10], change: { noMsiDomain: 'ENODEV' } }, // pci_msi_legacy_setup_msi_irqs
  { from: [5, 15], change: { reset: { listed: 'at-discovery', acpi: true, cxlBus: false } } }, // pci_init_reset_methods
  // DMA ownership: claiming it attaches an empty domain, and there a direct region is met (40 §7, §8.2)
  {
    from: [5, 19],
    change: {
      viability: 'container',
      coherentOnly: true,
      directRegion: { at: 'SET_CONTAINER', errno: 'EPERM', units: 'vt-d' },
    },
  },
  { from: [6, 3], change: { isolation: 'device' } }, // iommu_group_has_isolated_msi (40 §6)
  { from: [6, 6], change: { cdev: true } }, // device files for iommufd (40 §1)
  { from: [6, 11], change: { reset: { listed: 'at-discovery', acpi: true, cxlBus: true } } }, // cxl_bus
]

const DEFAULT = '6.12'

/** By version or by release (`6.12.107+deb13-amd64`); without any, the newest era. Undefined: not understood. */
export function eraFor(wanted: string | undefined): KernelPolicy | undefined {
  if (wanted === undefined) return ERAS.find((p) => p.id === DEFAULT)
  const version = versionOf(wanted)
  const era = version && [...ERAS].reverse().find((p) => atLeast(version, ...p.from))
  if (!era) return undefined
  const since = SINCE.filter((c) => atLeast(version, ...c.from) && !atLeast(era.from, ...c.from)).map((c) => c.change)
  return Object.assign({}, era, ...since, { version }) as KernelPolicy
}
