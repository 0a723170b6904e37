import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { importFile } from '../../workspace/import-file'
import { policyFor } from '../linux/policies/proposals'
import { planPlatform } from '../linux/plan'
import { Platform, type FirmwareRegion, type PciFunction } from '../platform/schema'
import { explainDma, explainMsi, type Explained } from './explain'
import type { DmaQuestion } from './dma/explain'
import { sceneOf, type Situation } from './situation'
import { sourceFields } from './requester'

const root = join(import.meta.dirname, '../../..')
const builtin = (id: string): Platform =>
  Platform.parse(parse(readFileSync(join(root, `resources/platforms/${id}.yaml`), 'utf8')))

function situation(platform: Platform, device: string, more: Partial<Situation> & { kernel?: string } = {}): Situation {
  const { kernel, ...changes } = more
  const policy = policyFor(kernel ?? platform.kernel.release)
  if (!policy) throw new Error('no such kernel')
  return {
    platform,
    policy,
    cmdline: platform.kernel.cmdline ?? '',
    kdump: false,
    device,
    assigned: false,
    unsafe: false,
    bindGroup: 1,
    busMaster: {},
    pasids: [],
    maps: [],
    doorbell: false,
    ...changes,
  }
}
const dma = (s: Situation, q: Partial<DmaQuestion> = {}) =>
  explainDma(s, { iova: 0x40000000n, write: false, pasid: undefined, kind: 'untranslated', ...q })
const code = (p: Explained) => p.hops.at(-1)?.refusal?.code
const name = (p: Explained) => p.hops.at(-1)?.refusal?.name
const blocks = (p: Explained) => p.hops.map((h) => h.block)
const edit = (platform: Platform, bdf: string, change: Partial<PciFunction>): Platform => ({
  ...platform,
  functions: platform.functions.map((f) => (f.bdf === bdf ? { ...f, ...change } : f)),
})

const spr = builtin('spr-dsa')
const DSA = '0000:6a:01.0'
const LEGACY = 'intel_iommu=on,sm_off'
const SCALABLE = 'intel_iommu=on,sm_on'
const NVME = '0000:01:00.0'
const MAP = [{ iova: 0x40000000n, size: 0x1000n, write: false }]

