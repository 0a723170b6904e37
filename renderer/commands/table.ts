/** The command table: everything that can be done, once. */
import { fileCommands } from './file'
import { exploreCommands } from './explore'
import { planCommands } from './plan'
import { runCommands } from './run'
import { timelineCommands } from './timeline'
import { viewCommands } from './view'
import { questionCommands } from './questions'
import { isEnabled, type Command } from './command'

let table: Command[] | undefined

/** Made once, when the stores are there. */
export function commands(): readonly Command[] {
  table ??= [
    ...fileCommands(),
    ...planCommands(),
    ...viewCommands(),
    ...exploreCommands(),
    ...questionCommands(),
    ...runCommands(),
    ...timelineCommands(),
  ]
  return table
}

export function commandById(id: string): Command {
  const command = commands().find((c) => c.id === id)
  if (!command) throw new Error(`invariant broken: no command ${id}`)
  return command
}

/** What buttons do. One that cannot be done now does nothing. */
export async function runCommand(id: string, what?: string): Promise<void> {
  const command = commandById(id)
  if (isEnabled(command, what)) await command.run(what)
}

/** For tests, which make fresh stores. */
export function forgetCommands(): void {
  table = undefined
}
