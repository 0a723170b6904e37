/**
 * Scenario format, version 1: the one source of run-time validation and of the JSON Schema that the editor uses.
 * Programs are validated operation by operation against the declarations of the blocks (block-programs.ts).
 */
import { z } from 'zod'
import { BlockSpec, IndexSpec, ROLES } from '../hardware/block'
import { Platform } from '../platform/schema'

export const FORMAT_VERSION = 1
export const THREADS = ['2013-pamu', '2016-msi', '2019-regions', '2019-domains', '2021-ims', 'other'] as const
export const KERNELS = ['4.9', '5.3', '6.1', '6.12'] as const

const Name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and _')
/** Each number of a scenario's scale. */
export const MAX_SCALE = 32
/** Blocks of a scenario's own; each is a device with everything that it does. */
const MAX_KINDS = 32
export const BlockReference = z.union([
  z.strictObject({
    file: z
      .string()
      .min(1)
      .max(1024)
      .describe('a block file (NAME.block.yaml), relative to this file; in the window, a document of the workspace'),
  }),
  z.strictObject({ builtin: z.string().min(1).max(200).describe('a block file that comes with Doorbell') }),
])
export const PlatformReference = z.union([
  z.strictObject({ builtin: z.string().describe('a platform that comes with Doorbell') }),
  z.strictObject({ imported: z.string().describe('a platform imported in this workspace') }),
  z.strictObject({ file: z.string().describe('a platform file or capture, relative to this file') }),
  Platform.describe('the platform itself'),
])

export const DeviceSection = z.strictObject({
  block: Name.describe('the block of the board that holds the device’s interrupt messages'),
  under: z.string().optional().describe('the physical function that it is or is carved out of, such as 0000:6a:01.0'),
})

export const PropertySection = z.strictObject({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'letters, digits, _ and -'),
  title: z.string().optional().describe('one line for a person'),
  never: z.union([z.string(), z.boolean()]).optional().describe('violated where this becomes true'),
  always: z.union([z.string(), z.boolean()]).optional().describe('violated where this becomes false'),
  sometimes: z.union([z.string(), z.boolean()]).optional().describe('witnessed where this becomes true'),
  end: z.union([z.string(), z.boolean()]).optional().describe('must be true wherever a run ends'),
  order: z
    .strictObject({ before: z.string(), after: z.string() })
    .optional()
    .describe('in no run may `after` happen before `before`'),
  expected: z.enum(['holds', 'violated', 'witnessed', 'unwitnessed']).optional(),
})

const Expression = z.union([z.string(), z.boolean(), z.number()])
export const LitmusVariable = z.union([
  z.boolean(),
  z.strictObject({ range: z.tuple([z.number().int(), z.number().int()]), initial: z.number().int() }),
  z.strictObject({ enum: z.array(Name).min(1), initial: Name }),
])
/** A name, or one for each value of some indices: `slot.d.v`. */
const IndexedName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/,
    'letters, digits and _, with indices such as slot.d.v where they are declared',
  )
export const LitmusStep = z.strictObject({
  step: Name,
  when: Expression.optional(),
  set: z.record(z.string(), Expression).optional(),
  optional: z.boolean().optional(),
  kind: z.enum(['guest', 'host', 'vmm', 'device', 'hardware']).optional(),
  posted: IndexedName.optional(),
  trap: IndexedName.optional(),
  resume: IndexedName.optional(),
  latency: z.tuple([z.number().int().min(0), z.number().int().min(0)]).optional(),
  source: z.string().optional(),
})
export const LitmusSection = z.strictObject({
  replicas: z
    .record(Name, Name)
    .default({})
    .describe('indices of names, and the word of `scale` that says how many values each takes: { d: devices }'),
  variables: z.record(IndexedName, LitmusVariable).default({}),
  agents: z.record(IndexedName, z.array(LitmusStep)),
  orderings: z.array(z.strictObject({ before: z.string(), after: z.string() })).default([]),
  properties: z.array(PropertySection).default([]),
})

