/** The host of a window: the contract's handlers with everything behind them. The same in Electron and served. */
import { calls, events, type WorkerState } from '../../preload/contract'
import { createServer, type Server } from '../../preload/wire'
import { createWorkerClient, type WorkerClient, type WorkerThread } from '../worker/client'
import { packageVersion } from '../workspace/root'
import { openWorkspace, type Workspace } from '../workspace/workspace'
import { documentHandlers } from './document'
import { planHandlers } from './plan'
import { platformHandlers } from './platform'
import { scenarioHandlers } from './scenario'
import type { ImportFile, PickFile, Services } from './services'
import { timelineHandlers } from './timeline'
import { createUploads } from './uploads'

export interface HostOptions {
  readonly kind: 'electron' | 'served'
  readonly spawn: () => WorkerThread
  readonly importFile: ImportFile
  readonly pickFile?: PickFile
  readonly workspace?: Workspace
  readonly log?: (where: string, error: unknown) => void
}

export interface Host {
  readonly server: Server<typeof events>
  readonly worker: WorkerClient
  close(): Promise<void>
}

export function createHost({ kind, spawn, importFile, pickFile, workspace = openWorkspace(), log }: HostOptions): Host {
  const uploads = createUploads()
  let onState: (state: WorkerState) => void = () => undefined // nobody is connected yet
  const worker = createWorkerClient({ spawn, log, onState: (state) => onState(state) })
  const services: Services = { kind, version: packageVersion(), workspace, worker, uploads, importFile, pickFile }
  const server = createServer(calls, events)(
    {
      ...documentHandlers(services),
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
    async close() {
      server.close()
      await Promise.all([worker.close(), uploads.close()])
    },
  }
}
