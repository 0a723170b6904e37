import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyText, textDiff } from '../../preload/records'
import { continues, labelOf, strokeOf, TYPED, type Stroke } from './typing'

/** Strokes as the store makes them, at one a tenth of a second. */
function typed(texts: readonly string[], starts: readonly number[] = []): boolean[] {
  let last: Stroke | null = null
  return texts.slice(1).map((after, i) => {
    const { stroke, line } = strokeOf(texts[i] ?? '', after, i * 100, starts[i])
    const one = continues(last, stroke, line)
    last = one && last ? { ...stroke, start: Math.min(last.start, stroke.start) } : stroke
    return one
  })
}
const label = (before: string, after: string): string =>
  labelOf({ mark: TYPED, diff: { text: { text: textDiff(before, after) } }, at: 0 })

describe('typing', () => {
  it('letters of one word are one step, also beside the same letters', () => {
    expect(typed(['doorbell', 'ddoorbell', 'dodoorbell', 'doodoorbell'], [0, 1, 2])).toEqual([false, true, true])
  })
  it('and so are the letters that one takes back at once', () => {
    expect(typed(['x', 'xa', 'xab', 'xa', 'xac'])).toEqual([false, true, true, false])
    expect(typed(['abc', 'ab', 'a', ''])).toEqual([false, true, true])
  })
  it('a new line, another place or a pause begins a new step', () => {
    expect(typed(['a b', 'ax b', 'ax\n b'])).toEqual([false, false])
    expect(typed(['a b', 'ax b', 'ax by'])).toEqual([false, false])
  })
  it('is a diff of exactly what happened, wherever the editor says that it began', () => {
    const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((a) => a.join(''))
    fc.assert(
      fc.property(text, text, fc.nat({ max: 9 }), (before, after, start) => {
        expect(applyText(before, strokeOf(before, after, 0, start).diff)).toBe(after)
      }),
      { numRuns: 2000 },
    )
  })
  it('is called by what was typed', () => {
    expect(label('', 'PASID_EN')).toBe('Type “PASID_EN”')
    expect(label('a b', 'a')).toBe('Delete “b”')
    expect(label('guest', 'host')).toBe('Replace “gue” by “ho”')
    expect(label('a', 'a\n')).toBe('Type a line break')
  })
})
