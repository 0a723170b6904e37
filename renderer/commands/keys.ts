/** Keys as they are written in the command table ("Mod+Shift+P", "F1", "?"), matched against events, shown to people. */

export interface Chord {
  mod: boolean
  shift: boolean
  alt: boolean
  /** KeyboardEvent.key, lower case. */
  key: string
}

const NAMES: Record<string, string> = {
  left: 'arrowleft',
  right: 'arrowright',
  up: 'arrowup',
  down: 'arrowdown',
  esc: 'escape',
  space: ' ',
}

export function parseKeys(keys: string): Chord {
  const parts = keys === '+' ? ['+'] : keys.split('+')
  const last = (parts.at(-1) ?? '').toLowerCase()
  const has = (name: string): boolean => parts.slice(0, -1).some((p) => p.toLowerCase() === name)
  return { mod: has('mod'), shift: has('shift'), alt: has('alt'), key: NAMES[last] ?? last }
}

export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  shiftKey: boolean
  altKey: boolean
  /** KeyboardEvent.code: where the key is. With Alt, some systems give another sign than is on it. */
  code?: string
}

/** "?" is written without Shift: whether a layout needs Shift for a sign is the layout's business. */
const isSign = (key: string): boolean => key.length === 1 && key.toLowerCase() === key.toUpperCase()

export function matches(chord: Chord, press: KeyPress): boolean {
  const byPlace = chord.alt && (press.code === `Key${chord.key.toUpperCase()}` || press.code === `Digit${chord.key}`)
  return (
    (chord.key === press.key.toLowerCase() || byPlace) &&
    chord.mod === (press.ctrlKey || press.metaKey) &&
    chord.alt === press.altKey &&
    (chord.shift === press.shiftKey || (isSign(chord.key) && !chord.shift))
  )
}

/** Keys that are also text or cursor movement: never taken from a field that one types into. */
export const isPlain = (chord: Chord): boolean => !chord.mod && !chord.alt && !/^f\d+$/.test(chord.key)

const SHOWN: Record<string, string> = {
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  escape: 'Esc',
  enter: 'Enter',
  ' ': 'Space',
  home: 'Home',
  end: 'End',
}

export function showKeys(keys: string, mac = isMac()): string {
  const chord = parseKeys(keys)
  const key =
    SHOWN[chord.key] ??
    (chord.key.length === 1 ? chord.key.toUpperCase() : chord.key.replace(/^./, (c) => c.toUpperCase()))
  if (mac) return `${chord.alt ? '⌥' : ''}${chord.shift ? '⇧' : ''}${chord.mod ? '⌘' : ''}${key}`
  return [chord.mod && 'Ctrl', chord.alt && 'Alt', chord.shift && 'Shift', key].filter(Boolean).join('+')
}

function isMac(): boolean {
  return typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)
}
