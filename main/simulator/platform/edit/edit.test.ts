import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkPlatform } from '../check'
import { parsePlatform } from '../file'
import type { Platform } from '../schema'
import { addressOf } from './buses'
import { editPlatform, type PlatformEdit } from './edit'
import { PART_IDS } from './parts'
import { rewritePlatform, writePlatform } from './text'
import { IOMMU_KINDS, MSI_KINDS } from './units'

const FOLDER = join(import.meta.dirname, '../../../../resources/platforms')
const TEXTS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }))
const read = (text: string): Platform => {
  const parsed = parsePlatform(text, 'board.yaml')
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.value
}
const board = (name: string): Platform => read(TEXTS.find((t) => t.name === `${name}.yaml`)!.text)
const done = (platform: Platform, ...edits: PlatformEdit[]): Platform =>
  edits.reduce((before, edit) => {
    const placed = editPlatform(before, edit)
    if (!placed.ok) throw new Error(placed.error.message)
    return placed.value.platform
  }, platform)
const refused = (platform: Platform, edit: PlatformEdit): string => {
  const placed = editPlatform(platform, edit)
  return placed.ok ? 'not refused' : `${placed.error.message}; ${placed.error.hint ?? ''}`
}
const fn = (platform: Platform, bdf: string) => platform.functions.find((f) => f.bdf === bdf)

