import type { Command } from './command'

export function lanesCommands(): Command[] {
  return []
}
