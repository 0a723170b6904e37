/** Default domains before the core asked drivers: each question of iommu_should_identity_map, and who gets a domain of his own. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Platform, type PciFunction } from '../platform/schema'
import { domainOf } from './decision'
import { planPlatform } from './plan'
import { policyFor } from './policies/proposals'
import { planChanges } from './changes'
import { reportPlan } from './report'

const endpoint = { type: 'endpoint', version: 2, slot: false } as const
const rootPort = { type: 'root-port', version: 2, slot: true } as const
const ACS = { cap: 0x5d, ctrl: 0x1d }
type Fn = Partial<PciFunction> & { bdf: string }
const fn = (f: Fn): unknown => ({
  parent: 'pci0000:00',
  vendor: 0x1af4,
  device: 0x1041,
  class: 0x020000,
  headerType: 0,
  express: endpoint,
  configSize: 4096,
  ...f,
})
const bridge = (bdf: string, bus: number, f: Partial<PciFunction> = {}) =>
  fn({
    bdf,
    class: 0x060400,
    headerType: 1,
    express: rootPort,
    acs: ACS,
    bridge: { primary: 0, secondary: bus, subordinate: bus },
    driver: 'pcieport',
    ...f,
  })

const NIC = fn({ bdf: '0000:00:02.0', driver: 'e1000e' })
const RMRR = { kind: 'rmrr', start: '0x30000000', end: '0x3000ffff', source: 'DMAR RMRR at 0x60' }

interface Machine {
  readonly functions?: readonly unknown[]
  readonly regions?: readonly { devices: string[]; named?: string[] }[]
  readonly ramEnd?: string
  readonly config?: Record<string, string>
  readonly tables?: unknown
  readonly kind?: 'vt-d' | 'amd-vi' | 'virtio-iommu' | 'smmu-v3'
  readonly registers?: Record<string, string>
}

function plan(m: Machine, kernel: string, cmdline = 'intel_iommu=on') {
  const functions = m.functions ?? [NIC]
  const platform = Platform.parse({
    doorbellPlatform: 1,
    name: 'machine',
    arch: m.kind === 'smmu-v3' ? 'arm64' : 'x86',
    source: 'test',
    kernel: { ...(m.ramEnd ? { ramEnd: m.ramEnd } : {}), ...(m.config ? { config: m.config } : {}) },
    roots: [{ id: 'pci0000:00', segment: 0, bus: 0 }],
    functions,
    iommus: [
      {
        name: 'dmar0',
        kind: m.kind ?? 'vt-d',
        registers: m.registers ?? { CAP_REG: '0xd2008c22260206', ECAP_REG: '0xf00f4a' },
        serves: functions.map((f) => (f as Fn).bdf),
        source: 'test',
      },
    ],
    msiControllers: [],
    regions: (m.regions ?? []).map((r) => ({ ...RMRR, ...r })),
    ...(m.tables ? { tables: m.tables } : {}),
  })
  const policy = policyFor(kernel)
  if (!policy) throw new Error(kernel)
  return planPlatform(platform, policy, cmdline)
}

/** What each device's DMA meets, and the rules that said so. */
function domains(m: Machine, kernel: string, cmdline?: string): Record<string, string> {
  const p = plan(m, kernel, cmdline)
  return Object.fromEntries(p.groups.flatMap((g) => g.members.map((x) => [x.fn.bdf, domainOf(g.type, x.fn)])))
}
const one = (m: Machine, kernel: string, cmdline?: string): string | undefined =>
  domains(m, kernel, cmdline)['0000:00:02.0']
const rules = (m: Machine, kernel: string, cmdline?: string): string[] =>
  plan(m, kernel, cmdline).groups.flatMap((g) => g.type.because.map((b) => b.rule))
const PT = 'intel_iommu=on iommu=pt'
const NEWEST = ['5.8', '6.1', '6.12']

describe('VT-d before 5.3', () => {
  it('keeps domains of its own: the group has none, and its type reads unknown, once there is a file to read', () => {
    expect(plan({}, '4.9').groups[0]?.type.type).toBe('unknown')
    const types = ['4.9', '4.18', '4.19', '5.2', '5.3'].map((v) => reportPlan(plan({}, v)).groups[0]?.type)
    expect(types).toEqual([null, null, 'unknown', 'unknown', 'DMA'])
    expect(reportPlan(plan({}, '4.9', PT)).groups[0]?.own).toMatchObject([{ device: '0000:00:02.0', type: 'identity' }])
  })

  it('maps nothing one to one unless iommu=pt asks for it; iommu.passthrough=1 alone does not reach it before 5.3', () => {
    expect(['4.9', '4.19'].map((v) => one({}, v))).toEqual(['DMA', 'DMA'])
    expect(['4.9', '4.19'].map((v) => one({}, v, PT))).toEqual(['identity', 'identity'])
    const core = 'intel_iommu=on iommu.passthrough=1'
    expect(['4.9', '4.19', '5.3', '6.1'].map((v) => one({}, v, core))).toEqual(['DMA', 'DMA', 'identity', 'identity'])
  })

  it('takes the build for an answer from 4.19 on', () => {
    const config = { CONFIG_IOMMU_DEFAULT_PASSTHROUGH: 'y' }
    expect(['4.18', '4.19', '5.3'].map((v) => one({ config }, v))).toEqual(['DMA', 'identity', 'identity'])
  })
})

