/**
 * `npm test`: everything that must hold, cheapest first, stopping at the first failure.
 * The end-to-end part needs a Chromium; without one it is skipped with one line, but never in CI.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { findChromium } from './chromium.mjs'
import { isFresh } from './stamp.mjs'

const root = resolve(import.meta.dirname, '..')
const bin = (name) => resolve(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name)

function step(name, command, args) {
  const start = performance.now()
  console.log(`\n== ${name}`)
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error || status !== 0) {
    console.error(`\n== ${name}: FAILED${error ? ` (${error.message})` : ''}`)
    process.exit(1)
  }
  console.log(`== ${name}: passed in ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

step('types', bin('vue-tsc'), ['--noEmit'])
step('lint', bin('eslint'), ['.'])
step('format', bin('prettier'), ['--check', '--log-level', 'warn', '.'])
step('import directions', process.execPath, ['scripts/check-arrows.mjs'])
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
