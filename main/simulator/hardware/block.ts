/**
 * A block as data: registers with named fields, further state, named conditions, operations that agents may do to it,
 * and what it does on its own. Built-in hardware, the kernel's own objects and a user's device that exists nowhere yet
 * are all declared in this one shape; a scenario makes instances of them (docs/blocks.md).
 *
 * Texts are expressions of the scenario language over the block's own names, its ports (`iommu.TE`), parameters and
 * `me.errno` of the calling agent, after templates in braces have been filled in (template.ts).
 */
import { z } from 'zod'

const Name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and _')
/** A name with index templates: `window{w}.valid`. */
const Templated = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.{}+*-]*$/, 'a name, with indices in braces')
const Kind = z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and -')
const Text = z.union([z.string(), z.boolean(), z.number()])
/** A number as a manual prints it: 16, "0xfee00000". */
export const Code = z.union([z.number().int().min(0), z.string().regex(/^(0x[0-9a-fA-F]+|[0-9]+)$/, 'a number')])
export type Code = z.infer<typeof Code>

export const ParameterSpec = z.union([
  z.strictObject({
    default: z.number().int(),
    min: z.number().int().default(0),
    max: z.number().int().default(64),
    doc: z.string().default(''),
  }),
  z.strictObject({ default: z.boolean(), doc: z.string().default('') }),
  z.strictObject({
    default: Name,
    values: z.array(Name).min(1),
    /** What it is on the scenario's platform, by architecture, where the scenario does not say it. */
    by_arch: z.partialRecord(z.enum(['x86', 'arm64', 'powerpc']), Name).optional(),
    doc: z.string().default(''),
  }),
  /** Names with the numbers that stand for them in registers: PASIDs, requester IDs, addresses. */
  z.strictObject({
    names: z.record(Name, Code),
    /** Halves of messages: where the device is placed under a function, `irq0` is what its first message holds there. */
    message: z.enum(['address', 'data']).optional(),
    doc: z.string().default(''),
  }),
])
export type ParameterSpec = z.infer<typeof ParameterSpec>

/** 0 … n−1, or first … last, where the bounds are numbers or integer parameters; or the names of a parameter. */
export const IndexSpec = z.union([
  z.number().int().min(1),
  Name,
  z.tuple([z.union([z.number().int(), Name]), z.union([z.number().int(), Name])]),
])

/** Domain of a variable: two bits of state, a range of integers, or names. `names` refers to a parameter. */
export const StateSpec = z.union([
  z.boolean(),
  z.strictObject({
    per: z.array(Name).default([]),
    initial: Text.optional(),
    range: z.tuple([z.union([z.number().int(), Name]), z.union([z.number().int(), Name])]).optional(),
    values: z.array(Name).min(1).optional(),
    names: Name.optional(),
    /** Names besides those of the parameter. */
    and: z.array(Name).default([]),
    doc: z.string().default(''),
    /** What it is called where changes are listed; its own name otherwise. */
    label: z.string().optional(),
    settled: z
      .string()
      .optional()
      .describe('its value counts only while this is true: a program that reads it waits for that, as CPUs do'),
  }),
])
export type StateSpec = z.infer<typeof StateSpec>

export const BlockField = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_ /.-]+$/)
    .describe('the field, verbatim as the manual names it'),
  bits: z
    .union([z.number().int().min(0), z.string().regex(/^\d+(:\d+)?$/, 'a bit, or msb:lsb as the manual writes it')])
    .describe('a bit (3), or msb:lsb ("31:12")'),
  access: z
    .enum(['RW', 'RO', 'W1C', 'RSVD'])
    .default('RW')
    .describe('RW, RO (software cannot write it), W1C (cleared by writing a one), RSVD'),
  meaning: z.string().default('').describe('one line for a person'),
  reset: Text.optional().describe('what stands there at first: a number, a name, true or false'),
  fixed: z
    .union([Code, Templated])
    .optional()
    .describe('never changes in the model: no variable is made; a number, or one of `names` or `values`'),
  values: z
    .record(Name, Code)
    .optional()
    .describe('names of the values with their codes: { none: 0, message: "0xfee00038" }'),
  names: Name.optional().describe('the values are those of a parameter with names'),
  as: Name.optional().describe("the variable's name in expressions, where the field's own is none (Mask Bit → Mask)"),
})
export type BlockField = z.infer<typeof BlockField>