describe('iommu_should_identity_map', () => {
  const locked = { regions: [{ devices: ['0000:00:02.0'] }] }

  it('says no to a device with a locked RMRR, until 5.6 maps RMRRs in the identity domain, too', () => {
    expect(['4.9', '5.3', '5.5', '5.6', '5.7', ...NEWEST].map((v) => one(locked, v, PT))).toEqual([
      'DMA',
      'DMA',
      'DMA',
      ...Array<string>(5).fill('identity'),
    ])
    expect(rules(locked, '5.3', PT)).toContain('a locked RMRR: its mapping would be lost in the identity domain')
  })

  it('does not count the RMRR of a USB or graphics device', () => {
    for (const kind of [0x0c0330, 0x030000]) {
      const machine = { ...locked, functions: [fn({ bdf: '0000:00:02.0', class: kind })] }
      expect(['4.9', '5.3'].map((v) => one(machine, v, PT))).toEqual(['identity', 'identity'])
    }
  })

  it('does not count the RMRR of a bridge above before 5.3', () => {
    const functions = [bridge('0000:00:01.0', 1), fn({ bdf: '0000:01:00.0', parent: '0000:00:01.0' })]
    const regions = [{ devices: ['0000:00:01.0', '0000:01:00.0'], named: ['0000:00:01.0'] }]
    const of = (v: string) => domains({ functions, regions }, v, PT)['0000:01:00.0']
    expect(['4.19', '5.2', '5.3'].map(of)).toEqual(['identity', 'identity', 'DMA'])
  })

  it('says no to an untrusted device, from 5.0 on, when kernels learned of them', () => {
    const functions = [
      bridge('0000:00:01.0', 1, { externalFacing: true }),
      fn({ bdf: '0000:01:00.0', parent: '0000:00:01.0' }),
    ]
    const of = (v: string) => domains({ functions }, v, PT)['0000:01:00.0']
    expect(['4.9', '4.20', '5.0', '5.3', '6.1'].map(of)).toEqual(['identity', 'identity', 'DMA', 'DMA', 'DMA'])
  })

  it('says yes to Azalia sound whose unit firmware gave no TLB entries, and assumes that it did where nothing tells', () => {
    const sound = fn({ bdf: '0000:00:02.0', vendor: 0x8086, device: 0x3a3e, class: 0x040300 })
    const chipset = (control: string) =>
      fn({ bdf: '0000:00:14.0', vendor: 0x8086, device: 0x342e, registers: { VTISOCHCTRL: control } })
    const of = (v: string, control: string) => one({ functions: [sound, chipset(control)] }, v)
    for (const v of ['4.9', '5.3', '6.1', '6.12'])
      expect(['0x0', '0x10', '0x4', '0x1'].map((c) => of(v, c))[0]).toBe('identity')
    for (const v of ['4.9', '5.3', '6.1']) {
      expect(['0x10', '0x4', '0x1'].map((c) => of(v, c)).every((t) => t?.startsWith('DMA'))).toBe(true)
      expect(plan({ functions: [sound] }, v).assumptions.join()).toMatch(/VTISOCHCTRL of 8086:342e is not known/)
    }
  })

  it('says yes to graphics for which VT-d is left out, by the build alone before 5.3, in no way from 6.10 on', () => {
    const machine = { functions: [fn({ bdf: '0000:00:02.0', class: 0x030000 })] }
    const off = 'intel_iommu=on,igfx_off'
    expect(['4.9', '5.3', '5.8', '6.9', '6.10'].map((v) => one(machine, v, off))).toEqual([
      'DMA',
      'identity',
      'identity',
      'identity',
      'DMA-FQ',
    ])
    const config = { CONFIG_INTEL_IOMMU_BROKEN_GFX_WA: 'y' }
    expect(['4.9', '5.3'].map((v) => one({ ...machine, config }, v))).toEqual(['identity', 'identity'])
  })

  it('says no to conventional functions off the root bus, conventional bridges, and bridges from PCIe, until 5.8', () => {
    const functions = [
      fn({ bdf: '0000:00:03.0', express: undefined }),
      bridge('0000:00:04.0', 4, { express: undefined, acs: undefined }),
      fn({ bdf: '0000:04:00.0', parent: '0000:00:04.0', express: undefined }),
      bridge('0000:00:05.0', 5, { express: { type: 'pcie-to-pci-bridge', version: 1, slot: false }, acs: undefined }),
    ]
    for (const v of ['4.9', '5.2', '5.3', '5.7'])
      expect(domains({ functions }, v, PT)).toEqual({
        '0000:00:03.0': 'identity',
        '0000:00:04.0': 'DMA',
        '0000:04:00.0': 'DMA',
        '0000:00:05.0': 'DMA',
      })
    for (const v of NEWEST) expect(new Set(Object.values(domains({ functions }, v, PT)))).toEqual(new Set(['identity']))
  })

  it('takes an unreadable capability for PCI Express, and says so', () => {
    const hidden = bridge('0000:00:04.0', 4)
    const functions = [
      hidden,
      fn({ bdf: '0000:04:00.0', parent: '0000:00:04.0', express: undefined, unknown: ['express'] }),
    ]
    const p = plan({ functions }, '5.3', PT)
    expect(p.assumptions.join()).toMatch(/0000:04:00.0: its PCI Express capability could not be read/)
  })

  it('asks for the DMA mask once a driver maps, not at startup: too narrow for the last page of RAM, it is taken out', () => {
    const of = (v: string, dmaMaskBits: number, ramEnd: string, driver = 'e1000e') =>
      one({ ramEnd, functions: [fn({ bdf: '0000:00:02.0', dmaMaskBits, ...(driver ? { driver } : {}) })] }, v, PT)
    const large = '0x23fffffff'
    for (const v of ['4.9', '5.2', '5.3', '5.7']) {
      expect([of(v, 32, large), of(v, 33, large), of(v, 34, large)]).toEqual(['DMA', 'DMA', 'identity'])
      expect(of(v, 32, '0x7fffffff')).toBe('identity')
      expect(of(v, 32, large, '')).toBe('identity')
    }
    for (const v of NEWEST) expect(of(v, 32, large)).toBe('identity')
  })

  it('answers sound and graphics before it looks at the mask', () => {
    const config = { CONFIG_INTEL_IOMMU_BROKEN_GFX_WA: 'y' }
    const functions = [fn({ bdf: '0000:00:02.0', class: 0x030000, driver: 'i915', dmaMaskBits: 32 })]
    expect(one({ functions, config, ramEnd: '0x23fffffff' }, '4.9')).toBe('identity')
  })

  it('where mask or memory is not known, says that it assumes enough', () => {
    expect(plan({}, '5.3', PT).assumptions.join()).toMatch(/identity mapped can address all memory/)
    expect(plan({}, '6.1', PT).assumptions.join()).not.toMatch(/identity mapped/)
  })
})

