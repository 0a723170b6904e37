/** What an operation of a scenario's program is: its name, who may do it, its operands, its meaning as steps. */
import { z } from 'zod'
import type { Expand } from '../flow'

/** Agents of the 2021 flows, in the order of their lanes. */
export const PROGRAM_AGENTS = ['guest', 'guest2', 'vmm', 'host', 'irqchip', 'device'] as const
export type ProgramAgent = (typeof PROGRAM_AGENTS)[number]

export interface Operation {
  readonly name: string
  /** By agent: the events in whose handlers it stands, or 'program' for the agent's own program. */
  readonly where: Readonly<Partial<Record<ProgramAgent, 'program' | readonly string[]>>>
  readonly operands: z.ZodObject
  /** One or two sentences for completion and hover. */
  readonly doc: string
  readonly cite: string
  readonly expand: Expand
}

/** Typed from the operands' schema at the definition, uniform in the table. */
export function operation<S extends z.ZodObject>(
  o: Omit<Operation, 'operands' | 'expand'> & {
    operands: S
    expand: (
      ...a: Parameters<Expand> extends [infer F, infer Q, infer I, infer A, infer D]
        ? [F, Q, I, A, D, z.output<S>]
        : never
    ) => ReturnType<Expand>
  },
): Operation {
  return {
    ...o,
    expand: (flow, seq, item, args, desc) => o.expand(flow, seq, item, args, desc, o.operands.parse(item.operands)),
  }
}

/** Which events reach which serving agent. */
export const EVENTS: Readonly<Record<string, { readonly agent: ProgramAgent; readonly doc: string }>> = {
  msix_unmask: {
    agent: 'vmm',
    doc: "The guest cleared a vector's mask bit in its emulated MSI-X table: the write was trapped.",
  },
  msixperm_write: { agent: 'vmm', doc: 'The guest wrote its emulated MSIXPERM table: the write was trapped.' },
  set_irqs: { agent: 'host', doc: 'VFIO_DEVICE_SET_IRQS of the mediated device, index MSI-X, trigger.' },
  region_write: { agent: 'host', doc: "A write of the VMM to the mediated device's BAR0: here the guest's MSIXPERM." },
  alloc_irqs: { agent: 'irqchip', doc: 'The IMS domain allocates an interrupt: the entry is written, masked.' },
  startup: { agent: 'irqchip', doc: 'The interrupt is started: the entry is unmasked.' },
  set_auxdata: { agent: 'irqchip', doc: 'irq_set_auxdata: the auxiliary bits (PASID) of the entry change.' },
  descriptor: { agent: 'device', doc: 'A descriptor with a completion interrupt has reached the work queue.' },
}

export const Pasid = z
  .union([z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.number().int().min(0)])
  .describe("a PASID by its name in `pasids`, or the guest's own number")
export const VectorOperand = z
  .union([z.number().int().min(1), z.literal('each')])
  .describe('an MSI-X vector of the virtual device (1 …), or `each`')
