/** `doorbell explain msi|dma|fault`: a path hop by hop, or the hop that a fault line names. */
import { readFileSync } from 'node:fs'
import type { ExplainedPath } from '../../../preload/contract'
import type { Result } from '../../simulator/faults'
import type { Platform } from '../../simulator/platform/schema'
import { explainFaultLine, reportDmaPath, reportMsiPath, type PathQuestion } from '../../worker/explaining'
import { EXIT, fail } from '../exit'
import { formatFaultLine, formatPath } from '../format/explain'
import type { Outputs } from '../output'
import { readMachine, type PlanOptions, type VirtualFunctions } from '../planning'
import type { CommandContext } from './context'

export interface ExplainFlags extends PlanOptions {
  readonly device: string
  readonly assigned?: true
  readonly unsafe: boolean
  readonly map: PathQuestion['maps']
  readonly sriov: readonly VirtualFunctions[]
}

export interface DmaFlags extends ExplainFlags {
  readonly iova: bigint
  readonly write: boolean
  readonly pasid?: number | undefined
  readonly request: 'untranslated' | 'translation' | 'translated'
}

export const explainMsi = (input: string, flags: ExplainFlags & { readonly vector: number }, context: CommandContext) =>
  explain(input, flags, context, (platform) => reportMsiPath(platform, { ...flags, maps: flags.map }))

export const explainDma = (input: string, flags: DmaFlags, context: CommandContext) =>
  explain(input, flags, context, (platform) => reportDmaPath(platform, { ...flags, maps: flags.map }))

async function explain(
  input: string,
  flags: ExplainFlags,
  { io, json }: CommandContext,
  procedure: (platform: Platform) => Result<ExplainedPath>,
): Promise<number> {
  const machine = await readMachine([input], flags.sriov)
  if (!machine.ok) return fail(io, json, [machine.error])
  const path = procedure(machine.value.platform)
  if (!path.ok) return fail(io, json, [path.error])
  const output: Outputs['explain'] = path.value
  io.out(json ? JSON.stringify(output) + '\n' : formatPath(output))
  return EXIT.ok
}

/** `-` reads standard input. Lines are pasted: nothing is opened, whatever they say. */
export function explainFault(line: string, { io, json }: CommandContext): number {
  const found = explainFaultLine(line === '-' ? readFileSync(0, 'utf8') : line)
  if (!found.ok) return fail(io, json, [found.error])
  const output: Outputs['explain-fault'] = found.value
  io.out(json ? JSON.stringify(output) + '\n' : formatFaultLine(output))
  return EXIT.ok
}
