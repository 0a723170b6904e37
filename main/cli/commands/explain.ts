/** `doorbell explain msi|dma|fault`: a path hop by hop, or the hop that a fault line names. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import type { ExplainedPath, ScenarioView } from '../../../preload/contract'
import { fault, type Result } from '../../simulator/faults'
import type { Platform } from '../../simulator/platform/schema'
import {
  explainFaultLine,
  reportDmaPath,
  reportMsiPath,
  reportSlotPath,
  type PathQuestion,
} from '../../worker/explaining'
import { EXIT, fail } from '../exit'
import { formatFaultLine, formatPath } from '../format/explain'
import { withSourceList, withSources } from '../format/sources'
import type { Outputs } from '../output'
import { readMachine, type PlanOptions, type VirtualFunctions } from '../planning'
import { inFile, readScenarioArgument } from '../scenario'
import type { CommandContext } from './context'

export interface ExplainFlags extends PlanOptions {
  readonly device: string
  readonly assigned?: true
  readonly unsafe: boolean
  readonly map: PathQuestion['maps']
  readonly sriov: readonly VirtualFunctions[]
  /** Of a scenario: a run, and how many of its steps. */
  readonly replay?: string | undefined
  readonly step?: number | undefined
}

export interface MsiFlags extends ExplainFlags {
  readonly vector: number
  /** Of a scenario: the PASID that the work carries. */
  readonly pasid?: number | undefined
}

export interface DmaFlags extends ExplainFlags {
  readonly iova: bigint
  readonly write: boolean
  readonly pasid?: number | undefined
  readonly request: 'untranslated' | 'translation' | 'translated'
}

export async function explainMsi(input: string, flags: MsiFlags, context: CommandContext): Promise<number> {
  const question = { ...flags, maps: flags.map }
  if (!isScenario(input)) return onMachine(input, flags, context, (platform) => reportMsiPath(platform, question))
  return onScenario(input, flags, context, (platform, view, state, device) => {
    const own = view.devices.find((x) => x.id === flags.device)
    return own
      ? reportSlotPath(view, state, own, { ...question, device })
      : reportMsiPath(platform, { ...question, device })
  })
}

export async function explainDma(input: string, flags: DmaFlags, context: CommandContext): Promise<number> {
  const question = { ...flags, maps: flags.map }
  if (!isScenario(input)) return onMachine(input, flags, context, (platform) => reportDmaPath(platform, question))
  return onScenario(input, flags, context, (platform, _view, _state, device) =>
    reportDmaPath(platform, { ...question, device }),
  )
}

/** A name that is no file is a scenario's id; a YAML file that begins as a scenario does is one. */
function isScenario(input: string): boolean {
  if (!existsSync(input)) return !/[/\\]|\.[a-z]+$/.test(input)
  return /\.ya?ml$/.test(input) && statSync(input).isFile() && /^doorbell:/m.test(readFileSync(input, 'utf8'))
}

async function onMachine(
  input: string,
  flags: ExplainFlags,
  context: CommandContext,
  procedure: (platform: Platform) => Result<ExplainedPath>,
): Promise<number> {
  const machine = await readMachine([input], flags.sriov, context.io)
  return machine.ok
    ? print(procedure(machine.value.platform), context)
    : fail(context.io, context.json, [machine.error])
}

/** The device by its name in the scenario is the function that it is carved out of. */
async function onScenario(
  input: string,
  flags: ExplainFlags,
  context: CommandContext,
  procedure: (
    platform: Platform,
    view: ScenarioView,
    state: ArrayLike<number>,
    device: string,
  ) => Result<ExplainedPath>,
): Promise<number> {
  const { io, json } = context
  const simulator = await context.simulator()
  const scenario = await readScenarioArgument(input, simulator, context.workspace)
  if (!scenario.ok) return fail(io, json, [scenario.error])
  const begun = simulator.stepAt(scenario.value, scenario.value.resources, [])
  if (!begun.ok) return fail(io, json, [inFile(scenario.value, begun.error)])
  const { view } = simulator.check(scenario.value, scenario.value.resources)
  if (!view?.platform)
    return fail(io, json, [
      fault('PLATFORM_UNKNOWN', `${input} runs on no platform: there is no path to follow`, {
        hint: 'give a scenario with `platform:`, a capture, or lspci text with its tables',
      }),
    ])
  let state: ArrayLike<number> = view.initial
  if (flags.replay !== undefined) {
    const run = simulator.runReplay(scenario.value, scenario.value.resources, flags.replay)
    if (!run.ok) return fail(io, json, [inFile(scenario.value, run.error)])
    const width = view.variables.length
    const at = Math.min(flags.step ?? run.value.steps, run.value.steps)
    state = run.value.trace.states.subarray(at * width, (at + 1) * width)
  }
  const bdf = view.devices.find((x) => x.id === flags.device)?.under ?? flags.device
  return print(procedure(view.platform, view, state, bdf), context)
}

function print(path: Result<ExplainedPath>, { io, json }: CommandContext): number {
  if (!path.ok) return fail(io, json, [path.error])
  const output: Outputs['explain'] = withSources(path.value)
  io.out(json ? JSON.stringify(output) + '\n' : withSourceList(formatPath(output)))
  return EXIT.ok
}

/** `-` reads standard input. Lines are pasted: nothing is opened, whatever they say. */
export function explainFault(line: string, { io, json }: CommandContext): number {
  const found = explainFaultLine(line === '-' ? readFileSync(0, 'utf8') : line)
  if (!found.ok) return fail(io, json, [found.error])
  const output: Outputs['explain-fault'] = withSources(found.value)
  io.out(json ? JSON.stringify(output) + '\n' : withSourceList(formatFaultLine(output)))
  return EXIT.ok
}
