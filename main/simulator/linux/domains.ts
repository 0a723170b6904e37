/**
 * The default domain of a group: the system's default, what drivers want of their devices, and what happens where they
 * disagree. Sources: iommu_subsys_init, iommu_get_default_domain_type, the drivers' def_domain_type (reference 20).
 */
import type { Platform, PciFunction } from '../platform/schema'
import type { CommandLine } from './cmdline'
import { atLeast, type KernelPolicy } from './policies/policy'
import { because, type Reason } from './reason'
import type { Served } from './units'

/** sysfs's words. `unknown`: no default domain, or one that the architecture owns. */
export type DomainType = 'DMA' | 'DMA-FQ' | 'identity' | 'unknown'

export interface Decision {
  readonly type: DomainType
  readonly because: readonly Reason[]
}

const CAP_CM = 7n
const ECAP_PT = 6n
const AMD_CAP_NPCACHE = 26n

export const bit = (value: string | undefined, n: bigint): boolean | undefined =>
  value === undefined ? undefined : ((BigInt(value) >> n) & 1n) === 1n

/** The system-wide default, before anybody's opinion. */
export function systemDefault(platform: Platform, c: CommandLine, policy: KernelPolicy): Decision {
  const option = (name: string): string | undefined => platform.kernel.config?.[name]
  const passthrough = c.passthrough ?? option('CONFIG_IOMMU_DEFAULT_PASSTHROUGH') === 'y'
  const why =
    c.passthrough === undefined
      ? 'no passthrough option on the command line'
      : `command line: ${c.text
          .split(/\s+/)
          .filter((w) => /^iommu[.=]/.test(w))
          .join(' ')}`
  if (passthrough) return { type: 'identity', because: [because('default domain passthrough', '20 §2', why)] }
  const strict = strictness(platform, c)
  const reasons = [because('default domain translated', '20 §2', why), strict.reason]
  if (strict.strict || atLeast(policy.version, 5, 15))
    return { type: strict.strict ? 'DMA' : 'DMA-FQ', because: reasons }
  const word = because('lazy or strict, the type is called DMA before 5.15', '20 §9; IOMMU_DOMAIN_DMA_FQ')
  return { type: 'DMA', because: [...reasons, word] }
}

function strictness(platform: Platform, c: CommandLine): { strict: boolean; reason: Reason } {
  const virtual = platform.iommus.find(
    (u) =>
      (u.kind === 'vt-d' && bit(u.registers['CAP_REG'], CAP_CM)) ||
      (u.kind === 'amd-vi' && bit(u.registers['CAP_HEADER'], AMD_CAP_NPCACHE)),
  )
  if (virtual)
    return {
      strict: true,
      reason: because(
        'strict invalidation: the IOMMU is virtual',
        '20 §2 step 4; 05.20, 05.6',
        `${virtual.name} says that it caches non-present entries`,
      ),
    }
  if (c.strict !== undefined)
    return {
      strict: c.strict,
      reason: because(c.strict ? 'strict invalidation' : 'lazy invalidation', '20 §3', 'command line'),
    }
  const config = platform.kernel.config
  if (config) {
    const strict = config['CONFIG_IOMMU_DEFAULT_DMA_STRICT'] === 'y'
    return {
      strict,
      reason: because(
        strict ? 'strict invalidation' : 'lazy invalidation',
        '20 §2',
        `CONFIG_IOMMU_DEFAULT_DMA_STRICT is ${strict ? 'set' : 'not set'}`,
      ),
    }
  }
  const strict = platform.arch !== 'x86'
  return {
    strict,
    reason: because(
      strict ? 'strict invalidation' : 'lazy invalidation',
      '20 §2',
      `the default of ${platform.arch} builds`,
    ),
  }
}

export interface Opinion {
  readonly type: DomainType
  readonly reason: Reason
}

function driverOpinion(fn: PciFunction, served: Served, untrusted: boolean): Opinion | undefined {
  if (untrusted)
    return {
      type: 'DMA',
      reason: because(
        'untrusted device: always translated, strictly',
        '20 §5.3; 05.18',
        `${fn.bdf} is behind an external-facing port`,
      ),
    }
  if (served.unit.kind === 'vt-d' && bit(served.unit.registers['ECAP_REG'], ECAP_PT) === false)
    return {
      type: 'DMA',
      reason: because('the unit has no pass-through', '20 §4', `${served.unit.name}: ECAP.PT is 0`),
    }
  if (served.unit.kind === 'amd-vi' && fn.pasid && fn.ats && fn.pri && peripheralPaging(served)) {
    return {
      type: 'identity',
      reason: because('AMD: a device with PASID, ATS and PRI is identity mapped', '20 §4', fn.bdf),
    }
  }
  return undefined
}

const EFR_PPR = 1n
const EFR_GT = 4n
const peripheralPaging = ({ unit }: Served): boolean =>
  bit(unit.registers['EFR'], EFR_PPR) === true && bit(unit.registers['EFR'], EFR_GT) === true

export interface Member {
  readonly fn: PciFunction
  readonly served: Served
}

/** The first opinion that a driver or the device's place gives about a member, if any. */
export function driverWants(members: readonly Member[], untrusted: ReadonlySet<PciFunction>): Opinion | undefined {
  for (const { fn, served } of members) {
    const opinion = driverOpinion(fn, served, untrusted.has(fn))
    if (opinion) return opinion
  }
  return undefined
}

export function groupDefault(
  members: readonly Member[],
  system: Decision,
  untrusted: ReadonlySet<PciFunction>,
  policy: KernelPolicy,
): Decision {
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
  if (policy.identity === 'private-domain') return privateDomain(members, system, untrusted)
  let stored: Opinion | undefined
  const reasons: Reason[] = []
  for (const { fn, served } of members) {
    const opinion = driverOpinion(fn, served, untrusted.has(fn))
    if (!opinion || opinion.type === stored?.type) continue
    reasons.push(opinion.reason)
    if (!stored) stored = opinion
    else if (policy.conflict === 'use-default') {
      return {
        type: system.type,
        because: [
          ...reasons,
          because(
            'members want different types: the system default is used',
            '20 §5.2',
            ...members.map((m) => m.fn.bdf),
          ),
          ...system.because,
        ],
      }
    } else if (opinion.type === 'identity') stored = opinion
  }
  return stored ? { type: stored.type, because: reasons } : system
}

/** iommu_request_dm_for_dev and iommu_request_dma_domain_for_dev: only for a device alone in its group (S3.8, S3.9). */
function privateDomain(members: readonly Member[], system: Decision, untrusted: ReadonlySet<PciFunction>): Decision {
  const opinion = driverWants(members, untrusted)
  if (!opinion || opinion.type === system.type) return system
  if (members.length === 1) {
    return { type: opinion.type, because: [because('the driver asks for a private domain', 'S3.8'), opinion.reason] }
  }
  return {
    type: system.type,
    because: [
      because(
        'the private domain is refused with -EBUSY: the group has several devices',
        'S3.8, S3.9',
        ...members.map((m) => m.fn.bdf),
      ),
      opinion.reason,
      ...system.because,
    ],
  }
}