describe('a group of several devices from 5.3 to 5.7', () => {
  /** HP's board controller, as reported for 5.5: the first function has an RMRR, the others would be mapped one to one. */
  const ilo = {
    functions: [0, 1, 2, 4].map((n) =>
      fn({ bdf: `0000:00:02.${n}`, multifunction: true, class: n === 1 ? 0x030000 : 0x088000 }),
    ),
    regions: [{ devices: ['0000:00:02.0', '0000:00:02.2'] }],
  }

  it('has the type that its first device asked for; another wish is refused with -EBUSY, and VT-d goes private', () => {
    expect(domains(ilo, '5.3', PT)).toEqual({
      '0000:00:02.0': 'DMA',
      '0000:00:02.1': 'identity',
      '0000:00:02.2': 'DMA',
      '0000:00:02.4': 'identity',
    })
    const p = plan(ilo, '5.3', PT)
    expect(p.groups[0]?.type.own?.map((o) => o.fn.bdf)).toEqual(['0000:00:02.1', '0000:00:02.4'])
    const said = rules(ilo, '5.3', PT).join()
    expect(said).toMatch(/iommu_request_dma_domain_for_dev: the first device of a group gets it/)
    expect(said).toMatch(/iommu_request_dm_for_dev is refused with -EBUSY/)
    expect(said).toMatch(/VT-d gives it a private identity domain/)
  })

  it('is of one mind from 5.8 on, where nobody has a domain of his own', () => {
    for (const v of NEWEST) expect(plan(ilo, v, PT).groups.map((g) => g.type.own)).toEqual([undefined])
  })

  it('leaves a device without any domain that went private and then asks for a narrow mask', () => {
    const functions = ilo.functions.map((f) =>
      (f as Fn).bdf.endsWith('4') ? { ...(f as Fn), driver: 'uhci_hcd', dmaMaskBits: 32 } : f,
    )
    const machine = { ...ilo, functions, ramEnd: '0x23fffffff' }
    expect(domains(machine, '5.3', PT)['0000:00:02.4']).toBe('unknown')
    expect(rules(machine, '5.3', PT).join()).toMatch(/attaches nothing: the device has no domain left/)
  })

  it('takes a narrow device out of the identity domain: the group with it where it is alone, else only the device', () => {
    const narrow = (more: unknown[]) => ({
      ramEnd: '0x23fffffff',
      functions: [fn({ bdf: '0000:00:02.0', multifunction: true, driver: 'nic', dmaMaskBits: 32 }), ...more],
    })
    expect(plan(narrow([]), '5.3', PT).groups[0]?.type.type).toBe('DMA')
    const shared = plan(narrow([fn({ bdf: '0000:00:02.1', multifunction: true })]), '5.3', PT)
    expect(shared.groups[0]?.type.type).toBe('identity')
    expect(shared.groups[0]?.type.own?.map((o) => [o.fn.bdf, o.type])).toEqual([['0000:00:02.0', 'DMA']])
  })

  it('under the private-domains proposal has no domain behind the -EBUSY: the device stays where its group is', () => {
    expect(new Set(Object.values(domains(ilo, 'private-domains', PT)))).toEqual(new Set(['DMA']))
  })

  it('shows in a difference between kernels as the domain of the device', () => {
    const functions = [0, 1].map((n) =>
      fn({ bdf: `0000:00:02.${n}`, multifunction: true, ...(n === 1 ? { driver: 'nic', dmaMaskBits: 32 } : {}) }),
    )
    const machine = { functions, ramEnd: '0x23fffffff' }
    const changes = planChanges(reportPlan(plan(machine, '6.1', PT)), reportPlan(plan(machine, '5.3', PT)))
    expect(changes.map((c) => [c.what, c.device, c.from, c.to])).toEqual([
      ['domain', '0000:00:02.1', 'identity', 'DMA'],
    ])
  })
})

