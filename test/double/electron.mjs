/**
 * A stand-in for the `electron` module: enough of it to run the built main bundle under plain Node, and to show the built
 * renderer with the built preload bundle in Chromium. It proves wiring. It is not Electron: preload and page share one
 * JavaScript world, nothing is sandboxed, and dialogs and menus are not shown.
 *
 *     DOUBLE_CDP_PORT   port on which a test attaches to the Chromium
 *     DOUBLE_REPORT     file that gets, as JSON, what the main code asked of Electron by the time its window had loaded
 */
import { EventEmitter } from 'node:events'
import { writeFileSync } from 'node:fs'
import { app, ipcMain } from './app.mjs'
import { privileged, protocol } from './schemes.mjs'
import { BrowserWindow as Window, closeBrowser } from './window.mjs'

app.cleanUp = closeBrowser

const asked = {}
const defaultSession = {
  setPermissionRequestHandler(handler) {
    handler({}, 'media', (granted) => (asked.permissionRequest = granted))
  },
  setPermissionCheckHandler(handler) {
    asked.permissionCheck = handler({}, 'clipboard-read')
  },
  setDevicePermissionHandler(handler) {
    asked.devicePermission = handler({})
  },
}

export class BrowserWindow extends Window {
  constructor(options) {
    super(options)
    const file = process.env.DOUBLE_REPORT
    if (!file) return
    this.once('ready-to-show', () => {
      const { preload: _preload, ...webPreferences } = options.webPreferences
      writeFileSync(file, JSON.stringify({ ...asked, webPreferences, schemes: privileged }))
    })
  }
}

export const session = { defaultSession }
export const dialog = {
  showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] }),
  showMessageBoxSync: () => 1,
}
export const Menu = { buildFromTemplate: (template) => ({ items: template }), setApplicationMenu() {} }
export const nativeTheme = new EventEmitter()
export { app, ipcMain, protocol }
export default { app, BrowserWindow, ipcMain, protocol, session, dialog, Menu, nativeTheme }

process.on('SIGTERM', () => app.quit())
process.on('SIGINT', () => app.quit())
