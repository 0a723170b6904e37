/** The platforms and block files that a scenario names, read for the simulator, which reads nothing itself. */
import { err, fault, type Result } from '../simulator/faults'
import type { Platform } from '../../preload/contract'
import type { BlockRef, Needs, PlatformRef, Resource } from '../worker/simulator'
import type { Workspace } from '../workspace/workspace'

/** Reads what a scenario names by path; only the command line may open files by path, and gives this. */
export interface ReadFileRefs {
  platform(path: string): Promise<Result<Platform>>
  block(path: string): Promise<Result<string>>
}

/**
 * A scenario in the window has no place on the disk, and what is sent by a page must not open files by path: platforms
 * are imported, block files are documents of the workspace.
 */
const inWorkspace = ({ documents }: Workspace): ReadFileRefs => ({
  platform: (path) =>
    Promise.resolve(
      err(
        fault('PLATFORM_UNKNOWN', `the platform file ${path} can only be read by the command line`, {
          hint: 'import the file, and write "platform: { imported: … }"',
        }),
      ),
    ),
  async block(path) {
    const name = path.replace(/^\.\//, '')
    const document = await documents.read(name)
    if (document.ok) return { ok: true, value: document.value.text }
    return err(
      fault('BLOCK_UNKNOWN', `there is no document ${JSON.stringify(name.slice(0, 100))} in the workspace`, {
        hint: 'keep the block as a document of that name, such as my-nic.block, or write it under "kinds"',
      }),
    )
  },
})

export function readPlatform(
  ref: PlatformRef,
  workspace: Workspace,
  files: Pick<ReadFileRefs, 'platform'> = inWorkspace(workspace),
): Promise<Result<Platform>> {
  if ('builtin' in ref) return workspace.builtin.platform(ref.builtin)
  if ('imported' in ref) return workspace.platforms.read(ref.imported)
  return files.platform(ref.file)
}

const readBlock = (ref: BlockRef, workspace: Workspace, files: ReadFileRefs): Promise<Result<string>> =>
  'builtin' in ref ? workspace.builtin.block(ref.builtin) : files.block(ref.file)

/** One resource for each reference; one that cannot be read carries its fault instead. */
export const readResources = (
  { platforms, blocks }: Needs,
  workspace: Workspace,
  files: ReadFileRefs = inWorkspace(workspace),
): Promise<Resource[]> =>
  Promise.all([
    ...platforms.map(async (ref): Promise<Resource> => {
      const platform = await readPlatform(ref, workspace, files)
      return platform.ok ? { ref, platform: platform.value } : { ref, fault: platform.error }
    }),
    ...blocks.map(async (block): Promise<Resource> => {
      const text = await readBlock(block, workspace, files)
      return text.ok ? { block, text: text.value } : { block, fault: text.error }
    }),
  ])