export const BlockRegister = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .describe('the register; with indices, ISR becomes ISR0, ISR1 …'),
  title: z.string().optional().describe('what its row is called'),
  per: z.array(Name).default([]).describe('indices: one register for each value'),
  table: z.string().optional().describe("which table of the programming panel; the block's title otherwise"),
  offset: Code.default(0).describe('bytes from the start of the row'),
  stride: z
    .union([Code, z.array(Code).min(1)])
    .optional()
    .describe('bytes from one row to the next, for each index where there are several'),
  width: z.number().int().min(1).max(512).default(32).describe('bits: up to 512, shown in words of 32'),
  fields: z.array(BlockField).min(1).describe('its fields; bits without a field read 0'),
  cite: z.string().optional().describe('where these facts come from'),
})
export type BlockRegister = z.infer<typeof BlockRegister>

/** One way in which a step can go. The first whose `if` is true is taken; one without `if` is the last. */
export const CaseSpec = z.strictObject({
  if: Text.optional().describe('taken where this is true and no earlier case is; without it: otherwise'),
  name: z.string().optional().describe("put behind the step's name; the errno, the fault or the position otherwise"),
  label: z.string().optional().describe('one line for a person'),
  per: z.array(Name).optional().describe('one such case for every combination of these indices'),
  set: z
    .record(Templated, Text)
    .optional()
    .describe('variable: expression; all right-hand sides read the state before the step'),
  now: z.record(Templated, Text).optional().describe('where the effect is posted: what changes at once nevertheless'),
  errno: z
    .string()
    .regex(/^E[A-Z0-9]+$/)
    .optional()
    .describe('the operation ends here and returns this'),
  fault: z.string().optional().describe("one of the block's faults: kept in BLOCK.fault"),
  return: z.boolean().optional().describe('the operation ends here without an error'),
})
export type CaseSpec = z.infer<typeof CaseSpec>

export const BlockStep = z.union([
  z.strictObject({
    step: Name.optional().describe('its name; its position otherwise'),
    label: z.string().optional().describe('one line for a person'),
    when: Text.optional().describe('waits until this is true'),
    set: z
      .record(Templated, Text)
      .optional()
      .describe('variable: expression; all right-hand sides read the state before the step'),
    now: z.record(Templated, Text).optional().describe('where the effect is posted: what changes at once nevertheless'),
    cases: z.array(CaseSpec).min(1).optional().describe('ways the step can go: the first whose "if" is true'),
    any: z.boolean().optional().describe('every case whose "if" is true is possible, not only the first'),
    posted: z
      .string()
      .optional()
      .describe('the effect travels through this channel of the block and takes place on arrival'),
    trap: z.boolean().optional().describe('the access traps: the agent itself runs the rest as the VMM'),
    latency: z
      .tuple([z.number().int().min(0), z.number().int().min(0)])
      .optional()
      .describe('[least, greatest] nanoseconds, for runs in time'),
    cite: z.string().optional().describe('where this fact comes from'),
    fault: z.string().optional().describe("one of the block's faults: kept in BLOCK.fault"),
    errno: z
      .string()
      .regex(/^E[A-Z0-9]+$/)
      .optional()
      .describe('the operation ends here and returns this'),
  }),
  z.strictObject({
    call: z.string().describe('another operation written out in this place: enable, or iommu.map of a port'),
    with: z.record(Name, Text).default({}).describe('operands of the operation that is called'),
    if: Text.optional().describe('only where this is true; skipped otherwise'),
    each: Name.optional().describe('once for every value of this index, one after the other'),
    swallow: z.boolean().optional().describe('its errno does not end this operation'),
    discard: z.boolean().optional().describe('its errno is lost: me.errno stays as it is'),
  }),
])
export type BlockStep = z.infer<typeof BlockStep>

export const OperandSpec = z.union([
  z.strictObject({ index: Name, default: z.number().int().optional(), doc: z.string().default('') }),
  z.strictObject({
    integer: z.tuple([z.number().int(), z.number().int()]),
    default: z.number().int().optional(),
    doc: z.string().default(''),
  }),
  z.strictObject({
    values: z.array(Name).min(1),
    default: Name.optional(),
    /** Not among what a step is called by. */
    unnamed: z.boolean().optional(),
    doc: z.string().default(''),
  }),
  /** One of the names of a parameter. */
  z.strictObject({ names: Name, default: Name.optional(), doc: z.string().default('') }),
  z.strictObject({ flag: z.literal(true), default: z.boolean().optional(), doc: z.string().default('') }),
  /** An expression of the scenario, of this type, read when the step runs. */
  z.strictObject({
    expression: z.enum(['bool', 'int', 'name']),
    default: Text.optional(),
    doc: z.string().default(''),
  }),
])
export type OperandSpec = z.infer<typeof OperandSpec>

