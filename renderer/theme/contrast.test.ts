import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** The tokens as they are written, name to [light, dark]: the usual ones, and the same with high contrast over them. */
const css = readFileSync(resolve(import.meta.dirname, 'tokens.css'), 'utf8')
const [usual = '', more = ''] = css.split(":root[data-contrast='more'] {")
const read = (text: string) =>
  [...text.matchAll(/--([\w-]+):\s*light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    (m) => [m[1] ?? '', [m[2] ?? '', m[3] ?? ''] as const] as const,
  )
const TOKENS = { usual: new Map(read(usual)), more: new Map([...read(usual), ...read(more)]) }

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

/** What is left of a colour over another, as `opacity` has it. */
function mixed(over: string, under: string, share: number): string {
  const part = (i: number): string => {
    const [a, b] = [over, under].map((hex) => parseInt(hex.slice(i, i + 2), 16)) as [number, number]
    return Math.round(a * share + b * (1 - share))
      .toString(16)
      .padStart(2, '0')
  }
  return `#${part(1)}${part(3)}${part(5)}`
}

const GROUNDS = ['surface-0', 'surface-1', 'surface-2', 'surface-3', 'accent-soft']
const THEMES = (['usual', 'more'] as const).flatMap((set) =>
  (['light', 'dark'] as const).map((scheme) => ({ set, scheme, least: set === 'more' ? 7 : 4.5 })),
)

it('high contrast gives a colour of its own to every name', () => {
  expect(read(more).map(([name]) => name)).toEqual(expect.arrayContaining([...TOKENS.usual.keys()]))
})

describe.each(THEMES)('in the $scheme theme with $set contrast', ({ set, scheme, least }) => {
  const colour = (name: string): string => {
    const pair = TOKENS[set].get(name)
    if (!pair) throw new Error(`no token ${name}`)
    return pair[scheme === 'light' ? 0 : 1]
  }

  it('text can be read on every ground', () => {
    for (const ground of GROUNDS)
      for (const text of ['text', 'text-2', 'text-3', 'accent', 'good', 'bad', 'wait', 'note'])
        expect(contrast(colour(text), colour(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(least)
  })

  it('words of verdicts and marks can be read on their own ground', () => {
    for (const tone of ['good', 'bad', 'wait', 'note'])
      expect(contrast(colour(tone), colour(`${tone}-soft`)), tone).toBeGreaterThanOrEqual(least)
    expect(contrast(colour('text'), colour('changed'))).toBeGreaterThanOrEqual(least)
    expect(contrast(colour('edge-nobody'), colour('bad-soft'))).toBeGreaterThanOrEqual(4.5)
    for (const fill of ['accent-fill', 'accent-fill-hover'])
      expect(contrast(colour('text-on-accent'), colour(fill)), fill).toBeGreaterThanOrEqual(least)
  })

  it('lanes and arrows stand out from the panel', () => {
    for (const name of TOKENS[set].keys())
      if (/^(lane|edge)-/.test(name))
        expect(contrast(colour(name), colour('surface-1')), name).toBeGreaterThanOrEqual(set === 'more' ? 4.5 : 3)
  })

  it.runIf(set === 'more')('what cannot be used, is not looked at or is out of date can be read still', () => {
    for (const left of ['off', 'aside', 'old']) {
      const share = Number(new RegExp(`--${left}: ([\\d.]+);`).exec(more)?.[1])
      for (const text of ['text', 'text-2', 'text-3'])
        expect(
          contrast(mixed(colour(text), colour('surface-1'), share), colour('surface-1')),
          `${text}, ${left}`,
        ).toBeGreaterThanOrEqual(4.5)
    }
  })

  it.runIf(set === 'more')('lines and the focus can be seen', () => {
    for (const name of ['line', 'line-strong', 'focus', 'changed-line'])
      expect(contrast(colour(name), colour('surface-1')), name).toBeGreaterThanOrEqual(3)
  })
})
