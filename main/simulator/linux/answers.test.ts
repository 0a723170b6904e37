import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../platform/schema'
import { blastRadius } from './blast'
import { collisions, guestRam, GUEST_MACHINES, mappable } from './guest-memory'
import { planPlatform, type Plan } from './plan'
import { policyFor } from './policies/proposals'
import { withVirtualFunctions } from './sriov'

const load = (id: string) =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../../resources/platforms/${id}.yaml`), 'utf8')))

function plan(id: string, cmdline?: string): Plan {
  const policy = policyFor('6.12')
  if (!policy) throw new Error('policy')
  return planPlatform(load(id), policy, cmdline)
}

function radius(p: Plan, bdf: string) {
  const fn = p.board.topology.find(bdf)
  const route = fn && p.messages.get(fn)
  if (!route) throw new Error(bdf)
  return blastRadius(route)
}

describe('the blast radius of a device', () => {
  it('is its own interrupts behind VT-d remapping, and everything without', () => {
    expect(radius(plan('spr-dsa', 'intel_iommu=on'), '0000:6a:01.0').scope).toBe('own')
    expect(radius(plan('spr-dsa', 'intel_iommu=on intremap=off'), '0000:6a:01.0').scope).toBe('everything')
  })

  it('is its own events with an ITS, and the whole frame with GICv2m', () => {
    expect(radius(plan('virt-smmuv3-its'), '0000:01:00.0').scope).toBe('own')
    const v2m = radius(plan('virt-gicv2m'), '0000:01:00.0')
    expect(v2m.scope).toBe('frame')
    expect((v2m.interrupts?.last ?? 0) - (v2m.interrupts?.first ?? 0)).toBeGreaterThan(0)
    expect(v2m.words).toContain('once its doorbell is mapped')
  })
})

describe('guest memory', () => {
  it('of q35 has its low part below 2 GiB as soon as it is larger than 2.75 GiB, the rest from 4 GiB on', () => {
    expect(guestRam('q35', 0x40000000n)).toEqual([{ start: 0n, end: 0x3fffffffn }])
    expect(guestRam('q35', 0x200000000n)).toEqual([
      { start: 0n, end: 0x7fffffffn },
      { start: 0x100000000n, end: 0x27fffffffn },
    ])
    expect(guestRam('i440fx', 0x100000000n)).toEqual([
      { start: 0n, end: 0xbfffffffn },
      { start: 0x100000000n, end: 0x13fffffffn },
    ])
  })

  it('has the size that was asked for, in ranges that do not overlap', () => {
    fc.assert(
      fc.property(fc.constantFrom(...GUEST_MACHINES), fc.bigInt({ min: 1n, max: 1n << 42n }), (machine, bytes) => {
        const ranges = guestRam(machine, bytes)
        expect(ranges.reduce((n, r) => n + r.end - r.start + 1n, 0n)).toBe(bytes)
        for (const [i, r] of ranges.entries()) expect(r.start > (ranges[i - 1]?.end ?? -1n)).toBe(true)
      }),
    )
  })

  it('collides with the software MSI window only where RAM lies there, and what is left can be mapped', () => {
    const [group] = plan('virt-smmuv3-its').groups
    if (!group) throw new Error('group')
    expect(collisions(group, guestRam('virt', 0x40000000n))).toEqual([])
    const low = collisions(group, guestRam('q35', 0x40000000n))
    expect(low).toEqual([{ start: 0x8000000n, end: 0x80fffffn, with: 'msi', verdict: 'refused' }])
    expect(mappable(group, guestRam('q35', 0x40000000n))).toEqual([
      { start: 0n, end: 0x7ffffffn },
      { start: 0x8100000n, end: 0x3fffffffn },
    ])
  })
})

describe('virtual functions that do not exist yet', () => {
  const sriov = { total: 4, initial: 4, enabled: 0, firstOffset: 128, stride: 2, vfDevice: 0x10ca }
  const withPf = (): Platform => {
    const p = load('q35-vtd')
    const pf = p.functions.find((f) => f.headerType === 0 && f.parent !== 'pci0000:00')
    if (!pf) throw new Error('pf')
    return { ...p, functions: p.functions.map((f) => (f === pf ? { ...f, sriov } : f)) }
  }

  it('stand at first offset and stride, under the same port and unit, each in a group of its own', () => {
    const before = withPf()
    const pf = before.functions.find((f) => f.sriov)
    const after = withVirtualFunctions(before, pf?.bdf ?? '', 2)
    const policy = policyFor('6.12')
    if (!after.ok || !policy || !pf) throw new Error('vf')
    const added = after.value.functions.filter((f) => f.physfn === pf.bdf).map((f) => f.bdf)
    expect(added).toEqual([pf.bdf.replace('00.0', '10.0'), pf.bdf.replace('00.0', '10.2')])
    const groups = planPlatform(after.value, policy, 'intel_iommu=on').groups
    for (const bdf of added) expect(groups.find((g) => g.members.some((m) => m.fn.bdf === bdf))?.members.length).toBe(1)
  })

  it('are refused beyond TotalVFs and for a function without the capability', () => {
    const p = withPf()
    const pf = p.functions.find((f) => f.sriov)
    expect(withVirtualFunctions(p, pf?.bdf ?? '', 5).ok).toBe(false)
    expect(withVirtualFunctions(p, '0000:00:00.0', 1)).toMatchObject({
      ok: false,
      error: { code: 'PLATFORM_NOT_PLACEABLE' },
    })
    expect(withVirtualFunctions(p, '0000:99:00.0', 1)).toMatchObject({
      ok: false,
      error: { code: 'PLATFORM_UNKNOWN_BDF' },
    })
  })

  it('are refused as Linux does where the last one’s bus is not among those of the bridge above', () => {
    const p = withPf()
    const functions = p.functions.map((f) =>
      f.sriov ? { ...f, sriov: { ...f.sriov, total: 256, firstOffset: 16 } } : f,
    )
    const pf = functions.find((f) => f.sriov)
    const ask = (count: number) => withVirtualFunctions({ ...p, functions }, pf?.bdf ?? '', count)
    // From 0x10 on in steps of 2: the 121st would be 0x100.
    expect(ask(120).ok).toBe(true)
    expect(ask(121)).toMatchObject({
      ok: false,
      error: { code: 'PLATFORM_NOT_PLACEABLE', message: expect.stringContaining('-ENOMEM') as string },
    })
  })
})
