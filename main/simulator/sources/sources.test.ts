import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mentions } from './keys'
import { CHAPTERS, citesIn, sourceOf, sourcesOf } from './sources'

const ROOT = resolve(import.meta.dirname, '../../..')

/** Lines of everything that may cite: code (no tests, not this room), scenarios, blocks, platforms, documents. */
function* citingLines(): Generator<{ readonly at: string; readonly line: string }> {
  for (const top of ['main', 'preload', 'resources', 'docs', 'scripts']) {
    for (const path of readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|ya?ml|md)$/.test(path) || /\.test\.ts$/.test(path)) continue
      if (path.includes('simulator/sources') || path === 'sources.md') continue
      const lines = readFileSync(join(ROOT, top, path), 'utf8').split('\n')
      for (const [i, line] of lines.entries()) yield { at: `${top}/${path}:${i + 1}`, line }
    }
  }
}

describe('the sources of citations', () => {
  const known = new Set(CHAPTERS.flatMap(({ sections }) => Object.keys(sections)))
  const cited = [...citingLines()].flatMap(({ at, line }) => mentions(line).map((m) => ({ at, ...m })))

  it('know every section that code, scenarios, blocks and documents name', () => {
    expect(cited.length).toBeGreaterThan(1000)
    expect(cited.filter(({ key }) => !known.has(key)).map(({ at, key }) => `${at} names ${key}`)).toEqual([])
  })

  it('have no section that nothing names', () => {
    const used = new Set(cited.flatMap(({ key, part }) => [key, ...(part ? [`${key} ${part}`] : [])]))
    const chapters = (key: string): boolean => /^(\d\d|00 S\d)$/.test(key)
    expect([...known].filter((key) => !chapters(key) && !used.has(key))).toEqual([])
  })

  it('name something that others can open, and no section of the notes', () => {
    for (const { sections } of CHAPTERS) {
      for (const [key, { about, from }] of Object.entries(sections)) {
        expect(about, key).not.toBe('')
        expect(from, key).not.toBe('')
        expect(mentions(from), key).toEqual([])
      }
    }
  })
})

describe('a citation', () => {
  const keys = (cite: string): string[] => sourceOf(cite).map((s) => s.key)

  it('names sections across semicolons and commas', () => {
    expect(keys('40 §9; 00 S0.15')).toEqual(['40 §9', '00 S0.15'])
    expect(keys('20 §6, §7')).toEqual(['20 §6', '20 §7'])
    expect(keys('30 §2.3; 40 §4 step 10')).toEqual(['30 §2.3', '40 §4'])
    expect(keys('70 §8, G4; §8.2')).toEqual(['70 §8 G4', '70 §8.2'])
    expect(keys('60 §3 step 11, §6')).toEqual(['60 §3', '60 §6'])
    expect(keys('S4.2; 60 §12.1')).toEqual(['00 S4.2', '60 §12.1'])
  })

  it('may give a range, or a whole chapter', () => {
    expect(keys('60 §3–§4')).toEqual(['60 §3', '60 §4'])
    expect(keys('05.4 … 05.7')).toEqual(['05.4', '05.5', '05.6', '05.7'])
    expect(keys('00 S1.3–S1.5')).toEqual(['00 S1.3', '00 S1.4', '00 S1.5'])
    expect(keys('20; 30; 80')).toEqual(['20', '30', '80'])
    expect(keys('40 §9; 05 (not covered by the lab)')).toEqual(['40 §9', '05'])
  })

  it('keeps what is a source itself', () => {
    expect(sourceOf('40 §9; io_pagetable.c iopt_reserve_iova')[1]).toEqual({
      key: 'io_pagetable.c iopt_reserve_iova',
      text: 'io_pagetable.c iopt_reserve_iova',
    })
    expect(keys('VT-d 5.10 §5.1, §9.9 (60 §3–§4)')).toEqual(['VT-d 5.10 §5.1, §9.9', '60 §3', '60 §4'])
    expect(keys('VT-d 5.10 §6.5.2.1')).toEqual(['VT-d 5.10 §6.5.2.1'])
    expect(keys('60 §3; VT-d 5.10 §6.5')).toEqual(['60 §3', 'VT-d 5.10 §6.5'])
    expect(keys('0000:00:05.0')).toEqual(['0000:00:05.0'])
    expect(keys('')).toEqual([])
  })

  it('of a section that is not there is told so', () => {
    expect(sourceOf('20 §99')).toEqual([{ key: '20 §99', text: '20 §99', dangling: true }])
  })

  it('says what was not verified', () => {
    expect(sourcesOf(['10 §5'])['10 §5']).toMatch(/pci_enable_acs.*\(unverified: config_acs/)
    expect(sourcesOf(['made up'])).toEqual({})
  })

  it('of what was seen says what that was', () => {
    expect(sourcesOf(['05.8'])['05.8']).toMatch(/^seen on booted Linux 6\.1.*: MAP_DMA: reserved range -EINVAL/)
  })

  it('is listed once, in the order of the chapters', () => {
    const answer = {
      because: [{ cite: '40 §9; 00 S0.15' }, { cite: '20 §2' }],
      deep: [{ x: { cite: '20 §2; made up' } }],
    }
    expect(Object.keys(sourcesOf(citesIn(answer)))).toEqual(['00 S0.15', '20 §2', '40 §9'])
  })
})
