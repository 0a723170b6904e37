/** What an IORT table says (Arm DEN0049), as data. Nodes refer to each other by byte offset in the table. */
import { z } from 'zod'

const Hex64 = z.string().regex(/^0x[0-9a-f]{1,16}$/)

export const IdMapping = z.object({
  inputBase: z.number(),
  /** Number of ids, minus one, as the table has it. */
  count: z.number(),
  outputBase: z.number(),
  /** Offset of the target node; 0 is a firmware bug. */
  output: z.number(),
  /** Flag bit 0: one id, input base ignored. */
  single: z.boolean(),
})

const base = {
  offset: z.number(),
  revision: z.number(),
  identifier: z.number(),
  mappings: z.array(IdMapping),
}

export const IortNode = z.discriminatedUnion('type', [
  z.object({ type: z.literal('its-group'), ...base, its: z.array(z.number()) }),
  z.object({
    type: z.literal('named-component'),
    ...base,
    flags: z.number(),
    memoryProperties: Hex64,
    addressLimit: z.number(),
    name: z.string(),
  }),
  z.object({
    type: z.literal('root-complex'),
    ...base,
    memoryProperties: Hex64,
    /** 0 ATS, 1 PRI, 2 PASID forwarding. */
    atsAttribute: z.number(),
    segment: z.number(),
    /** Bits; from node revision 1. */
    addressLimit: z.number().optional(),
    /** 4:0 maximum PASID width; from node revision 3. */
    pasidCapabilities: z.number().optional(),
  }),
  z.object({
    type: z.literal('smmu'),
    ...base,
    base: Hex64,
    span: Hex64,
    /** 0 v1, 1 v2, 2 MMU-400, 3 MMU-500, 4 MMU-401, 5 ThunderX. */
    model: z.number(),
    flags: z.number(),
  }),
  z.object({
    type: z.literal('smmu-v3'),
    ...base,
    base: Hex64,
    flags: z.number(),
    vatos: Hex64,
    /** 0 generic, 1 HiSilicon Hi161x, 2 Cavium CN99xx. */
    model: z.number(),
    /** Zero: message-signalled. */
    interrupts: z.object({ event: z.number(), pri: z.number(), gerror: z.number(), sync: z.number() }),
    proximityDomain: z.number().optional(),
    /** Which mapping is the unit's own DeviceID; from node revision 1. */
    idMappingIndex: z.number().optional(),
  }),
  z.object({
    type: z.literal('pmcg'),
    ...base,
    page0: Hex64,
    overflowInterrupt: z.number(),
    node: z.number(),
    page1: Hex64.optional(),
  }),
  z.object({
    type: z.literal('rmr'),
    ...base,
    /** 0 remap permitted, 1 privileged, 9:2 attributes. */
    flags: z.number(),
    regions: z.array(z.object({ base: Hex64, length: Hex64 })),
  }),
  z.object({ type: z.literal('unknown'), ...base, code: z.number() }),
])

export const Iort = z.object({ revision: z.number(), nodes: z.array(IortNode) })

export type IdMapping = z.infer<typeof IdMapping>
export type IortNode = z.infer<typeof IortNode>
export type Iort = z.infer<typeof Iort>