describe('a DMA request through VT-d', () => {
  it.each([
    ['legacy read, nothing mapped', LEGACY, {}, {}, '0x06'],
    ['legacy write, nothing mapped', LEGACY, {}, { write: true }, '0x05'],
    ['legacy write to a page that is mapped read only', LEGACY, { maps: MAP }, { write: true }, '0x05'],
    ['legacy, beyond the aperture', LEGACY, {}, { iova: 1n << 60n }, '0x04'],
    ['legacy with a PASID', LEGACY, {}, { pasid: 5 }, '0x31'],
    ['scalable, first stage, nothing mapped', SCALABLE, {}, {}, '0x71'],
    ['scalable, first stage, read only', SCALABLE, { maps: MAP }, { write: true }, '0x85'],
    ['scalable, first stage, not canonical', SCALABLE, {}, { iova: 1n << 60n }, '0x80'],
    ['scalable, a PASID of a directory entry that is there', SCALABLE, {}, { pasid: 5 }, '0x59'],
    ['scalable, a PASID of one that is not', SCALABLE, {}, { pasid: 0x1000 }, '0x51'],
    ['scalable, an explicit PASID 0', SCALABLE, {}, { pasid: 0 }, '0x48'],
    ['identity, beyond the host address width', `${LEGACY} iommu=pt`, {}, { iova: 1n << 60n }, '0x04'],
    ['scalable identity, beyond the host address width', `${SCALABLE} iommu=pt`, {}, { iova: 1n << 60n }, '0x83'],
    ['the interrupt range', SCALABLE, {}, { iova: 0xfee00000n }, '0x29'],
    ['the interrupt range with a PASID: an ordinary address', SCALABLE, {}, { iova: 0xfee00000n, pasid: 5 }, '0x59'],
  ] as const)('%s', (_, cmdline, more, question, expected) => {
    const path = dma(situation(spr, DSA, { cmdline, ...more }), question)
    expect([path.accepted, code(path)]).toEqual([false, expected])
    expect(path.hops.slice(0, -1).every((h) => h.decision === 'accepted')).toBe(true)
  })

  it('uses the second stage for a domain of user space, and says 0x79 there', () => {
    const free = { ...spr, regions: [] }
    const path = dma(situation(free, DSA, { cmdline: SCALABLE, assigned: true }))
    expect([path.hops[0]?.block, code(path)]).toEqual(['vfio', '0x79'])
    const mapped = dma(situation(free, DSA, { cmdline: SCALABLE, assigned: true, maps: MAP }))
    expect(mapped.accepted).toBe(true)
  })

  it('refuses a PASID where the unit supports none, before it looks the PASID up', () => {
    const unit = spr.iommus.map((u) => ({
      ...u,
      registers: { ...u.registers, ECAP_REG: `0x${(0xc998a4f050dfn & ~(1n << 40n)).toString(16)}` },
    }))
    expect(code(dma(situation({ ...spr, iommus: unit }, DSA, { cmdline: SCALABLE }), { pasid: 5 }))).toBe('0x45')
  })

  it('lets ATS ask only where the context entry says so', () => {
    const ask = (cmdline: string) => dma(situation(spr, DSA, { cmdline, maps: MAP }), { kind: 'translation' })
    expect(code(ask(`${LEGACY} pci=noats`))).toBe('0x0d')
    expect(code(ask(`${SCALABLE} pci=noats`))).toBe('0x44')
    expect(name(dma(situation(spr, NVME, { cmdline: SCALABLE }), { kind: 'translated' }))).toBe('ATS Enable=0')
  })

  it('passes untranslated where no unit runs or none serves the function', () => {
    const off = dma(situation(spr, DSA, { cmdline: 'intel_iommu=off' }), { iova: 0x123456n })
    expect([off.accepted, blocks(off).at(-2), off.hops.at(-1)?.value]).toEqual([true, 'iommu', '0x123456'])
    const unserved = { ...spr, iommus: spr.iommus.map((u) => ({ ...u, serves: u.serves.filter((b) => b !== NVME) })) }
    expect(dma(situation(unserved, NVME, { cmdline: 'intel_iommu=on' })).accepted).toBe(true)
  })

  it('lands firmware’s regions where they are, in a translated domain only', () => {
    const region: FirmwareRegion = {
      kind: 'rmrr',
      start: '0x7a000000',
      end: '0x7a0fffff',
      devices: [NVME],
      source: 'DMAR RMRR',
    }
    const board = { ...spr, regions: [region] }
    const own = dma(situation(board, NVME, { cmdline: LEGACY }), { iova: 0x7a000123n, write: true })
    expect([own.accepted, own.hops.at(-1)?.value]).toEqual([true, '0x7a000123'])
    const assigned = dma(situation(board, NVME, { cmdline: LEGACY, assigned: true }), { iova: 0x7a000123n })
    expect([blocks(assigned), name(assigned)]).toEqual([['vfio'], '-EINVAL'])
  })
})