describe('other units before 5.8', () => {
  const gpu = fn({
    bdf: '0000:00:02.0',
    multifunction: true,
    pasid: { width: 16, exec: false, priv: false, enabled: false },
    ats: { enabled: false, stu: 0, queueDepth: 0 },
    pri: { enabled: false },
  })
  const nic = (n: number) => fn({ bdf: `0000:00:02.${n}`, multifunction: true })
  const amd = (functions: unknown[]) => ({ kind: 'amd-vi' as const, registers: { EFR: '0x12' }, functions })

  it('AMD asks for identity for an IOMMUv2 device, and leaves it translated where it is not the first of its group', () => {
    expect(domains(amd([gpu, nic(1)]), '4.9', '')).toEqual({ '0000:00:02.0': 'identity', '0000:00:02.1': 'identity' })
    const second = { ...(gpu as Fn), bdf: '0000:00:02.3' }
    const machine = amd([nic(0), second])
    expect(domains(machine, '5.3', '')).toEqual({ '0000:00:02.0': 'DMA', '0000:00:02.3': 'DMA' })
    expect(domains(machine, '6.1', '')['0000:00:02.3']).toBe('identity')
  })

  it('AMD asks for identity for PASID alone from 6.7 on, where every unit has guest tables, and never with force_isolation', () => {
    const machine = amd([{ ...(gpu as Fn), ats: undefined, pri: undefined }])
    expect(['6.1', '6.6', '6.7', '6.12'].map((v) => one(machine, v, ''))).toEqual([
      'DMA-FQ',
      'DMA-FQ',
      'identity',
      'identity',
    ])
    expect(['6.1', '6.12'].map((v) => one(amd([gpu]), v, 'amd_iommu=force_isolation'))).toEqual(['DMA-FQ', 'DMA-FQ'])
    expect(one({ ...amd([gpu]), registers: { EFR: '0x2' } }, '6.12', '')).toBe('DMA-FQ')
  })

  it('AMD without a known EFR is taken to lack guest tables, and the plan says what hangs on it', () => {
    const machine = { ...amd([gpu]), registers: {} }
    expect(one(machine, '6.12', '')).toBe('DMA-FQ')
    expect(plan(machine, '6.12', '').assumptions.join()).toContain('EFR is not known')
  })

  it('virtio-iommu without an identity domain falls back to DMA, until 5.17', () => {
    const machine = { kind: 'virtio-iommu' as const, functions: [NIC] }
    expect(['5.14', '5.16', '5.17', '6.1'].map((v) => one(machine, v, 'iommu.passthrough=1'))).toEqual([
      'DMA',
      'DMA',
      'identity',
      'identity',
    ])
  })

  it('units that no driver of the time knew serve nobody', () => {
    expect(plan({ kind: 'virtio-iommu' }, '5.13').groups).toEqual([])
  })
})

