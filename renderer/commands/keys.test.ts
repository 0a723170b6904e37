import { describe, expect, it } from 'vitest'
import { isPlain, matches, parseKeys, showKeys } from './keys'

const press = (key: string, more: Partial<Record<'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
})

describe('keys of commands', () => {
  it('match with exactly their modifiers', () => {
    const palette = parseKeys('Mod+Shift+P')
    expect(matches(palette, press('P', { ctrlKey: true, shiftKey: true }))).toBe(true)
    expect(matches(palette, press('p', { metaKey: true, shiftKey: true }))).toBe(true)
    expect(matches(palette, press('p', { ctrlKey: true }))).toBe(false)
    expect(matches(parseKeys('F5'), press('F5', { shiftKey: true }))).toBe(false)
  })

  it('do not care whether a layout needs Shift for a sign', () => {
    expect(matches(parseKeys('?'), press('?', { shiftKey: true }))).toBe(true)
    expect(matches(parseKeys('?'), press('?'))).toBe(true)
    expect(matches(parseKeys('J'), press('J', { shiftKey: true }))).toBe(false)
  })

  it('with Alt go by the place of the key, because its sign may be another', () => {
    expect(matches(parseKeys('Alt+1'), { ...press('¡', { altKey: true }), code: 'Digit1' })).toBe(true)
    expect(matches(parseKeys('Alt+T'), { ...press('†', { altKey: true }), code: 'KeyT' })).toBe(true)
    expect(matches(parseKeys('Alt+T'), { ...press('†', { altKey: true }), code: 'KeyU' })).toBe(false)
  })

  it('are plain when they are text or cursor movement', () => {
    expect(['Right', 'J', '?', 'Home', 'Enter'].every((k) => isPlain(parseKeys(k)))).toBe(true)
    expect(['Mod+S', 'Alt+1', 'F1', 'Shift+F5'].some((k) => isPlain(parseKeys(k)))).toBe(false)
  })

  it('are written as on the keyboard', () => {
    expect(showKeys('Mod+Shift+P', false)).toBe('Ctrl+Shift+P')
    expect(showKeys('Mod+Shift+P', true)).toBe('⇧⌘P')
    expect(showKeys('Right', false)).toBe('→')
    expect(showKeys('Alt+Enter', false)).toBe('Alt+Enter')
  })
})
