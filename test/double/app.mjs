/** app, ipcMain and the folder of this run. */
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const userData = mkdtempSync(join(tmpdir(), 'doorbell-double-'))

class App extends EventEmitter {
  #ready = false
  #whenReady = new Promise((done) =>
    setTimeout(() => {
      this.#ready = true
      done()
      this.emit('ready')
    }, 0),
  )
  /** Set by electron.mjs: closes what must be closed before the process ends. */
  cleanUp = () => Promise.resolve()

  whenReady() {
    return this.#whenReady
  }
  isReady() {
    return this.#ready
  }
  getPath(name) {
    return name === 'userData' ? userData : join(userData, name)
  }
  requestSingleInstanceLock() {
    return true
  }
  enableSandbox() {}
  quit() {
    this.emit('will-quit', { preventDefault() {} })
    this.exit(0)
  }
  exit(code = 0) {
    void this.cleanUp().then(() => {
      try {
        rmSync(userData, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
      } catch {
        // Chromium may still be writing its cache
      }
      process.exit(code)
    })
  }
}
export const app = new App()

class IpcMain extends EventEmitter {
  handlers = new Map()
  handle(channel, handler) {
    if (this.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    this.handlers.set(channel, handler)
  }
}
export const ipcMain = new IpcMain()
