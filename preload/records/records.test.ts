import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyDiff, compose, diffOf, invert, isEmpty, same, type Json, type Records } from './diff'
import { NO_HISTORY, perform, redo, undo, type Past } from './history'
import { advance, baseOf, opened, replay, type DocumentState, type JournalEvent } from './journal'
import { applyText, composeText, invertText, textDiff, touched } from './text'

/** Few letters, so that texts have much in common and edits meet. */
const text = fc.array(fc.constantFrom('a', 'b', '\n', '-', '+', '👋'), { maxLength: 12 }).map((a) => a.join(''))
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.integer({ min: 0, max: 2 }),
  fc.constant(null),
  fc.record({ bdf: fc.constantFrom('00:1c.0', '01:00.0'), acs: fc.array(fc.boolean(), { maxLength: 2 }) }),
)
const records: fc.Arbitrary<Records> = fc
  .dictionary(fc.constantFrom('text', 'device:1', 'link:1', 'constructor'), value, { maxKeys: 4 })
  .map((o) => new Map(Object.entries(o)))
const equal = (a: Records | null, b: Records): boolean => a !== null && isEmpty(diffOf(a, b))

describe('a difference of texts', () => {
  it('leads from one to the other, its inverse back, and two in a row are one', () => {
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const [d, e] = [textDiff(a, b), textDiff(b, c)]
        expect(applyText(a, d)).toBe(b)
        expect(applyText(b, invertText(d))).toBe(a)
        expect(applyText(a, composeText(d, e))).toBe(c)
        expect(applyText(c, invertText(composeText(d, e)))).toBe(a)
        expect(composeText(d, invertText(d))).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses a text that it was not made from', () => {
    expect(applyText('abc', textDiff('abd', 'ab'))).toBeNull()
    expect(applyText('a', textDiff('abcd', 'abcde'))).toBeNull()
  })

  it('says where it has changed what it leads to', () => {
    expect(touched(textDiff('one two three', 'one 2 three'))).toEqual({ from: 4, to: 5 })
    expect(touched(textDiff('one two', 'one'))).toEqual({ from: 3, to: 3 })
    expect(touched([])).toBeNull()
  })
})

describe('a diff of records', () => {
  it('leads from one document to the other, and its inverse back', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        const d = diffOf(a, b)
        expect(equal(applyDiff(a, d), b)).toBe(true)
        expect(equal(applyDiff(b, invert(d)), a)).toBe(true)
        expect(isEmpty(d)).toBe([...a].length === [...b].length && [...a].every(([k, v]) => same(v, b.get(k))))
      }),
      { numRuns: 1000 },
    )
  })

  it('composes: squashed steps do what they did one after the other, associatively, and undo as one', () => {
    fc.assert(
      fc.property(records, records, records, records, (a, b, c, d) => {
        const [x, y, z] = [diffOf(a, b), diffOf(b, c), diffOf(c, d)]
        expect(equal(applyDiff(a, compose(x, y)), c)).toBe(true)
        expect(equal(applyDiff(a, compose(compose(x, y), z)), d)).toBe(true)
        expect(equal(applyDiff(a, compose(x, compose(y, z))), d)).toBe(true)
        expect(equal(applyDiff(c, invert(compose(x, y))), a)).toBe(true)
        expect(equal(applyDiff(c, compose(invert(y), invert(x))), a)).toBe(true)
        expect(isEmpty(compose(x, invert(x)))).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('survives being written down', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        const event: JournalEvent = { t: 'step', step: { mark: 'x', diff: diffOf(a, b), at: 0 } }
        const { state, lost } = replay([baseOf(opened(a, null)), event].map((e) => JSON.stringify(e)))
        expect(lost).toBe(0)
        expect(equal(state?.records ?? null, b)).toBe(true)
      }),
    )
  })

  it('refuses records that it was not made from', () => {
    fc.assert(
      fc.property(records, records, records, (a, b, c) => {
        const d = diffOf(a, b)
        const result = applyDiff(c, d)
        // It may fit all the same; then it can be taken back.
        if (result) expect(equal(applyDiff(result, invert(d)), c)).toBe(true)
      }),
    )
  })
})

const startOf = (r: Records): Past => ({ records: r, history: NO_HISTORY })

