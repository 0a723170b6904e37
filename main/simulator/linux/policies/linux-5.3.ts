/** Linux 5.3: relaxable regions, MSI cookies, isolation asked of the whole system (reference 40 §4; no machine was booted with it). */
import type { KernelPolicy } from './policy'
import { BEFORE_5_10, MERGED } from './shared'

export const LINUX_5_3: KernelPolicy = {
  id: '5.3',
  title: 'Linux 5.3',
  from: [5, 3],
  version: [5, 3],
  relaxableRegions: true,
  defaultDomains: 'first-device',
  conflict: 'use-default',
  untrusted: 'all-below',
  isolation: 'system',
  viability: 'device-fd',
  iovaList: false,
  directRegion: { at: 'SET_IOMMU', errno: 'EPERM', units: 'vt-d' },
  ...BEFORE_5_10,
  ...MERGED,
}
