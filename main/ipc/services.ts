/** What the handlers work with. */
import type { Platform, WireError } from '../../preload/contract'
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

export type PickFile = (what: 'machine' | 'run') => Promise<string | null>

export interface Services {
  readonly kind: 'electron' | 'served'
  readonly version: string
  readonly workspace: Workspace
  readonly worker: WorkerClient
  readonly uploads: Uploads
  readonly importFile: ImportFile
  /** The desktop's file dialog: a path, or null when the person changed their mind. Only in Electron. */
  readonly pickFile?: PickFile
}

/** A relayed call as a value: its answer, or the error it was rejected with. */
export const relayed = <T>(call: Promise<T>): Promise<Result<T, WireError>> =>
  call.then(ok, (reason: unknown) => {
    const error = asWireError(reason)
    // The details of an unexpected one are for the log; they were not the far end's own words.
    if (error.code === 'INTERNAL') console.error('doorbell: relayed call failed:', reason)
    return err(error)
  })
