/**
 * `npm test`: everything that must hold. Linting runs beside the rest, for types and format leave half of a machine of two
 * cores idle; the end-to-end tests run by themselves, for they look at a window that a busy machine makes slow. After a
 * failure nothing more is started. They need a Chromium; without one they are skipped with one line, but never in CI.
 */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { findChromium } from './chromium.mjs'
import { isFresh } from './stamp.mjs'

const root = resolve(import.meta.dirname, '..')
const bin = (name) => resolve(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name)
const failures = []

/** One command; each line that it writes is printed behind its name, so that those of several can be told apart. */
function run([name, command, ...args]) {
  const start = performance.now()
  const child = spawn(command, args, {
    cwd: root,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => console.log(`${name.padEnd(10)} │ ${line}`))
  return new Promise((done) => {
    let error
    child.on('error', (reason) => done((error = reason)))
    child.on('close', (status) => done(error ?? (status === 0 ? undefined : `exit code ${status}`)))
  }).then((why) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`== ${name}: ${why === undefined ? 'passed' : 'FAILED'} in ${seconds} s${why ? ` (${why})` : ''}`)
    if (why !== undefined) failures.push(name)
  })
}

async function inOrder(commands) {
  for (const command of commands) if (failures.length === 0) await run(command)
}

const chromium = findChromium()
const endToEnd = []
if (chromium === undefined) {
  if (process.env.CI) {
    console.error('== end-to-end: FAILED: no Chromium or Chrome on this machine')
    process.exit(1)
  }
  console.log('== end-to-end: skipped, no Chromium or Chrome found (DOORBELL_CHROMIUM=/path names one)')
} else {
  process.env.DOORBELL_CHROMIUM = chromium
  if (!isFresh(root)) endToEnd.push(['build', bin('electron-vite'), 'build', '--logLevel', 'warn'])
  endToEnd.push(['end-to-end', bin('vitest'), 'run', '--project', 'e2e'])
}

await Promise.all([
  inOrder([['lint', bin('eslint'), '.']]),
  inOrder([
    ['imports', process.execPath, 'scripts/check-arrows.mjs'],
    ['types', bin('vue-tsc'), '--noEmit'],
    ['format', bin('prettier'), '--check', '--log-level', 'warn', '.'],
    ['unit', bin('vitest'), 'run', '--project', 'node', '--project', 'dom'],
  ]),
])
await inOrder(endToEnd)
if (failures.length > 0) {
  console.error(`\n== FAILED: ${failures.join(', ')}`)
  process.exit(1)
}
