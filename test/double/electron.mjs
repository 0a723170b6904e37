/**
 * A stand-in for the `electron` module: enough of it to run the built main bundle under plain Node, and to show the built
 * renderer with the built preload bundle in Chromium. It proves wiring. It is not Electron: preload and page share one
 * JavaScript world, nothing is sandboxed, and dialogs and menus are not shown.
 *
 *     DOUBLE_CDP        a test attaches to the Chromium: the port is sent to the parent process
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
  showSaveDialog: () => Promise.resolve({ canceled: true }),
  showMessageBoxSync: () => 1,
}

/**
 * The desktop's part over the channel that a test opens (stdio 'ipc'): it hears of every application menu, and clicks in
 * it, opens files and starts the program a second time.
 */
let menu = []
const itemsOf = (items) => items.flatMap((item) => [item, ...itemsOf(item.submenu ?? [])])
export const Menu = {
  buildFromTemplate: (template) => ({ items: template }),
  setApplicationMenu({ items }) {
    menu = items
    process.send?.({ menu: JSON.parse(JSON.stringify(items)) })
  },
}
process.on('message', ({ click, openFile, second }) => {
  if (click)
    itemsOf(menu)
      .find((item) => item.id === click)
      ?.click()
  if (openFile) app.emit('open-file', { preventDefault() {} }, openFile)
  if (second) app.emit('second-instance', {}, second.argv, second.folder)
})
// The channel alone does not keep the program running.
process.channel?.unref()
export const nativeTheme = new EventEmitter()
export { app, ipcMain, protocol }
export default { app, BrowserWindow, ipcMain, protocol, session, dialog, Menu, nativeTheme }

process.on('SIGTERM', () => app.quit())
process.on('SIGINT', () => app.quit())
