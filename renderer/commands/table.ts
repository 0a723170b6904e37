/** The command table: everything that can be done, once. */
import { useDialogs } from '../stores/dialogs'
import { isEnabled, type Command } from './command'
import { boardCommands } from './board'
import { capabilityCommands } from './capabilities'
import { editCommands } from './edit'
import { exploreCommands } from './explore'
import { fileCommands } from './file'
import { lanesCommands } from './lanes'
import { outputCommands } from './output'
import { planCommands } from './plan'
import { platformCommands } from './platform'
import { registerCommands } from './registers'
import { reportCommands } from './report'
import { runCommands } from './run'
import { timelineCommands } from './timeline'
import { topologyCommands } from './topology'
import { tourCommands } from './tour'
import { viewCommands } from './view'
import { questionCommands } from './questions'

let table: Command[] | undefined
let byId = new Map<string, Command>()

/** Made once, when the stores are there. */
export function commands(): readonly Command[] {
  if (!table) {
    table = [
      ...fileCommands(),
      ...editCommands(),
      ...platformCommands(),
      ...planCommands(),
      ...viewCommands(),
      ...outputCommands(),
      ...topologyCommands(),
      ...boardCommands(),
      ...capabilityCommands(),
      ...exploreCommands(),
      ...questionCommands(),
      ...runCommands(),
      ...registerCommands(),
      ...reportCommands(),
      ...timelineCommands(),
      ...lanesCommands(),
      ...tourCommands(),
    ]
    byId = new Map(table.map((command) => [command.id, command]))
  }
  return table
}

export function commandById(id: string): Command {
  commands()
  const command = byId.get(id)
  if (!command) throw new Error(`invariant broken: no command ${id}`)
  return command
}

/** Every action of the window comes through here. One that cannot be done now does nothing. */
export async function runCommand(id: string, what?: string): Promise<void> {
  const command = commandById(id)
  if (!isEnabled(command, what)) return
  if (what === undefined && command.choices) return useDialogs().openPalette(id)
  await command.run(what)
}

/** For tests, which make fresh stores. */
export function forgetCommands(): void {
  table = undefined
}
