/**
 * What each command prints with `--json`. docs/cli/<command>.schema.json is generated from these shapes.
 * They are a contract: fields may be added, none renamed or taken away.
 */
import { z } from 'zod'
import { CaseResult } from './sweep/results'
import {
  AttachReport,
  Because,
  Change,
  Coverage,
  Critical,
  ERROR_CODES,
  ExplainedFault,
  ExplainedPath,
  PlanChange,
  PlanReport,
  Platform,
  PropertyKind,
  RepairResult,
  Smallest,
  Verdict,
  WindowResult,
} from '../../preload/contract'

const Event = z.object({
  step: z.string().describe('id of the step, unique in the scenario'),
  agent: z.string(),
  op: z.string().describe('operation as written in the scenario, or the hardware’s own action'),
  label: z.string(),
  line: z.number().optional(),
  cite: z.string().optional().describe('source of the fact'),
  time: z.number().optional().describe('nanoseconds from the start, in timed runs only'),
  changes: z.array(Change),
})

const Run = z.object({
  length: z.number().describe('model steps'),
  token: z.string().max(200).describe('replays exactly this run: doorbell run SCENARIO --replay TOKEN'),
  events: z.array(Event),
})

const Sources = z
  .record(z.string(), z.string())
  .describe(
    'each section that a `cite` names, and what it stands on: kernel files, specifications, mails, booted kernels',
  )

const Warning = z.object({ code: z.string(), message: z.string() })

const Doubt = Warning.extend({
  file: z.string().optional(),
  line: z.number().optional().describe('1-based'),
  column: z.number().optional().describe('1-based'),
  endLine: z.number().optional(),
  endColumn: z.number().optional(),
  hint: z.string().optional(),
})

