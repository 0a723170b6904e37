/** What every command gets. */
import type { Simulator } from '../../worker/simulator'
import type { Workspace } from '../../workspace/workspace'
import type { Io } from '../io'

export interface CommandContext {
  readonly io: Io
  readonly json: boolean
  readonly workspace: Workspace
  /** Loaded only by the commands that simulate: it is most of the start-up time. */
  readonly simulator: () => Promise<Simulator>
}