describe('a board that is edited', () => {
  it('takes a root port with the next free bus, and an endpoint below it', () => {
    const before = board('q35-vtd')
    const port = done(before, { op: 'add-part', part: 'root-port', under: 'pci0000:00' })
    expect(fn(port, '0000:00:01.0')).toMatchObject({
      express: { type: 'root-port' },
      bridge: { primary: 0, secondary: 5, subordinate: 5 },
    })
    const more = done(port, { op: 'add-part', part: 'nvme', under: '0000:00:01.0' })
    expect(fn(more, '0000:05:00.0')).toMatchObject({ parent: '0000:00:01.0', driver: 'nvme' })
    expect(more.iommus[0]?.serves).toContain('0000:05:00.0')
    expect(more.msiControllers.every((c) => c.serves.includes('0000:05:00.0'))).toBe(true)
  })

  it('numbers the buses anew where a switch has no room, and every reference follows', () => {
    const before = done(
      board('q35-vtd'),
      { op: 'remove', what: '0000:01:00.0' },
      { op: 'add-part', part: 'switch', under: '0000:00:02.0' },
    )
    const nvme = before.functions.find((f) => f.driver === 'nvme')
    expect(nvme).toMatchObject({ bdf: '0000:04:00.0', parent: '0000:00:03.0' })
    expect(before.iommus[0]?.serves).toContain('0000:04:00.0')
    expect(fn(before, '0000:00:02.0')?.bridge).toEqual({ primary: 0, secondary: 1, subordinate: 3 })
    expect(fn(before, '0000:01:00.0')?.express?.type).toBe('upstream-port')
    expect(fn(before, '0000:02:00.0')?.express?.type).toBe('downstream-port')
  })

  it('refuses links that cannot be, and says where the part belongs', () => {
    const q35 = board('q35-vtd')
    const add = (part: (typeof PART_IDS)[number], under: string) => refused(q35, { op: 'add-part', part, under })
    expect(add('root-port', '0000:00:02.0')).toMatch(/root port cannot sit on the link .*; it belongs on a root bus/)
    expect(add('nvme', 'pci0000:00')).toMatch(/cannot sit on a root bus/)
    expect(add('nvme', '0000:01:00.0')).toMatch(/is no bridge/)
    expect(add('nvme', '0000:00:03.0')).toMatch(/has its device: 0000:02:00.0; add a function/)
    expect(add('downstream-port', '0000:00:02.0')).toMatch(/it belongs on the bus inside a switch/)
    expect(add('pci-nic', '0000:00:02.0')).toMatch(/cannot sit on the link/)
    expect(refused(q35, { op: 'add-iommu', kind: 'smmu-v3' })).toMatch(/smmu-v3 is no part of x86 machines/)
    expect(refused(q35, { op: 'add-iommu', kind: 'amd-vi' })).toMatch(/has vt-d/)
    expect(refused(q35, { op: 'add-msi', kind: 'x86-apic' })).toMatch(/has its x86-apic/)
    expect(refused(q35, { op: 'move', what: '0000:00:02.0', under: '0000:01:00.0' })).toMatch(/below 0000:00:02.0/)
    expect(refused(q35, { op: 'remove', what: 'pci0000:00' })).toMatch(/last root bus/)
    expect(refused(q35, { op: 'remove', what: 'dmar0-ir' })).toMatch(/interrupt remapping of dmar0/)
    expect(refused(q35, { op: 'set', what: '0000:01:00.0', fields: { bdf: '0000:09:00.0' } })).toMatch(/its place/)
    expect(refused(q35, { op: 'set', what: '0000:01:00.0', fields: { msi: { vectors: 'x' } } })).toMatch(/msi/)
    expect(refused(q35, { op: 'set', what: '0000:01:00.0', fields: { colour: 'red' } })).toMatch(/colour/)
  })

  it('moves a device with its messages to the units of the new place', () => {
    const spr = done(board('spr-dsa'), { op: 'add-part', part: 'root-port', under: 'pci0000:6a' })
    const port = spr.functions.find((f) => f.parent === 'pci0000:6a' && f.express?.type === 'root-port')!
    expect(port.bridge?.secondary).toBe(0x6b)
    const moved = done(spr, { op: 'move', what: '0000:01:00.0', under: port.bdf })
    expect(fn(moved, '0000:6b:00.0')).toMatchObject({ driver: 'nvme', parent: port.bdf })
    expect(moved.iommus.map((u) => [u.name, u.serves.includes('0000:6b:00.0')])).toEqual([
      ['dmar0', true],
      ['dmar1', false],
    ])
  })

  it('has multifunction devices whose function 0 says so', () => {
    const twice = done(board('q35-vtd'), { op: 'add-function', of: '0000:02:00.0' })
    expect(fn(twice, '0000:02:00.0')?.multifunction).toBe(true)
    expect(fn(twice, '0000:02:00.1')).toMatchObject({ driver: 'nvme', multifunction: true })
  })

  it('gives a function to one IOMMU at a time, and remapping goes along', () => {
    const two = done(
      board('q35-vtd'),
      { op: 'add-iommu', kind: 'vt-d' },
      { op: 'serve', unit: 'dmar1', what: '0000:00:02.0', on: true },
    )
    expect(two.iommus.map((u) => u.serves.includes('0000:01:00.0'))).toEqual([false, true])
    expect(two.msiControllers.find((c) => c.name === 'dmar1-ir')?.serves).toEqual(['0000:00:02.0', '0000:01:00.0'])
    const off = done(two, { op: 'remapping', unit: 'dmar1', on: false })
    expect(off.msiControllers.map((c) => c.name)).not.toContain('dmar1-ir')
  })

  it('changes a field, takes one away, and knows from then on what it says', () => {
    const acs = done(board('q35-vtd'), { op: 'set', what: '0000:00:02.0', fields: { acs: null, driver: 'vfio-pci' } })
    expect(fn(acs, '0000:00:02.0')).not.toHaveProperty('acs')
    const known = done(board('spr-dsa'), { op: 'set', what: '0000:01:00.0', fields: { pm: { noSoftReset: true } } })
    expect(fn(known, '0000:01:00.0')?.unknown).toEqual(['af'])
  })
})

