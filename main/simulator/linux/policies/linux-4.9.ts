/** Linux 4.9: the code before reserved regions, MSI cookies and DMA ownership (reference 40 §2; no machine was booted with it). */
import type { KernelPolicy } from './policy'
import { BEFORE_5_10, MERGED } from './shared'

export const LINUX_4_9: KernelPolicy = {
  id: '4.9',
  title: 'Linux 4.9',
  from: [0, 0],
  version: [4, 9],
  relaxableRegions: false,
  defaultDomains: 'driver',
  conflict: 'use-default',
  untrusted: 'none',
  isolation: 'bus-capability',
  viability: 'device-fd',
  iovaList: false,
  directRegion: { at: 'SET_IOMMU', errno: 'EPERM', units: 'vt-d' },
  ...BEFORE_5_10,
  ...MERGED,
}
