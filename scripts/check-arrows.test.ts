import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkArrows } from './check-arrows.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'doorbell-arrows-'))
  write('main/simulator/faults.ts', 'export const ok = 1\n')
  write('main/simulator/model/model.ts', "import { ok } from '../faults'\nexport const model = ok\n")
  write('main/ipc/host.ts', 'export const host = 1\n')
  write('preload/contract.ts', "export * from './contract/calls'\n")
  write('preload/contract/calls.ts', "import { z } from 'zod'\nexport const calls = z\n")
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, text: string) {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

describe('an import against the arrows is reported with its file and line', () => {
  it.each([
    [
      'simulator to host',
      'main/simulator/model/a.ts',
      "import { host } from '../../ipc/host'",
      'main/simulator/model must not import main/ipc (main/ipc/host.ts)',
    ],
    [
      'type only',
      'main/simulator/model/a.ts',
      "import type { host } from '../../ipc/host'",
      'must not import main/ipc',
    ],
    ['dynamic', 'main/simulator/model/a.ts', "const h = await import('../../ipc/host')", 'must not import main/ipc'],
    ['re-export', 'main/simulator/model/a.ts', "export { host } from '../../ipc/host'", 'must not import main/ipc'],
    [
      'import type node',
      'main/simulator/model/a.ts',
      "type H = import('../../ipc/host').H",
      'must not import main/ipc',
    ],
    [
      'upwards inside the simulator',
      'main/simulator/model/a.ts',
      "import '../engine/b'",
      'imports ../engine/b, which is not there',
    ],
    [
      'node in the simulator',
      'main/simulator/model/a.ts',
      "import fs from 'node:fs'",
      'main/simulator/model must not import node:fs',
    ],
    [
      'electron outside the entry',
      'main/ipc/a.ts',
      "import { app } from 'electron'",
      'main/ipc must not import electron',
    ],
    [
      'vue in the contract',
      'preload/contract/a.ts',
      "import { ref } from 'vue'",
      'preload/contract must not import vue',
    ],
    ['window to host', 'renderer/a.ts', "import { host } from '../main/ipc/host'", 'renderer must not import main/ipc'],
    [
      'window to simulator',
      'renderer/a.ts',
      "import { ok } from '../main/simulator/faults'",
      'renderer must not import main/simulator/faults.ts',
    ],
    ['out of the tree', 'main/ipc/a.ts', "import x from '../../package.json'", 'which is not there'],
    ['a computed name', 'main/ipc/a.ts', 'const x = await import(name)', 'cannot be read'],
  ])('%s', (_what, file, line, message) => {
    write(file, `// one\n\n${line}\n`)
    const problems = checkArrows(root)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`${file}:3: `)
    expect(problems[0]).toContain(message)
  })

  it('also from the script of a Vue file', () => {
    write(
      'renderer/A.vue',
      "<template>\n  <p>import '../main/ipc/host'</p>\n</template>\n<script setup lang=\"ts\">\nimport '../main/ipc/host'\n</script>\n",
    )
    expect(checkArrows(root)).toEqual(['renderer/A.vue:5: renderer must not import main/ipc (main/ipc/host.ts)'])
  })
})

describe('what the simulator may not touch', () => {
  it.each([
    ['Math.random()', 'Math.random'],
    ['Date.now()', 'Date.now'],
    ['new Date()', 'new Date'],
    ['performance.now()', 'performance.now'],
    ['Math.exp(1)', 'Math.exp'],
    ["'a'.localeCompare('b')", 'localeCompare'],
    ['process.env', 'process'],
    ['setTimeout(f)', 'setTimeout'],
  ])('%s', (expression, name) => {
    write('main/simulator/model/a.ts', `export const x = ${expression}\n`)
    const problems = checkArrows(root)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(`main/simulator/model/a.ts:1: ${name}`)
  })

  it('a clock that is passed in, and names of the model’s own, are fine', () => {
    write(
      'main/simulator/model/a.ts',
      'export const f = (now: () => number, process: { id: string }) => [now(), process.id]\n',
    )
    expect(checkArrows(root)).toEqual([])
  })
})

it('imports that follow the picture, and tests, are left alone', () => {
  write('main/ipc/electron.ts', "import type { IpcMain } from 'electron'\nexport type T = IpcMain\n")
  write(
    'main/ipc/a.ts',
    "import { calls } from '../../preload/contract'\nimport { ok } from '../simulator/faults'\nexport const x = [calls, ok]\n",
  )
  write('main/simulator/model/a.test.ts', "import { host } from '../../ipc/host'\nexport const x = host\n")
  expect(checkArrows(root)).toEqual([])
})
