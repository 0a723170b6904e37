/** The platforms that a scenario names, read for the simulator, which reads nothing itself. */
import { err, fault, type Result } from '../simulator/faults'
import type { Platform } from '../../preload/contract'
import type { PlatformRef, Resource } from '../worker/simulator'
import type { Workspace } from '../workspace/workspace'

/** Reads the platform files that a scenario names by path; only the command line may, and gives this. */
export type ReadFileRef = (path: string) => Promise<Result<Platform>>

/** A scenario in the window has no place on the disk, and what is sent by a page must not open files by path. */
const notHere: ReadFileRef = (path) =>
  Promise.resolve(
    err(
      fault('PLATFORM_UNKNOWN', `the platform file ${path} can only be read by the command line`, {
        hint: 'import the file, and write "platform: { imported: … }"',
      }),
    ),
  )

export function readPlatform(ref: PlatformRef, workspace: Workspace, readFile = notHere): Promise<Result<Platform>> {
  if ('builtin' in ref) return workspace.builtin.platform(ref.builtin)
  if ('imported' in ref) return workspace.platforms.read(ref.imported)
  return readFile(ref.file)
}

/** One resource for each reference; one that cannot be read carries its fault instead. */
export const readResources = (
  refs: readonly PlatformRef[],
  workspace: Workspace,
  readFile: ReadFileRef = notHere,
): Promise<Resource[]> =>
  Promise.all(
    refs.map(async (ref) => {
      const platform = await readPlatform(ref, workspace, readFile)
      return platform.ok ? { ref, platform: platform.value } : { ref, fault: platform.error }
    }),
  )
