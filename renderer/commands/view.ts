import {
  Check,
  Command as CommandIcon,
  Contrast,
  Keyboard,
  Maximize2,
  Palette,
  PanelLeft,
  RotateCcw,
  SunMoon,
} from '@lucide/vue'
import { THEMES, useAppearance, type ThemeChoice } from '../stores/appearance'
import { useDialogs } from '../stores/dialogs'
import { useCatalogue } from '../stores/catalogue'
import { useHostInfo } from '../stores/host'
import { PANELS, type PanelId } from '../model/panels'
import { documentKey, useLayout } from '../stores/layout'
import { useNotices } from '../stores/notices'
import { closeDocument, saveLayout, showSavedLayout } from './actions'
import type { Command } from './command'

const PANEL_KEYS: Record<PanelId, string> = {
  topology: 'Alt+1',
  programming: 'Alt+2',
  timeline: 'Alt+3',
  explorer: 'Alt+4',
  stepper: 'Alt+5',
  problems: 'Alt+6',
  output: 'Alt+U',
  plan: 'Alt+7',
  explain: 'Alt+8',
  lanes: 'Alt+9',
  history: 'Alt+H',
  beside: 'Alt+K',
  welcome: 'Alt+0',
}

const THEME_WORDS: Record<ThemeChoice, string> = {
  system: 'As the system has it',
  light: 'Light',
  dark: 'Dark',
  'contrast-light': 'High contrast, light',
  'contrast-dark': 'High contrast, dark',
}

export function viewCommands(): Command[] {
  const appearance = useAppearance()
  const dialogs = useDialogs()
  const layout = useLayout()
  const catalogue = useCatalogue()
  const host = useHostInfo()
  const notices = useNotices()
  const panels = (Object.keys(PANEL_KEYS) as PanelId[]).map((id): Command => ({
    id: `view.${id}`,
    title: `Show ${PANELS[id]}`,
    category: 'View',
    keys: [PANEL_KEYS[id]],
    group: 2,
    run: () => layout.show(id),
  }))
  return [
    {
      id: 'view.palette',
      title: 'Command palette',
      category: 'View',
      keys: ['Mod+Shift+P', 'F1'],
      icon: CommandIcon,
      group: 1,
      run: () => dialogs.openPalette('commands'),
    },
    ...panels,
    {
      id: 'view.sidebar',
      title: 'Side bar',
      category: 'View',
      keys: ['Mod+B'],
      icon: PanelLeft,
      group: 3,
      checked: () => layout.sidebarOpen,
      run: () => layout.toggleSidebar(),
    },
    {
      id: 'view.maximise',
      title: 'Maximise panel',
      category: 'View',
      keys: ['Alt+Enter'],
      icon: Maximize2,
      group: 3,
      checked: () => layout.maximised,
      run: () => layout.toggleMaximised(),
    },
    { id: 'view.next', title: 'Next panel', category: 'View', keys: ['F6'], group: 3, run: () => layout.focusNext(1) },
    {
      id: 'view.previous',
      title: 'Previous panel',
      category: 'View',
      keys: ['Shift+F6'],
      group: 3,
      run: () => layout.focusNext(-1),
    },
    {
      id: 'view.closePanel',
      title: 'Close panel',
      category: 'View',
      keys: ['Alt+Shift+W'],
      group: 3,
      when: (what) => what !== undefined || layout.focused !== null,
      run: (what) => {
        const id = what ?? layout.focused
        const key = id ? documentKey(id) : null
        if (key) closeDocument(key)
        else if (id) layout.closePanel(id)
      },
    },
    {
      id: 'view.saveLayout',
      title: 'Keep this layout…',
      category: 'View',
      group: 3,
      when: () => layout.state !== null,
      run: saveLayout,
    },
    {
      id: 'view.useLayout',
      title: 'Use a kept layout…',
      category: 'View',
      group: 3,
      choices: () => catalogue.layouts.map((name) => ({ value: name, title: name, note: 'layout' })),
      run: (what = '') => showSavedLayout(what),
    },
    { id: 'view.reset', title: 'Reset layout', category: 'View', icon: RotateCcw, group: 3, run: () => layout.reset() },
    {
      id: 'view.theme',
      title: 'Switch between dark and light',
      category: 'View',
      keys: ['Alt+T'],
      icon: SunMoon,
      group: 4,
      run: () => appearance.toggle(),
    },
    {
      id: 'view.contrast',
      title: 'High contrast',
      category: 'View',
      keys: ['Alt+Shift+T'],
      icon: Contrast,
      group: 4,
      checked: () => appearance.contrast,
      run: () => appearance.toggleContrast(),
    },
    {
      id: 'view.theme.choose',
      title: 'Choose a theme…',
      category: 'View',
      icon: Palette,
      group: 4,
      choices: () =>
        THEMES.map((value) => ({
          value,
          title: THEME_WORDS[value],
          ...(appearance.choice === value ? { icon: Check } : {}),
        })),
      run: (what) => {
        const theme = THEMES.find((t) => t === what)
        if (theme) appearance.choose(theme)
      },
    },
    {
      id: 'help.shortcuts',
      title: 'Keyboard shortcuts',
      category: 'Help',
      keys: ['?'],
      icon: Keyboard,
      run: () => void (dialogs.shortcuts = true),
    },
    {
      id: 'help.acknowledge',
      title: 'Put the banner away',
      category: 'Help',
      hidden: true,
      when: () => host.alarm?.dismissible === true,
      run: () => host.acknowledge(),
    },
    {
      id: 'help.dismissOne',
      title: 'Dismiss a message…',
      category: 'Help',
      hidden: true,
      choices: () => notices.items.map((n) => ({ value: String(n.id), title: n.title, note: n.message })),
      run: (what) => notices.dismiss(Number(what)),
    },
    {
      id: 'help.answer',
      title: 'Do what a message offers…',
      category: 'Help',
      keys: ['Alt+A'],
      choices: () =>
        notices.items.flatMap((n) => (n.action ? [{ value: String(n.id), title: n.action.title, note: n.title }] : [])),
      run: (what) => notices.items.find((n) => n.id === Number(what))?.action?.run(),
    },
    {
      id: 'help.dismiss',
      title: 'Dismiss all messages',
      category: 'Help',
      when: () => notices.items.length > 0,
      run: () => notices.dismissAll(),
    },
  ]
}