describe('VT-d that is not on by default', () => {
  const external = [
    bridge('0000:00:01.0', 1, { externalFacing: true }),
    fn({ bdf: '0000:01:00.0', parent: '0000:00:01.0' }),
    NIC,
  ]
  const dmar = {
    revision: 1,
    hostAddressWidth: 39,
    interruptRemapping: true,
    x2apicOptOut: false,
    dmaControlOptIn: true,
    units: [],
    reservedMemory: [],
    rootPortAts: [],
    affinity: [],
    namespaceDevices: [],
    soc: [],
    properties: [],
  }
  const machine = { functions: external, config: { CONFIG_INTEL_IOMMU_DEFAULT_ON: 'n' }, tables: { dmar } }

  it('runs where firmware opts in, from 5.0 on: what is trusted passes through, what is not is translated', () => {
    expect(plan(machine, '4.19', '').groups).toEqual([])
    for (const v of ['5.0', '5.3', '5.6', '6.1', '6.12']) {
      const d = domains(machine, v, '')
      expect([d['0000:00:02.0'], d['0000:01:00.0']]).toEqual(['identity', 'DMA'])
    }
    expect(plan(machine, '6.12', 'intel_iommu=off').groups).toEqual([])
    expect(domains(machine, '6.12', 'intel_iommu=on')['0000:00:02.0']).toBe('DMA-FQ')
  })

  it('is on in Debian builds that leave out integrated graphics alone', () => {
    const config = { CONFIG_INTEL_IOMMU_DEFAULT_ON: 'n', CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF: 'y' }
    expect(one({ config }, '6.12', '')).toBe('DMA-FQ')
  })
})

describe('any machine, command line and kernel', () => {
  const wild = fc.record({
    functions: fc
      .uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 8 })
      .chain((ns) =>
        fc.tuple(
          fc.constant(ns),
          fc.array(fc.constantFrom(0x020000, 0x030000, 0x0c0330), { minLength: 8, maxLength: 8 }),
        ),
      ),
    locked: fc.array(fc.integer({ min: 0, max: 7 })),
    pt: fc.boolean(),
    mask: fc.constantFrom(32, 64),
    kernel: fc.constantFrom('4.9', '4.19', '5.2', '5.3', '5.4', '5.6', '5.7', '5.8', '6.1', '6.12'),
  })
  it('every device has one domain with a reason, VT-d’s own only before 5.8, and without passthrough nobody is mapped one to one', () => {
    fc.assert(
      fc.property(wild, ({ functions: [ns, classes], locked, pt, mask, kernel }) => {
        const functions = ns.map((n, i) =>
          fn({ bdf: `0000:00:02.${n}`, multifunction: true, class: classes[i] ?? 0, driver: 'd', dmaMaskBits: mask }),
        )
        const devices = locked.filter((n) => ns.includes(n)).map((n) => `0000:00:02.${n}`)
        const p = plan({ functions, regions: [{ devices }], ramEnd: '0x23fffffff' }, kernel, pt ? PT : 'intel_iommu=on')
        for (const g of p.groups) {
          expect(g.type.because.length).toBeGreaterThan(0)
          const own = g.type.own ?? []
          expect(new Set(own.map((o) => o.fn)).size).toBe(own.length)
          if (p.policy.defaultDomains === 'core') expect(own).toEqual([])
          if (p.policy.defaultDomains === 'driver') expect(own.map((o) => o.fn)).toEqual(g.members.map((m) => m.fn))
          for (const { fn: f } of g.members) if (!pt) expect(domainOf(g.type, f)).not.toBe('identity')
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('grouping by kernel', () => {
  it('keeps an Intel root complex integrated endpoint apart from 5.8 on', () => {
    const inside = (n: number) =>
      fn({
        bdf: `0000:00:02.${n}`,
        vendor: 0x8086,
        multifunction: true,
        express: { type: 'rc-integrated-endpoint', version: 2, slot: false },
      })
    const sizes = (kernel: string) => plan({ functions: [inside(0), inside(1)] }, kernel).groups.length
    expect(['4.9', '5.7', '5.8', '6.12'].map(sizes)).toEqual([1, 1, 2, 2])
  })
})