/** An instance of a block: its kind, what its ports are tied to where that is not plain, and its parameters. */
export const BlockSection = z
  .looseObject({
    kind: z.string().describe('the kind of block: a built-in one, or one of `kinds`'),
    ports: z.record(Name, Name).optional().describe('port → name of the block it is tied to'),
    once: z.boolean().optional().describe('one of it beside all `copies` of the board'),
  })
  .describe('a block of the board; its parameters stand beside `kind`')

export const AgentSection = z.strictObject({
  role: z.enum(ROLES).optional().describe('whose operations it may use, where its name does not say it'),
  title: z.string().optional(),
  optional: z.boolean().default(false).describe('a run is complete although this program has not come to its end'),
  once: z.boolean().default(false).describe('one of it beside all `copies` of the board'),
})

export const CriticalEdge = z.strictObject({
  before: z.string().describe('a step'),
  after: z.string().describe('a step that has to come after it'),
  enforced_by: z
    .enum(['program-order', 'trap', 'device', 'pcie', 'software', 'nobody'])
    .describe('who sees to it; "nobody" where some run has them the other way round'),
  why: z.string(),
  cite: z.string().default(''),
})

export const Scenario = z.strictObject({
  doorbell: z.literal(FORMAT_VERSION).describe('version of the scenario format'),
  title: z.string().min(1),
  summary: z.string().default('').describe('two sentences for a person'),
  thread: z.enum(THREADS).default('other').describe('the discussion it comes from'),
  covers: z.array(z.string().regex(/^S[0-4]\.[0-9]+$/, 'an item such as S4.10')).default([]),
  source: z.string().default('').describe('where the flow and its verdict come from'),
  sibling: z.string().optional().describe('the scenario to read beside this one'),
  platform: PlatformReference.optional(),
  kernel: z.enum(KERNELS).default('6.12').describe('kernel policy'),
  devices: z
    .record(Name, DeviceSection)
    .default({})
    .describe('blocks that stand for a device of the platform: where each sits, and so how its messages travel'),
  kinds: z
    .array(z.union([BlockSpec, BlockReference]))
    .max(MAX_KINDS)
    .default([])
    .describe('blocks of your own, in the shape of the built-in ones: written here, or in files named here'),
  blocks: z.record(Name, BlockSection).default({}).describe('the blocks of the board, by name'),
  agents: z.record(Name, AgentSection).default({}).describe('who runs the programs, where the name does not say it'),
  edges: z
    .array(CriticalEdge)
    .default([])
    .describe('happens-before edges that decide this scenario, and who enforces each'),
  programs: z.record(z.string(), z.array(z.unknown())).default({}),
  scale: z
    .record(Name, z.number().int().min(1).max(MAX_SCALE))
    .default({})
    .describe('numbers that "--scale vectors=2" may change: {vectors} in parameters, programs and properties'),
  indices: z
    .record(Name, IndexSpec)
    .default({})
    .describe('v: [1, vectors] counts over a number of `scale`: for repeat: { each: v }, any{v: …} and all{v: …}'),
  copies: Name.optional().describe(
    'how many there are of this board, by a number of `scale`: vm1.…, vm2.…; blocks and agents with `once` are shared',
  ),
  orderings: z
    .array(z.strictObject({ before: z.string(), after: z.string() }))
    .default([])
    .describe('extra happens-before edges between steps'),
  properties: z.array(PropertySection).default([]),
  litmus: LitmusSection.optional().describe(
    "a scenario of the user's own variables and steps, instead of blocks and programs",
  ),
})
export type Scenario = z.infer<typeof Scenario>
export type PropertySection = z.infer<typeof PropertySection>
export type LitmusSection = z.infer<typeof LitmusSection>
export type CriticalEdge = z.infer<typeof CriticalEdge>
