import { describe, expect, it } from 'vitest'
import type { PropertyResult } from '../../preload/contract'
import { markdownText } from '../model/escape'
import { lateCounterexample, lateView } from '../testing/late'
import type { Run } from '../stores/runs'
import { runHtml } from './html'
import { runMarkdown } from './markdown'
import { runOutline } from './outline'

const run: Run = {
  key: 'builtin:idxd-vsvm-late',
  view: lateView,
  trace: lateCounterexample,
  kind: 'counterexample',
  title: 'Counterexample of host-pasid',
  property: 'host-pasid',
}
const properties = lateView.properties.map((p): PropertyResult => ({ ...p, verdict: p.expected ?? 'holds' }))

describe('the report of a run', () => {
  const outline = runOutline('idxd-vsvm-late', run, properties)
  const [html, markdown] = [runHtml(outline, '<svg></svg>'), runMarkdown(outline)]

  it.each([
    ['HTML', html],
    ['Markdown', markdown],
  ])('says in %s what was asked, what came out, who enforces it, and how to have it again', (_, text) => {
    for (const p of properties) expect(text).toContain(text === markdown ? markdownText(p.title) : p.title)
    expect(text).toContain('violated')
    expect(text).toContain('nobody')
    expect(text).toContain(text === markdown ? markdownText(outline.token) : outline.token)
    expect(outline.steps).toHaveLength(lateCounterexample.events.length)
  })

  it('puts the race first, and every register change at its step', () => {
    expect(outline.edges[0]?.race).toBe(true)
    const changes = lateCounterexample.events.flatMap((e) => e.changes)
    expect(outline.steps.flatMap((s) => s.changes)).toHaveLength(changes.length)
    for (const c of changes) expect(html).toContain(`${c.register}.${c.field}: `)
  })

  it('needs nothing from elsewhere and runs nothing', () => {
    expect(html).toContain("default-src 'none'")
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import/i)
  })

  it('is text all through, whatever a scenario calls its things', () => {
    const bad = "<script>alert(1)</script>\"onload='x' | [a](javascript:1) `*_#\n# new\n"
    const hostile = JSON.parse(
      JSON.stringify({ ...run, view: { ...lateView, initial: [] }, trace: { ...lateCounterexample, states: [] } }),
      (key, value: unknown) =>
        typeof value === 'string' && !['step', 'agent', 'before', 'after', 'id', 'kind', 'enforcedBy'].includes(key)
          ? bad
          : value,
    ) as Run
    const o = runOutline(
      bad,
      hostile,
      properties.map((p) => ({ ...p, name: bad, title: bad })),
    )
    const page = runHtml(o, '')
    expect(page.match(/<script|<\/script/g)).toBeNull()
    expect(page).not.toContain('"onload')
    const page2 = runMarkdown(o)
    expect(page2).not.toMatch(/<script|^# new|[^\\]\[a\]/m)
    for (const line of page2.split('\n').filter((l) => l.startsWith('|')))
      expect(line.match(/(?<!\\)\|/g)?.length).toBeLessThanOrEqual(7)
  })
})
