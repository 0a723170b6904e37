/** A scenario as the window sees it: its problems, its agents and steps, its registers, its edges. */
import { z } from 'zod'
import { Platform } from '../../main/simulator/platform/schema'
import { WireError } from './errors'

export const PropertyKind = z.enum(['never', 'always', 'sometimes', 'order', 'end', 'deadlock', 'complete', 'range'])
export const Verdict = z.enum(['holds', 'violated', 'witnessed', 'unwitnessed', 'undecided'])

export const ScenarioSummary = z.object({
  id: z.string(),
  title: z.string(),
  thread: z.string(),
  covers: z.array(z.string()),
  summary: z.string(),
  /** Where the flow and its verdict come from. */
  source: z.string().default(''),
  /** The scenario to read beside this one (broken beside repaired). */
  sibling: z.string().optional(),
  properties: z.array(z.object({ name: z.string(), kind: PropertyKind, expected: Verdict.optional() })),
})
export type ScenarioSummary = z.infer<typeof ScenarioSummary>

export const Problem = WireError.extend({ severity: z.enum(['error', 'warning', 'info']) })
export type Problem = z.infer<typeof Problem>

/** Which colour of lane: who runs these steps. */
export const AgentRole = z.enum(['guest', 'vmm', 'host', 'irqchip', 'device', 'fabric', 'interrupt', 'other'])

export const AgentView = z.object({
  id: z.string(),
  title: z.string(),
  role: AgentRole,
})
export type AgentView = z.infer<typeof AgentView>

export const StepView = z.object({
  /** Unique in the scenario: `guest.request_irq(1)`. */
  id: z.string(),
  agent: z.string(),
  /** Operation as written in the scenario, or the hardware's own action. */
  op: z.string(),
  /** One line for a person. */
  label: z.string(),
  /** Position of the operation in the scenario's text, 1-based; absent for the hardware's own steps. */
  line: z.number().optional(),
  column: z.number().optional(),
  /** Source of the fact, such as "70 §11 B7a". */
  cite: z.string(),
  /** The agent stands still after this step; the `trap` edge into its next step names the one that lets it go on. */
  trap: z.boolean().default(false),
  /** The effect reaches its target only when a channel delivers it. */
  posted: z.string().optional(),
})
export type StepView = z.infer<typeof StepView>

export const Enforcer = z.enum(['program-order', 'trap', 'device', 'pcie', 'software', 'nobody'])
export type Enforcer = z.infer<typeof Enforcer>

/** A happens-before edge that matters, and who enforces it. "nobody" is the headline. */
export const EdgeView = z.object({
  before: z.string(),
  after: z.string(),
  enforcedBy: Enforcer,
  why: z.string(),
  cite: z.string(),
})
export type EdgeView = z.infer<typeof EdgeView>

/** One model variable. A state is one int32 per variable, in this order. */
export const VariableView = z.object({
  name: z.string(),
  /** For enumerations and booleans: the word for each value; for ranges: null. */
  labels: z.array(z.string()).nullable(),
  lo: z.number(),
  hi: z.number(),
  /** How a change of it is reported: register (or object) and field. */
  register: z.string(),
  field: z.string(),
  /** Bookkeeping of the model (locations, waiting flags): not part of the machine's own state. */
  control: z.boolean().default(false),
})
export type VariableView = z.infer<typeof VariableView>

export const FieldView = z.object({
  name: z.string(),
  msb: z.number(),
  lsb: z.number(),
  access: z.enum(['RW', 'RO', 'W1C', 'RSVD']),
  meaning: z.string(),
  /** Why no write by hand changes it; absent: one can. */
  guard: z.string().optional(),
  /** Either a model variable with the field's value for each of its values (value − lo indexes `encode`; empty: the value itself), or a constant. */
  source: z.union([
    z.object({ variable: z.number(), encode: z.array(z.number()) }),
    z.object({ constant: z.number() }),
  ]),
})
export type FieldView = z.infer<typeof FieldView>

export const RegisterView = z.object({
  name: z.string(),
  /** Bytes from the start of the row. */
  offset: z.number(),
  /** Bits, at most 32: wider registers are shown as two. */
  width: z.number(),
  fields: z.array(FieldView),
})
export type RegisterView = z.infer<typeof RegisterView>

/** One table of the programming panel: IMS, MSIXPERM, PASID table … */
export const RegisterTableView = z.object({
  id: z.string(),
  block: z.string(),
  title: z.string(),
  /** Who owns it: "device vdev0 (host view)". */
  where: z.string(),
  cite: z.string(),
  rows: z.array(z.object({ id: z.string(), label: z.string(), registers: z.array(RegisterView) })),
})
export type RegisterTableView = z.infer<typeof RegisterTableView>

export const VirtualDeviceView = z.object({
  id: z.string(),
  /** Kind of the block that it is. */
  kind: z.string(),
  /** That block: the tables of its registers bear this name. */
  block: z.string(),
  /** The function it is carved out of, when it is placed. */
  under: z.string().nullable(),
  /** Where it compares PASIDs; null where its block does not say. */
  check: z.enum(['dispatch', 'send', 'none']).nullable(),
  /** How its interrupt travels on this platform, hop by hop. */
  route: z.array(z.string()),
})

export const ScenarioView = z.object({
  title: z.string(),
  summary: z.string(),
  thread: z.string(),
  covers: z.array(z.string()),
  source: z.string().default(''),
  sibling: z.string().optional(),
  platform: Platform.nullable(),
  devices: z.array(VirtualDeviceView),
  agents: z.array(AgentView),
  steps: z.array(StepView),
  edges: z.array(EdgeView),
  variables: z.array(VariableView),
  registers: z.array(RegisterTableView),
  /** Numbers that the scenario declares for scaling, as written. */
  scale: z.record(z.string(), z.number()),
  properties: z.array(
    z.object({
      name: z.string(),
      kind: PropertyKind,
      text: z.string(),
      title: z.string(),
      expected: Verdict.optional(),
      line: z.number().optional(),
    }),
  ),
  /** The initial state, one int32 per variable. */
  initial: z.instanceof(Int32Array),
  /** Packed size of one state. */
  bitsPerState: z.number(),
  digest: z.string(),
})
export type ScenarioView = z.infer<typeof ScenarioView>

export const CheckResult = z.object({
  problems: z.array(Problem),
  /** Absent when the text has errors. */
  view: ScenarioView.optional(),
})
export type CheckResult = z.infer<typeof CheckResult>
