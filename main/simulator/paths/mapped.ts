/** What the function's domain is, and whether an address has a translation in it. */
import { apertureOf } from '../linux/iova'
import type { DomainType } from '../linux/decision'
import type { Region } from '../linux/regions'
import { because, type Reason } from '../linux/reason'
import type { Iommu } from '../platform/schema'
import type { Scene } from './situation'

/** `blocked`: nothing is attached that would let it through. */
export type Domain = DomainType | 'UNMANAGED' | 'blocked'

export interface Target {
  readonly physical: bigint
  readonly write: boolean
  readonly why: Reason
  readonly chosen: boolean
}

export interface Lookup {
  readonly domain: Domain
  readonly because: readonly Reason[]
  /** Undefined: nothing is mapped there. */
  readonly target: Target | undefined
  /** The region that the address lies in, and that the kernel never maps. */
  readonly reserved: Region | undefined
  readonly beyond: boolean
}

/** The domain that its DMA meets: the group's default, or the one that VFIO made. */
export function domainOf({ group, situation, plan, fn }: Scene): { domain: Domain; because: Reason[] } {
  if (situation.assigned)
    return { domain: 'UNMANAGED', because: [because('VFIO attached a domain of its own', '40 §5', fn.bdf)] }
  if (!group)
    return {
      domain: 'blocked',
      because: [plan.units.unserved.get(fn) ?? because('it has no IOMMU group', '05.16', fn.bdf)],
    }
  const deferred = group.deferred
    ? [because(`attach deferred until ${group.deferred.until}: live is ${group.deferred.live}`, '20 §7; S3.4', fn.bdf)]
    : []
  return { domain: group.type.type, because: [...group.type.because, ...deferred] }
}

/** Physical memory that a page is mapped to where the rules leave it open. */
const CHOSEN_PAGE = 0x10000000n

/** `doorbell`: the kernel mapped the page of an interrupt doorbell there. */
export function lookUp(scene: Scene, unit: Iommu, iova: bigint, doorbell?: Target): Lookup {
  const { domain, because: why } = domainOf(scene)
  const regions = scene.group?.regions ?? []
  const within = (r: { readonly start: bigint; readonly end: bigint }) => iova >= r.start && iova <= r.end
  // A direct region wins over a relaxable one and over windows that it touches.
  const direct = regions.find((r) => (r.type === 'direct' || r.type === 'direct-relaxable') && within(r))
  const kept = regions.find((r) => r.type !== 'direct' && r.type !== 'direct-relaxable' && within(r))
  const aperture = apertureOf(unit)
  const translated = domain === 'DMA' || domain === 'DMA-FQ'
  const base = {
    domain,
    because: [...why, aperture.because],
    reserved: kept,
    beyond: !within(aperture),
  }
  if (direct && translated)
    return {
      ...base,
      target: {
        physical: iova,
        write: true,
        chosen: false,
        why: because(
          'firmware asks for it: mapped one to one before the driver binds',
          'iommu_create_device_direct_mappings; 30 §2',
          direct.because.rule,
          ...direct.because.facts,
        ),
      },
    }
  if (doorbell) return { ...base, reserved: undefined, target: doorbell }
  const map = scene.situation.maps.find((m) => iova >= m.iova && iova < m.iova + m.size)
  if (!map || kept || base.beyond) return { ...base, target: undefined }
  return {
    ...base,
    target: {
      physical: CHOSEN_PAGE + ((iova - map.iova) & 0xfffffffn),
      write: map.write,
      chosen: true,
      why: because(
        scene.situation.assigned ? 'user space mapped it' : 'the driver mapped it',
        '40 §10',
        `0x${map.iova.toString(16)} + 0x${map.size.toString(16)}${map.write ? '' : ', read only'}`,
      ),
    },
  }
}
