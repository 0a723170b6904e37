/**
 * The workspace as one thing: documents, imported platforms, runs and layouts in one folder, and what comes with the
 * package. What only this machine needs (journals, what was opened last) is in its state/, which need not be kept in git.
 */
import { join } from 'node:path'
import { createBuiltin, type Builtin } from './builtin'
import { createDocuments, type Documents } from './documents'
import { workspaceFolder } from './home'
import { createRuns, type Runs } from './runs'
import { createJournals, type Journals } from './journals'
import { createOutside, type Outside } from './outside'
import { createPlatforms, type Platforms } from './platforms'
import { createShelf, type Shelf } from './shelf'

export interface Workspace {
  readonly folder: string
  readonly state: string
  readonly documents: Documents
  readonly platforms: Platforms
  /** Run stores, for the timeline. */
  readonly recordings: Runs
  readonly runs: Shelf
  readonly layouts: Shelf
  readonly journals: Journals
  readonly outside: Outside
  readonly builtin: Builtin
}

/** Nothing is created before something is written. */
export function openWorkspace(folder: string = workspaceFolder(), builtin: Builtin = createBuiltin()): Workspace {
  const state = join(folder, 'state')
  const documents = createDocuments(join(folder, 'documents'))
  return {
    folder,
    state,
    documents,
    platforms: createPlatforms(join(folder, 'platforms')),
    recordings: createRuns(join(folder, 'runs')),
    runs: createShelf(join(folder, 'runs'), 'run'),
    layouts: createShelf(join(folder, 'layouts'), 'layout'),
    journals: createJournals(join(state, 'journals')),
    outside: createOutside(state, documents),
    builtin,
  }
}
