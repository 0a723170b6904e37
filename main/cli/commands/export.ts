/** `doorbell export SCENARIO --to promela|tla` and `import-trail`: the same model on another engine, and back. */
import { basename, dirname, join } from 'node:path'
import { fault, ok, type Result } from '../../simulator/faults'
import { readText, writeWhole } from '../../workspace/files'
import type { ExportLanguage, Scale } from '../../worker/simulator'
import { EXIT, fail } from '../exit'
import { formatRun } from '../format/explore'
import { withSources } from '../format/sources'
import type { Outputs } from '../output'
import { inFile, readScenarioArgument } from '../scenario'
import type { CommandContext } from './context'

/** Longest trail that is read: 16 MiB of text. */
const MAX_TRAIL = 16 * 1024 * 1024

export interface ExportFlags {
  readonly to: ExportLanguage
  readonly output?: string
  readonly scale?: Scale
}

export async function exportModel(
  argument: string,
  { to, output: file, scale }: ExportFlags,
  context: CommandContext,
): Promise<number> {
  const { io, json } = context
  const module = to === 'tla' && file !== undefined ? basename(file).replace(/\.tla$/, '') : undefined
  if (module !== undefined && !/^[A-Za-z][A-Za-z0-9_]*$/.test(module))
    return fail(io, json, [
      fault('FILE_BAD_NAME', `${module} cannot be the name of a TLA+ module`, {
        ...(file === undefined ? {} : { file }),
        hint: 'the module has the name of its file: letters, digits and underscores, a letter first, then .tla',
      }),
    ])
  const simulator = await context.simulator()
  const given = await readScenarioArgument(argument, simulator, context.workspace)
  if (!given.ok) return fail(io, json, [given.error])
  const made = simulator.exported(given.value, given.value.resources, { language: to, scale, module })
  if (!made.ok) return fail(io, json, [inFile(given.value, made.error)])
  const { text, config } = made.value
  if (file !== undefined) {
    const files = [[file, text], ...(config ? [[join(dirname(file), config.name), config.text]] : [])] as const
    for (const [path = '', content = ''] of files) {
      const written = await writeWhole(path, content)
      if (!written.ok) return fail(io, json, [written.error])
    }
    return EXIT.ok
  }
  const output: Outputs['export'] = { scenario: given.value.name, language: to, text, ...(config ? { config } : {}) }
  io.out(json ? JSON.stringify(output) + '\n' : text)
  if (config && !json) io.err(`TLC also wants ${config.name}: -o FILE.tla writes both, --json prints both\n`)
  return EXIT.ok
}

export async function importTrail(
  argument: string,
  file: string,
  scale: Scale | undefined,
  context: CommandContext,
): Promise<number> {
  const { io, json } = context
  const simulator = await context.simulator()
  const given = await readScenarioArgument(argument, simulator, context.workspace)
  if (!given.ok) return fail(io, json, [given.error])
  const text = await readText(file, file, MAX_TRAIL)
  if (!text.ok) return fail(io, json, [text.error])
  const steps = stepsIn(text.value, file)
  if (!steps.ok) return fail(io, json, [steps.error])
  const result = simulator.runSteps(given.value, given.value.resources, steps.value, scale)
  if (!result.ok) return fail(io, json, [inFile(given.value, result.error)])
  const { scenario, token, steps: count, trace, properties } = result.value
  const output: Outputs['run'] = withSources({ scenario, token, steps: count, events: trace.events, properties })
  io.out(json ? JSON.stringify(output) + '\n' : formatRun(result.value, argument))
  return EXIT.ok
}

/** Spin prints each step's number as it replays it; TLC names its actions: S12 is step 12. */
function stepsIn(text: string, file: string): Result<number[]> {
  const found = /doorbell step \d|^State \d+: <S\d/m.exec(text)
  const steps = [...text.matchAll(/doorbell step (\d{1,9})|^State \d+: <S(\d{1,9})(?:_out)?\b/gm)].map((m) =>
    Number(m[1] ?? m[2]),
  )
  // A run may end where it starts: both say so.
  if (found || /^spin: trail ends after|^State 1: <Initial predicate>/m.test(text)) return ok(steps)
  return {
    ok: false,
    error: fault('FILE_KIND_UNKNOWN', 'there is no step of an exported scenario in it', {
      file,
      hint: 'give what "spin -t FILE.pml" prints beside the trail that pan wrote, or what TLC printed',
    }),
  }
}
