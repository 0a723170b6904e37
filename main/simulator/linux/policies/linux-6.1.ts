/** Linux 6.1: DMA ownership, the IOVA list, default domains by the core (reference 40 §5, §8.2; compared with booted machines). */
import type { KernelPolicy } from './policy'
import { MERGED } from './shared'

export const LINUX_6_1: KernelPolicy = {
  id: '6.1',
  title: 'Linux 6.1',
  from: [6, 1],
  version: [6, 1],
  relaxableRegions: true,
  defaultDomains: 'core',
  conflict: 'use-default',
  untrusted: 'all-below',
  isolation: 'system',
  viability: 'container',
  iovaList: true,
  directRegion: { at: 'SET_CONTAINER', errno: 'EPERM', units: 'vt-d' },
  reset: { listed: 'at-discovery', acpi: true, cxlBus: false },
  noMsiDomain: 'ENODEV',
  coherentOnly: true,
  cdev: false,
  ...MERGED,
}
