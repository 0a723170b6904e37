import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decide, noDisplay, type Facts } from './decide'
import { findRuntime } from './electron'

const desktop: Facts = {
  browser: undefined,
  runtime: 'present',
  platform: 'linux',
  env: { DISPLAY: ':0' },
  tty: true,
  uid: 1000,
}

describe('Electron is used', () => {
  it('where its runtime and a display are there', () => {
    expect(decide(desktop)).toEqual({ host: 'electron' })
    expect(decide({ ...desktop, env: { WAYLAND_DISPLAY: 'wayland-0' } })).toEqual({ host: 'electron' })
    expect(decide({ ...desktop, platform: 'darwin', env: {} })).toEqual({ host: 'electron' })
  })

  it('after a question, where only its runtime is missing and someone can answer', () => {
    expect(decide({ ...desktop, runtime: 'absent' })).toEqual({ host: 'offer' })
  })
})

describe('the browser is used, and the reason says so', () => {
  it.each([
    ['on purpose', { browser: '--browser' as const }, '--browser asks for it'],
    ['without a display', { env: {} }, 'no display'],
    ['in a remote login', { platform: 'darwin' as const, env: { SSH_CONNECTION: 'a b' } }, 'remote login'],
    ['as root', { uid: 0 }, 'does not run as root'],
    ['without the runtime and nobody to ask', { runtime: 'absent' as const, tty: false }, 'npx install-electron'],
    ['without the package', { runtime: 'not-installed' as const }, 'not installed'],
  ])('%s', (_case, facts, words) => {
    const decision = decide({ ...desktop, ...facts })
    expect(decision.host).toBe('serve')
    expect('reason' in decision && decision.reason).toContain(words)
  })

  it('a display missing is said before a runtime missing: fetching would not help', () => {
    expect(decide({ ...desktop, env: {}, runtime: 'absent' })).toMatchObject({
      reason: noDisplay({ platform: 'linux', env: {} }),
    })
  })
})

describe('the runtime', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'doorbell-runtime-'))
    writeFileSync(join(folder, 'package.json'), '{}')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const find = (env = {}) => findRuntime(env, join(folder, 'package.json'))
  const install = () => {
    const electron = join(folder, 'node_modules/electron')
    mkdirSync(join(electron, 'dist'), { recursive: true })
    writeFileSync(join(electron, 'package.json'), JSON.stringify({ name: 'electron', version: '45.3.4' }))
    return electron
  }

  it('is not installed, absent, or present, and looking fetches nothing', () => {
    expect(find()).toEqual({ state: 'not-installed' })
    const electron = install()
    expect(find()).toMatchObject({ state: 'absent', version: '45.3.4' })
    writeFileSync(join(electron, 'path.txt'), 'electron')
    expect(find()).toMatchObject({ state: 'absent' }) // half unpacked
    writeFileSync(join(electron, 'dist/electron'), '')
    expect(find()).toEqual({ state: 'present', path: expect.stringMatching(/dist.electron$/) as string })
  })

  it('is taken from where ELECTRON_OVERRIDE_DIST_PATH says', () => {
    install()
    writeFileSync(join(folder, 'electron'), '')
    expect(find({ ELECTRON_OVERRIDE_DIST_PATH: folder })).toEqual({ state: 'present', path: join(folder, 'electron') })
  })
})