describe('a history', () => {
  it('of 1,000 random edits, undone and redone, gives identical documents', () => {
    fc.assert(
      fc.property(fc.array(records, { minLength: 1000, maxLength: 1000 }), records, (edits, first) => {
        const seen: Records[] = [first]
        let past = startOf(first)
        for (const next of edits) {
          const diff = diffOf(past.records, next)
          if (isEmpty(diff)) continue
          past = perform(past, { mark: 'edit', diff, at: 0 }) ?? fail()
          seen.push(past.records)
        }
        const last = past
        for (let i = seen.length - 2; i >= 0; i--) {
          past = undo(past) ?? fail()
          expect(equal(past.records, seen[i] ?? fail())).toBe(true)
        }
        expect(undo(past)).toBeNull()
        for (let i = 1; i < seen.length; i++) {
          past = redo(past) ?? fail()
          expect(equal(past.records, seen[i] ?? fail())).toBe(true)
        }
        expect(redo(past)).toBeNull()
        expect(past.history.done).toEqual(last.history.done)
      }),
      { numRuns: 5 },
    )
  })

  it('takes back as one what has grown together, and forgets what was wiped out again', () => {
    const type = (past: Past, to: string, merge: boolean): Past =>
      perform(past, { mark: 'Type', diff: diffOf(past.records, new Map([['text', to]])), at: 0 }, merge) ?? fail()
    let past = startOf(new Map([['text', '']]))
    past = type(past, 'a', false)
    past = type(past, 'ab', true)
    expect(past.history.done).toHaveLength(1)
    expect(undo(past)?.records.get('text')).toBe('')
    past = type(past, '', true)
    expect(past.history.done).toHaveLength(0)
  })
})

describe('a journal', () => {
  type Deed = { to: Records; merge: boolean } | 'undo' | 'redo' | 'save'
  const deed: fc.Arbitrary<Deed> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ to: records, merge: fc.boolean() }) },
    fc.constantFrom<Deed>('undo', 'redo', 'save'),
  )
  /** The events of some work, and the state after each. */
  function work(first: Records, deeds: readonly Deed[]): { lines: string[]; states: DocumentState[] } {
    let state = opened(first, first)
    const lines = [JSON.stringify(baseOf(state))]
    const states = [state]
    for (const d of deeds) {
      const event: JournalEvent =
        d === 'save'
          ? { t: 'saved', diff: {} }
          : typeof d === 'string'
            ? { t: d }
            : {
                t: 'step',
                step: { mark: 'm', diff: diffOf(state.records, d.to), at: 1 },
                ...(d.merge ? { merge: true } : {}),
              }
      const next = advance(state, event)
      if (!next) continue
      state = next
      lines.push(JSON.stringify(event))
      states.push(state)
    }
    return { lines, states }
  }

  it('gives back exactly what was, wherever it ends', () => {
    fc.assert(
      fc.property(records, fc.array(deed, { maxLength: 30 }), fc.nat(), (first, deeds, cut) => {
        const { lines, states } = work(first, deeds)
        const n = 1 + (cut % lines.length)
        const { state, lost } = replay(lines.slice(0, n))
        const was = states[n - 1] ?? fail()
        expect(lost).toBe(0)
        expect(equal(state?.records ?? null, was.records)).toBe(true)
        expect(equal(state?.saved ?? null, was.saved ?? fail())).toBe(true)
        expect(JSON.stringify(state?.history)).toBe(JSON.stringify(was.history))
        // And shortened to where it is, it says the same.
        const short = replay([JSON.stringify(baseOf(was)), ...lines.slice(n)])
        const end = states.at(-1) ?? fail()
        expect(equal(short.state?.records ?? null, end.records)).toBe(true)
        expect(JSON.stringify(short.state?.history)).toBe(JSON.stringify(end.history))
      }),
    )
  })

  it('stops at the first line that makes no sense, and says how many were left', () => {
    const { lines } = work(new Map([['text', 'a']]), [{ to: new Map([['text', 'b']]), merge: false }, 'undo'])
    expect(replay([...lines.slice(0, 2), '{"t":"nonsense"}', ...lines.slice(2)])).toMatchObject({ lost: 2 })
    expect(replay(['not JSON'])).toEqual({ state: null, lost: 1 })
  })
})

function fail(): never {
  throw new Error('not expected')
}
