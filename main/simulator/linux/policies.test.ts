import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../platform/schema'
import { attach } from './attach'
import { planPlatform } from './plan'
import { eraFor, ERAS } from './policies/eras'
import { POLICIES, policyFor } from './policies/proposals'
import { truncateRelaxable } from './region-list'
import type { Region } from './regions'

const load = (id: string) =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../../resources/platforms/${id}.yaml`), 'utf8')))

function verdict(platform: Platform, policy: string, bdf = '0000:01:00.0') {
  const p = policyFor(policy)
  if (!p) throw new Error(policy)
  const plan = planPlatform(platform, p)
  const device = plan.board.topology.find(bdf)
  if (!device) throw new Error(bdf)
  return attach(plan, { devices: [device], bindGroup: 1, unsafe: false, maps: [] }).stage
}

describe('kernel policies', () => {
  it('take the nearest era at or below a version', () => {
    expect(
      ['4.4', '4.19.0', '5.10.0-8-amd64', '6.1.192', '6.6', '6.12.107+deb13-amd64', '7.0'].map((v) => eraFor(v)?.id),
    ).toEqual(['4.9', '4.9', '5.3', '6.1', '6.1', '6.12', '6.12'])
    expect(policyFor(undefined)?.id).toBe('6.12')
    expect(policyFor('no-such-policy')).toBeUndefined()
  })

  it('take what is known to have come between an era and a version, and nothing else', () => {
    const of = (v: string) => {
      const p = eraFor(v)
      return [p?.isolation, p?.iovaList, p?.viability, p?.cdev, p?.directRegion.errno]
    }
    expect(of('4.10')).toEqual(['bus-capability', false, 'device-fd', false, 'EPERM'])
    expect(of('4.19')).toEqual(['system', false, 'device-fd', false, 'EPERM'])
    expect(of('5.10')).toEqual(['system', true, 'device-fd', false, 'EPERM'])
    expect(of('6.0')).toEqual(['system', true, 'container', false, 'EPERM'])
    expect(of('6.2')).toEqual(['system', true, 'container', false, 'EPERM'])
    expect(of('6.6')).toEqual(['device', true, 'container', true, 'EPERM'])
    for (const era of ERAS) expect(eraFor(era.id)).toEqual(era)
  })

  it('have ids of their own', () => {
    expect(new Set(POLICIES.map((p) => p.id)).size).toBe(POLICIES.length)
  })
})

describe('the 2016 designs on one machine with a GICv2m frame behind an SMMU', () => {
  const v2m = load('virt-gicv2m')

  it('accept it with three branches, because the doorbell can be mapped: the hole that the thread found', () => {
    expect(verdict(v2m, 'msi-three-branch')).toBe(9)
  })

  it('refuse it with two branches and with inspection of the whole group', () => {
    expect(verdict(v2m, 'msi-two-branch')).toBe(4)
    expect(verdict(v2m, 'whole-group-inspection')).toBe(4)
  })

  it('4.9 itself accepts it, because arm-smmu claimed interrupt remapping', () => {
    expect(verdict(v2m, '4.9')).toBe(9)
    expect(verdict(v2m, '6.12')).toBe(4)
  })

  it('all accept the ITS', () => {
    const its = load('virt-smmuv3-its')
    for (const policy of ['msi-three-branch', 'msi-two-branch', 'whole-group-inspection', '4.9', '6.1', '6.12'])
      expect([policy, verdict(its, policy)]).toEqual([policy, 9])
  })
})

describe('cutting relaxable regions where direct ones lie', () => {
  const region = (start: number, end: number, type: Region['type']): Region => ({
    start: BigInt(start),
    end: BigInt(end),
    type,
    devices: [],
    because: { rule: '', cite: '', facts: [] },
  })
  const cut = (...list: Region[]) =>
    truncateRelaxable(list)
      .filter((r) => r.type === 'direct-relaxable')
      .map((r) => [Number(r.start), Number(r.end)])

  it('drops one that lies inside, splits one that lies around, shortens one that overlaps, keeps one that lies apart', () => {
    const direct = region(10, 19, 'direct')
    expect(cut(direct, region(12, 15, 'direct-relaxable'))).toEqual([])
    expect(cut(direct, region(10, 19, 'direct-relaxable'))).toEqual([])
    expect(cut(direct, region(5, 30, 'direct-relaxable'))).toEqual([
      [5, 9],
      [20, 30],
    ])
    expect(cut(direct, region(15, 30, 'direct-relaxable'))).toEqual([[20, 30]])
    expect(cut(direct, region(20, 30, 'direct-relaxable'))).toEqual([[20, 30]])
  })
})
