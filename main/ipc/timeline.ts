/** Handlers of timeline.*: files are found here, everything else is the worker's; a connection that goes closes its runs. */
import { basename } from 'node:path'
import type { calls, OpenedRun, WireError } from '../../preload/contract'
import { wireError, type Context, type Handlers } from '../../preload/wire'
import { err, ok, type Result } from '../simulator/faults'
import { readResources } from './resources'
import { relayed, type Services } from './services'

type Names = Extract<keyof typeof calls, `timeline.${string}`>

export function timelineHandlers(services: Services): Handlers<Pick<typeof calls, Names>> {
  const { worker, workspace, uploads } = services
  const owned = new WeakMap<AbortSignal, Set<string>>()

  /** What opening a file needs, whichever call it is for. */
  type Opening = Pick<Context<(typeof calls)['timeline.upload']>, 'signal' | 'progress' | 'connection'>

  /** Remembered, to be closed when its connection is gone. */
  function own(opened: Result<OpenedRun, WireError>, { closed }: Opening['connection']): Result<OpenedRun, WireError> {
    if (!opened.ok) return opened
    let mine = owned.get(closed)
    if (!mine) {
      const handles = new Set<string>()
      mine = handles
      owned.set(closed, handles)
      closed.addEventListener(
        'abort',
        () => handles.forEach((handle) => void relayed(worker.call('timeline.close', { handle }))),
        { once: true },
      )
    }
    mine.add(opened.value.handle)
    return opened
  }

  const openFile = async (path: string, name: string, { signal, progress, connection }: Opening) =>
    own(await relayed(worker.call('timeline.openPath', { path, name }, { signal, onProgress: progress })), connection)

  return {
    'timeline.record': async (request, { signal, connection }) =>
      own(
        await relayed(
          worker
            .call('scenario.needs', { text: request.text })
            .then((needs) => readResources(needs, workspace))
            .then((resources) => worker.call('timeline.record', { ...request, resources }, { signal })),
        ),
        connection,
      ),
    'timeline.upload': ({ upload }, context) =>
      uploads.take(context.connection, upload, (path, name) => openFile(path, basename(name), context)),
    async 'timeline.open'({ name }, context) {
      const path = workspace.recordings.path(name)
      return path.ok ? openFile(path.value, name, context) : path
    },
    'timeline.list': async () => ok({ runs: await workspace.recordings.list() }),
    async 'timeline.openDialog'(_request, context) {
      if (!services.desktop)
        return err(
          wireError('BAD_REQUEST', 'the browser has no file dialog of the desktop', {
            hint: 'drop the file into the window',
          }),
        )
      const path = await services.desktop.pickFile('run')
      return path === null ? ok(null) : openFile(path, basename(path), context)
    },
    'timeline.close': (request) => relayed(worker.call('timeline.close', request)),
    'timeline.items': (request, { signal, chunk }) =>
      relayed(worker.call('timeline.items', request, { signal, onChunk: async (items) => void (await chunk(items)) })),
    'timeline.arrows': (request, { signal }) => relayed(worker.call('timeline.arrows', request, { signal })),
    'timeline.names': (request) => relayed(worker.call('timeline.names', request)),
    'timeline.events': (request, { signal }) => relayed(worker.call('timeline.events', request, { signal })),
    'timeline.event': (request) => relayed(worker.call('timeline.event', request)),
    'timeline.step': (request) => relayed(worker.call('timeline.step', request)),
    'timeline.causality': (request) => relayed(worker.call('timeline.causality', request)),
    'timeline.filter': (request, { signal, progress }) =>
      relayed(worker.call('timeline.filter', request, { signal, onProgress: progress })),
    'timeline.diff': (request) => relayed(worker.call('timeline.diff', request)),
    'timeline.export': (request, { signal, chunk }) =>
      relayed(worker.call('timeline.export', request, { signal, onChunk: async (piece) => void (await chunk(piece)) })),
  }
}
