import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

type Kind = 'none' | 'plain' | 'isolating'
interface Case {
  readonly policy: string
  readonly intrRemap?: boolean
  readonly unsafe?: boolean
  /** MSI domain of each function of the group, streams 0, 1. */
  readonly group: readonly Kind[]
  /** Domains of the system besides. */
  readonly others?: readonly Kind[]
  readonly more?: string
}

/** Is the group attached, and with which errno is it refused otherwise? */
function attach(c: Case, ...properties: string[]): { attached: boolean; errno: string | undefined; other: string[] } {
  const domains = [...c.group, ...(c.others ?? [])].filter((k) => k !== 'none')
  const assign = c.group.flatMap((k, s) => (k === 'none' ? [] : [`{ domains.assign: { stream: ${s}, domain: ${k} } }`]))
  const r = verdicts(`
blocks:
  smmu: { kind: smmu }
  domains: { kind: irq-domains }
  cookie: { kind: msi-cookie${c.more?.includes('needs_iommu_dma') ? ', iommu_dma: false' : ''} }
  vfio:
    { kind: vfio-type1, last: ${c.group.length - 1}, policy: ${c.policy}, intr_remap: ${c.intrRemap ?? false}, allow_unsafe_interrupts: ${c.unsafe ?? false}${c.more ?? ''} }
programs:
  kernel:
${domains.map((k) => `    - domains.add: { isolates: ${k === 'isolating'} }`).join('\n')}
${assign.map((a) => `    - ${a}`).join('\n')}
    - { wait: { until: "true" }, id: BOOTED }
  qemu: [{ wait: { until: done(BOOTED) } }, vfio.set_iommu, vfio.get_device_fd]
properties:
  - { name: attached, end: vfio.attached && vfio.device_fd && smmu.STE0.Config == s1_translate }
  - { name: detached, end: "!vfio.attached && smmu.STE0.Config == abort" }
  - { name: EPERM, end: qemu.errno == EPERM }
  - { name: ENODEV, end: qemu.errno == ENODEV }
${properties.map((p, i) => `  - { name: p${i}, end: "${p}" }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  const attached = r['attached'] === 'holds'
  expect(r['detached']).toBe(attached ? 'violated' : 'holds')
  const errno = ['EPERM', 'ENODEV'].find((e) => r[e] === 'holds')
  return { attached, errno, other: properties.filter((_, i) => r[`p${i}`] !== 'holds') }
}

/** The rules in plain words (00 S0.4, S0.5, S0.9, S0.10; 40 §4, §6), for a device whose doorbell must be mapped. */
function safe(c: Case): boolean {
  const all = [...c.group, ...(c.others ?? [])]
  const each = c.group.every((k) => k === 'isolating')
  switch (c.policy) {
    case 'capability':
      return c.intrRemap === true
    case 'three_branch':
      return true // the doorbell can always be mapped
    case 'two_branch':
      return c.intrRemap === true || each
    case 'domain_flag':
      return all.includes('isolating')
    case 'system':
      return c.intrRemap === true || !all.includes('plain')
    default:
      return each
  }
}

const KINDS = ['none', 'plain', 'isolating'] as const
const POLICIES = ['capability', 'three_branch', 'two_branch', 'domain_flag', 'system', 'device']

describe.each(POLICIES)('the policy %s', (policy) => {
  const groups: Kind[][] = [...KINDS.map((k) => [k]), ['isolating', 'plain'], ['isolating', 'isolating']]
  const cases: Case[] = groups.flatMap((group) =>
    [false, true].flatMap((intrRemap) =>
      [[], ['plain' as const], ['isolating' as const]].map((others) => ({ policy, intrRemap, group, others })),
    ),
  )
  it('answers as its rule says, for groups of one and two functions and other controllers beside', () => {
    const got = cases.map((c) => ({ ...c, ...attach(c) }))
    expect(got.map((g) => [g.group, g.others, g.intrRemap, g.attached, g.errno])).toEqual(
      cases.map((c) => [c.group, c.others, c.intrRemap, safe(c), safe(c) ? undefined : 'EPERM']),
    )
  })
  it('is overridden by allow_unsafe_interrupts, and maps doorbells all the same (00 S0.13)', () => {
    const r = attach({ policy, unsafe: true, group: ['plain'] }, 'cookie.cookie.domain0')
    expect(r).toEqual({ attached: true, errno: undefined, other: [] })
  })
})

describe('what decides that a doorbell is mapped', () => {
  const cookie = (doorbells: string, more = ''): boolean =>
    attach(
      { policy: 'device', group: ['isolating'], more: `, doorbells: ${doorbells}${more}` },
      'cookie.cookie.domain0',
    ).other.length === 0

  it('nothing in 4.9, the region from 4.11 on', () => {
    expect([cookie('none'), cookie('region')]).toEqual([false, true])
  })
  it('the attribute answers 0 for yes, and a driver that does not know it says no (00 S0.1)', () => {
    expect([cookie('attribute'), cookie('attribute', ', attribute_known: false')]).toEqual([true, false])
  })
  it('read as a boolean it is upside down', () => {
    expect([cookie('attribute_inverted'), cookie('attribute_inverted', ', attribute_known: false')]).toEqual([
      false,
      true,
    ])
  })
  it('without IOMMU_DMA the attach fails with -ENODEV in 4.11 … 5.x', () => {
    expect(attach({ policy: 'device', group: ['isolating'], more: ', needs_iommu_dma: true' })).toMatchObject({
      attached: false,
      errno: 'ENODEV',
    })
  })
})

describe('the life of a container (40 §1)', () => {
  const run = (steps: string, is: string): string | undefined =>
    verdicts(`
blocks:
  smmu: { kind: smmu }
  domains: { kind: irq-domains }
  cookie: { kind: msi-cookie }
  vfio: { kind: vfio-type1, allow_unsafe_interrupts: true }
programs: { qemu: [${steps}] }
properties: [{ name: p, end: "${is}" }]
`)['p']

  it('gives no device fd before its group is attached: -EINVAL', () => {
    expect(run('vfio.get_device_fd', 'qemu.errno == EINVAL && !vfio.device_fd')).toBe('holds')
  })
  it('lets the group go, and frees the domain, while no device fd is open', () => {
    const gone = '!vfio.attached && !cookie.alive.domain0 && smmu.STE0.Config == abort && qemu.errno == OK'
    expect(run('vfio.set_iommu, vfio.unset_container', gone)).toBe('holds')
  })
  it('keeps both while one is open: -EBUSY', () => {
    const kept = 'vfio.attached && cookie.alive.domain0 && qemu.errno == EBUSY'
    expect(run('vfio.set_iommu, vfio.get_device_fd, vfio.unset_container', kept)).toBe('holds')
  })
})
