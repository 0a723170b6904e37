/** BrowserWindow and webContents: a Chromium page that runs the real preload bundle and the real renderer. */
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { deserialize, serialize } from 'node:v8'
import { chromium } from 'playwright-core'
import { findChromium } from '../../scripts/chromium.mjs'
import { app, ipcMain, userData } from './app.mjs'
import { preloadScript } from './preload.mjs'
import { asScheme, hosted } from './schemes.mjs'
import { wire } from './wire.mjs'

/** Electron structured-clones everything that crosses IPC. */
const clone = (value) => deserialize(serialize(value))

let context
const browser = () => (context ??= launch())
async function launch() {
  const folder = join(userData, 'chromium')
  const launched = await chromium.launchPersistentContext(folder, {
    executablePath: findChromium(),
    headless: true,
    viewport: null,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(process.env.DOUBLE_CDP ? ['--remote-debugging-port=0'] : []),
    ],
  })
  if (process.env.DOUBLE_CDP) process.send?.({ cdpPort: await chosenPort(join(folder, 'DevToolsActivePort')) })
  return launched
}

/** Chromium writes it into its profile when it listens. */
async function chosenPort(file) {
  for (;;) {
    const [port] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    if (port) return Number(port)
    await later(50)
  }
}

export const closeBrowser = async () => void (await (await context)?.close().catch(() => {}))

class WebContents extends EventEmitter {
  #queue = []
  #window
  _openHandler = () => ({ action: 'allow' })
  constructor(window) {
    super()
    this.#window = window
    this.id = window.id
  }
  /** Batched: one evaluate per turn, so that many events do not queue thousands of calls. */
  send(channel, ...args) {
    this.#queue.push([channel, wire.pack(clone(args))])
    if (this.#queue.length === 1) void this.#flush()
  }
  async #flush() {
    await this.#window._loaded
    const batch = this.#queue.splice(0)
    await this.#window._page?.evaluate((messages) => window.__doubleEmit?.(messages), batch).catch(() => {})
  }
  getURL() {
    return asScheme(this.#window._page?.url() ?? '')
  }
  isDestroyed() {
    return this.#window.isDestroyed()
  }
  setWindowOpenHandler(handler) {
    this._openHandler = handler
  }
}

const windows = new Map()
let nextId = 1

export class BrowserWindow extends EventEmitter {
  static getAllWindows() {
    return [...windows.values()]
  }
  #closed = false
  constructor(options = {}) {
    super()
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready')
    this.id = nextId++
    this.options = options
    this.webContents = new WebContents(this)
    windows.set(this.id, this)
    this._loaded = new Promise((done) => (this._markLoaded = done))
    app.emit('web-contents-created', {}, this.webContents)
    this._pageReady = this.#open()
    this._pageReady.catch((error) => {
      console.error('[electron double]', error)
      app.exit(1)
    })
  }
  async #open() {
    const { width = 800, height = 600, webPreferences = {} } = this.options
    const context = await browser()
    const page = context.pages()[0] ?? (await context.newPage())
    this._page = page
    await page.setViewportSize({ width, height })
    await this.#ipc(page)
    await this.#guards(page)
    if (webPreferences.preload)
      await page.addInitScript({
        content: preloadScript(readFileSync(resolve(webPreferences.preload), 'utf8'), this.id),
      })
    page.on('console', (message) => {
      if (message.type() === 'error') console.error('[renderer]', message.text())
    })
    page.on('pageerror', (error) => console.error('[renderer]', error))
    page.on('close', () => this.#gone())
    page.on('domcontentloaded', () => this._markLoaded())
    page.on('load', () => this.emit('ready-to-show'))
    return page
  }
  async #ipc(page) {
    // A frame's address as main code sees it in Electron.
    const event = () => ({ sender: this.webContents, senderFrame: { url: asScheme(page.url()), parent: null } })
    await page.exposeFunction('__doubleInvoke', async (_window, channel, args) => {
      const handler = ipcMain.handlers.get(channel)
      if (!handler) return { error: `Error: No handler registered for '${channel}'` }
      try {
        return { value: wire.pack(clone(await handler(event(), ...wire.unpack(args)))) }
      } catch (error) {
        return { error: String(error) }
      }
    })
    await page.exposeFunction('__doubleSend', (_window, channel, args) => {
      ipcMain.emit(channel, event(), ...wire.unpack(args))
    })
  }
  /** Navigation and new windows ask the handlers that the main code set. */
  async #guards(page) {
    await page.route('**/*', (route, request) => {
      if (!request.isNavigationRequest() || request.frame() !== page.mainFrame() || page.url() === 'about:blank')
        return route.continue()
      if (asScheme(request.url()) === this.webContents.getURL()) return route.continue() // reload
      let prevented = false
      const details = { url: asScheme(request.url()), preventDefault: () => (prevented = true) }
      this.webContents.emit('will-navigate', details, details.url)
      return prevented ? route.abort('aborted') : route.continue()
    })
    page.context().on('page', async (popup) => {
      if (popup === page) return
      const { action } = this.webContents._openHandler({ url: popup.url() })
      if (action === 'deny') await popup.close()
    })
  }
  async loadURL(url) {
    const page = await this._pageReady
    await page.goto(/^(https?|data|about):/.test(url) ? url : await hosted(url))
  }
  #gone() {
    if (this.#closed) return
    this.#closed = true
    windows.delete(this.id)
    this.webContents.emit('destroyed')
    this.emit('closed')
    if (windows.size > 0) return
    if (app.listenerCount('window-all-closed') > 0) app.emit('window-all-closed')
    else app.quit()
  }
  isDestroyed() {
    return this.#closed
  }
  show() {}
  focus() {}
  restore() {}
  isMinimized() {
    return false
  }
}
