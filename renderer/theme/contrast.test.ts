import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** The tokens as they are written: name to [light, dark]. */
const css = readFileSync(resolve(import.meta.dirname, 'tokens.css'), 'utf8')
const tokens = new Map(
  [...css.matchAll(/--([\w-]+):\s*light-dark\((#\w{6}), (#\w{6})\)/g)].map((m) => [
    m[1] ?? '',
    [m[2] ?? '', m[3] ?? ''] as const,
  ]),
)

/** Relative luminance and contrast ratio as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

const GROUNDS = ['surface-0', 'surface-1', 'surface-2', 'surface-3', 'accent-soft']
const THEMES = ['light', 'dark'] as const

describe.each(THEMES)('in the %s theme', (theme) => {
  const colour = (name: string): string => {
    const pair = tokens.get(name)
    if (!pair) throw new Error(`no token ${name}`)
    return pair[THEMES.indexOf(theme)] ?? ''
  }

  it('text can be read on every ground (4.5 to 1)', () => {
    for (const ground of GROUNDS)
      for (const text of ['text', 'text-2', 'text-3', 'accent', 'good', 'bad', 'wait', 'note'])
        expect(contrast(colour(text), colour(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  })

  it('words of verdicts and marks can be read on their own ground', () => {
    for (const tone of ['good', 'bad', 'wait', 'note'])
      expect(contrast(colour(tone), colour(`${tone}-soft`)), tone).toBeGreaterThanOrEqual(4.5)
    expect(contrast(colour('text'), colour('changed'))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(colour('edge-nobody'), colour('bad-soft'))).toBeGreaterThanOrEqual(4.5)
    expect(contrast('#ffffff', colour('accent-fill'))).toBeGreaterThanOrEqual(4.5)
  })

  it('lanes and arrows stand out from the panel (3 to 1)', () => {
    for (const name of tokens.keys())
      if (/^(lane|edge)-/.test(name))
        expect(contrast(colour(name), colour('surface-1')), name).toBeGreaterThanOrEqual(3)
  })
})
