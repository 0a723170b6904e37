/**
 * What an open device answers: whether it can be reset, its interrupts, and who is dragged into a hot reset.
 * One vector of each index is asked for, as user space does that only wants to know.
 */
import type { PciFunction } from '../platform/schema'
import type { AttachStep } from './attach-steps'
import { hotReset, type HotReset } from './hot-reset'
import { IRQ_INDEXES, irqCount, setIrqsRefusal, type IrqIndex } from './irqs'
import type { Plan } from './plan'
import type { Reason } from './reason'
import { functionReset } from './reset'

export interface DeviceAnswers {
  readonly steps: readonly AttachStep[]
  readonly because: readonly Reason[]
}

/** `owned`: through a device's own file the kernel lists who is the caller's, and asks for no groups (40 §9). */
export function deviceAnswers(plan: Plan, fn: PciFunction, owned?: (bdf: string) => boolean): DeviceAnswers {
  const { works } = functionReset(plan.board, fn, plan.policy)
  const steps: AttachStep[] = [
    {
      op: 'DEVICE_GET_INFO',
      ok: true,
      bdf: fn.bdf,
      ...(works === undefined ? { detail: 'the input does not show how it resets' } : { reset: works }),
    },
  ]
  const reasons: Reason[] = []
  for (const index of IRQ_INDEXES) {
    const { steps: asked, because } = interrupt(plan, fn, index)
    steps.push(...asked)
    reasons.push(...because)
  }
  if (works === true) steps.push({ op: 'DEVICE_RESET', ok: true, bdf: fn.bdf })
  steps.push(hotResetStep(hotReset(plan, fn), fn, owned))
  return { steps, because: reasons }
}

function interrupt(plan: Plan, fn: PciFunction, index: IrqIndex): DeviceAnswers {
  const most = irqCount(fn, index)
  const about = { bdf: fn.bdf, irq: index }
  if (most === undefined)
    return {
      steps: [{ op: 'GET_IRQ_INFO', ok: true, ...about, detail: 'the input does not show how many' }],
      because: [],
    }
  // Only this index is refused by its count alone (vfio_pci_ioctl_get_irq_info).
  const info: AttachStep =
    index === 'ERR' && most === 0
      ? { op: 'GET_IRQ_INFO', ok: false, errno: 'EINVAL', ...about, detail: 'no PCI Express' }
      : { op: 'GET_IRQ_INFO', ok: true, ...about, count: most }
  if (index === 'ERR' || index === 'REQ') return { steps: [info], because: [] }
  const asked = { start: 0, count: 1 }
  const refusal = setIrqsRefusal(fn, index, asked, plan.messages.get(fn), plan.policy)
  const set: AttachStep = {
    op: 'SET_IRQS',
    ok: !refusal,
    ...about,
    ...asked,
    ...(refusal ? { errno: refusal.errno } : {}),
    ...(most === 0 ? { detail: `it has no ${index === 'MSIX' ? 'MSI-X' : index}` } : {}),
  }
  return { steps: [info, set], because: refusal && most > 0 ? [refusal.reason] : [] }
}

function hotResetStep(h: HotReset, fn: PciFunction, owned: ((bdf: string) => boolean) | undefined): AttachStep {
  const about = { op: 'GET_PCI_HOT_RESET_INFO', bdf: fn.bdf }
  if (owned && h.errno !== 'ENODEV')
    return { ...about, ok: true, devices: h.affected.map((a) => ({ ...a, owned: owned(a.bdf) })) }
  if (h.errno) return { ...about, ok: false, errno: h.errno, detail: h.because.at(-1)?.rule ?? '' }
  return { ...about, ok: true, devices: h.affected.map((a) => ({ ...a })) }
}
