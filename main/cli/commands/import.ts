/** `doorbell import FILE…`: a machine's capture, or a platform file; kept in the workspace, where scenarios can name it. */
import { err, fault, ok, type Result } from '../../simulator/faults'
import type { Platform } from '../../../preload/contract'
import { importFile } from '../../workspace/import-file'
import { wishedName } from '../../workspace/platforms'
import { EXIT, fail } from '../exit'
import { formatPlatform } from '../format/platform'
import type { Outputs } from '../output'
import type { CommandContext } from './context'

export async function importMachine(
  files: readonly string[],
  { keep }: { keep: boolean },
  context: CommandContext,
): Promise<number> {
  const { io, json, workspace } = context
  const read = await readAll(files)
  if (!read.ok) return fail(io, json, [read.error])
  const { kind, platform, file } = read.value
  const kept = keep ? await workspace.platforms.keep(wishedName(file), platform) : undefined
  const imported = kept?.ok ? kept.value : null
  const notKept = kept && !kept.ok ? [{ code: 'NOT_KEPT', message: kept.error.message }] : []
  const output: Outputs['import'] = {
    kind,
    imported,
    name: platform.name,
    arch: platform.arch,
    kernel: platform.kernel,
    devices: platform.functions,
    roots: platform.roots,
    iommus: platform.iommus,
    msiControllers: platform.msiControllers,
    regions: platform.regions,
    warnings: [...platform.warnings, ...notKept],
  }
  if (json) io.out(JSON.stringify(output) + '\n')
  else {
    io.out(formatPlatform(kind, { ...platform, warnings: output.warnings }))
    if (imported !== null)
      io.out(`\nKept as '${imported}': a scenario names it by\n  platform: { imported: ${JSON.stringify(imported)} }\n`)
  }
  return EXIT.ok
}

async function readAll(files: readonly string[]): Promise<Result<{ kind: string; platform: Platform; file: string }>> {
  const [file = '', ...more] = files
  if (more.length > 0)
    return err(
      fault('USAGE', `${files.length} files were given: import takes one machine at a time`, {
        hint: 'a capture (.tar, .tar.gz or a folder) or a platform file holds a whole machine',
      }),
    )
  const read = await importFile(file, file)
  return read.ok ? ok({ ...read.value, file }) : read
}
