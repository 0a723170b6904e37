/**
 * Domains before the core asked drivers for their opinion (5.8): devices are added one after the other, and the driver
 * may have the group's default domain exchanged for its device, which works only while it is alone in the group, so for
 * the first. Sources: drivers/iommu/iommu.c request_default_domain_for_dev (iommu_request_dm_for_dev,
 * iommu_request_dma_domain_for_dev), intel_iommu_add_device, amd_iommu_add_device, intel-iommu.c iommu_no_mapping
 * (S3.7 … S3.11; reference 20 §5.1, §8).
 */
import type { PciFunction } from '../platform/schema'
import { amdWish } from './amd'
import { byAddress } from './board'
import type { Decision, DomainSetting, DomainType, Member, Opinion, OwnDomain } from './decision'
import { cannotReachMemory, identityMap } from './identity-map'
import { because, type Reason } from './reason'

/** To 5.2 VT-d keeps a domain for each device, the group has no default domain. */
export function driverOwned(members: readonly Member[], s: DomainSetting): Decision {
  const own = members.map(({ fn }): OwnDomain => {
    const wish = identityMap(fn, s)
    if (wish?.type !== 'identity') return { fn, type: 'DMA', because: wish ? [wish.reason] : [] }
    const narrow = bySize(wish) ? cannotReachMemory(fn, s) : undefined
    if (narrow === undefined) return { fn, type: 'identity', because: [wish.reason] }
    return { fn, type: 'DMA', because: [wish.reason, because(NARROW, 'S3.11, S3.14; iommu_no_mapping', narrow)] }
  })
  const [first] = members
  const none = because(
    'VT-d before 5.3 gives its devices domains of its own: the group has no default domain',
    'S3.1; 20 §5.1; intel_iommu_domain_alloc',
    ...(first ? [first.served.unit.name] : []),
  )
  return { type: 'unknown', because: [none, ...own.flatMap((o) => o.because)], own }
}

const NARROW = 'its driver asks for a DMA mask that does not cover all memory: it leaves the identity domain'
/** Sound and graphics are answered before the mask is looked at (20 §4 steps 3, 4, 9). */
const bySize = (wish: Opinion): boolean => wish.reason.rule.startsWith('identity mapping is asked')

/** From 5.3 to 5.7 (AMD: from 4.2): the group has a default domain, and drivers ask for another. */
export function firstDevice(members: readonly Member[], base: Decision, s: DomainSetting): Decision {
  // Members stand in the order in which the kernel found them.
  let type = base.type
  let why: Reason[] = [...base.because]
  const own: OwnDomain[] = []
  for (const [i, m] of members.entries()) {
    const wish = wishOf(m, s)
    if (!wish || translates(wish.type) === translates(type)) continue
    if (i === 0) {
      type = wish.type
      why = [because(`${asks(wish.type)}: the first device of a group gets it`, 'S3.8; 20 §5.1', m.fn.bdf), wish.reason]
    } else own.push(...refused(m, wish, type, s, members.length))
  }
  const { domains, groupDefault } = narrowed(members, type, own, s)
  if (groupDefault) {
    type = 'DMA'
    why = [...why, groupDefault]
  }
  const all = domains.sort((a, b) => byAddress(a.fn.bdf, b.fn.bdf))
  return { type, because: [...why, ...all.flatMap((o) => o.because)], ...(all.length > 0 ? { own: all } : {}) }
}

const translates = (t: DomainType): boolean => t !== 'identity'
const asks = (t: DomainType): string =>
  t === 'identity' ? 'iommu_request_dm_for_dev' : 'iommu_request_dma_domain_for_dev'

function wishOf({ fn, served }: Member, s: DomainSetting): Opinion | undefined {
  switch (served.unit.kind) {
    case 'vt-d':
      return identityMap(fn, s)
    case 'amd-vi':
      return amdWish({ fn, served }, s)
    case 'smmu-v2':
    case 'smmu-v3':
    case 'virtio-iommu':
    case 'pamu':
      return undefined
  }
}

/** -EBUSY: VT-d then takes the device out of the group's domain by itself; AMD leaves it there. */
function refused(m: Member, wish: Opinion, type: DomainType, s: DomainSetting, size: number): OwnDomain[] {
  const busy = because(
    `${asks(wish.type)} is refused with -EBUSY: the device is not alone in its group`,
    'S3.8, S3.9; 20 §5.1',
    `${m.fn.bdf}, ${size} devices`,
  )
  const merged = s.policy.identity !== 'private-domain'
  if (merged && m.served.unit.kind === 'vt-d') {
    const alone = because(
      `VT-d gives it a private ${wish.type === 'identity' ? 'identity' : 'DMA'} domain`,
      'S3.7',
      m.fn.bdf,
    )
    return [{ fn: m.fn, type: wish.type, because: [wish.reason, busy, alone] }]
  }
  const stays = because('it stays in the domain of its group', 'S3.9', m.fn.bdf)
  return [{ fn: m.fn, type, because: [wish.reason, busy, stays] }]
}

/** S3.11: a driver that then asks for a narrow DMA mask takes its device out of the identity domain (98b2fffb5e27). */
function narrowed(members: readonly Member[], type: DomainType, own: OwnDomain[], s: DomainSetting): Narrowed {
  let groupDefault: Reason | undefined
  const domains = [...own]
  for (const { fn, served } of members) {
    const at = domains.findIndex((o) => o.fn === fn)
    if (served.unit.kind !== 'vt-d' || (domains[at]?.type ?? type) !== 'identity') continue
    const narrow = cannotReachMemory(fn, s)
    if (narrow === undefined) continue
    const reason = because(NARROW, 'S3.11; 20 §8; iommu_need_mapping', narrow)
    const before = domains[at]
    if (before) domains[at] = { fn, type: 'unknown', because: [...before.because, reason, lost(fn)] }
    else if (members.length === 1) groupDefault = reason
    else domains.push({ fn, type: 'DMA', because: [reason] })
  }
  return { domains, ...(groupDefault ? { groupDefault } : {}) }
}

interface Narrowed {
  readonly groupDefault?: Reason
  readonly domains: OwnDomain[]
}

/** request_default_domain_for_dev: "already the right type" is answered before anything is attached. */
const lost = (fn: PciFunction): Reason =>
  because(
    'iommu_request_dma_domain_for_dev returns 0 because the group has a DMA domain already, and attaches nothing: the device has no domain left, and its mappings fail',
    'S3.8; 20 §8',
    fn.bdf,
  )
