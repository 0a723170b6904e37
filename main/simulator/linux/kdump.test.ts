import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { randomBoard } from '../../../test/support/random-board'
import { Platform, type Iommu } from '../platform/schema'
import { planPlatform, type Plan } from './plan'
import { policyFor } from './policies/proposals'
import { reportPlan } from './report'

const load = (id: string) =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../../resources/platforms/${id}.yaml`), 'utf8')))

/** The machine, captured under `crashed`, plans the kernel that dumps. Undefined: the input has no command line. */
function dump(platform: Platform, crashed: string | undefined, version: string, cmdline: string): Plan {
  const policy = policyFor(version)
  if (!policy) throw new Error(version)
  const kernel = { ...(crashed === undefined ? {} : { cmdline: crashed }), release: version }
  return planPlatform({ ...platform, kernel }, policy, `${cmdline} elfcorehdr=0x7f000000`)
}

const tables = (p: Plan) => [...new Set(p.kdump?.units.map((u) => u.tables))]
const until = (p: Plan) => [...new Set(p.groups.map((g) => g.deferred?.until))]
const live = (p: Plan) => [...new Set(p.groups.map((g) => g.deferred?.live))]

const intel = load('spr-dsa')
const ON = 'intel_iommu=on'

/** The same machine with units of another kind. */
const withUnits = (kind: Iommu['kind']): Platform => {
  const { tables: _, ...rest } = intel
  return { ...rest, iommus: intel.iommus.map((u) => ({ ...u, kind, registers: {} })) }
}

describe('a kdump kernel on VT-d', () => {
  it('keeps the tables of the crashed kernel and puts every attach off to the first DMA-API call', () => {
    const p = dump(intel, ON, '6.12', ON)
    expect(p.groups.length).toBeGreaterThan(0)
    expect(tables(p)).toEqual(['kept'])
    expect(until(p)).toEqual(['first DMA-API call, or another domain is attached (VFIO)'])
    expect(live(p)).toEqual(["the crashed kernel's mappings: DMA-FQ"])
    expect(p.assumptions.filter((a) => a.includes('left translation enabled')).length).toBe(intel.iommus.length)
  })

  it('switches translation off where scalable mode is not what it was: the root table cannot be copied', () => {
    for (const [was, is] of [
      ['intel_iommu=on,sm_on', 'intel_iommu=on,sm_off'],
      ['intel_iommu=on,sm_off', 'intel_iommu=on,sm_on'],
    ] as const) {
      const p = dump(intel, was, '6.12', is)
      expect([tables(p), until(p)]).toEqual([['dropped'], [undefined]])
    }
    expect(tables(dump(intel, 'intel_iommu=on,sm_on', '6.12', 'intel_iommu=on,sm_on'))).toEqual(['kept'])
    // The mode came with 5.0: the option means nothing before.
    expect(tables(dump(intel, 'intel_iommu=on,sm_on', '4.19', 'intel_iommu=on,sm_off'))).toEqual(['kept'])
  })

  it('has nothing to keep where the crashed kernel ran no IOMMU, and assumes nothing about it', () => {
    const p = dump(intel, 'intel_iommu=off', '6.12', ON)
    expect(p.kdump?.units.map((u) => u.enabled)).toEqual(intel.iommus.map(() => false))
    expect(until(p)).toEqual([undefined])
    expect(p.assumptions.some((a) => a.includes('crashed'))).toBe(false)
  })

  it('switches the units off where it does not run them itself', () => {
    const p = dump(intel, ON, '6.12', 'intel_iommu=off')
    expect([p.groups.length, tables(p)]).toEqual([0, ['dropped']])
  })

  it('never attaches an identity domain once dma-direct serves it, and did before', () => {
    const pt = `${ON} iommu=pt`
    expect(['5.2', '5.3', '5.10', '5.11', '6.12'].map((v) => until(dump(intel, ON, v, pt)))).toEqual([
      ['first DMA-API call'],
      ['first DMA-API call, or another domain is attached (VFIO)'],
      ['first DMA-API call, or another domain is attached (VFIO)'],
      ['another domain is attached (VFIO)'],
      ['another domain is attached (VFIO)'],
    ])
    expect(live(dump(intel, pt, '6.12', ON))).toEqual(["the crashed kernel's: identity"])
  })

  it('takes the crashed kernel to have run all units where the input does not say which it was', () => {
    for (const crashed of [undefined, `${ON} elfcorehdr=0x1`])
      expect(live(dump(intel, crashed, '6.12', ON))).toEqual(["the crashed kernel's"])
  })

  it('finds the ACS registers as the crashed kernel left them, so that no bit of them is unknown', () => {
    const board = randomBoard({ slots: [1, 1] })
    const functions = board.functions.map((f) => ({ ...f, acs: { cap: 0x1f, ctrl: 0x1d } }))
    const controls = (bits: string) => {
      const p = dump({ ...board, functions }, ON, '6.12', `${ON} pci=config_acs=${bits}@pci:0:0`)
      return functions.map((f) => p.board.acs(f))
    }
    expect(controls('xxxxxxx')).toEqual(functions.map((f) => ({ ...f.acs, unknown: 0 })))
    expect(controls('xxxx0xx')).toEqual(functions.map(() => ({ cap: 0x1f, ctrl: 0x19, recorded: 0x1d, unknown: 0 })))
  })
})

describe('a kdump kernel on other units', () => {
  it('copies AMD’s device table from 4.14 on', () => {
    const amd = withUnits('amd-vi')
    expect(['4.13', '4.14', '6.12'].map((v) => tables(dump(amd, '', v, '')))).toEqual([['dropped'], ['kept'], ['kept']])
    expect(until(dump(amd, '', '4.13', ''))).toEqual([undefined])
    expect(['5.4', '5.5'].map((v) => until(dump(amd, '', v, 'iommu=pt')))).toEqual([
      ['first DMA-API call, or another domain is attached (VFIO)'],
      ['another domain is attached (VFIO)'],
    ])
  })

  it('leaves AMD’s units as they are where it is told not to run them', () => {
    expect(tables(dump(withUnits('amd-vi'), '', '6.12', 'amd_iommu=off'))).toEqual(['untouched'])
  })

  it('defers nothing on SMMUs, virtio-iommu and PAMU', () => {
    const others = (['smmu-v3', 'smmu-v2', 'virtio-iommu', 'pamu'] as const).map(withUnits)
    for (const platform of [load('virt-smmuv3-its'), load('p4080-pamu'), ...others])
      for (const version of ['4.14', '4.19', '6.12']) {
        const p = dump(platform, '', version, '')
        expect([tables(p), p.groups.filter((g) => g.deferred)]).toEqual([['dropped'], []])
      }
  })
})

describe('the plan of a kdump kernel', () => {
  it('is that of the crashed one but for what is deferred, and each member is deferred once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 0xffff }), { maxLength: 10 }), (slots) => {
        const board = randomBoard({ slots })
        const policy = policyFor('6.12')
        if (!policy) throw new Error('policy')
        const report = (kdump: boolean) => reportPlan(planPlatform(board, policy, undefined, { kdump }))
        const [plain, dumped] = [report(false), report(true)]
        expect(dumped.groups.map(({ deferred: _, ...g }) => g)).toEqual(plain.groups)
        for (const g of dumped.groups) expect(g.deferred?.devices).toEqual(g.devices)
        expect(plain.kdump).toBeUndefined()
      }),
    )
  })
})