export const outputs = {
  import: z.object({
    kind: z.string(),
    /** Name under which the platform is kept in the workspace; null when it could not be kept (see warnings). */
    imported: z.string().nullable(),
    name: z.string(),
    arch: Platform.shape.arch,
    kernel: Platform.shape.kernel,
    devices: Platform.shape.functions,
    roots: Platform.shape.roots,
    iommus: Platform.shape.iommus,
    msiControllers: Platform.shape.msiControllers,
    regions: Platform.shape.regions,
    assumptions: z.array(z.string()).describe('what was taken for granted because no input said it'),
    observedGroups: z.number().describe('IOMMU groups that the input says a kernel made; never used for planning'),
    warnings: z.array(Warning.extend({ file: z.string().optional(), offset: z.number().optional() })),
  }),
  scenarios: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      thread: z.string(),
      covers: z.array(z.string()),
      summary: z.string(),
      source: z.string().describe('where the flow and its verdict come from'),
      sibling: z.string().optional(),
      properties: z.array(z.object({ name: z.string(), kind: PropertyKind, expected: Verdict.optional() })),
    }),
  ),
  'import-rdl': z.object({
    block: z.string().describe('kind of the block'),
    registers: z.number(),
    fields: z.number(),
    written: z.string().nullable().describe('the block file, when one was written'),
    text: z.string().describe('the block file’s contents'),
  }),
  explore: z.object({
    scenario: z.string(),
    complete: z.boolean(),
    stopped: z.string().optional().describe('why it is not complete: max-states, max-memory, cancelled'),
    searches: z.number().describe('searches that it took: with reduction each question may be one of its own'),
    states: z.number().describe('states stored by all of these, the initial one included'),
    transitions: z.number(),
    depth: z.number(),
    endStates: z.number(),
    elapsedMs: z.number(),
    reduction: z.string(),
    bytesPerState: z.number(),
    checkpoint: z.string().optional().describe('where it was put aside, with --checkpoint and not complete'),
    properties: z.array(
      z.object({
        name: z.string(),
        kind: PropertyKind,
        title: z.string(),
        verdict: Verdict,
        expected: Verdict.optional(),
        counterexample: Run.optional(),
        critical: Critical.optional().describe(
          'with --critical: the order that decided the counterexample, where one did',
        ),
        smallest: Smallest.optional().describe('with --minimise: the smallest instance that still fails'),
        witness: Run.optional(),
      }),
    ),
    sources: Sources,
    warnings: z
      .array(Doubt)
      .optional()
      .describe('what the text says of itself that is not so (edges), or that its placement takes for granted'),
    coverage: Coverage.optional().describe('with --coverage: how often each step was taken, and in which graph'),
  }),
  repair: RepairResult,
  'check-all': z.object({
    ok: z.boolean(),
    scenarios: z.array(
      z.object({
        id: z.string(),
        ok: z.boolean().describe('explored completely, every verdict as stated, every edge enforced as it says'),
        properties: z.array(z.object({ name: z.string(), expected: Verdict.optional(), verdict: Verdict })),
        edges: z.array(Doubt).optional().describe('what it says of its edges that is not so; absent where all is so'),
        states: z.number(),
        elapsedMs: z.number(),
      }),
    ),
  }),
  run: z.object({
    scenario: z.string(),
    token: z.string().max(200),
    steps: z.number(),
    events: z.array(Event),
    properties: z.array(z.object({ name: z.string(), kind: PropertyKind, verdict: Verdict })),
    sources: Sources,
  }),
  window: WindowResult,
  export: z.object({
    scenario: z.string(),
    language: z.enum(['promela', 'tla']),
    text: z.string(),
    config: z
      .object({ name: z.string(), text: z.string() })
      .optional()
      .describe('with tla: what TLC is told to check, and its file’s name'),
  }),
  sweep: z.object({
    cases: z.number().describe('of the whole sweep'),
    shard: z.number().describe('of this shard'),
    ran: z.number(),
    skipped: z.number().describe('their lines were there before'),
    left: z.number().describe('not run: interrupted'),
    exit: z.number().describe('the worst of the shard’s exit codes: 2, then 1, then 3'),
  }),
  'sweep-line': CaseResult,
  'sweep-merge': z.object({
    cases: z.number(),
    present: z.number(),
    missing: z.array(z.object({ id: z.string(), args: z.array(z.string()) })),
    duplicates: z.array(z.string()).describe('ids that are there more than once, with the same answer'),
    conflicts: z.array(z.string()).describe('ids with two different answers; the first is kept'),
    unknown: z.array(z.string()).describe('ids that are not of this sweep, or of inputs that have changed'),
    exit: z.number(),
  }),
  plan: PlanReport.extend({ sources: Sources }),
  'plan-check': z.object({
    differences: z.array(
      z.object({
        what: z.string(),
        device: z.string().optional(),
        predicted: z.unknown(),
        observed: z.unknown(),
        cause: z.string().optional(),
      }),
    ),
  }),
  'plan-diff': z.object({ changes: z.array(PlanChange) }),
  attach: AttachReport.extend({ sources: Sources }),
  explain: ExplainedPath.extend({ sources: Sources }),
  'explain-fault': ExplainedFault.extend({ sources: Sources }),
  'domain-type': z.object({
    before: z.string(),
    after: z.string(),
    ok: z.boolean(),
    errno: z.string().optional(),
    because: Because,
    sources: Sources,
  }),
  serve: z.object({ url: z.string(), port: z.number() }),
  error: z.object({
    error: z.object({
      code: z.enum(ERROR_CODES),
      message: z.string(),
      file: z.string().optional(),
      line: z.number().optional().describe('1-based'),
      column: z.number().optional().describe('1-based'),
      endLine: z.number().optional(),
      endColumn: z.number().optional(),
      offset: z.number().optional().describe('byte, for binary input'),
      hint: z.string().optional(),
      more: z.array(z.unknown()).optional().describe('further errors of the same input'),
    }),
  }),
} as const

export type Outputs = { [K in keyof typeof outputs]: z.input<(typeof outputs)[K]> }

/** Fields may be added later, so a reader must not refuse them. */
function open({ jsonSchema }: { jsonSchema: { additionalProperties?: unknown } }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

/** File name below docs/cli/ → JSON Schema. */
export const outputSchemas = (): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(outputs).map(([command, shape]) => [
      `${command}.schema.json`,
      { title: `doorbell ${command} --json`, ...z.toJSONSchema(shape, { io: 'output', override: open }) },
    ]),
  )
