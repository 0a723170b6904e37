/** The workspace as one thing: documents and imported platforms in one folder, and what comes with the package. */
import { join } from 'node:path'
import { createBuiltin, type Builtin } from './builtin'
import { createDocuments, type Documents } from './documents'
import { workspaceFolder } from './home'
import { createRuns, type Runs } from './runs'
import { createPlatforms, type Platforms } from './platforms'

export interface Workspace {
  readonly folder: string
  readonly documents: Documents
  readonly platforms: Platforms
  readonly runs: Runs
  readonly builtin: Builtin
}

/** Nothing is created before something is written. */
export function openWorkspace(folder: string = workspaceFolder(), builtin: Builtin = createBuiltin()): Workspace {
  return {
    folder,
    documents: createDocuments(join(folder, 'documents')),
    platforms: createPlatforms(join(folder, 'platforms')),
    runs: createRuns(join(folder, 'runs')),
    builtin,
  }
}
