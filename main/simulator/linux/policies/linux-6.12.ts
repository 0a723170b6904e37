/** Linux 6.12: isolation of each device's own messages, direct regions refused for every unit, iommufd (reference 40 §6; compared with booted machines). */
import type { KernelPolicy } from './policy'
import { MERGED } from './shared'

export const LINUX_6_12: KernelPolicy = {
  id: '6.12',
  title: 'Linux 6.12',
  from: [6, 12],
  version: [6, 12],
  relaxableRegions: true,
  defaultDomains: 'core',
  conflict: 'identity-wins',
  untrusted: 'tunnelled',
  isolation: 'device',
  viability: 'container',
  iovaList: true,
  directRegion: { at: 'SET_CONTAINER', errno: 'EINVAL', units: 'all' },
  reset: { listed: 'at-discovery', acpi: true, cxlBus: true },
  noMsiDomain: 'ENOTSUPP',
  coherentOnly: true,
  cdev: true,
  ...MERGED,
}
