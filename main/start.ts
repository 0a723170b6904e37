/** `npm start`: the workbench in a window of its own where that is possible, else served to a browser, and why. */
import { parseArgs } from 'node:util'
import { decide, noDisplay, type Facts } from './launch/decide'
import { findRuntime } from './launch/electron'
import { offerRuntime } from './launch/offer'
import { serveInTerminal } from './launch/terminal'
import { runElectron } from './launch/window'

const USAGE = 'npm start -- [--browser] [--port N] [--no-open]'

async function start(): Promise<number> {
  const options = readOptions()
  if (typeof options === 'string') {
    process.stderr.write(`${options}\nusage: ${USAGE}\n`)
    return 2
  }
  const runtime = findRuntime()
  const facts: Facts = {
    browser: options.browser,
    runtime: runtime.state,
    platform: process.platform,
    env: process.env,
    tty: Boolean(process.stdin.isTTY && process.stdout.isTTY) && !process.env['CI'],
    uid: process.getuid?.(),
  }
  const decision = decide(facts)
  let reason = decision.host === 'serve' ? decision.reason : ''
  let path = decision.host === 'electron' && runtime.state === 'present' ? runtime.path : undefined
  if (decision.host === 'offer' && runtime.state === 'absent') {
    const offered = await offerRuntime(runtime)
    if ('path' in offered) path = offered.path
    else reason = offered.reason
  }
  if (path !== undefined) {
    const outcome = await runElectron(path)
    if (outcome.ran) return outcome.code
    reason = outcome.why
  }
  const open = options.open && noDisplay(facts) === undefined
  const served = await serveInTerminal({ port: options.port, open, reason })
  if (served.ok) return 0
  process.stderr.write(`${served.error.message}\n${served.error.hint ?? ''}\n`)
  return 2
}

/** Or what is wrong with them. */
function readOptions(): { browser: Facts['browser']; open: boolean; port: number } | string {
  try {
    const { values } = parseArgs({
      options: { browser: { type: 'boolean' }, port: { type: 'string' }, 'no-open': { type: 'boolean' } },
    })
    const port = Number(values.port ?? 0)
    if (!Number.isInteger(port) || port < 0 || port > 65535) return `--port ${values.port}: a number from 0 to 65535`
    // A port only means something to the browser, so whoever gives one wants that.
    const browser = values.browser ? '--browser' : values.port !== undefined ? '--port' : undefined
    return { browser, open: values['no-open'] !== true, port }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

process.exitCode = await start()