const anyEdit = (platform: Platform): fc.Arbitrary<PlatformEdit> => {
  const places = [...platform.functions.map((f) => f.bdf), ...platform.roots.map((r) => r.id)]
  const units = [...platform.iommus, ...platform.msiControllers].map((u) => u.name)
  const place = fc.constantFrom(...places)
  const unit = fc.constantFrom(...units, 'dmar9')
  return fc.oneof(
    fc.record({ op: fc.constant('add-part' as const), part: fc.constantFrom(...PART_IDS), under: place }),
    fc.record({ op: fc.constant('add-function' as const), of: place }),
    fc.record({ op: fc.constant('add-root' as const), segment: fc.constantFrom(0, 1) }),
    fc.record({ op: fc.constant('add-iommu' as const), kind: fc.constantFrom(...IOMMU_KINDS) }),
    fc.record({ op: fc.constant('add-msi' as const), kind: fc.constantFrom(...MSI_KINDS) }),
    fc.record({ op: fc.constant('remove' as const), what: fc.oneof(place, unit) }),
    fc.record({ op: fc.constant('move' as const), what: place, under: place }),
    fc.record({ op: fc.constant('serve' as const), unit, what: place, on: fc.boolean() }),
    fc.record({ op: fc.constant('remapping' as const), unit, on: fc.boolean() }),
  )
}

/** A run of edits, each chosen by a number from those that the board then allows. */
function walk(
  start: Platform,
  seeds: readonly number[],
  each: (before: Platform, after: Platform, moved: ReadonlyMap<string, string>) => void,
) {
  let platform = start
  for (const seed of seeds) {
    const [edit] = fc.sample(anyEdit(platform), { numRuns: 1, seed })
    const placed = editPlatform(platform, edit!)
    if (!placed.ok) continue
    each(platform, placed.value.platform, placed.value.moved)
    platform = placed.value.platform
  }
  return platform
}
const anyWalk = fc.tuple(fc.constantFrom(...TEXTS), fc.array(fc.integer(), { minLength: 1, maxLength: 25 }))

describe('after any edits', () => {
  it('a board is whole, buses nest, and no bus occurs twice', () => {
    fc.assert(
      fc.property(anyWalk, ([{ text }, seeds]) => {
        const platform = walk(read(text), seeds, () => {})
        expect(checkPlatform(platform)).toEqual([])
        const owners = new Map<string, string>()
        for (const f of platform.functions) {
          const parent = fn(platform, f.parent)
          if (parent?.bridge) {
            const { bus } = addressOf(f)
            expect(f.physfn !== undefined || bus === parent.bridge.secondary).toBe(true)
            if (f.bridge) expect(f.bridge.subordinate).toBeLessThanOrEqual(parent.bridge.subordinate)
          }
          if (!f.bridge) continue
          const bus = `${addressOf(f).segment}:${f.bridge.secondary}`
          expect(f.bridge.secondary).toBeGreaterThan(f.bridge.primary)
          expect(owners.get(bus)).toBeUndefined()
          owners.set(bus, f.bdf)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('the text says the same as the board, with comments where they were', () => {
    fc.assert(
      fc.property(anyWalk, ([{ text }, seeds]) => {
        let now = text
        const platform = walk(read(text), seeds, (before, after, moved) => {
          now = rewritePlatform(now, before, after, moved)
        })
        expect(read(now)).toEqual(read(writePlatform(platform)))
        expect(read(now)).toEqual(JSON.parse(JSON.stringify(platform)))
        expect(now.startsWith(text.slice(0, text.indexOf('\n')))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})

describe('the text of a board', () => {
  it.each(TEXTS)('$name is changed in one place by one change', ({ text }) => {
    const before = read(text)
    const target = before.functions.find((f) => f.driver !== undefined)!
    const after = done(before, { op: 'set', what: target.bdf, fields: { driver: 'vfio-pci' } })
    const next = rewritePlatform(text, before, after, new Map())
    const [a, b] = [text.split('\n'), next.split('\n')]
    const changed = b.filter((line, i) => line !== a[i])
    expect(b.length).toBe(a.length)
    expect(changed).toEqual(['    driver: vfio-pci'])
  })

  it('stays JSON where it was', () => {
    const before = board('q35-vtd')
    const after = done(before, { op: 'add-root', segment: 0 })
    const next = rewritePlatform(JSON.stringify(before), before, after, new Map())
    expect(JSON.parse(next)).toEqual(JSON.parse(JSON.stringify(after)))
  })
})