describe('a DMA request through the other units', () => {
  const arm = builtin('virt-smmuv3-its')
  const BDF = '0000:01:00.0'
  const on = (more: Parameters<typeof situation>[2] = {}, platform = arm) =>
    situation(platform, BDF, { kernel: '6.12', ...more })
  const pasid = { width: 16, exec: false, priv: false, enabled: true }

  it.each([
    ['nothing mapped', arm, {}, {}, 'F_TRANSLATION'],
    ['a write to a page that is read only', arm, { maps: MAP }, { write: true }, 'F_PERMISSION'],
    ['a PASID without a capability', arm, {}, { pasid: 5 }, 'no PASID'],
    ['a PASID that is not bound', edit(arm, BDF, { pasid }), {}, { pasid: 5 }, 'C_BAD_CD'],
    [
      'a PASID under identity',
      edit(arm, BDF, { pasid }),
      { cmdline: 'iommu.passthrough=1' },
      { pasid: 5 },
      'C_BAD_SUBSTREAMID',
    ],
    ['an address beyond 48 bits', arm, {}, { iova: 1n << 50n }, 'F_TRANSLATION'],
  ] as const)('SMMUv3: %s', (_, platform, more, question, expected) => {
    expect(name(dma(on(more, platform), question))).toBe(expected)
  })

  it('SMMUv3: a function that no driver has tried aborts without an event, or has no second-level table', () => {
    const silent = edit(arm, BDF, { driver: undefined })
    expect(name(dma(on({}, silent)))).toBe('C_BAD_STREAMID')
    const twin = {
      ...silent.functions.find((f) => f.bdf === BDF),
      bdf: '0000:01:00.1',
      driver: 'e1000e',
    } as PciFunction
    const iommus = silent.iommus.map((u) => ({ ...u, serves: [...u.serves, twin.bdf] }))
    const board = { ...silent, functions: [...silent.functions, twin], iommus }
    expect(name(dma(on({}, board)))).toBe('STE.Config=0b000')
    expect(dma(on({}, board)).fix).toMatch(/^bind a driver to 0000:01:00.0.*, then map the page at 0x40000000/)
  })

  it('SMMUv3: accepts what is mapped, bound or identity', () => {
    expect(dma(on({ maps: MAP })).accepted).toBe(true)
    expect(dma(on({ pasids: [5] }, edit(arm, BDF, { pasid })), { pasid: 5 }).accepted).toBe(true)
    expect(dma(on({ cmdline: 'iommu.passthrough=1' }), { iova: 0x1234n }).hops.at(-1)?.value).toBe('0x1234')
  })

  it('AMD: page, permission, PASID and ATS each in its event', () => {
    const iommus = spr.iommus.map((u) => ({ ...u, kind: 'amd-vi' as const, registers: { EFR: '0x80' } }))
    const amd = {
      ...spr,
      iommus,
      msiControllers: spr.msiControllers.map((m) => (m.kind === 'vt-d-ir' ? { ...m, kind: 'amd-ir' as const } : m)),
    }
    const s = (more: Partial<Situation> = {}) => situation(amd, DSA, more)
    const why = (p: Explained) => [p.hops.at(-1)?.refusal?.name, p.hops.at(-1)?.refusal?.condition]
    expect(why(dma(s()))).toEqual(['IO_PAGE_FAULT', 'nothing is mapped there'])
    expect(why(dma(s({ maps: MAP }), { write: true }))).toEqual([
      'IO_PAGE_FAULT',
      'the mapping gives no such permission',
    ])
    expect(dma(s({ maps: MAP })).accepted).toBe(true)
    expect(name(dma(s(), { pasid: 5 }))).toBe('IO_PAGE_FAULT')
    expect(name(dma(s({ cmdline: 'pci=noats' }), { kind: 'translated' }))).toBe('INVALID_DEVICE_REQUEST')
    expect(name(dma(s(), { iova: 0xfee01000n }))).toBe('INVALID_DEVICE_REQUEST')
    expect(dma(s({ cmdline: 'iommu=pt' }), { iova: 0x1234n }).hops.at(-1)?.value).toBe('0x1234')
    const message = explainMsi(s(), 3)
    expect([message.accepted, message.hops.find((h) => h.block === 'remapping')?.register]).toEqual([true, 'IRTE[35]'])
  })
})

