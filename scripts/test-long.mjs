/** `npm run test:long`: the end-to-end tests of which `npm test` runs a short form: all tours, and axe-core in every theme. */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { findChromium } from './chromium.mjs'

const root = resolve(import.meta.dirname, '..')
const vitest = resolve(root, 'node_modules/vitest/vitest.mjs')
const files = ['test/e2e/tours.e2e.test.ts', 'test/e2e/axe.e2e.test.ts']
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'e2e', ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, DOORBELL_LONG: '1', DOORBELL_CHROMIUM: process.env.DOORBELL_CHROMIUM ?? findChromium() },
})
process.exit(status ?? 1)
