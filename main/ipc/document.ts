/** Handlers of document.* and app.*. */
import type { calls } from '../../preload/contract'
import type { Handlers } from '../../preload/wire'
import { ok } from '../simulator/faults'
import type { Services } from './services'

type Names = 'app.info' | 'document.list' | 'document.read' | 'document.write'

export function documentHandlers({ kind, version, worker, workspace }: Services): Handlers<Pick<typeof calls, Names>> {
  return {
    'app.info': () => Promise.resolve(ok({ version, host: kind, worker: worker.state })),
    'document.list': async () => ok({ documents: await workspace.documents.list() }),
    'document.read': ({ name }) => workspace.documents.read(name),
    'document.write': ({ name, text }) => workspace.documents.write(name, text),
  }
}