describe('the smallest change', () => {
  it.each([
    ['maps the page', LEGACY, {}, {}, /^map the page at 0x40000000/],
    ['binds the PASID', SCALABLE, {}, { pasid: 5 }, /^bind PASID 0x5 /],
    ['turns scalable mode on for a PASID', LEGACY, {}, { pasid: 5 }, /^intel_iommu=on,sm_on .* PASID 0x5/],
    ['goes elsewhere from the interrupt range', LEGACY, {}, { iova: 0xfee00000n }, /^use an address outside/],
    ['goes elsewhere from beyond the aperture', LEGACY, {}, { iova: 1n << 60n }, /within the aperture/],
    ['makes a page writable', SCALABLE, { maps: MAP }, { write: true }, /^map the page/],
  ] as const)('%s', (_, cmdline, more, question, fix) => {
    expect(dma(situation(spr, DSA, { cmdline, ...more }), question).fix).toMatch(fix)
  })

  it('enables bus mastering, of the function or of the bridge above it', () => {
    for (const bdf of [NVME, '0000:00:0c.0']) {
      const path = explainMsi(situation(edit(spr, bdf, { busMaster: false }), NVME), 3)
      expect([name(path), path.hops.at(-1)?.at, path.fix]).toEqual([
        'BME=0',
        bdf,
        `enable bus mastering of ${bdf} (Command.BME)`,
      ])
    }
  })

  it('allows unsafe interrupts where nothing isolates them', () => {
    const arm = builtin('virt-gicv2m')
    const path = explainMsi(situation(arm, '0000:01:00.0', { kernel: '6.12', assigned: true }), 0)
    expect([name(path), path.fix]).toEqual(['-EPERM', 'vfio_iommu_type1.allow_unsafe_interrupts=1'])
    expect(
      explainMsi(situation(arm, '0000:01:00.0', { kernel: '6.12', assigned: true, unsafe: true }), 0).accepted,
    ).toBe(true)
  })

  it('names more than one change where each of them only gets further', () => {
    const path = dma(situation(builtin('virt-gicv2m'), '0000:01:00.0', { kernel: '6.12', assigned: true }))
    expect([name(path), path.fix]).toEqual([
      '-EPERM',
      'vfio_iommu_type1.allow_unsafe_interrupts=1, then map the page at 0x40000000 (VFIO_IOMMU_MAP_DMA)',
    ])
  })

  it('maps the doorbell page where the kernel has no cookie for it', () => {
    const path = explainMsi(situation(builtin('virt-smmuv3-its'), '0000:01:00.0', { kernel: '4.9', assigned: true }), 0)
    expect([name(path), path.fix]).toEqual(['F_TRANSLATION', 'map the doorbell page'])
  })

  it('turns remapping on for the second vector of MSI', () => {
    const two = edit(spr, NVME, {
      msix: undefined,
      msi: { vectors: 4, enabled: true, maskable: true, address64: true },
    })
    const path = explainMsi(situation(two, NVME, { cmdline: 'intremap=off' }), 2)
    expect([name(path), path.fix]).toEqual(['-ENOSPC', 'intremap=on on the kernel command line'])
    expect(explainMsi(situation(two, NVME, { cmdline: 'intremap=off' }), 0).accepted).toBe(true)
  })

  it('is true: with any fix that only touches the device, the same question is accepted', () => {
    const bits = fc.record({ device: fc.boolean(), bridge: fc.boolean(), enabled: fc.boolean(), driver: fc.boolean() })
    fc.assert(
      fc.property(bits, ({ device, bridge, enabled, driver }) => {
        let board = edit(spr, '0000:00:0c.0', { busMaster: bridge })
        const msix = spr.functions.find((f) => f.bdf === NVME)?.msix
        if (!msix) throw new Error('the drive has MSI-X')
        board = edit(board, NVME, {
          busMaster: device,
          msix: { ...msix, enabled },
          ...(driver ? {} : { driver: undefined }),
        })
        const path = explainMsi(situation(board, NVME), 0)
        expect(path.accepted).toBe(device && bridge && enabled)
        expect(path.fix === undefined).toBe(path.accepted)
        // The bridge is nobody's but its own: it is named whenever it is in the way.
        if (!bridge) expect(path.fix).toContain('enable bus mastering of 0000:00:0c.0')
      }),
    )
  })
})

