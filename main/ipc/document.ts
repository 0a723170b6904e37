/** Handlers of document.*, app.info, shelf.* and menu.show. */
import type { calls, DocumentRef } from '../../preload/contract'
import { wireError, type Handlers } from '../../preload/wire'
import { err, ok } from '../simulator/faults'
import type { Watcher } from '../workspace/watch'
import type { Services } from './services'

type Names =
  | 'app.info'
  | 'document.list'
  | 'document.read'
  | 'document.write'
  | 'document.openDialog'
  | 'document.saveDialog'
  | 'document.asked'
  | 'document.recent'
  | 'shelf.list'
  | 'shelf.read'
  | 'shelf.write'
  | 'menu.show'

/** Files that the desktop wants opened, until a window asks for them. */
export interface Wanted {
  add(paths: readonly string[]): void
  take(): readonly string[]
}

export function createWanted(told: () => void): Wanted {
  let paths: string[] = []
  return {
    add(more) {
      if (more.length === 0) return
      paths.push(...more)
      told()
    },
    take() {
      const taken = paths
      paths = []
      return taken
    },
  }
}

export function documentHandlers(
  { kind, version, worker, workspace, desktop }: Services,
  wanted: Wanted,
  watcher: Watcher,
  changed: (ref: DocumentRef) => void,
): Handlers<Pick<typeof calls, Names>> {
  const { documents, outside } = workspace

  /** From the first time that a document is read or written. */
  function watch(ref: DocumentRef): void {
    if ('name' in ref) return watcher.folder(documents.folder, (name) => changed({ name }))
    const path = outside.pathOf(ref.outside)
    if (path !== undefined) watcher.file(path, () => changed(ref))
  }
  const noDesktop = () =>
    err(
      wireError('BAD_REQUEST', 'the browser has no file dialog of the desktop', {
        hint: 'drop the file into the window',
      }),
    )

  return {
    'app.info': () => Promise.resolve(ok({ version, host: kind, worker: worker.state })),
    async 'document.list'() {
      watcher.folder(documents.folder, (name) => changed({ name }))
      return ok({ documents: await documents.list() })
    },
    async 'document.read'(ref) {
      const read = await outside.read(ref)
      if (!read.ok) return read
      watch(ref)
      await outside.used(ref)
      return read
    },
    async 'document.write'({ ref, text, expects }) {
      const written = await outside.write(ref, text, expects)
      if (!written.ok) return written
      watch(ref)
      await outside.used(ref)
      return written
    },
    async 'document.openDialog'() {
      if (!desktop) return noDesktop()
      const paths = await desktop.openDocuments()
      return ok(paths && { refs: paths.map((path) => outside.grant(path)) })
    },
    async 'document.saveDialog'({ name }) {
      if (!desktop) return noDesktop()
      const path = await desktop.saveDocument(name)
      return ok(path === null ? null : { ref: outside.grant(path) })
    },
    'document.asked': () => Promise.resolve(ok({ refs: wanted.take().map((path) => outside.grant(path)) })),
    'document.recent': async () => ok({ recent: await outside.recent() }),
    'shelf.list': async ({ shelf }) => ok({ names: await workspace[shelf].list() }),
    async 'shelf.read'({ shelf, name }) {
      const read = await workspace[shelf].read(name)
      // It was JSON.parse that made it.
      return read.ok ? ok({ value: read.value as string }) : read
    },
    'shelf.write': ({ shelf, name, value }) => workspace[shelf].write(name, value),
    'menu.show'({ menus }) {
      desktop?.showMenu(menus)
      return Promise.resolve(ok({}))
    },
  }
}
