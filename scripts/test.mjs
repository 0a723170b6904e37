/**
 * `npm test`: everything that must hold, cheapest first, stopping at the first failure.
 * The end-to-end part needs a Chromium; without one it is skipped with one line, but never in CI.
 */
import { spawn, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { findChromium } from './chromium.mjs'
import { isFresh } from './stamp.mjs'

const root = resolve(import.meta.dirname, '..')
const bin = (name) => resolve(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name)

function passed(name, start) {
  console.log(`== ${name}: passed in ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

function failed(name, why) {
  console.error(`\n== ${name}: FAILED${why ? ` (${why})` : ''}`)
  process.exit(1)
}

const options = { cwd: root, shell: process.platform === 'win32' }

function step(name, command, args) {
  const start = performance.now()
  console.log(`\n== ${name}`)
  const { status, error } = spawnSync(command, args, { ...options, stdio: 'inherit' })
  if (error || status !== 0) failed(name, error?.message)
  passed(name, start)
}

/** One command whose words are kept until it ends, so that two at once do not mix them. */
function quiet(name, command, args) {
  const start = performance.now()
  return new Promise((done) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
    child.on('error', (error) => failed(name, error.message))
    child.on('close', (status) => {
      console.log(`\n== ${name}`)
      process.stdout.write(said)
      if (status !== 0) failed(name)
      passed(name, start)
      done()
    })
  })
}

/** Lists of commands, each list in its order, the lists beside each other. */
const beside = (...lists) =>
  Promise.all(
    lists.map(async (list) => {
      for (const one of list) await quiet(...one)
    }),
  )

await beside(
  [
    ['import directions', process.execPath, ['scripts/check-arrows.mjs']],
    ['types', bin('vue-tsc'), ['--noEmit']],
    ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  ],
  [['lint', bin('eslint'), ['.']]],
)
step('unit and component tests', bin('vitest'), ['run', '--project', 'node', '--project', 'dom'])

const chromium = findChromium()
if (chromium === undefined) {
  if (process.env.CI) {
    console.error('\n== end-to-end tests: FAILED: no Chromium or Chrome on this machine')
    process.exit(1)
  }
  console.log('\n== end-to-end tests: skipped, no Chromium or Chrome found (DOORBELL_CHROMIUM=/path names one)')
} else {
  if (!isFresh(root)) step('build', bin('electron-vite'), ['build', '--logLevel', 'warn'])
  process.env.DOORBELL_CHROMIUM = chromium
  step('end-to-end tests', bin('vitest'), ['run', '--project', 'e2e'])
}
