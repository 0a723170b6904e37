/** The shape of an attempt to hand functions to user space: what was asked for, each step and its answer. */
import type { PciFunction } from '../platform/schema'
import { hex } from '../platform/address'
import type { Bound } from './handover'
import type { IrqIndex } from './irqs'
import type { Range } from './iova'
import type { Reason } from './reason'

export interface AttachOptions {
  /** The function, and more that join the same container or iommufd. */
  readonly devices: readonly PciFunction[]
  /** 0: only the devices are bound to vfio-pci; 1: all type-0 functions of their groups; 2: and bridges lose their drivers. */
  readonly bindGroup: 0 | 1 | 2
  readonly unsafe: boolean
  readonly maps: readonly { readonly iova: bigint; readonly size: bigint }[]
}

export interface AttachStep {
  readonly op: string
  readonly ok: boolean
  readonly errno?: string
  readonly bdf?: string
  readonly viable?: number
  readonly iovaRanges?: readonly { readonly start: string; readonly end: string }[]
  readonly iova?: string
  readonly size?: string
  /** DEVICE_GET_INFO: the device can be reset alone. */
  readonly reset?: boolean
  readonly irq?: IrqIndex
  readonly start?: number
  readonly count?: number
  /** GET_PCI_HOT_RESET_INFO: who is dragged in. */
  readonly devices?: readonly { readonly bdf: string; readonly group: number | null; readonly owned?: boolean }[]
  readonly detail?: string
}

export interface AttachResult {
  readonly through: 'group' | 'iommufd'
  /**
   * 1 binding failed, 2 opening the group, 3 not viable or SET_CONTAINER, 4 SET_IOMMU or a further group, 9 everything was
   * run. Through an iommufd: 2 opening, 3 BIND_IOMMUFD, 4 ATTACH_IOMMUFD_PT.
   */
  readonly stage: 1 | 2 | 3 | 4 | 9
  readonly steps: readonly AttachStep[]
  readonly because: readonly Reason[]
}

export const bindSteps = (bound: readonly Bound[]): AttachStep[] =>
  bound.map(({ bdf, refusal }) => ({
    op: 'bind',
    ok: !refusal,
    bdf,
    ...(refusal ? { errno: refusal.errno } : {}),
  }))

export const rangesInWords = (ranges: readonly Range[]): { start: string; end: string }[] =>
  ranges.map((r) => ({ start: hex(r.start), end: hex(r.end) }))

export const mapStep = (
  op: 'MAP_DMA' | 'IOMMU_IOAS_MAP',
  m: { readonly iova: bigint; readonly size: bigint },
  errno: string | undefined,
): AttachStep => ({
  op,
  ok: errno === undefined,
  iova: hex(m.iova),
  size: hex(m.size),
  ...(errno ? { errno } : {}),
})
