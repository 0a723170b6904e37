import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

/** The built entries, started as a person starts them. */
const root = resolve(import.meta.dirname, '../..')
let folder: string
let children: ChildProcess[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorbell-start-'))
  children = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function start(args: string[], env: Record<string, string> = {}) {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...rest } = process.env
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...rest, DOORBELL_HOME: join(folder, 'home'), ...env },
  })
  children.push(child)
  const said = { out: '', err: '' }
  child.stdout.on('data', (data: Buffer) => (said.out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (said.err += data.toString()))
  const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)))
  return { child, said, ended }
}
const started = resolve(root, 'out/main/start.js')
const command = resolve(root, 'bin/doorbell.js')
const LINK = /http:\/\/127\.0\.0\.1:(\d+)\/\?token=[\w-]+/

it('npm start without a display serves the workbench, says why, and ends at a signal', async () => {
  const { child, said, ended } = start([started])
  await expect.poll(() => said.out).toMatch(LINK)
  expect(said.out).toContain('there is no display')
  const [link = ''] = LINK.exec(said.out) ?? []
  expect((await fetch(link, { redirect: 'manual' })).status).toBe(303)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(said.err).toBe('')
})

it('npm start -- --browser is served on purpose, also where there is a display', async () => {
  const { said } = start([started, '--browser', '--no-open'], { DISPLAY: ':0' })
  await expect.poll(() => said.out).toMatch(LINK)
  expect(said.out).toContain('--browser asks for it')
})

it.runIf(process.getuid?.() !== 0 && process.platform === 'linux')(
  'an Electron that ends at once is told, and the browser takes its place',
  async () => {
    writeFileSync(join(folder, 'electron'), '#!/bin/sh\nexit 127\n')
    chmodSync(join(folder, 'electron'), 0o755)
    const { said } = start([started, '--no-open'], { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: folder })
    await expect.poll(() => said.out).toMatch(LINK)
    expect(said.out).toContain('Electron ended at once (exit code 127)')
  },
)

it('a wrong option and a port that is taken end with 2 and words', async () => {
  const wrong = start([started, '--brwoser'])
  expect(await wrong.ended).toBe(2)
  expect(wrong.said.err).toContain('usage: npm start')
  const first = start([command, 'serve', '--json', '--no-open'])
  await expect.poll(() => first.said.out).toMatch(LINK)
  const { port } = JSON.parse(first.said.out) as { port: number }
  const second = start([command, 'serve', '--json', '--no-open', '--port', String(port)])
  expect(await second.ended).toBe(2)
  expect(JSON.parse(second.said.out)).toMatchObject({ error: { code: 'USAGE', message: /EADDRINUSE/ } })
})

it('doorbell explore is interrupted by Ctrl-C: it says what was covered', async () => {
  const interruptedAfter = async (ms: number) => {
    const { child, said, ended } = start([
      command,
      'explore',
      'idxd-vsvm-scaled',
      '--scale',
      'vectors=3,devices=2',
      '--no-reduce', // so that it runs for hours
      '--json',
    ])
    await new Promise((later) => setTimeout(later, ms))
    child.kill('SIGINT')
    const code = await ended
    // A signal that comes before it listens ends it as it ends any program.
    return code === null ? { states: 0 } : { code, ...(JSON.parse(said.out) as { states: number }) }
  }
  let result = await interruptedAfter(2000)
  for (let ms = 4000; result.states <= 100 && ms < 100_000; ms *= 2) result = await interruptedAfter(ms)
  expect(result).toMatchObject({ complete: false, stopped: 'cancelled' })
  expect(result.states).toBeGreaterThan(100)
  expect(result).toHaveProperty('code', expect.toBeOneOf([1, 3])) // 1 when a violation was found by then
})

it('doorbell | head does not complain', async () => {
  const { said, ended } = start([
    '-e',
    `
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, [${JSON.stringify(command)}, 'explore', 'idxd-vsvm-late'], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.destroy()
    child.on('exit', () => undefined)
  `,
  ])
  await ended
  expect(said.err).toBe('')
})
