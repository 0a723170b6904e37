import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const ARGS = ['explore', 'ims-family-late', '--scale', 'devices=2,vectors=1,descriptors=1', '--json']

/** A copy of what the short way needs, to be damaged. */
let copy: string
const bytecode = (): string => join(copy, 'out/main/short.cjs.bytecode')
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'doorbell-short-'))
  mkdirSync(join(copy, 'out'))
  for (const path of ['bin', 'package.json', 'out/main'])
    cpSync(join(root, path), join(copy, path), { recursive: true })
  symlinkSync(join(root, 'resources'), join(copy, 'resources'), 'junction')
})
afterEach(() => rmSync(copy, { recursive: true, force: true }))

const run = (folder: string, args: readonly string[] = ARGS) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin/doorbell.js'), ...args], {
    encoding: 'utf8',
  })
  return { status, stdout: stdout.replace(/"elapsedMs":\d+/, ''), stderr }
}

/** Whether the bytecode beside the file is taken, in a process that has the flags of a start. */
const accepted = (): boolean => {
  const script = `process.exit(require('./bin/compiled.js').compiled(require('path').resolve('out/main/short.cjs')).accepted ? 0 : 9)`
  return spawnSync(process.execPath, ['-e', script], { cwd: copy }).status === 0
}

describe('a cold explore of a built-in litmus scenario', () => {
  it('starts from the bytecode that the build kept', () => {
    expect(accepted()).toBe(true)
    expect(run(copy)).toEqual(run(root))
  })

  it('says the same without it, and with one that is cut off or of another source', () => {
    const expected = run(root)
    expect(expected).toMatchObject({ status: 1, stderr: '' })
    truncateSync(bytecode(), 5000)
    expect(accepted()).toBe(false)
    expect(run(copy)).toEqual(expected)
    writeFileSync(bytecode(), readFileSync(join(root, 'out/main/short.cjs.bytecode')).fill('0', 0, 64))
    expect(accepted()).toBe(false)
    expect(run(copy)).toEqual(expected)
    rmSync(bytecode())
    expect(run(copy)).toEqual(expected)
  })

  it('says what the whole way says', () => {
    const short = run(copy)
    rmSync(join(copy, 'out/main/catalogue'), { recursive: true })
    // The packages that are not bundled lie beside the project.
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
    expect(run(copy)).toEqual(short)
  })

  it('needs nothing of what the whole way loads', () => {
    writeFileSync(join(copy, 'out/main/cli.js'), 'throw new Error("loaded")\n')
    expect(run(copy)).toEqual(run(root))
    expect(run(copy, ['scenarios'])).toMatchObject({ status: 1 })
  })
})
