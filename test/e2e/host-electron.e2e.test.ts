import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium, type Page } from 'playwright-core'
import { complaints } from './support/browser'

/** The built main, preload and renderer, with the stand-in of test/double in the place of Electron. */
const root = resolve(import.meta.dirname, '../..')
let folder: string
let main: ChildProcess
let page: Page
let wrong: string[]
interface Item {
  id?: string
  label?: string
  role?: string
  enabled?: boolean
  accelerator?: string
  registerAccelerator?: boolean
  submenu?: Item[]
}
/** Every application menu that was set, in order. */
const menus: Item[][] = []
const SCENARIO = `doorbell: 1
title: From outside
litmus:
  variables: { x: false }
  agents:
    A: [{ step: a, set: { x: true } }]
  properties: [{ name: p, sometimes: "x" }]
`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doorbell-electron-'))
  writeFileSync(join(folder, 'argued.yaml'), SCENARIO)
  const args = ['--import', './test/double/register.mjs', 'out/main/index.js', join(folder, 'argued.yaml')]
  main = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      DOORBELL_HOME: join(folder, 'home'),
      DOUBLE_CDP: '1',
      DOUBLE_REPORT: join(folder, 'report.json'),
    },
  })
  const port = await new Promise<number>((listens) =>
    main.on('message', ({ menu, cdpPort }: { menu?: Item[]; cdpPort?: number }) => {
      if (menu) menus.push(menu)
      if (cdpPort !== undefined) listens(cdpPort)
    }),
  )
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
  const opened = browser.contexts()[0]?.pages()[0]
  if (!opened) throw new Error('no page was opened')
  page = opened
  await page.waitForURL(/index\.html$/)
  wrong = complaints(page)
})
afterAll(async () => {
  const gone = once(main, 'exit')
  main.kill('SIGTERM')
  await gone
  rmSync(folder, { recursive: true, force: true })
})

/** Speaks the protocol by hand over the bridge, which it takes away from the window until the next reload. */
const call = (name: string, payload: unknown) =>
  page.evaluate(
    ([name, payload]) =>
      new Promise<unknown>((resolve) => {
        const id = 1_000_000 + Math.floor(Math.random() * 1_000_000)
        const bridge = window.doorbell
        bridge?.listen((message) => {
          const result = message as { kind: string; id: number }
          if (result.kind === 'result' && result.id === id) resolve(result)
        })
        bridge?.send({ kind: 'call', id, name, payload })
      }),
    [name, payload] as const,
  )

it('the window comes up through the real preload script, isolated, without complaint', async () => {
  await page.locator('#app > *').first().waitFor()
  expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(true)
  expect(await page.evaluate(() => Object.keys(window.doorbell ?? {}).sort())).toEqual(['listen', 'send'])
  expect(await page.evaluate(() => Object.isFrozen(window.doorbell))).toBe(true)
  expect(wrong).toEqual([])
})

it('a file among the arguments is open, in place, and saved where it was', async () => {
  await expect.poll(() => page.title()).toBe('argued.yaml — Doorbell')
  await page.locator('.monaco-editor .view-line').first().waitFor()
  await page.locator('.monaco-editor textarea, .monaco-editor .native-edit-context').first().focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.type('# mine')
  await page.keyboard.press('Control+s')
  await expect.poll(() => readFileSync(join(folder, 'argued.yaml'), 'utf8')).toBe(`${SCENARIO}# mine`)
})

it('a double-clicked file and a second start open theirs', async () => {
  for (const name of ['clicked.yaml', 'second.yaml']) writeFileSync(join(folder, name), SCENARIO)
  main.send({ openFile: join(folder, 'clicked.yaml') })
  await expect.poll(() => page.title()).toBe('clicked.yaml — Doorbell')
  main.send({ second: { argv: ['electron', '--flag', 'second.yaml'], folder } })
  await expect.poll(() => page.title()).toBe('second.yaml — Doorbell')
})

it('the desktop’s menu is the command table: it follows what can be done, and does it', async () => {
  const find = (id: string): Item | undefined => {
    const all = (items: Item[]): Item[] => items.flatMap((i) => [i, ...all(i.submenu ?? [])])
    return all(menus.at(-1) ?? []).find((item) => item.id === id)
  }
  await expect.poll(() => find('file.save')?.enabled).toBe(true)
  expect(menus.at(-1)?.map((m) => m.label ?? m.role)).toEqual([
    'File',
    'Edit',
    'View',
    'Explore',
    'Run',
    'Timeline',
    'Help',
    'windowMenu',
  ])
  expect(find('file.save')).toMatchObject({ accelerator: 'CommandOrControl+S', registerAccelerator: false })
  await expect.poll(() => find('edit.undo')?.enabled).toBe(false)
  await page.locator('.monaco-editor:visible textarea, .monaco-editor:visible .native-edit-context').first().focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.insertText('note')
  await expect.poll(() => find('edit.undo')?.label).toBe('Undo Type “note”')
  main.send({ click: 'edit.undo' })
  await expect.poll(() => page.title()).toBe('second.yaml — Doorbell')
  await expect.poll(() => find('edit.redo')?.label).toBe('Redo Type “note”')
  main.send({ click: 'help.shortcuts' })
  await page.getByTestId('shortcuts').waitFor()
  await page.keyboard.press('Escape')
})

it('calls reach the real host, which says that it is Electron’s', async () => {
  expect(await call('app.info', {})).toMatchObject({
    ok: true,
    value: { host: 'electron', version: /^\d+\.\d+\.\d+$/ },
  })
  expect(await call('no.such.call', {})).toMatchObject({ ok: false, error: { code: 'NO_SUCH_CALL' } })
  expect(await call('document.write', { name: 1 })).toMatchObject({ ok: false, error: { code: 'BAD_REQUEST' } })
})

it('after a reload the page has a connection of its own', async () => {
  await page.reload()
  await page.locator('#app > *').first().waitFor()
  expect(await call('app.info', {})).toMatchObject({ ok: true })
})

it('typed arrays survive: a file goes up in pieces and is refused for what it is', async () => {
  const bytes = [...new TextEncoder().encode('not a capture')]
  const began = (await call('upload.begin', { name: 'x.bin', size: bytes.length })) as { value: { upload: string } }
  const { upload } = began.value
  expect(await call('upload.piece', { upload, offset: 0, bytes: Uint8Array.from(bytes) })).toMatchObject({
    ok: true,
    value: { received: bytes.length },
  })
  expect(await call('platform.import', { upload })).toMatchObject({
    ok: false,
    error: { code: 'FILE_KIND_UNKNOWN', file: 'x.bin' },
  })
})

it('neither new windows nor navigation are let through', async () => {
  const before = page.url()
  await page.evaluate(() => void window.open('https://example.invalid/'))
  await expect.poll(() => page.context().pages().length).toBe(1)
  await page.evaluate(() => void (location.href = 'https://example.invalid/'))
  await page.waitForTimeout(300)
  expect(page.url()).toBe(before)
})

it('Electron is asked for a sandbox, isolation and no permissions', () => {
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toMatchObject({
    webPreferences: { contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false },
    permissionRequest: false,
    permissionCheck: false,
    devicePermission: false,
    schemes: [{ scheme: 'app', privileges: { standard: true, secure: true } }],
  })
})
