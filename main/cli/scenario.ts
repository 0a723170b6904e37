/** The SCENARIO argument: a path that exists is a file, anything else the id of a built-in scenario. */
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { readResources } from '../ipc/resources'
import { err, fault, FAULT_CODES, ok, type Fault, type Result } from '../simulator/faults'
import type { Scale } from '../simulator/scenario/scale'
import type { Resource, ScenarioText, Simulator } from '../worker/simulator'
import { MAX_TEXT } from '../workspace/documents'
import { readText } from '../workspace/files'
import type { Workspace } from '../workspace/workspace'

export interface GivenScenario extends ScenarioText {
  readonly resources: readonly Resource[]
  /** How the person named it, when it is a file. */
  readonly file?: string
}

/** Errors: FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, SCENARIO_UNKNOWN. */
export async function readScenarioArgument(
  argument: string,
  simulator: Simulator,
  workspace: Workspace,
): Promise<Result<GivenScenario>> {
  const file = existsSync(argument) && statSync(argument).isFile() ? argument : undefined
  const text = await readTextOf(argument, file, workspace)
  if (!text.ok) return text
  const folder = dirname(resolve(file ?? '.'))
  const resources = await readResources(simulator.needs(text.value), workspace, {
    async platform(path) {
      const { importFile } = await import('../workspace/import-file')
      const read = await importFile(resolve(folder, path), path)
      return read.ok ? ok(read.value.platform) : read
    },
    block: (path) => readText(resolve(folder, path), path, MAX_TEXT),
  })
  return ok({ name: file === undefined ? argument : basename(file), text: text.value, resources, file })
}

async function readTextOf(argument: string, file: string | undefined, workspace: Workspace): Promise<Result<string>> {
  if (file !== undefined) return readText(file, file, MAX_TEXT)
  // Whoever writes a path means a file.
  if (/[/\\]|\.ya?ml$/.test(argument))
    return err(fault('FILE_NOT_FOUND', `there is no file ${argument}`, { file: argument }))
  const builtin = await workspace.builtin.scenario(argument)
  return builtin.ok ? ok(builtin.value.text) : builtin
}

/** A fault of the scenario or of a block file that it names, with the file as it is found from where the person stands. */
export function inFile({ name, file, resources }: GivenScenario, error: Fault): Fault {
  if (file === undefined) return error
  if (error.file === undefined || error.file === name) return { ...error, file }
  const block = resources.some((r) => 'block' in r && 'file' in r.block && r.block.file === error.file)
  return block ? { ...error, file: isAbsolute(error.file) ? error.file : join(dirname(file), error.file) } : error
}

/** What is doubtful about a text that compiles. */
export function warningsOf(simulator: Simulator, scenario: GivenScenario, scale?: Scale): readonly Fault[] {
  return simulator.check(scenario, scenario.resources, scale).problems.flatMap(({ severity, ...problem }) => {
    if (severity !== 'warning') return []
    const code = FAULT_CODES.find((c) => c === problem.code)
    return code ? [inFile(scenario, { ...problem, code })] : []
  })
}
