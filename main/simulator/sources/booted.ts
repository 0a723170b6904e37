/** What kernels were seen to do: booted in QEMU, with a capture of each machine. */
import type { Chapter } from './source'

const SEEN = 'seen on booted Linux 6.1.192 and 6.12.107 in QEMU'
const seen = (about: string): { about: string; from: string } => ({ about, from: SEEN })

export const BOOTED: Chapter = {
  '05': { about: 'what booted kernels showed (no iommufd, noiommu, x2APIC, nesting or real silicon)', from: SEEN },
  '05.1': seen('a direct region refuses VFIO_GROUP_SET_CONTAINER: -EPERM (6.1), -EINVAL (6.12)'),
  '05.2': seen('6.1 and 6.12 differ in VFIO results and type writes only'),
  '05.3': seen(
    'RMRRs that end early or are unaligned still block; a scope of the wrong type turns the DMAR off for DMA',
  ),
  '05.4': seen('regions of one type merge, of different types never; direct before direct-relaxable'),
  '05.5': seen('an RMRR on the ISA bridge is direct, its own 16 MiB direct-relaxable'),
  '05.6': seen('AMD: every IVMD block is direct; 6.1 assigns such devices, 6.12 -EINVAL'),
  '05.7': seen('ARM RMR nodes count only when _DSM function 5 returns 0; then direct'),
  '05.8': seen('MAP_DMA: reserved range -EINVAL, existing mapping -EEXIST'),
  '05.9': seen('without isolation VFIO_SET_IOMMU is -EPERM; 6.1 accepts GICv3 without ITS, and SET_IRQS fails'),
  '05.10': seen('a driver off the harmless list makes the group not viable: shpchp does, pcieport does not'),
  '05.11': seen('under a switch without ACS each port groups with its child, siblings stay apart'),
  '05.12': seen('an Intel integrated endpoint stands alone in a multifunction slot'),
  '05.13': seen('QEMU’s ioh3420 and xio3130-downstream behave as without ACS'),
  '05.14': seen('ACS control at boot: 0 by Arm device tree or with VT-d off, 0x1d by ACPI'),
  '05.15': seen('pci=config_acs= with x keeps the firmware’s bit'),
  '05.16': seen('functions outside every DRHD scope get no group; bridges are refused by vfio-pci'),
  '05.17': seen('SMMUv3: a stream id that is taken leaves the function without a group'),
  '05.18': seen('an endpoint at an external-facing port: DMA, identity refused'),
  '05.20': seen('boot-time types under iommu=pt, strict, caching mode'),
  '05.21': seen('type writes: bound -EBUSY (6.1) or -EPERM (6.12), several devices -EINVAL (6.1), blocked -EINVAL'),
  '05.22': seen('what no input determines: the order of probing where stream ids collide'),
}
