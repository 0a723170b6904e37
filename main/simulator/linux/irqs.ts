/**
 * Interrupts of a function as VFIO counts them, and what VFIO_DEVICE_SET_IRQS answers.
 * Sources: vfio_pci_core.c vfio_pci_get_irq_count and vfio_pci_nointx, drivers/vfio/vfio_main.c
 * vfio_set_irqs_validate_and_prepare, drivers/pci/msi (reference 40 §11, 05.9).
 */
import type { PciFunction } from '../platform/schema'
import type { MessageRoute } from './messages'
import { identityOf } from './names'
import type { KernelPolicy } from './policies/policy'
import { because, type Reason } from './reason'

export const IRQ_INDEXES = ['INTX', 'MSI', 'MSIX', 'ERR', 'REQ'] as const
export type IrqIndex = (typeof IRQ_INDEXES)[number]

/** How many; undefined: the input does not show it. */
export function irqCount(fn: PciFunction, index: IrqIndex): number | undefined {
  const hidden = (name: string): boolean => fn.unknown.includes(name)
  switch (index) {
    case 'INTX':
      if (fn.physfn !== undefined || hidesIntx(fn)) return 0
      return fn.interruptPin === undefined ? undefined : Math.min(fn.interruptPin, 1)
    case 'MSI':
      return fn.msi?.vectors ?? (hidden('msi') ? undefined : 0)
    case 'MSIX':
      return fn.msix?.vectors ?? (hidden('msix') ? undefined : 0)
    case 'ERR': // PCIe error reporting
      return fn.express ? 1 : hidden('express') ? undefined : 0
    case 'REQ':
      return 1
  }
}

/** Intel 700 series and X550 do not show in the status register that INTx is raised: vfio pretends that they have none. */
function hidesIntx(fn: PciFunction): boolean {
  const { vendor, device } = identityOf(fn)
  if (vendor !== 0x8086) return false
  const within = (from: number, to: number): boolean => device >= from && device <= to
  return (
    device === 0x1563 ||
    device === 0x1572 ||
    device === 0x1574 ||
    within(0x1580, 0x1581) ||
    within(0x1583, 0x158b) ||
    within(0x37d0, 0x37d2)
  )
}

export interface IrqRefusal {
  readonly errno: string
  readonly reason: Reason
}

/** Of `count` eventfds from `start` on; undefined: accepted. The count of the index must be known. */
export function setIrqsRefusal(
  fn: PciFunction,
  index: IrqIndex,
  { start, count }: { readonly start: number; readonly count: number },
  route: MessageRoute | undefined,
  policy: KernelPolicy,
): IrqRefusal | undefined {
  const most = irqCount(fn, index) ?? 0
  if (start >= most || start + count > most)
    return {
      errno: 'EINVAL',
      reason: because('more than the function has', '40 §11', `${fn.bdf}: ${most} of ${index}`),
    }
  if (count === 0 || (index !== 'MSI' && index !== 'MSIX') || route?.controller) return undefined
  return {
    errno: policy.noMsiDomain,
    reason: because(
      'no MSI controller takes its messages: they cannot be enabled',
      '05.9; drivers/pci/msi',
      `${fn.bdf}: -${policy.noMsiDomain} in ${policy.title}`,
    ),
  }
}
