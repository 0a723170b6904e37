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
  z.strictObject({ default: Name, values: z.array(Name).min(1), doc: z.string().default('') }),
  /** Names with the numbers that stand for them in registers: PASIDs, requester IDs, addresses. */
  z.strictObject({ names: z.record(Name, Code), doc: z.string().default('') }),
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
  }),
])
export type StateSpec = z.infer<typeof StateSpec>

export const BlockField = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_ /.-]+$/),
  bits: z.union([
    z.number().int().min(0),
    z.string().regex(/^\d+(:\d+)?$/, 'a bit, or msb:lsb as the manual writes it'),
  ]),
  access: z.enum(['RW', 'RO', 'W1C', 'RSVD']).default('RW'),
  meaning: z.string().default(''),
  /** What stands there at first: a number, a name, true or false. */
  reset: Text.optional(),
  /** Never changes in the model: no variable is made. */
  fixed: Code.optional(),
  /** Names of the values with their codes. */
  values: z.record(Name, Code).optional(),
  /** The values are those of a parameter with names. */
  names: Name.optional(),
  /** The variable's name where the field's own is none (`Mask Bit` → `Mask`). */
  as: Name.optional(),
})
export type BlockField = z.infer<typeof BlockField>

export const BlockRegister = z.strictObject({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  title: z.string().optional(),
  per: z.array(Name).default([]),
  /** Which table of the programming panel; the block's title otherwise. */
  table: z.string().optional(),
  /** Bytes from the start of the row. */
  offset: Code.default(0),
  /** Bytes from one row to the next, for each index where there are several: an entry of any size. */
  stride: z.union([Code, z.array(Code).min(1)]).optional(),
  /** Bits: up to 512, shown in words of 32. */
  width: z.number().int().min(1).max(512).default(32),
  fields: z.array(BlockField).min(1),
  cite: z.string().optional(),
})
export type BlockRegister = z.infer<typeof BlockRegister>

/** One way in which a step can go. The first whose `if` is true is taken; one without `if` is the last. */
export const CaseSpec = z.strictObject({
  if: Text.optional(),
  /** Put behind the step's name; the errno, the fault or the position otherwise. */
  name: z.string().optional(),
  label: z.string().optional(),
  /** Written once for every combination of these indices. */
  per: z.array(Name).optional(),
  set: z.record(Templated, Text).optional(),
  /** Where the effect of the step is posted: what changes at once nevertheless. */
  now: z.record(Templated, Text).optional(),
  /** The operation ends here and returns this. */
  errno: z
    .string()
    .regex(/^E[A-Z0-9]+$/)
    .optional(),
  /** One of the block's faults: kept in `fault`. */
  fault: z.string().optional(),
  /** The operation ends here without an error. */
  return: z.boolean().optional(),
})
export type CaseSpec = z.infer<typeof CaseSpec>

export const BlockStep = z.union([
  z.strictObject({
    step: Name.optional(),
    label: z.string().optional(),
    /** Waits until this is true. */
    when: Text.optional(),
    set: z.record(Templated, Text).optional(),
    /** Where the effect is posted: what changes at once nevertheless. */
    now: z.record(Templated, Text).optional(),
    cases: z.array(CaseSpec).min(1).optional(),
    /** Every case whose `if` is true is possible, not only the first. */
    any: z.boolean().optional(),
    /** The effect travels through this channel of the block and takes place on arrival. */
    posted: z.string().optional(),
    /** The access traps: the agent itself runs the rest as the VMM. */
    trap: z.boolean().optional(),
    latency: z.tuple([z.number().int().min(0), z.number().int().min(0)]).optional(),
    cite: z.string().optional(),
    fault: z.string().optional(),
    errno: z
      .string()
      .regex(/^E[A-Z0-9]+$/)
      .optional(),
  }),
  z.strictObject({
    /** Do another operation, of this block (`enable`) or of a port (`iommu.map`). */
    call: z.string(),
    with: z.record(Name, Text).default({}),
    /** Only where this is true; skipped otherwise. */
    if: Text.optional(),
    /** Its errno does not end this operation (it is kept in `me.errno` all the same, unless `discard`). */
    swallow: z.boolean().optional(),
    /** Its errno is lost: `me.errno` stays as it is. Implies `swallow`. */
    discard: z.boolean().optional(),
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
  z.strictObject({ values: z.array(Name).min(1), default: Name.optional(), doc: z.string().default('') }),
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
  doc: z.string(),
  cite: z.string().optional(),
  /** Roles of agents that may do it; all, when it is not said. */
  by: z.array(z.enum(ROLES)).optional(),
  operands: z.record(Name, OperandSpec).default({}),
  steps: z.array(BlockStep).min(1),
})
export type OperationSpec = z.infer<typeof OperationSpec>

export const BehaviourSpec = z.strictObject({
  agent: Name,
  title: z.string().optional(),
  role: z.enum(ROLES).default('device'),
  per: z.array(Name).default([]),
  /** Starts again after its last step; otherwise it runs once. */
  loop: z.boolean().default(true),
  steps: z.array(BlockStep).min(1),
})
export type BehaviourSpec = z.infer<typeof BehaviourSpec>

export const BlockSpec = z.strictObject({
  block: Kind,
  title: z.string(),
  /** Where these facts come from. */
  cite: z.string(),
  /** What is left out, for a person. */
  scope: z.string().optional(),
  parameters: z.record(Name, ParameterSpec).default({}),
  indices: z.record(Name, IndexSpec).default({}),
  /** Other blocks that it speaks to, by kind; several kinds may fit. */
  ports: z.record(Name, z.union([Kind, z.array(Kind).min(1)])).default({}),
  registers: z.array(BlockRegister).default([]),
  state: z.record(Name, StateSpec).default({}),
  define: z
    .record(
      Name,
      z.union([z.string(), z.strictObject({ per: z.array(Name), is: z.string(), doc: z.string().default('') })]),
    )
    .default({}),
  faults: z.record(z.string(), z.string()).default({}),
  channels: z
    .record(
      Name,
      z.strictObject({
        capacity: z.number().int().min(1).max(16).default(4),
        /** `relaxed`: a later write may arrive before an earlier one (85 §1). */
        order: z.enum(['posted', 'relaxed']).default('posted'),
      }),
    )
    .default({}),
  operations: z.record(Name, OperationSpec).default({}),
  behaviour: z.array(BehaviourSpec).default([]),
})
export type BlockSpec = z.output<typeof BlockSpec>

/** A built-in block, checked when the program starts: a mistake in it is one of ours. */
export const block = (spec: z.input<typeof BlockSpec>): BlockSpec => BlockSpec.parse(spec)

/** The word that stands for a field in expressions. */
export const variableOf = (f: Pick<BlockField, 'as' | 'name'>): string =>
  f.as ?? f.name.replaceAll(/[^A-Za-z0-9_]/g, '_')

/** Bits of a field: `[msb, lsb]`. */
export function bitsOf(f: Pick<BlockField, 'bits'>): readonly [number, number] {
  const [msb = 0, lsb] = String(f.bits).split(':').map(Number)
  return [msb, lsb ?? msb]
}
