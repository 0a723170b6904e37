import { describe, expect, it } from 'vitest'
import { monacoColours } from './theme'

const NAMES = 'background text dim key string number keyword line border strong accent widget hover bad wait good'
const colours = Object.fromEntries(NAMES.split(' ').map((name) => [name, `#${name}`])) as Parameters<
  typeof monacoColours
>[0]

describe.each([false, true])('what Monaco draws, with high contrast: %s', (contrast) => {
  const named = monacoColours(colours, contrast)

  it('has a foreground of ours on every ground of ours, never one of its own theme', () => {
    for (const [name, value] of Object.entries(named)) {
      if (!/[bB]ackground$/.test(name) || !['#widget', '#hover'].includes(value)) continue
      const foreground = name.replace(/Background$/, 'Foreground').replace(/background$/, 'foreground')
      expect(named[foreground], foreground).toBe('#text')
    }
  })

  it.runIf(contrast)('keeps the text of a selection its colour', () => {
    expect(named['editor.selectionForeground']).toBe('#text')
  })
})
