/** Explanations: what an interrupt or a DMA request meets, hop by hop, and what a fault line says. */
import { z } from 'zod'
import { Bdf, Hex } from '../../main/simulator/platform/schema'
import { Because, machineRequest } from './plan'

export const ExplainedHop = z.object({
  block: z
    .string()
    .describe('device, permission, bus, vfio, iommu, window, domain, translation, remapping, controller, cpu, memory'),
  at: z.string().describe('which one: a function, a unit, a controller'),
  register: z.string(),
  value: z.string().describe('of the register or of what arrives: what Linux programs by its rules'),
  decision: z.enum(['accepted', 'refused']),
  refusal: z
    .object({
      code: z.string().optional().describe("the specification's number"),
      name: z.string(),
      condition: z.string(),
    })
    .optional(),
  fields: z.record(z.string(), z.string()).optional(),
  chosen: z.array(z.string()).optional().describe('fields that the kernel may choose freely: the numbers are examples'),
  because: Because,
})
export type ExplainedHop = z.infer<typeof ExplainedHop>

export const ExplainedPath = z.object({
  accepted: z.boolean(),
  hops: z.array(ExplainedHop).describe('in order; a refused one is the last'),
  fix: z
    .string()
    .optional()
    .describe('the smallest change that lets it through, found by trying; several where each only gets further'),
})
export type ExplainedPath = z.infer<typeof ExplainedPath>

export const ExplainedFault = ExplainedPath.extend({
  fault: z.object({
    source: z.string().describe('who wrote the line'),
    device: z.string().optional(),
    address: z.string().optional(),
    access: z.enum(['read', 'write']).optional(),
    pasid: z.string().optional(),
    further: z.number().optional().describe('more faults in what was pasted; the first is explained'),
  }),
})
export type ExplainedFault = z.infer<typeof ExplainedFault>

const question = {
  ...machineRequest,
  device: Bdf,
  /** Absent: whether its driver is vfio-pci. */
  assigned: z.boolean().optional(),
  unsafe: z.boolean().default(false),
  maps: z
    .array(z.object({ iova: Hex, size: Hex }))
    .max(64)
    .default([]),
}

export const explainCalls = {
  'explain.msi': {
    req: z.object({ ...question, vector: z.number().int().min(0).max(2047) }),
    res: ExplainedPath,
  },
  'explain.dma': {
    req: z.object({
      ...question,
      iova: Hex,
      write: z.boolean().default(false),
      pasid: z.number().int().min(0).max(0xfffff).optional(),
      request: z.enum(['untranslated', 'translation', 'translated']).default('untranslated'),
    }),
    res: ExplainedPath,
  },
  /** A pasted line of a kernel log, or the words of a record. Errors: FAULT_LINE_UNKNOWN, FAULT_LINE_AMBIGUOUS. */
  'explain.fault': { req: z.object({ text: z.string().max(65536) }), res: ExplainedFault },
} as const
