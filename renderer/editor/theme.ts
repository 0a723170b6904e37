/** Monaco's themes from the design's tokens: read when the theme changes, so that there is no second list of colours. */
import { openProbe } from '../theme/probe'
import type { monaco as Monaco } from './monaco'

const CSS = {
  background: 'surface-1',
  text: 'text',
  dim: 'text-3',
  key: 'note',
  string: 'text',
  number: 'lane-host',
  keyword: 'lane-vmm',
  line: 'surface-2',
  border: 'line',
  strong: 'line-strong',
  accent: 'accent',
  widget: 'surface-2',
  hover: 'surface-3',
  bad: 'bad',
  wait: 'wait',
  good: 'note',
} as const

export function applyTheme(monaco: typeof Monaco, dark: boolean, contrast: boolean): void {
  const c = colours()
  const name = `doorbell-${contrast ? 'contrast-' : ''}${dark ? 'dark' : 'light'}`
  const plain = (colour: string): string => colour.slice(1)
  monaco.editor.defineTheme(name, {
    base: contrast ? (dark ? 'hc-black' : 'hc-light') : dark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: '', foreground: plain(c.text) },
      { token: 'comment', foreground: plain(c.dim), fontStyle: 'italic' },
      { token: 'type', foreground: plain(c.key) },
      { token: 'string', foreground: plain(c.string) },
      { token: 'number', foreground: plain(c.number) },
      { token: 'keyword', foreground: plain(c.keyword) },
      { token: 'operators', foreground: plain(c.dim) },
      { token: 'delimiter', foreground: plain(c.dim) },
    ],
    colors: monacoColours(c, contrast),
  })
  monaco.editor.setTheme(name)
}

/**
 * What Monaco calls its colours. Each ground that is ours has its own foreground, too: Monaco's high-contrast themes write
 * white on what they take to be dark.
 */
export function monacoColours(c: Record<keyof typeof CSS, string>, contrast: boolean): Record<string, string> {
  return {
    'editor.background': c.background,
    'editor.foreground': c.text,
    'editorGutter.background': c.background,
    'editorLineNumber.foreground': c.dim,
    'editorLineNumber.activeForeground': c.text,
    'editorLineNumber.dimmedForeground': c.dim,
    'editor.lineHighlightBackground': c.line,
    'editor.lineHighlightBorder': '#00000000',
    'editor.selectionBackground': c.accent + '44',
    'editor.inactiveSelectionBackground': c.accent + '22',
    'editorCursor.foreground': c.accent,
    'editorIndentGuide.background1': c.border,
    'editorIndentGuide.activeBackground1': c.strong,
    'editorWidget.background': c.widget,
    'editorWidget.border': c.strong,
    'editorHoverWidget.background': c.widget,
    'editorHoverWidget.border': c.strong,
    'editorSuggestWidget.background': c.widget,
    'editorSuggestWidget.border': c.strong,
    'editorSuggestWidget.selectedBackground': c.hover,
    'editorSuggestWidget.foreground': c.text,
    'editorSuggestWidget.selectedForeground': c.text,
    'editorSuggestWidget.selectedIconForeground': c.text,
    'editorSuggestWidget.highlightForeground': c.accent,
    'editorSuggestWidget.focusHighlightForeground': c.accent,
    'editorHoverWidget.foreground': c.text,
    'editorWidget.foreground': c.text,
    'editorActionList.background': c.widget,
    'editorActionList.foreground': c.text,
    'editorActionList.focusBackground': c.hover,
    'editorActionList.focusForeground': c.text,
    'list.hoverBackground': c.hover,
    'list.hoverForeground': c.text,
    'list.focusBackground': c.hover,
    'list.focusForeground': c.text,
    'list.activeSelectionBackground': c.hover,
    'list.activeSelectionForeground': c.text,
    'menu.background': c.widget,
    'menu.foreground': c.text,
    'menu.selectionBackground': c.hover,
    'menu.selectionForeground': c.text,
    'editorError.foreground': c.bad,
    'editorWarning.foreground': c.wait,
    'editorInfo.foreground': c.good,
    'scrollbarSlider.background': c.strong + '66',
    'scrollbarSlider.hoverBackground': c.strong + 'aa',
    'scrollbarSlider.activeBackground': c.strong + 'cc',
    'scrollbar.shadow': '#00000000',
    focusBorder: c.accent,
    'input.background': c.background,
    'input.border': c.strong,
    ...(contrast
      ? { contrastBorder: c.border, contrastActiveBorder: c.accent, 'editor.selectionForeground': c.text }
      : {}),
  }
}

function colours(): Record<keyof typeof CSS, string> {
  const probe = openProbe(document.body)
  const entries = Object.entries(CSS).map(([key, token]) => [key, toHex(probe.colour(token))])
  probe.close()
  return Object.fromEntries(entries) as Record<keyof typeof CSS, string>
}

/** "rgb(19, 23, 29)" → "#13171d" */
export function toHex(rgb: string): string {
  const parts = rgb
    .match(/[\d.]+/g)
    ?.slice(0, 3)
    .map(Number) ?? [0, 0, 0]
  return '#' + parts.map((p) => Math.round(p).toString(16).padStart(2, '0')).join('')
}
