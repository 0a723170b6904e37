/**
 * `npm run test:long`: in full what `npm test` takes in a short form: all tours, axe-core in every theme, 500 random
 * models in Spin, and every built-in scenario through check-all.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { findChromium } from './chromium.mjs'

const root = resolve(import.meta.dirname, '..')
const vitest = resolve(root, 'node_modules/vitest/vitest.mjs')
const PARTS = [
  ['--project', 'node', 'main/cli/cli.test.ts', 'main/simulator/model/spin.test.ts'],
  ['--project', 'e2e', 'test/e2e/tours.e2e.test.ts', 'test/e2e/axe.e2e.test.ts'],
]
const env = {
  DOORBELL_SPIN_RUNS: '500',
  ...process.env,
  DOORBELL_LONG: '1',
  DOORBELL_CHROMIUM: process.env.DOORBELL_CHROMIUM ?? findChromium(),
}
const ended = PARTS.map((part) =>
  spawnSync(process.execPath, [vitest, 'run', ...part], { cwd: root, stdio: 'inherit', env }),
)
process.exit(ended.every(({ status }) => status === 0) ? 0 : 1)