describe('an interrupt message', () => {
  const decoded = (p: Explained, block: string) => p.hops.find((h) => h.block === block)?.fields

  it('goes through the remapping entry of its own requester ID', () => {
    const path = explainMsi(situation(spr, DSA), 3)
    expect(path.accepted).toBe(true)
    expect(decoded(path, 'remapping')).toMatchObject({ P: '1', SID: '0x6a08', SVT: '1' })
    expect(blocks(path)).toContain('permission')
    expect(path.hops.filter((h) => h.block === 'device').at(-1)?.fields).toMatchObject({ 'Message Data': '0x0' })
  })

  it('goes unchecked to the APIC without remapping, as a compatibility message', () => {
    const path = explainMsi(situation(spr, DSA, { cmdline: 'intremap=off' }), 3)
    expect([path.accepted, path.hops.at(-1)?.register]).toEqual([true, 'IRR'])
    expect(path.hops.find((h) => h.block === 'remapping')?.because[0]?.rule).toContain('without any check')
    expect(path.hops.find((h) => h.register.startsWith('MSI-X table'))?.value).toMatch(/^0xfee00/)
  })

  it('cannot be set up outside every remapping scope while remapping is on', () => {
    const loose = {
      ...spr,
      msiControllers: spr.msiControllers.map((m) =>
        m.kind === 'x86-apic' ? m : { ...m, serves: m.serves.filter((b) => b !== NVME) },
      ),
    }
    expect(name(explainMsi(situation(loose, NVME), 0))).toBe('no remapping domain')
  })

  it('is refused where there is no such entry, and no capability', () => {
    expect(name(explainMsi(situation(spr, DSA), 9))).toBe('no such entry')
    expect(name(explainMsi(situation(edit(spr, NVME, { msix: undefined }), NVME), 0))).toBe('no message capability')
  })

  it('is translated on Arm: by the DMA API’s mapping, by the cookie’s, or not at all', () => {
    const its = builtin('virt-smmuv3-its')
    const at = (s: Situation) => explainMsi(s, 1).hops.find((h) => h.register.startsWith('MSI-X table'))?.value
    const bdf = '0000:01:00.0'
    expect(at(situation(its, bdf, { kernel: '6.12' }))).toBe('0xfffff040')
    expect(at(situation(its, bdf, { kernel: '6.12', assigned: true }))).toBe('0x8000040')
    expect(at(situation(its, bdf, { kernel: '6.12', cmdline: 'iommu.passthrough=1' }))).toBe('0x8090040')
    const path = explainMsi(situation(its, bdf, { kernel: '6.12', assigned: true }), 1)
    expect([path.accepted, path.hops.at(-1)?.register]).toEqual([true, 'irqfd'])
    expect(decoded(path, 'controller')).toMatchObject({ EventID: '1', DeviceID: '0x100' })
  })

  it('exhausts a GICv2m frame', () => {
    const arm = builtin('virt-gicv2m')
    const few = { ...arm, msiControllers: arm.msiControllers.map((m) => ({ ...m, spis: { base: 80, count: 2 } })) }
    expect(explainMsi(situation(few, '0000:01:00.0', { kernel: '6.12' }), 1).accepted).toBe(true)
    expect(name(explainMsi(situation(few, '0000:01:00.0', { kernel: '6.12' }), 2))).toBe('-ENOSPC')
  })

  it('reaches an MPIC bank through the boot-time window', () => {
    const p4080 = builtin('p4080-pamu')
    const fn = p4080.functions.find((f) => f.headerType === 0 && (f.msi?.enabled ?? f.msix?.enabled))
    if (!fn) throw new Error('a function with messages')
    const path = explainMsi(situation(p4080, fn.bdf), 0)
    expect([path.accepted, blocks(path)]).toEqual([true, expect.arrayContaining(['domain', 'controller', 'cpu'])])
  })
})

describe('behind bridges', () => {
  it('the remapping entry verifies what can be verified: the bus, the bridge, or the function', () => {
    const at = (type: 'pcie-to-pci-bridge' | 'pci-to-pcie-bridge' | 'root-port') => {
      const bridge = edit(spr, '0000:00:0c.0', { express: { type, version: 1, slot: false } })
      const s = situation(bridge, NVME)
      const { aliases, plan, requester } = sceneOf(s)
      const { SID, SVT } = sourceFields(aliases, plan.board)
      expect(explainMsi(s, 0).accepted).toBe(true)
      return { SID, SVT, requester }
    }
    expect(at('root-port')).toEqual({ SID: 0x0100, SVT: 1, requester: 0x0100 })
    expect(at('pci-to-pcie-bridge')).toEqual({ SID: 0x0060, SVT: 1, requester: 0x0060 })
    expect(at('pcie-to-pci-bridge')).toEqual({ SID: 0x0101, SVT: 2, requester: 0x0100 })
  })
})

