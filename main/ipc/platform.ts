/** Handlers of platform.* and upload.*. */
import { basename } from 'node:path'
import type { calls, Platform, WireError } from '../../preload/contract'
import { wireError, type Handlers } from '../../preload/wire'
import { err, ok, type Result } from '../simulator/faults'
import { observeFile } from '../workspace/import-file'
import { wishedName } from '../workspace/platforms'
import { readPlatform } from './resources'
import type { Services } from './services'

type Names =
  | 'platform.list'
  | 'platform.read'
  | 'platform.import'
  | 'platform.importDialog'
  | 'platform.observe'
  | 'upload.begin'
  | 'upload.piece'
  | 'upload.drop'

interface Kept {
  imported: string
  kind: string
  platform: Platform
}

export function platformHandlers(services: Services): Handlers<Pick<typeof calls, Names>> {
  const { workspace, uploads } = services

  /** Three stages; between them it can be cancelled. */
  async function importAndKeep(
    path: string,
    name: string,
    signal: AbortSignal,
    tell: (news: { stage: string; done: number; total: number }) => void,
  ): Promise<Result<Kept, WireError>> {
    tell({ stage: 'reading', done: 0, total: 2 })
    const read = await services.importFile(path, name)
    if (signal.aborted) return err(wireError('CANCELLED', 'cancelled'))
    if (!read.ok) return read
    const { kind, platform, observations } = read.value
    tell({ stage: 'keeping', done: 1, total: 2 })
    const imported = await workspace.platforms.keep(wishedName(name), platform, observations)
    return imported.ok ? ok({ imported: imported.value, kind, platform }) : imported
  }

  return {
    'platform.list': async () =>
      ok({ builtin: await workspace.builtin.platforms(), imported: await workspace.platforms.list() }),
    'platform.read': async (ref) => {
      const platform = await readPlatform(ref, workspace)
      return platform.ok ? ok({ platform: platform.value }) : platform
    },
    'platform.import': ({ upload }, { signal, progress, connection }) =>
      uploads.take(connection, upload, (path, name) => importAndKeep(path, name, signal, progress)),
    'platform.observe': ({ upload, imported }, { connection }) =>
      uploads.take(connection, upload, async (path, name): Promise<Result<{ groups: number }, WireError>> => {
        const seen = await observeFile(path, name)
        if (!seen.ok) return seen
        const kept = await workspace.platforms.observe(imported, seen.value)
        return kept.ok ? ok({ groups: seen.value.groups.length }) : kept
      }),
    async 'platform.importDialog'(_request, { signal }) {
      if (!services.desktop)
        return err(
          wireError('BAD_REQUEST', 'the browser has no file dialog of the desktop', {
            hint: 'drop the file into the window',
          }),
        )
      const path = await services.desktop.pickFile('machine')
      return path === null ? ok(null) : importAndKeep(path, basename(path), signal, () => undefined)
    },
    'upload.begin': ({ name, size }, { connection }) => uploads.begin(connection, name, size),
    'upload.piece': ({ upload, offset, bytes }, { connection }) => uploads.piece(connection, upload, offset, bytes),
    async 'upload.drop'({ upload }, { connection }) {
      await uploads.drop(connection, upload)
      return ok({})
    },
  }
}
