import { describe, expect, it } from 'vitest'
import { result, SUMMARIES } from '../testing/fake-answers'
import { bytes, compact, count, duration, nanoseconds, plural } from './format'
import { rank, score } from './fuzzy'
import { agreement, evidence, expectedBadges } from './verdicts'

const plain = (text: string): string => text.replace(/\u202f/g, ' ')

describe('numbers for people', () => {
  it('are grouped and carry their unit', () => {
    expect(plain(count(1234567))).toBe('1 234 567')
    expect(count(999)).toBe('999')
    expect(plain(compact(1_412_400))).toBe('1.4 M')
    expect(plain(compact(9999))).toBe('9 999')
    expect(plain(bytes(0))).toBe('0 B')
    expect(plain(bytes(32.5 * 1024 * 1024))).toBe('32.5 MiB')
    expect(plain(duration(0.2))).toBe('<1 ms')
    expect(plain(duration(84))).toBe('84 ms')
    expect(plain(duration(1760))).toBe('1.76 s')
    expect(plain(duration(61_500))).toBe('1 min 1 s')
    expect(plain(nanoseconds(1500))).toBe('1.5 µs')
    expect(plural(1, 'step')).toBe('1 step')
    expect(plural(0, 'step')).toBe('0 steps')
  })
})

describe('verdicts', () => {
  it('agree with what was expected, or say so', () => {
    expect(agreement('holds', 'holds')).toBe('as expected')
    expect(agreement('violated', 'holds')).toBe('not as expected')
    expect(agreement('undecided', 'holds')).toBe('undecided')
    expect(agreement('holds', undefined)).toBe('no expectation')
  })

  it('point at the run that decides them', () => {
    const [never, sometimes, deadlock] = result('x', true).properties
    expect(never && evidence(never)?.what).toBe('counterexample')
    expect(sometimes && evidence(sometimes)?.what).toBe('witness')
    expect(deadlock && evidence(deadlock)).toBeNull()
  })

  it('are listed worst first, each kind once', () => {
    const dispatch = SUMMARIES.find((s) => s.id === 'idxd-vsvm-late-dispatch')
    expect(dispatch && expectedBadges(dispatch)).toEqual([
      { verdict: 'violated', count: 2 },
      { verdict: 'witnessed', count: 1 },
    ])
  })
})

describe('the palette’s search', () => {
  const titles = ['Show Timeline', 'Save', 'Save as…', 'Next step', 'Explore all interleavings']
  it('prefers whole words at the start, and keeps the order of equals', () => {
    expect(rank(titles, 'sa', (t) => t).slice(0, 2)).toEqual(['Save', 'Save as…'])
    expect(rank(titles, '', (t) => t)).toEqual(titles)
  })
  it('finds letters in order, and nothing else', () => {
    expect(rank(titles, 'xplr', (t) => t)).toEqual(['Explore all interleavings'])
    expect(score('Save', 'zz')).toBeNull()
    expect(rank(titles, 'save as', (t) => t)).toEqual(['Save as…'])
  })
})
