/** What the handlers work with. */
import type { Menu, Platform, WireError } from '../../preload/contract'
import { asWireError } from '../../preload/wire'
import { err, ok, type Fault, type Result } from '../simulator/faults'
import type { WorkerClient } from '../worker/client'
import type { Observations } from '../workspace/platforms'
import type { Workspace } from '../workspace/workspace'
import type { Uploads } from './uploads'

/** Reads a machine's capture (or a platform file) into a platform. `name`: what the person calls it. */
export type ImportFile = (
  path: string,
  name: string,
) => Promise<Result<{ readonly kind: string; readonly platform: Platform; readonly observations: Observations }, Fault>>

/** What only a desktop has. A dialog's answer is null when the person changed their mind. */
export interface Desktop {
  /** A capture or platform file to import, or a run to see. */
  pickFile(what: 'machine' | 'run'): Promise<string | null>
  openDocuments(): Promise<string[] | null>
  saveDocument(name: string): Promise<string | null>
  showMenu(menus: readonly Menu[]): void
}

export interface Services {
  readonly kind: 'electron' | 'served'
  readonly version: string
  readonly workspace: Workspace
  readonly worker: WorkerClient
  readonly uploads: Uploads
  readonly importFile: ImportFile
  /** Only in Electron. */
  readonly desktop?: Desktop
}

/** A relayed call as a value: its answer, or the error it was rejected with. */
export const relayed = <T>(call: Promise<T>): Promise<Result<T, WireError>> =>
  call.then(ok, (reason: unknown) => {
    const error = asWireError(reason)
    // The details of an unexpected one are for the log; they were not the far end's own words.
    if (error.code === 'INTERNAL') console.error('doorbell: relayed call failed:', reason)
    return err(error)
  })
