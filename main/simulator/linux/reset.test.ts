import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomBoard } from '../../../test/support/random-board'
import type { PciFunction, Platform } from '../platform/schema'
import { compareWith } from './check'
import { hotReset } from './hot-reset'
import { planPlatform, type Plan } from './plan'
import { eraFor } from './policies/eras'
import { reportPlan } from './report'
import { functionReset, RESET_METHODS } from './reset'

function plan(platform: Platform, era = '6.12'): Plan {
  const policy = eraFor(era)
  if (!policy) throw new Error(era)
  return planPlatform(platform, policy)
}

type Kind = 'flr' | 'af' | 'pm'
/** Everything that a function could have, as asked. */
const having = (...kinds: Kind[]): Partial<PciFunction> => ({
  express: { type: 'endpoint', version: 2, slot: false, flr: kinds.includes('flr') },
  af: { tp: true, flr: kinds.includes('af') },
  pm: { noSoftReset: !kinds.includes('pm') },
})

/** A root port at 00:00.0 with functions 01:00.0 … below; `seed` 1 has one, 17 two, 33 three. */
function below(count: 1 | 2 | 3, more: Partial<PciFunction> = {}): Platform {
  const platform = randomBoard({ slots: [1 + 16 * (count - 1)] })
  const functions = platform.functions.map((f) => (f.headerType === 0 ? { ...f, ...more } : f))
  return { ...platform, functions }
}

function reset(platform: Platform, bdf: string, era?: string) {
  const p = plan(platform, era)
  const fn = p.board.topology.find(bdf)
  if (!fn) throw new Error(bdf)
  return { ...functionReset(p.board, fn, p.policy), hot: hotReset(p, fn), plan: p }
}

describe('the ways to reset a function', () => {
  it('are those that it has, in the order in which Linux tries them', () => {
    fc.assert(
      fc.property(fc.subarray<Kind>(['flr', 'af', 'pm']), (kinds) => {
        const { methods, works } = reset(below(1, having(...kinds)), '0000:01:00.0')
        const expected = [...kinds.map((k) => (k === 'af' ? 'af_flr' : k)), 'bus']
        expect(methods).toEqual(expected)
        expect(works).toBe(true)
      }),
    )
  })

  it('keep that order whatever the device is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom([0x8086, 0x0953], [0x8086, 0x1502], [0x168c, 0x0030], [0x1425, 0x4001], [0x15b3, 0xcb84]),
        fc.subarray<Kind>(['flr', 'af', 'pm']),
        ([vendor = 0, device = 0], kinds) => {
          const { methods } = reset(below(1, { ...having(...kinds), vendor, device }), '0000:01:00.0')
          expect(methods).toEqual(RESET_METHODS.filter((m) => methods.includes(m)))
        },
      ),
    )
  })

  it('list the bus of the first function that was found on it only, and refuse it while there are others', () => {
    const board = below(2, having())
    expect(reset(board, '0000:01:00.0')).toMatchObject({ methods: ['bus'], works: false })
    expect(reset(board, '0000:01:00.1')).toMatchObject({ methods: [], works: false })
  })

  it('had no list before 5.15: then the bus counts only for a function alone on it', () => {
    expect(reset(below(2, having()), '0000:01:00.0', '5.3').methods).toEqual([])
    expect(reset(below(1, having()), '0000:01:00.0', '5.3').methods).toEqual(['bus'])
  })

  it('are none on a root bus without a capability', () => {
    const board = randomBoard({ slots: [0] })
    expect(reset(board, '0000:00:00.0')).toMatchObject({ methods: [], unknown: [], works: false })
  })

  it('are left open where the input does not show the registers', () => {
    const dim = below(2, { unknown: ['af', 'pm'] })
    expect(reset(dim, '0000:01:00.1')).toMatchObject({
      methods: [],
      unknown: ['flr', 'af_flr', 'pm'],
      works: undefined,
    })
    const lit = below(2, { ...having('flr'), unknown: ['af', 'pm'] })
    expect(reset(lit, '0000:01:00.1')).toMatchObject({ methods: ['flr'], unknown: ['af_flr', 'pm'], works: true })
  })

  it('include firmware’s _RST from 5.15 on, before function level reset', () => {
    const board = below(1, { ...having('flr'), acpiReset: true })
    expect(reset(board, '0000:01:00.0').methods).toEqual(['acpi', 'flr', 'bus'])
    expect(reset(board, '0000:01:00.0', '5.3').methods).toEqual(['flr', 'bus'])
  })

  it('end with cxl_bus below a CXL port, from 6.11 on', () => {
    const board = below(1, having())
    const cxl = { ...board, functions: board.functions.map((f) => (f.headerType === 1 ? { ...f, cxlPort: true } : f)) }
    expect(reset(cxl, '0000:01:00.0').methods).toEqual(['bus', 'cxl_bus'])
    expect(reset(cxl, '0000:01:00.0', '6.1').methods).toEqual(['bus'])
  })

  it('obey the quirks of devices that must not be reset so, and of those that need a way of their own', () => {
    const all = having('flr', 'af', 'pm')
    const methods = (more: Partial<PciFunction>) => reset(below(1, { ...all, ...more }), '0000:01:00.0').methods
    expect(methods({ vendor: 0x8086, device: 0x1503 })).toEqual(['pm', 'bus'])
    expect(methods({ vendor: 0xd063, device: 0x1000, revision: 1 })).toEqual(['pm', 'bus'])
    expect(methods({ vendor: 0xd063, device: 0x1000, revision: 2 })).toEqual(['flr', 'af_flr', 'pm', 'bus'])
    expect(methods({ vendor: 0x15b3, device: 0xcf6c })).toEqual(['flr', 'af_flr', 'bus'])
    expect(methods({ vendor: 0x1002, device: 0x6798, class: 0x030000 })).toEqual(['flr', 'af_flr', 'bus'])
    expect(methods({ vendor: 0x168c, device: 0x003e })).toEqual(['flr', 'af_flr', 'pm'])
    expect(methods({ vendor: 0x10de, device: 0x2342 })).toEqual(['flr', 'af_flr', 'pm'])
    expect(methods({ vendor: 0x8086, device: 0x0953 })[0]).toBe('device_specific')
    expect(methods({ vendor: 0x144d, device: 0xa804, class: 0x010802 })[0]).toBe('device_specific')
    expect(methods({ vendor: 0x144d, device: 0xa804 })[0]).toBe('flr')
    expect(methods({ vendor: 0x1425, device: 0x5401 })[0]).toBe('flr')
  })

  it('each give one reason, and so does a quirk that takes one away; what the device never had gives none', () => {
    fc.assert(
      fc.property(fc.subarray<Kind>(['flr', 'af', 'pm']), (kinds) => {
        const { because, methods } = reset(below(1, having(...kinds)), '0000:01:00.0')
        expect(because).toHaveLength(methods.length)
        expect(because.map((b) => b.rule)).not.toContain('Linux has a reset of its own for it')
      }),
    )
    const spectrum = reset(below(1, { ...having('pm'), vendor: 0x15b3, device: 0xcf6c }), '0000:01:00.0')
    expect(spectrum.methods).toEqual(['bus'])
    expect(spectrum.because.map((b) => b.rule)).toContain('D3hot does not reset it')
  })
})