describe('machines that were booted', () => {
  const capture = async (id: string) => {
    const read = await importFile(join(root, `test/fixtures/captures/${id}/capture.tar.gz`), id)
    if (!read.ok) throw new Error(read.error.message)
    return read.value.platform
  }
  const machines: Platform[] = []
  beforeAll(async () => {
    for (const id of ['x86-6.12-scalable-q7', 'x86-6.12-amd-ir-on', 'arm-6.12-gic3-its'])
      machines.push(await capture(id))
  })

  it('deliver the interrupts of every function that had them enabled and was master', () => {
    for (const m of machines) {
      for (const fn of m.functions) {
        if (!(fn.msix?.enabled ?? fn.msi?.enabled) || fn.busMaster !== true) continue
        expect([fn.bdf, explainMsi(situation(m, fn.bdf), 0).accepted]).toEqual([fn.bdf, true])
      }
    }
  })

  it('let an AMD IOMMU’s own interrupt through unmapped, as Linux had set it up: MSI enabled beside BME=0', () => {
    const m = machines[1]
    const own = m?.functions.find((f) => f.class >> 8 === 0x0806)
    if (!m || !own) throw new Error('the unit is a function')
    expect([own.busMaster, own.msi?.enabled]).toEqual([false, true])
    const path = explainMsi(situation(m, own.bdf), 0)
    expect([path.accepted, path.fix]).toEqual([true, undefined])
    expect(path.hops.find((h) => h.register.startsWith('MSI Message,'))?.value).toMatch(/^0xfee00/)
    expect(path.hops.find((h) => h.block === 'remapping')?.because[0]?.rule).toContain(
      'not considered to translate itself',
    )
    // A unit that can do x2APIC has registers of its own, and no message capability in use.
    const x2apic = { ...m, iommus: m.iommus.map((u) => ({ ...u, registers: { ...u.registers, EFR: '0x29d7' } })) }
    const wide = explainMsi(situation(x2apic, own.bdf), 0)
    expect([wide.accepted, wide.hops[0]?.register]).toEqual([true, 'XT IOMMU General Interrupt Control'])
    expect(name(explainMsi(situation(x2apic, own.bdf), 3))).toBe('no such entry')
    expect(explainMsi(situation(x2apic, own.bdf, { cmdline: 'intremap=off' }), 0).hops[0]?.register).toBe('Command')
  })

  it('refuse unmapped DMA of every function in a translated domain, each in the words of its unit, and map it away', () => {
    for (const m of machines) {
      const plan = planPlatform(m, situation(m, m.functions[0]?.bdf ?? '').policy)
      for (const g of plan.groups) {
        for (const { fn, served } of g.members) {
          if (!g.type.type.startsWith('DMA') || fn.busMaster === false) continue
          const board = situation(m, fn.bdf, { busMaster: Object.fromEntries(m.functions.map((f) => [f.bdf, true])) })
          const path = dma(board, { iova: 0x40000000n, write: true })
          const expected = { 'vt-d': /^(0x79|0x71|0x05)$/, 'amd-vi': /^0x02$/, 'smmu-v3': /^0x10$/ }[
            served.unit.kind as string
          ]
          expect([fn.bdf, code(path)]).toEqual([fn.bdf, expect.stringMatching(expected ?? /never/)])
          expect(path.fix).toMatch(/^map the page/)
          const cites = path.hops.filter((h) => h.block === 'translation').map((h) => h.because[0]?.cite ?? '')
          const manual = { 'vt-d': 'VT-d', 'amd-vi': 'AMD', 'smmu-v3': 'Arm' }[served.unit.kind as string] ?? 'none'
          expect(cites.filter((cite) => !cite.startsWith(manual))).toEqual([])
        }
      }
    }
  })
})
