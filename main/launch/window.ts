/** Starts Electron with this package, and tells whether a window came of it. */
import { spawn } from 'node:child_process'
import { packageFolder } from '../workspace/root'

/** Milliseconds. A runtime that lacks a library, or may not use its sandbox, gives up well within. */
const EARLY = 5000

export type Outcome = { readonly ran: true; readonly code: number } | { readonly ran: false; readonly why: string }

export function runElectron(path: string): Promise<Outcome> {
  const env = { ...process.env }
  delete env['ELECTRON_RUN_AS_NODE'] // would run our entry as plain Node
  const started = performance.now()
  return new Promise((resolve) => {
    const child = spawn(path, [packageFolder()], { stdio: 'inherit', env })
    const pass = (signal: NodeJS.Signals) => child.kill(signal)
    process.on('SIGINT', pass).on('SIGTERM', pass)
    const end = (outcome: Outcome) => {
      process.off('SIGINT', pass).off('SIGTERM', pass)
      resolve(outcome)
    }
    child.on('error', (error) => end({ ran: false, why: `Electron did not start (${error.message})` }))
    child.on('exit', (code, signal) => {
      const early = performance.now() - started < EARLY
      if (code !== 0 && signal !== 'SIGINT' && signal !== 'SIGTERM' && early)
        end({ ran: false, why: `Electron ended at once (${signal ?? `exit code ${code}`})` })
      else end({ ran: true, code: code ?? 0 })
    })
  })
}