describe('a hot reset', () => {
  it('is not possible on a root bus', () => {
    const { hot } = reset(randomBoard({ slots: [0] }), '0000:00:00.0')
    expect(hot).toMatchObject({ possible: false, errno: 'ENODEV', affected: [] })
  })

  it('of a bus that a device does not survive is refused to its neighbours too', () => {
    const board = below(2)
    const functions = board.functions.map((f) =>
      f.bdf === '0000:01:00.1' ? { ...f, vendor: 0x168c, device: 0x30 } : f,
    )
    expect(reset({ ...board, functions }, '0000:01:00.0').hot.errno).toBe('ENODEV')
  })

  it('drags in everything on the bus and below it, and all of them name the same', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1 << 12), { minLength: 1, maxLength: 6 }), (slots) => {
        const p = plan(randomBoard({ slots }))
        for (const fn of p.board.platform.functions) {
          const hot = hotReset(p, fn)
          const bridge = p.board.topology.find(fn.parent)
          const expected = bridge ? p.board.topology.below(bridge).filter((f) => f !== bridge) : []
          expect(hot.affected.map((a) => a.bdf).sort()).toEqual(expected.map((f) => f.bdf).sort())
          expect(hot.possible).toBe(expected.length > 0 && expected.every((f) => f.headerType === 0))
          for (const a of hot.affected) expect(p.groups[a.group ?? -1]?.members.map((m) => m.fn.bdf)).toContain(a.bdf)
          expect(hot.groups).toEqual([...new Set(hot.affected.map((a) => a.group))].sort((x, y) => (x ?? 0) - (y ?? 0)))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is answered -EPERM while one of them has no group', () => {
    const board = below(2)
    const iommus = board.iommus.map((u) => ({ ...u, serves: u.serves.filter((b) => b !== '0000:01:00.1') }))
    const { hot } = reset({ ...board, iommus }, '0000:01:00.0')
    expect(hot).toMatchObject({ possible: false, errno: 'EPERM' })
    expect(hot.affected.map((a) => a.group === null)).toEqual([false, true])
  })

  it('reaches the virtual functions on its bus, and none of those whose bus number no bridge has', () => {
    const board = below(1)
    const pf = board.functions.find((f) => f.bdf === '0000:01:00.0')
    if (!pf) throw new Error('pf')
    const vf = (bdf: string): PciFunction => ({ ...pf, bdf, physfn: pf.bdf })
    const virtual = [vf('0000:01:10.0'), vf('0000:02:00.0')]
    const iommus = board.iommus.map((u) => ({ ...u, serves: [...u.serves, ...virtual.map((f) => f.bdf)] }))
    const whole = { ...board, functions: [...board.functions, ...virtual], iommus }
    expect(reset(whole, '0000:01:10.0').hot.affected.map((a) => a.bdf)).toEqual(['0000:01:00.0', '0000:01:10.0'])
    expect(reset(whole, '0000:02:00.0').hot).toMatchObject({ errno: 'ENODEV' })
    expect(reset(whole, '0000:02:00.0').methods).not.toContain('bus')
  })
})

describe('a reset_method file', () => {
  const seen = (resets: { device: string; methods: string[] }[]) => ({
    groups: [],
    units: [],
    loose: [],
    resets,
    warnings: [],
  })

  it('that says otherwise is a difference, and the plan does not follow it', () => {
    const report = reportPlan(plan(below(1, having('flr'))))
    expect(compareWith(report, seen([{ device: '0000:01:00.0', methods: ['flr', 'bus'] }]))).toEqual([])
    expect(compareWith(report, seen([{ device: '0000:01:00.0', methods: ['bus'] }]))).toMatchObject([
      { what: 'reset', device: '0000:01:00.0', predicted: ['flr', 'bus'], observed: ['bus'] },
    ])
    expect(compareWith(report, seen([]))).toEqual([])
  })

  it('is not held against what the input does not show', () => {
    const report = reportPlan(plan(below(1, { unknown: ['af', 'pm'] })))
    expect(compareWith(report, seen([{ device: '0000:01:00.0', methods: ['pm', 'bus'] }]))).toEqual([])
  })
})
