import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomBoard } from '../../../test/support/random-board'
import type { PciFunction, Platform } from '../platform/schema'
import { topologyOf } from '../platform/topology'
import { configuredBy, namedBy } from './acs-options'
import { planPlatform } from './plan'
import { policyFor } from './policies/proposals'

const RELEASES = ['4.4', '5.10', '6.1', '6.11', '6.12.107', '7.0'] as const
const OPTIONS = [
  'intel_iommu=on',
  'intel_iommu=off',
  'pci=noats',
  'pci=disable_acs_redir=00:00.0',
  'pci=config_acs=x0x1x1x@00:00.0',
  'pci=config_acs=1111111@pci:0:0',
] as const
const line = fc.subarray([...OPTIONS]).map((words) => words.join(' '))
/** SV, RR, CR, UF */
const ENABLED = 0x1d
const bits = fc.integer({ min: 0, max: 0x7f })

/** One root port with ACS under VT-d, captured under this release and command line. */
function port(acs: { cap: number; ctrl: number }, kernel: Platform['kernel']): Platform {
  const board = randomBoard({ slots: [1] })
  const functions = board.functions.map((f, i): PciFunction => (i === 0 ? { ...f, acs } : f))
  return { ...board, kernel, functions }
}

function control(platform: Platform, release: string, cmdline?: string) {
  const policy = policyFor(release)
  const [fn] = platform.functions
  if (!policy || !fn) throw new Error(release)
  const found = planPlatform(platform, policy, cmdline).board.acs(fn)
  if (!found) throw new Error('acs')
  return found
}

describe('the ACS control register under another kernel or command line', () => {
  it('is the recorded one under the recorded kernel and command line, whatever stands in it', () => {
    fc.assert(
      fc.property(bits, bits, fc.constantFrom(...RELEASES), line, (cap, ctrl, release, cmdline) => {
        expect(control(port({ cap, ctrl }, { release, cmdline }), release)).toEqual({ cap, ctrl, unknown: 0 })
      }),
    )
  })

  it('is the recorded one where no command line was recorded and some kernel with an IOMMU ran', () => {
    fc.assert(
      fc.property(bits, bits, fc.constantFrom(...RELEASES), line, (cap, ctrl, release, cmdline) => {
        fc.pre((cap & ENABLED) === 0 || (ctrl & ENABLED) !== 0)
        expect(control(port({ cap, ctrl }, {}), release, cmdline)).toEqual({ cap, ctrl, unknown: 0 })
      }),
    )
  })

  it('is enabled where nothing that can be is, as a kernel without an IOMMU leaves it; the plan says so', () => {
    const off = port({ cap: 0x5f, ctrl: 0 }, {})
    expect(control(off, '6.12', 'intel_iommu=on')).toMatchObject({ ctrl: ENABLED, recorded: 0 })
    expect(control(off, '6.12', 'intel_iommu=off')).toMatchObject({ ctrl: 0 })
    const policy = policyFor('6.12')
    if (!policy) throw new Error('policy')
    expect(planPlatform(off, policy, 'intel_iommu=on').assumptions.join()).toContain('under a kernel without an IOMMU')
  })

  it('is what that kernel would have made of the firmware’s value, in all bits that are not said to be unknown', () => {
    const kernel = fc.record({ release: fc.constantFrom(...RELEASES), cmdline: line })
    fc.assert(
      fc.property(bits, bits, kernel, kernel, (cap, firmware, first, second) => {
        // A kernel that neither asks for ACS nor has an option leaves the firmware's value: the rule forwards, once.
        const untouched = { release: '6.12', cmdline: 'intel_iommu=off' }
        const after = (k: typeof first) =>
          control(port({ cap, ctrl: cap & firmware }, untouched), k.release, k.cmdline).ctrl
        const foretold = control(port({ cap, ctrl: after(first) }, first), second.release, second.cmdline)
        expect(foretold.ctrl & ~foretold.unknown).toBe(after(second) & ~foretold.unknown)
        expect(foretold.ctrl & foretold.unknown).toBe(0)
        expect(foretold.unknown & ~cap).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it('loses SV and UF too with disable_acs_redir from 6.11 on, and only the redirecting bits before', () => {
    const plain = port({ cap: 0x5f, ctrl: 0 }, { release: '6.12', cmdline: 'intel_iommu=off' })
    const cmdline = 'intel_iommu=on pci=disable_acs_redir=00:00.0'
    expect(control(plain, '6.12', cmdline).ctrl).toBe(0)
    expect(control(plain, '6.10', cmdline).ctrl).toBe(0x11)
    expect(control(plain, '4.18', cmdline).ctrl).toBe(0x1d)
  })

  it('ignores config_acs before 6.11', () => {
    const plain = port({ cap: 0x5f, ctrl: 0 }, { release: '6.12', cmdline: 'intel_iommu=off' })
    const cmdline = 'intel_iommu=on pci=config_acs=1000010@00:00.0'
    expect(control(plain, '6.11', cmdline).ctrl).toBe(0x42)
    expect(control(plain, '6.10', cmdline).ctrl).toBe(0x1d)
  })

  it('names port and bits in an assumption where the group rests on a value that was written over', () => {
    const captured = port({ cap: 0x1f, ctrl: 0x1d }, { release: '6.12', cmdline: 'intel_iommu=on' })
    const policy = policyFor('6.12')
    if (!policy) throw new Error('policy')
    const said = (cmdline: string) =>
      planPlatform(captured, policy, cmdline).assumptions.filter((a) => a.includes('the firmware leaves ACS'))
    expect(said('intel_iommu=on')).toEqual([])
    expect(said('intel_iommu=on pci=config_acs=xxxxxxx@00:00.0')).toEqual([
      '0000:00:00.0: the firmware leaves ACS SV|RR|CR|UF off, as after reset (the recorded kernel wrote over it)',
    ])
    expect(said('intel_iommu=on pci=config_acs=xx11101@00:00.0')).toEqual([])
  })
})

describe('the names in pci=config_acs= and pci=disable_acs_redir=', () => {
  const platform = randomBoard({ slots: [1, 1] }, 4)
  const topology = topologyOf(platform)
  const below = platform.functions.find((f) => f.parent === '0000:00:00.0')
  const above = platform.functions[0]
  if (!below || !above) throw new Error('board')

  it('are addresses, ids with 0 for any, and paths that do not need bus numbers', () => {
    for (const name of ['05:00.0', '0000:05:00.0', 'pci:1af4:1000', 'pci:0:0', 'pci:1af4:0', '00:00.0/00.0'])
      expect([name, namedBy(name, below, topology)]).toEqual([name, true])
    for (const name of ['05:00.1', '0001:05:00.0', 'pci:8086:0', '00:01.0/00.0', '00:00.0', 'pci:0:0:1:1'])
      expect([name, namedBy(name, below, topology)]).toEqual([name, false])
    expect(namedBy('00:00.0/00.0', above, topology)).toBe(false)
  })

  it('are read in order up to the first match; what cannot be read ends the list', () => {
    expect(configuredBy('1@00:00.0;0@05:00.0', below, topology)).toEqual({ set: 0, clear: 1 })
    expect(configuredBy('x1@05:00.0;0@05:00.0', below, topology)).toEqual({ set: 1, clear: 0 })
    expect(configuredBy('1@nonsense;1@05:00.0', below, topology)).toBeUndefined()
    expect(configuredBy('12@05:00.0', below, topology)).toBeUndefined()
    expect(configuredBy('10000000@05:00.0', below, topology)).toBeUndefined()
    expect(configuredBy('05:00.0', below, topology)).toBeUndefined()
  })
})
