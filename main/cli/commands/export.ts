/** `doorbell export SCENARIO --to promela` and `import-trail`: the same model on another engine, and back. */
import { fault, ok, type Result } from '../../simulator/faults'
import { readText, writeWhole } from '../../workspace/files'
import { EXIT, fail } from '../exit'
import { formatRun } from '../format/explore'
import type { Outputs } from '../output'
import { inFile, readScenarioArgument } from '../scenario'
import type { CommandContext } from './context'

/** Longest trail that is read: 16 MiB of text. */
const MAX_TRAIL = 16 * 1024 * 1024

export async function exportModel(
  argument: string,
  file: string | undefined,
  context: CommandContext,
): Promise<number> {
  const { io, json } = context
  const simulator = await context.simulator()
  const given = await readScenarioArgument(argument, simulator, context.workspace)
  if (!given.ok) return fail(io, json, [given.error])
  const text = simulator.promela(given.value, given.value.resources)
  if (!text.ok) return fail(io, json, [inFile(given.value, text.error)])
  if (file !== undefined) {
    const written = await writeWhole(file, text.value)
    return written.ok ? EXIT.ok : fail(io, json, [written.error])
  }
  const output: Outputs['export'] = { scenario: given.value.name, language: 'promela', text: text.value }
  io.out(json ? JSON.stringify(output) + '\n' : text.value)
  return EXIT.ok
}

export async function importTrail(argument: string, file: string, context: CommandContext): Promise<number> {
  const { io, json } = context
  const simulator = await context.simulator()
  const given = await readScenarioArgument(argument, simulator, context.workspace)
  if (!given.ok) return fail(io, json, [given.error])
  const text = await readText(file, file, MAX_TRAIL)
  if (!text.ok) return fail(io, json, [text.error])
  const steps = stepsIn(text.value, file)
  if (!steps.ok) return fail(io, json, [steps.error])
  const result = simulator.runSteps(given.value, given.value.resources, steps.value)
  if (!result.ok) return fail(io, json, [inFile(given.value, result.error)])
  const { scenario, token, steps: count, trace, properties } = result.value
  const output: Outputs['run'] = { scenario, token, steps: count, events: trace.events, properties }
  io.out(json ? JSON.stringify(output) + '\n' : formatRun(result.value, argument))
  return EXIT.ok
}

/** Every step of the exported text says its number when Spin replays it. */
function stepsIn(text: string, file: string): Result<number[]> {
  const steps = [...text.matchAll(/doorbell step (\d{1,9})/g)].map((m) => Number(m[1]))
  if (steps.length > 0) return ok(steps)
  return {
    ok: false,
    error: fault('FILE_KIND_UNKNOWN', 'there is no step of an exported scenario in it', {
      file,
      hint: 'run "spin -t FILE.pml" beside the trail that pan wrote, and give what it prints',
    }),
  }
}
