/** `npm run crash`: the host is killed 200 times at random moments; see test/e2e/crash.e2e.test.ts. */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const vitest = resolve(root, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'e2e', 'test/e2e/crash.e2e.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { DOORBELL_CRASH_KILLS: '200', ...process.env },
})
process.exit(status ?? 1)
