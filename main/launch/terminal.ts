/** The terminal side of the served workbench: prints the link, gives new ones, opens a browser, ends on a signal. */
import { spawn } from 'node:child_process'
import { startServer, type ServeOptions, type Served } from '../serve'
import { ok, type Result } from '../simulator/faults'

export interface TerminalOptions extends ServeOptions {
  /** Why it is served and not in a window of its own; none is printed when undefined. */
  readonly reason?: string
  readonly open: boolean
  /** Prints `{"url": …, "port": …}` instead of words. */
  readonly json?: boolean
}

/** Serves until SIGINT, SIGTERM or SIGHUP; resolves when it has closed. Errors: those of `startServer`. */
export async function serveInTerminal({
  reason,
  open,
  json = false,
  ...options
}: TerminalOptions): Promise<Result<null>> {
  const started = await startServer(options)
  if (!started.ok) return started
  const served = started.value
  const url = served.link()
  if (json) process.stdout.write(JSON.stringify({ url, port: served.port }) + '\n')
  else process.stdout.write(words(url, reason))
  if (open) openBrowser(url)
  const stop = json ? () => undefined : offerNewLinks(served)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  stop()
  await served.close()
  return ok(null)
}

const words = (url: string, reason: string | undefined) =>
  `Doorbell is served to a browser on this machine${reason === undefined ? '' : `: ${reason}`}.

    ${url}

The link works once, in one browser.${process.stdin.isTTY ? ' Enter prints a new one,' : ''} Ctrl-C ends.
`

function offerNewLinks(served: Served): () => void {
  if (!process.stdin.isTTY) return () => undefined
  const give = () => process.stdout.write(`    ${served.link()}\n`)
  process.stdin.on('data', give).resume() // a question asked before has paused it
  return () => {
    process.stdin.off('data', give)
    process.stdin.pause()
  }
}

/** Only when there is a display. A browser that does not start is no error: the link stands in the terminal. */
function openBrowser(url: string): void {
  const [command, args] =
    process.platform === 'win32'
      ? (['cmd', ['/c', 'start', '""', url]] as const)
      : ([process.platform === 'darwin' ? 'open' : 'xdg-open', [url]] as const)
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
