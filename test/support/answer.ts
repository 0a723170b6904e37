/** What a call returns after others, on a board of blocks. */
import { expect } from 'vitest'
import { verdicts } from './board'

export interface Question {
  /** The `blocks` section. */
  readonly blocks: string
  /** What the kernel has done before anybody else. */
  readonly kernel?: readonly string[]
  /** Who makes every other call; its name says its role. */
  readonly agent: string
  readonly before: readonly string[]
  readonly call: string
  /** Has to hold in the end. */
  readonly end?: string
  /** Those that the blocks can return. */
  readonly errnos: readonly string[]
}

/** The errno of the last call, `OK` without one; the calls before it have to succeed, or the run never ends. */
export function answerOf({
  blocks,
  kernel = [],
  agent,
  before,
  call,
  end = 'true',
  errnos,
}: Question): string | undefined {
  const v = verdicts(`
${blocks}
programs:
  kernel: [${[...kernel, '{ wait: { until: "true" }, id: BOOT }'].join(', ')}]
  ${agent}: [${['{ wait: { until: done(BOOT) } }', ...before, '{ wait: { until: "true" }, id: READY }', `{ ${call} }`].join(', ')}]
properties:
${errnos.map((e) => `  - { name: ${e}, end: "done(READY) && ${agent}.errno == ${e}" }`).join('\n')}
  - { name: end, end: "${end}" }
`)
  expect([v['complete'], v['range'], v['end']]).toEqual(['holds', 'holds', 'holds'])
  return errnos.find((e) => v[e] === 'holds')
}

export const domainBlocks = (era: string, parameters = ''): string => `blocks:
  unit: { kind: translation-unit }
  regions: { kind: reserved-regions, era: ${era} }
  core: { kind: iommu-core${parameters} }`
