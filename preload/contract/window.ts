/** The race window: how probable a violation is when latencies are drawn, how wide the window, which latency matters. */
import { z } from 'zod'
import { PropertyKind } from './scenario'

export const WindowOptions = z.object({
  /** Seeded runs. */
  runs: z.number().int().min(1).max(100_000_000).default(100_000),
  seed: z.number().int().min(0).max(0xffffffff).default(1),
  /** Name of a property; absent: the first, in the order of the file, that some run violates. */
  property: z.string().max(1024).optional(),
  scale: z.record(z.string(), z.number().int().min(1).max(64)).optional(),
})
export type WindowOptions = z.input<typeof WindowOptions>

export const WindowProgress = z.object({
  /** Runs made, and of them so far those that hit. */
  runs: z.number(),
  hits: z.number(),
  /** Runs looked at again, for widths and latencies. */
  looked: z.number(),
  total: z.number(),
  runsPerSecond: z.number(),
  elapsedMs: z.number(),
})
export type WindowProgress = z.infer<typeof WindowProgress>

const share = {
  hits: z.number().describe('runs that violate the property; for a `sometimes`: that witness it'),
  probability: z.number(),
  interval: z.tuple([z.number(), z.number()]).describe('Wilson’s 95 % interval of the probability'),
}

export const WindowResult = z.object({
  scenario: z.string(),
  seed: z.number(),
  runs: z.number().describe('runs made; fewer than asked for when cancelled'),
  complete: z.boolean(),
  stopped: z.string().optional().describe('why it is not complete: cancelled'),
  cut: z.number().describe('runs that did not end by themselves and were cut off after 10,000 steps'),
  property: z.string().describe('the property that the following is about'),
  kind: PropertyKind,
  ...share,
  example: z.string().max(200).nullable().describe('replays the first run that hits'),
  pair: z
    .object({
      first: z.string(),
      then: z.string(),
      agents: z.tuple([z.string(), z.string()]),
      separation: z
        .number()
        .describe('P(bad order | hit) + P(good order | miss) − 1; with no miss: P(bad order | hit)'),
    })
    .nullable()
    .describe('the critical pair: the order is bad where `then` happens while `first` has not'),
  widthNs: z
    .object({
      p50: z.number().nullable(),
      p95: z.number().nullable(),
      samples: z.number().describe('runs that hit and that were measured, the first 32,768 at most'),
      open: z
        .number()
        .describe('of those: runs in which `first` never happened; the width then is up to the run’s end'),
    })
    .describe('in runs that hit: from `then` to `first`, how long the bad order stood; null: nothing to measure'),
  slackNs: z
    .object({ p5: z.number().nullable(), p50: z.number().nullable(), samples: z.number() })
    .describe('in runs that miss: from `first` to `then`, by how much the bad order was avoided'),
  histogram: z
    .array(z.object({ from: z.number(), to: z.number(), hits: z.number(), misses: z.number() }))
    .describe('of the time from `then` to `first`, ns: above 0 widths of hits, below 0 slacks of misses'),
  sensitivity: z
    .array(
      z.object({
        step: z.string(),
        agent: z.string(),
        latencyNs: z.tuple([z.number(), z.number()]),
        index: z.number().describe('share of the outcome’s variance that this latency explains alone, 0 … 1'),
        quickest: z.number().describe('probability when the latency lies in its quickest quarter'),
        slowest: z.number().describe('… in its slowest quarter'),
      }),
    )
    .describe('steps whose latency varies, the most influential first'),
  properties: z.array(z.object({ name: z.string(), kind: PropertyKind, ...share })),
})
export type WindowResult = z.infer<typeof WindowResult>
