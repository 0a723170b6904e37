/** The Electron entry: one window on app://doorbell/, locked down; everything else is the host's. */
import { join, resolve } from 'node:path'
import { app, BrowserWindow, dialog, ipcMain, protocol, session } from 'electron'
import { createDesktop } from './desktop'
import { serveElectron } from './ipc/electron'
import { createHost } from './ipc/host'
import { readPage, securityHeaders } from './ipc/pages'
import { spawnWorker } from './worker/spawn'
import { importFile } from './workspace/import-file'
import { packageFolder } from './workspace/root'

const SCHEME = 'app'
const ORIGIN = `${SCHEME}://doorbell`
const pages = join(packageFolder(), 'out/renderer')
const isOurs = (url: string) => url.startsWith(`${ORIGIN}/`)

// Before `ready`: the scheme is a secure, standard origin, so that module scripts, workers and isolation work as over https.
protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true } },
])
app.enableSandbox()

/** Scenario files among the arguments of a start, as paths: `electron . --flag mine.yaml`. */
const filesIn = (argv: readonly string[], folder: string): string[] =>
  argv.slice(1).flatMap((word) => (!word.startsWith('-') && /\.ya?ml$/i.test(word) ? [resolve(folder, word)] : []))

// macOS names a double-clicked file before the application is ready.
let open: (paths: readonly string[]) => void = (paths) => void early.push(...paths)
const early: string[] = filesIn(process.argv, process.cwd())
app.on('open-file', (event, path) => {
  event.preventDefault()
  open([path])
})

if (app.requestSingleInstanceLock()) void app.whenReady().then(run)
else app.quit()

function run(): void {
  const headers = securityHeaders()
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url)
    if (url.host !== 'doorbell' || request.method !== 'GET') return new Response('not found', { status: 404, headers })
    const { status, type, body } = await readPage(pages, url.pathname)
    return new Response(body, { status, headers: { ...headers, 'Content-Type': type } })
  })
  // Nothing that a page could ask for is ever needed: no camera, no notifications, no clipboard reading, no devices.
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
  session.defaultSession.setDevicePermissionHandler(() => false)
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    for (const event of ['will-navigate', 'will-redirect', 'will-attach-webview'] as const)
      contents.on(event as 'will-navigate', (details) => details.preventDefault())
  })

  const host = createHost({
    kind: 'electron',
    spawn: spawnWorker,
    importFile,
    desktop: createDesktop((command) => host.choose(command)),
  })
  serveElectron(ipcMain, host.server, isOurs)
  open = (paths) => host.open(paths)
  open(early)
  const window = openWindow()

  app.on('second-instance', (_event, argv, folder) => {
    if (window.isMinimized()) window.restore()
    window.focus()
    open(filesIn(argv, folder))
  })
  app.on('window-all-closed', () => void host.close().finally(() => app.quit()))
}

function openWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 560,
    show: false,
    title: 'Doorbell',
    backgroundColor: '#14171c',
    webPreferences: {
      preload: join(packageFolder(), 'out/preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  // The page objects while a document is not saved; preventing this event lets the page go all the same.
  window.webContents.on('will-prevent-unload', (event) => {
    const leave = dialog.showMessageBoxSync(window, {
      type: 'question',
      message: 'Close without saving?',
      detail: 'A document has changes that are not saved in the workspace.',
      buttons: ['Keep open', 'Close without saving'],
      defaultId: 0,
      cancelId: 0,
    })
    if (leave === 1) event.preventDefault()
  })
  void window.loadURL(`${ORIGIN}/index.html`)
  return window
}
