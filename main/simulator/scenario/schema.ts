/**
 * Scenario format, version 1: the one source of run-time validation and of the JSON Schema that the editor uses.
 * Programs are validated operation by operation from the table of operations (flows/operations), see read.ts.
 */
import { z } from 'zod'
import { BlockSpec, ROLES } from '../hardware/block'
import { Platform } from '../platform/schema'

export const FORMAT_VERSION = 1
export const THREADS = ['2013-pamu', '2016-msi', '2019-regions', '2019-domains', '2021-ims', 'other'] as const
export const KERNELS = ['4.9', '5.3', '6.1', '6.12'] as const
export const PASID_MAX = 0xfffff

const Name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and _')
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

const PasidNumber = z.number().int().describe('20 bits: 0 … 0xfffff')

export const DeviceSection = z.strictObject({
  kind: z
    .literal('idxd-vdev')
    .describe('a mediated idxd device: emulated MSI-X and MSIXPERM, interrupts backed by the IMS'),
  under: z.string().optional().describe('the physical function it is carved out of, such as 0000:6a:01.0'),
  check: z
    .enum(['dispatch', 'send', 'none'])
    .default('dispatch')
    .describe(
      'where the device looks at the PASID of the entry: when work is dispatched (DSA), when the message is sent (generic IMS), nowhere',
    ),
  vectors: z
    .number()
    .int()
    .min(1)
    .max(32)
    .default(1)
    .describe('MSI-X vectors backed by IMS entries; vector 0 is emulated and not counted'),
  default_pasid: Name.describe('the PASID that the host gives the device at first, by name'),
  validate_pasid: z
    .boolean()
    .default(true)
    .describe('PASID_EN of the work queue and of every entry; false only where the host is the sole submitter'),
  wq: z.enum(['dedicated', 'shared']).default('shared').describe('mode of its one work queue'),
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
  })
  .describe('a block of the board; its parameters stand beside `kind`')

export const AgentSection = z.strictObject({
  role: z.enum(ROLES).describe('whose operations it may use'),
  title: z.string().optional(),
  optional: z.boolean().default(false).describe('a run is complete although this program has not come to its end'),
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
  pasids: z.record(Name, z.strictObject({ host: PasidNumber, guest: PasidNumber.optional() })).default({}),
  devices: z.record(Name, DeviceSection).default({}),
  channels: z
    .strictObject({
      mmio: z
        .strictObject({
          capacity: z
            .number()
            .int()
            .min(1)
            .max(16)
            .default(4)
            .describe('posted writes of the host that may be under way at once'),
        })
        .optional(),
    })
    .default({}),
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
    .record(Name, z.number().int().min(1).max(64))
    .optional()
    .describe(
      'how many of what there are: devices (each in a machine of its own) and vectors (operations with `vector: each` follow) of a mediated device; in a litmus scenario whatever its replicas name',
    ),
  orderings: z
    .array(z.strictObject({ before: z.string(), after: z.string() }))
    .default([])
    .describe('extra happens-before edges between steps'),
  properties: z.array(PropertySection).default([]),
  litmus: LitmusSection.optional().describe(
    "a scenario of the user's own variables and steps, instead of devices and programs",
  ),
})
export type Scenario = z.infer<typeof Scenario>
export type PropertySection = z.infer<typeof PropertySection>
export type LitmusSection = z.infer<typeof LitmusSection>
export type CriticalEdge = z.infer<typeof CriticalEdge>