export const ROLES = ['guest', 'vmm', 'host', 'irqchip', 'device', 'fabric', 'interrupt', 'other'] as const

export const OperationSpec = z.strictObject({
  doc: z.string().describe('one line for a person'),
  cite: z.string().optional().describe('where these facts come from'),
  by: z.array(z.enum(ROLES)).optional().describe('roles of agents that may do it; all, when it is not said'),
  operands: z.record(Name, OperandSpec).default({}).describe('what a program gives it: { queue: { index: q } }'),
  steps: z.array(BlockStep).min(1).describe('atomic steps, one after another'),
})
export type OperationSpec = z.infer<typeof OperationSpec>

export const BehaviourSpec = z.strictObject({
  agent: Name.describe('its name: steps are called BLOCK.AGENT.STEP'),
  title: z.string().optional().describe('what its lane is called'),
  role: z.enum(ROLES).default('device').describe('whose lane it is'),
  per: z.array(Name).default([]).describe('indices: one agent for each value'),
  loop: z.boolean().default(true).describe('starts again after its last step; otherwise it runs once'),
  steps: z.array(BlockStep).min(1).describe('atomic steps, one after another'),
})
export type BehaviourSpec = z.infer<typeof BehaviourSpec>

export const BlockSpec = z.strictObject({
  block: Kind.describe('the kind, by which a scenario makes instances'),
  title: z.string().describe('a name for people'),
  cite: z.string().describe('where these facts come from'),
  scope: z.string().optional().describe('what is left out, for a person'),
  parameters: z
    .record(Name, ParameterSpec)
    .default({})
    .describe('what a scenario may set beside "kind": numbers, switches, choices, names with their codes'),
  indices: z
    .record(Name, IndexSpec)
    .default({})
    .describe('q: queues is 0 … queues−1; v: [1, vectors]; of a parameter with names, each name'),
  ports: z
    .record(Name, z.union([Kind, z.array(Kind).min(1)]))
    .default({})
    .describe('other blocks that it speaks to, by kind; several kinds may fit'),
  registers: z.array(BlockRegister).default([]).describe('registers and tables, with their fields bit by bit'),
  state: z
    .record(Name, StateSpec)
    .default({})
    .describe(
      'what it remembers besides registers: false, { range: [0, 3] }, { values: [idle, busy] }, { names: PARAMETER }',
    ),
  define: z
    .record(
      Name,
      z.union([z.string(), z.strictObject({ per: z.array(Name), is: z.string(), doc: z.string().default('') })]),
    )
    .default({})
    .describe('a named condition or value: ready: "EN && !busy"'),
  faults: z.record(z.string(), z.string()).default({}).describe('what can go wrong, by code'),
  channels: z
    .record(
      Name,
      z.strictObject({
        capacity: z.number().int().min(1).max(16).default(4),
        /** `relaxed`: a later write may arrive before an earlier one (85 §1). */
        order: z.enum(['posted', 'relaxed']).default('posted'),
      }),
    )
    .default({})
    .describe('what carries posted writes to it'),
  operations: z
    .record(Name, OperationSpec)
    .default({})
    .describe('what agents may do to it: BLOCK.OPERATION in a program'),
  behaviour: z.array(BehaviourSpec).default([]).describe('what it does on its own, over and over'),
})
export type BlockSpec = z.output<typeof BlockSpec>

const KEYS = Object.keys(BlockSpec.shape) as (keyof BlockSpec)[]

/**
 * A built-in block, checked (a mistake in it is one of ours) and its defaults filled in when somebody first looks at more
 * than its name: a board has a few of all the blocks, and a cold start has no time for the others.
 */
export function block(spec: z.input<typeof BlockSpec>): BlockSpec {
  let checked: BlockSpec | undefined
  const lazy = { block: spec.block }
  for (const key of KEYS)
    if (key !== 'block')
      Object.defineProperty(lazy, key, { enumerable: true, get: () => (checked ??= BlockSpec.parse(spec))[key] })
  return lazy as BlockSpec
}

/** The word that stands for a field in expressions. */
export const variableOf = (f: Pick<BlockField, 'as' | 'name'>): string =>
  f.as ?? f.name.replaceAll(/[^A-Za-z0-9_]/g, '_')

/** Bits of a field: `[msb, lsb]`. */
export function bitsOf(f: Pick<BlockField, 'bits'>): readonly [number, number] {
  const [msb = 0, lsb] = String(f.bits).split(':').map(Number)
  return [msb, lsb ?? msb]
}
