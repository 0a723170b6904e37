/** `doorbell import FILE…`: one machine out of its files (capture, lspci, ACPI, group listing, platform); kept in the workspace, where scenarios can name it. */
import { importFiles } from '../../workspace/import-file'
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
  const read = await importFiles(files.map((file) => ({ source: file, name: file })))
  if (!read.ok) return fail(io, json, [read.error])
  const { kinds, platform, observations, assumptions } = read.value
  const kind = [...new Set(kinds)].join('+')
  const wished = wishedName(files[0] ?? 'machine')
  const kept = keep ? await workspace.platforms.keep(wished, platform, observations) : undefined
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
    assumptions: [...assumptions],
    observedGroups: observations.groups.length,
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
