/** The host of a window: the contract's handlers with everything behind them. The same in Electron and served. */
import { calls, events, type WorkerState } from '../../preload/contract'
import { createServer, type Server } from '../../preload/wire'
import { createWorkerClient, type WorkerClient, type WorkerThread } from '../worker/client'
import { packageVersion } from '../workspace/root'
import { openWorkspace, type Workspace } from '../workspace/workspace'
import { createWatcher } from '../workspace/watch'
import { createWanted, documentHandlers } from './document'
import { journalDoor } from './journal'
import { planHandlers } from './plan'
import { platformHandlers } from './platform'
import { scenarioHandlers } from './scenario'
import type { Desktop, ImportFile, Services } from './services'
import { timelineHandlers } from './timeline'
import { createUploads } from './uploads'

export interface HostOptions {
  readonly kind: 'electron' | 'served'
  readonly spawn: () => WorkerThread
  readonly importFile: ImportFile
  readonly desktop?: Desktop
  readonly workspace?: Workspace
  readonly log?: (where: string, error: unknown) => void
}

export interface Host {
  readonly server: Server<typeof events>
  readonly worker: WorkerClient
  /** Files that the desktop wants opened in the window. */
  open(paths: readonly string[]): void
  /** An item of the desktop's menu was chosen. */
  choose(command: string): void
  close(): Promise<void>
}

export function createHost({ kind, spawn, importFile, desktop, workspace = openWorkspace(), log }: HostOptions): Host {
  const uploads = createUploads()
  let onState: (state: WorkerState) => void = () => undefined // nobody is connected yet
  const worker = createWorkerClient({ spawn, log, onState: (state) => onState(state) })
  const services: Services = { kind, version: packageVersion(), workspace, worker, uploads, importFile, desktop }
  const wanted = createWanted(() => server.publish('document.wanted', {}))
  const watcher = createWatcher()
  const journal = journalDoor(workspace, (news) => server.publish('journal.taken', news))
  const server: Server<typeof events> = createServer(calls, events)(
    {
      ...documentHandlers(services, wanted, watcher, (ref) => server.publish('document.changed', { ref })),
      ...journal.handlers,
      ...scenarioHandlers(services),
      ...platformHandlers(services),
      ...planHandlers(services),
      ...timelineHandlers(services),
    },
    { log },
  )
  onState = (state) => server.publish('worker.state', state)
  return {
    server,
    worker,
    open: (paths) => wanted.add(paths),
    choose: (id) => server.publish('menu.chosen', { id }),
    async close() {
      server.close()
      watcher.close()
      await Promise.all([worker.close(), uploads.close(), journal.close()])
    },
  }
}
