/** What only a desktop has: its file dialogs, and an application menu made of the window's command table. */
import { dialog, Menu, type MenuItemConstructorOptions } from 'electron'
import type { Desktop } from './ipc/services'

type Menus = Parameters<Desktop['showMenu']>[0]
type Item = Menus[number]['groups'][number][number]

const SCENARIOS = { name: 'Scenarios', extensions: ['yaml', 'yml'] }
const ALL = { name: 'All files', extensions: ['*'] }

/** `choose` is told the id of the command whose item was clicked. */
export function createDesktop(choose: (command: string) => void): Desktop {
  const show = (menus: Menus) => Menu.setApplicationMenu(Menu.buildFromTemplate(template(menus, choose)))
  show([])
  return {
    async pickFile(what) {
      const answer = await dialog.showOpenDialog({
        title: what === 'run' ? 'Open a run or a trace' : 'Import a machine',
        properties: ['openFile'],
        filters: [
          what === 'run'
            ? { name: 'Run stores and traces', extensions: ['dbrun', 'json'] }
            : { name: 'Captures and platforms', extensions: ['gz', 'tgz', 'tar', 'json'] },
          ALL,
        ],
      })
      return answer.canceled ? null : (answer.filePaths[0] ?? null)
    },
    async openDocuments() {
      const answer = await dialog.showOpenDialog({
        title: 'Open scenarios',
        properties: ['openFile', 'multiSelections'],
        filters: [SCENARIOS, ALL],
      })
      return answer.canceled ? null : answer.filePaths
    },
    async saveDocument(name) {
      const answer = await dialog.showSaveDialog({ title: 'Save as', defaultPath: name, filters: [SCENARIOS] })
      return answer.canceled || !answer.filePath ? null : answer.filePath
    },
    showMenu: show,
  }
}

/** The window's menus between those that the system expects: its own first on macOS, clipboard, zoom, windows. */
function template(menus: Menus, choose: (command: string) => void): MenuItemConstructorOptions[] {
  const own = menus.map((menu): MenuItemConstructorOptions => {
    const items = menu.groups
      .filter((group) => group.length > 0)
      .flatMap((group, i) => [...(i > 0 ? [SEPARATOR] : []), ...group.map((item) => itemOf(item, choose))])
    return { label: menu.title, submenu: [...items, ...(NATIVE[menu.title] ?? [])] }
  })
  const first: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : []
  return [...first, ...own, { role: 'windowMenu' }]
}

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' }
/** What the system does better than the page: the clipboard, the zoom, the end. */
const NATIVE: Readonly<Record<string, MenuItemConstructorOptions[]>> = {
  File: [SEPARATOR, { role: process.platform === 'darwin' ? 'close' : 'quit' }],
  Edit: [SEPARATOR, { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }],
  View: [
    SEPARATOR,
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
    { role: 'toggleDevTools' },
  ],
}

function itemOf(item: Item, choose: (command: string) => void): MenuItemConstructorOptions {
  return {
    id: item.id,
    label: item.title.replaceAll('&', '&&'),
    enabled: item.enabled,
    ...(item.checked === undefined ? {} : { type: 'checkbox', checked: item.checked }),
    // Shown, not taken: the page hears its own keys, and would hear them twice.
    ...(item.keys === undefined ? {} : { accelerator: acceleratorOf(item.keys), registerAccelerator: false }),
    click: () => choose(item.id),
  }
}

const acceleratorOf = (keys: string): string => keys.replace('Mod', 'CommandOrControl')
