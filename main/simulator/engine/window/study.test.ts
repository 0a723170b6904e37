import { describe, expect, it } from 'vitest'
import { actionsOf } from '../../model/orderings'
import { compileScenario } from '../../scenario/compile'
import { influence, quantile, wilson } from './statistics'
import { WindowStudy } from './study'

/** A sender and a permission, both after a fixed start: late where the sender is quicker. */
const race = (send: string, permit: string): string =>
  `doorbell: 1
title: t
litmus:
  variables: { open: false, wrong: false, other: 0 }
  agents:
    Sender: [{ step: send, set: { wrong: "!open" }, latency: ${send} }, { step: after, latency: [0, 50] }]
    Host: [{ step: permit, set: { open: true }, latency: ${permit} }]
    Bystander: [{ step: look, latency: [0, 500] }]
  properties: [{ name: late, never: wrong }, { name: sent, sometimes: "!wrong && open" }]
`.replace(', other: 0', '')

function study(text: string, runs: number, cutUp = false) {
  const c = compileScenario('race', text, [])
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  const { model } = c.value
  const s = new WindowStudy({ model, runs, seed: 5, actions: actionsOf(model, () => false), unenforced: [] })
  if (cutUp) while (!s.advance(() => true));
  else s.advance(() => false)
  const found = s.result()
  if (!found) throw new Error('no result')
  return { model, found, ids: actionsOf(model, () => false).map((a) => a.name) }
}

describe('the race window', () => {
  it('has the probability, widths and influences that two uniform latencies have', () => {
    // X, Y uniform on 0 … 999: P(X < Y) = 0.4995; Y − X given X < Y has median 293 and 95 % below 777.
    const { found, ids, model } = study(race('[0, 999]', '[0, 999]'), 60_000)
    const share = found.shares[0]
    expect(share?.probability).toBeGreaterThan(0.49)
    expect(share?.probability).toBeLessThan(0.51)
    expect([ids[found.pair?.first ?? -1], ids[found.pair?.then ?? -1]]).toEqual(['permit', 'send'])
    expect(found.pair?.separation).toBeGreaterThan(0.99)
    expect(Math.abs((quantile(found.widths, 0.5) ?? 0) - 293)).toBeLessThan(12)
    expect(Math.abs((quantile(found.widths, 0.95) ?? 0) - 777)).toBeLessThan(15)
    // E[hit | X = x] = 1 − x/1000: a variance of 1/12 of a total of 1/4.
    const of = (id: string) => found.sensitivity.find((s) => model.steps[s.step]?.id === id)
    expect(Math.abs((of('send')?.index ?? 0) - 1 / 3)).toBeLessThan(0.02)
    expect(Math.abs((of('permit')?.index ?? 0) - 1 / 3)).toBeLessThan(0.02)
    expect(of('look')?.index).toBeLessThan(0.002)
    expect(of('after')?.index).toBeLessThan(0.002)
    expect([of('send')?.quickest, of('send')?.slowest].map((p) => Math.round((p ?? 0) * 8))).toEqual([7, 1])
    expect(found.histogram.reduce((n, b) => n + b.hits, 0)).toBe(found.widths.length)
    expect(found.histogram.reduce((n, b) => n + b.misses, 0)).toBe(found.slacks.length)
    expect(found.histogram.every((b) => (b.from >= 0 ? true : b.hits === 0))).toBe(true)
  })

  it('is the same however it is cut into slices', () => {
    expect(study(race('[0, 300]', '[100, 900]'), 5000, true).found).toEqual(
      study(race('[0, 300]', '[100, 900]'), 5000).found,
    )
  })

  it('keeps the right weights where hits are rare', () => {
    // X on 0 … 999, Y on 980 … 989: a hit is nearly always; the other way round a miss is.
    const rare = study(race('[980, 989]', '[0, 999]'), 200_000).found
    const p = rare.shares[0]?.probability ?? 0
    expect(p).toBeGreaterThan(0.013)
    expect(p).toBeLessThan(0.017)
    expect(rare.shares[0]?.interval[0]).toBeLessThan(p)
    const permit = rare.sensitivity[0]
    expect(permit?.quickest).toBe(0)
    // A quarter of 250 values holds all hits.
    expect(Math.abs((permit?.slowest ?? 0) - 4 * p)).toBeLessThan(0.002)
  })

  it('says nothing of widths where no run hits, and has Wilson’s bound', () => {
    const { found } = study(race('[500, 600]', '[0, 100]'), 1000)
    expect([found.shares[0]?.hits, found.pair, found.example, found.widths.length]).toEqual([
      0,
      undefined,
      undefined,
      0,
    ])
    expect(found.shares[0]?.interval[0]).toBe(0)
    expect(found.shares[0]?.interval[1]).toBeCloseTo(0.003827, 5)
  })

  it('stops when it is cancelled, with the runs so far', () => {
    const c = compileScenario('race', race('[0, 9]', '[0, 9]'), [])
    if (!c.ok) throw new Error('scenario')
    const s = new WindowStudy({ model: c.value.model, runs: 1_000_000, seed: 1, actions: [], unenforced: [] })
    expect(s.advance(() => true)).toBe(false)
    s.cancel()
    expect(s.advance(() => false)).toBe(true)
    const found = s.result()
    expect(found?.complete).toBe(false)
    expect(found?.runs).toBeGreaterThan(0)
    expect(found?.runs).toBeLessThan(1_000_000)
  })
})

describe('the statistics', () => {
  it('are those of the books', () => {
    // Wilson 1927 for 8 of 10, as in Newcombe 1998: 0.4902 … 0.9433.
    expect(wilson(8, 10).map((x) => Math.round(x * 1e4))).toEqual([4902, 9433])
    expect(wilson(10, 10)[1]).toBe(1)
    expect([quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 0.95), quantile([], 0.5)]).toEqual([2, 4, null])
    const flat = { hits: [5, 5, 5, 5], misses: [5, 5, 5, 5] }
    expect(influence(flat, { hit: 0.025, miss: 0.025 }, 0.5)).toEqual({ index: 0, quickest: 0.5, slowest: 0.5 })
  })
})
