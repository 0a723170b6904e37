/**
 * The default domain of a group: the system's default, what drivers want of their devices, and what happens where they
 * disagree. Before 5.8 that depends on the order in which devices are added (add-device.ts).
 * Sources: iommu_get_default_domain_type, the drivers' def_domain_type (reference 20 §4, §5).
 */
import { driverOwned, firstDevice } from './add-device'
import { amdWish } from './amd'
import { bit, type Decision, type DomainSetting, type Member, type Opinion } from './decision'
import { graphicsIdentity, isochronous } from './identity-map'
import { atLeast } from './policies/policy'
import { because, type Reason } from './reason'

const ECAP_PT = 6n

function driverOpinion({ fn, served }: Member, s: DomainSetting): Opinion | undefined {
  const { version } = s.policy
  const vtd = served.unit.kind === 'vt-d'
  // VT-d asks itself; from 5.11 on the core does so for every driver.
  if (s.untrusted.has(fn) && (vtd || atLeast(version, 5, 11)))
    return {
      type: 'DMA',
      reason: because(
        'untrusted device: always translated, strictly',
        '20 §5.3; 05.18',
        `${fn.bdf} is behind an external-facing port`,
      ),
    }
  if (served.unit.kind === 'amd-vi') return amdWish({ fn, served }, s)
  if (!vtd) return undefined
  // Before 6.12 a unit without pass-through had an identity domain made of mappings.
  if (atLeast(version, 6, 12) && bit(served.unit.registers['ECAP_REG'], ECAP_PT) === false)
    return {
      type: 'DMA',
      reason: because('the unit has no pass-through', '20 §4', `${served.unit.name}: ECAP.PT is 0`),
    }
  const graphics = graphicsIdentity(fn, s)
  if (graphics === undefined) return isochronous(fn, s)
  return { type: 'identity', reason: because('graphics, for which VT-d is left out', '20 §4', fn.bdf, graphics) }
}

/** The first opinion that a driver or the device's place gives about a member, if any. */
export function driverWants(members: readonly Member[], s: DomainSetting): Opinion | undefined {
  for (const m of members) {
    const opinion = driverOpinion(m, s)
    if (opinion) return opinion
  }
  return undefined
}

export function groupDefault(members: readonly Member[], s: DomainSetting): Decision {
  const pamu = members.find((m) => m.served.unit.kind === 'pamu')
  if (pamu)
    return {
      type: 'unknown',
      because: [
        because(
          'PAMU has no domain that the kernel could map in: the architecture keeps its own',
          '20 §1; drivers/iommu/fsl_pamu_domain.c',
          `${pamu.fn.bdf} is served by ${pamu.served.unit.name}`,
        ),
      ],
    }
  const { defaultDomains } = s.policy
  if (defaultDomains === 'driver' && members.some((m) => m.served.unit.kind === 'vt-d')) return driverOwned(members, s)
  return defaultDomains === 'core' ? byOpinion(members, s) : firstDevice(members, allocated(members, s), s)
}

/** Where a driver cannot allocate the type, a DMA domain takes its place, with a warning (20 §5.1, §5.2 step 5). */
function allocated(members: readonly Member[], s: DomainSetting): Decision {
  const virtual = members.find((m) => m.served.unit.kind === 'virtio-iommu')
  if (!virtual || s.system.type !== 'identity' || atLeast(s.policy.version, 5, 17)) return s.system
  const fallback = because(
    'virtio-iommu before 5.17 has no identity domain: falling back to DMA',
    '20 §5.1; viommu_domain_alloc',
    virtual.served.unit.name,
  )
  return { type: 'DMA', because: [...s.system.because, fallback] }
}

function byOpinion(members: readonly Member[], s: DomainSetting): Decision {
  const system = allocated(members, s)
  let stored: Opinion | undefined
  const reasons: Reason[] = []
  for (const m of members) {
    const opinion = driverOpinion(m, s)
    if (!opinion || opinion.type === stored?.type) continue
    reasons.push(opinion.reason)
    if (!stored) stored = opinion
    else if (s.policy.conflict === 'use-default') {
      const conflict = because(
        'members want different types: the system default is used',
        '20 §5.2',
        ...members.map((x) => x.fn.bdf),
      )
      return { type: system.type, because: [...reasons, conflict, ...system.because] }
    } else if (opinion.type === 'identity') stored = opinion
  }
  return stored ? { type: stored.type, because: reasons } : system
}
