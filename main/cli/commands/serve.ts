/** `doorbell serve`: the workbench for a browser on this machine. */
import { noDisplay } from '../../launch/decide'
import { serveInTerminal } from '../../launch/terminal'
import { EXIT, fail } from '../exit'
import type { CommandContext } from './context'

export async function serve(
  options: { port: number; open: boolean },
  { io, json, workspace }: CommandContext,
): Promise<number> {
  const open = options.open && noDisplay({ platform: process.platform, env: process.env }) === undefined
  const served = await serveInTerminal({ port: options.port, open, json, workspace })
  return served.ok ? EXIT.ok : fail(io, json, [served.error])
}
