/** Asks whether Electron's runtime should be fetched, and shows how far the fetching is. */
import { createInterface } from 'node:readline/promises'
import { fetchRuntime, findRuntime, type Runtime } from './electron'

const MIB = 1024 * 1024

/** The runtime's executable, or why the browser is used instead. */
export async function offerRuntime(
  runtime: Extract<Runtime, { state: 'absent' }>,
): Promise<{ path: string } | { reason: string }> {
  const interrupt = new AbortController()
  if (!(await ask(runtime.version, interrupt))) return { reason: "Electron's runtime is not fetched" }
  const onInterrupt = () => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  process.stdout.write('Fetching … Ctrl-C goes on in the browser instead.\n')
  const why = await fetchRuntime(runtime, interrupt.signal, show)
  process.off('SIGINT', onInterrupt)
  process.stdout.write('\n')
  const now = findRuntime()
  if (why === undefined && now.state === 'present') return { path: now.path }
  return { reason: `Electron's runtime could not be fetched: ${why ?? 'its files are not where they should be'}` }
}

async function ask(version: string, interrupt: AbortController): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  terminal.once('SIGINT', () => interrupt.abort())
  try {
    const question = `Doorbell's own window needs the runtime of Electron ${version} (about 120 MB), which is not here yet.\nFetch it now? Otherwise Doorbell opens in the browser. [y/N] `
    const answer = await terminal.question(question, { signal: interrupt.signal })
    return /^\s*y(es)?\s*$/i.test(answer)
  } catch {
    process.stdout.write('\n')
    return false // Ctrl-C or Ctrl-D
  } finally {
    terminal.close()
  }
}

function show(transferred: number, total: number | null): void {
  const done = `${(transferred / MIB).toFixed(0)} MiB`
  const line = total
    ? `${done} of ${(total / MIB).toFixed(0)} MiB, ${((100 * transferred) / total).toFixed(0)} %`
    : done
  process.stdout.write(`\r  ${(transferred === total ? `${line}, unpacking` : line).padEnd(48)}`)
}
