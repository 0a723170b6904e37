/** What each release makes of firmware's memory, and what it lists at all (reference 30 §2; 05.4 … 05.7). */
import { describe, expect, it } from 'vitest'
import { Platform } from '../platform/schema'
import { attach } from './attach'
import { planPlatform, type Plan } from './plan'
import { policyFor } from './policies/proposals'

const BDF = '0000:00:02.0'
const DEVICE_TREE = { pciHosts: [], iommus: [], msiControllers: [] }

interface Machine {
  readonly kind: 'vt-d' | 'amd-vi' | 'smmu-v2' | 'smmu-v3' | 'virtio-iommu'
  readonly class?: number
  readonly region?: object
  readonly preserveConfig?: boolean
  readonly tables?: object
  readonly config?: Record<string, string>
}

function plan({ kind, region, preserveConfig, ...m }: Machine, kernel: string): Plan {
  const policy = policyFor(kernel)
  if (!policy) throw new Error(kernel)
  const arm = kind.startsWith('smmu')
  const platform = Platform.parse({
    doorbellPlatform: 1,
    name: 'machine',
    arch: arm ? 'arm64' : 'x86',
    source: 'test',
    kernel: m.config ? { config: m.config } : {},
    roots: [{ id: 'pci0000:00', segment: 0, bus: 0, ...(preserveConfig === undefined ? {} : { preserveConfig }) }],
    functions: [
      {
        bdf: BDF,
        parent: 'pci0000:00',
        vendor: 0x1af4,
        device: 0x1041,
        class: m.class ?? 0x020000,
        headerType: 0,
        express: { type: 'endpoint', version: 2, slot: false },
        configSize: 4096,
        // On Arm, and under VIOT, a group is made when a driver tries the device.
        driver: 'virtio-pci',
      },
    ],
    iommus: [
      {
        name: 'unit0',
        kind,
        // 39 bits, coherent.
        registers: kind === 'vt-d' ? { CAP_REG: '0xd2008c22260206', ECAP_REG: '0xf00f4a' } : {},
        interruptRemapping: !arm,
        serves: [BDF],
        source: 'test',
      },
    ],
    msiControllers: arm
      ? [{ name: 'its0', kind: 'gicv3-its', doorbell: '0x8090040', serves: [BDF], source: 'test' }]
      : [],
    regions: region ? [{ start: '0x30000000', end: '0x3000ffff', devices: [BDF], source: 'test', ...region }] : [],
    ...(m.tables ? { tables: m.tables } : {}),
  })
  return planPlatform(platform, policy, kind === 'vt-d' ? 'intel_iommu=on' : '')
}

const listed = (m: Machine, kernel: string): string[] =>
  (plan(m, kernel).groups[0]?.regions ?? []).map((r) => `${r.start.toString(16)} ${r.type}`)
/** The words for the region at 0x30000000 in each release. */
const wordsFor = (m: Machine, ...kernels: string[]): (string | undefined)[] =>
  kernels.map(
    (k) =>
      listed(m, k)
        .find((r) => r.startsWith('30000000 '))
        ?.split(' ')[1],
  )

describe('an IVMD block', () => {
  const of = (exclusion: boolean): Machine => ({
    kind: 'amd-vi',
    region: { kind: 'ivmd', ...(exclusion ? { exclusion } : {}) },
  })

  it('that is unity mapped is direct in every release', () => {
    expect(new Set(wordsFor(of(false), '4.9', '4.19', '5.3', '5.6', '6.1', '6.12'))).toEqual(new Set(['direct']))
  })

  it('that is excluded was a register of the unit, was listed as reserved from 5.1 on, and is mapped like unity from 5.6 on', () => {
    expect(wordsFor(of(true), '4.9', '4.19', '5.0', '5.1', '5.5', '5.6', '6.1', '6.12')).toEqual([
      undefined,
      undefined,
      undefined,
      'reserved',
      'reserved',
      'direct',
      'direct',
      'direct',
    ])
  })
})

describe('the HyperTransport range', () => {
  it('is reserved under AMD from 4.11 on, when kernels began to list what is reserved', () => {
    const range = 'fd00000000 reserved'
    expect(['4.9', '4.10', '4.11', '6.12'].map((v) => listed({ kind: 'amd-vi' }, v).includes(range))).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it('is nothing to other units', () => {
    for (const kind of ['vt-d', 'virtio-iommu', 'smmu-v3'] as const)
      expect(listed({ kind }, '6.12').filter((r) => r.startsWith('fd00000000'))).toEqual([])
  })
})

describe('an RMR node', () => {
  const rmr = (relaxable: boolean, preserveConfig?: boolean): Machine => ({
    kind: 'smmu-v3',
    region: { kind: 'rmr', ...(relaxable ? { relaxable } : {}) },
    ...(preserveConfig === undefined ? {} : { preserveConfig }),
  })

  it('is read from 6.0 on, direct or relaxable as its flag says, where firmware wants its configuration kept', () => {
    expect(wordsFor(rmr(false, true), '5.3', '5.19', '6.0', '6.12')).toEqual([undefined, undefined, 'direct', 'direct'])
    expect(wordsFor(rmr(true, true), '5.19', '6.0')).toEqual([undefined, 'direct-relaxable'])
  })

  it('is not read where firmware does not ask for that, nor where it is not known', () => {
    expect(wordsFor(rmr(false, false), '6.0', '6.12')).toEqual([undefined, undefined])
    expect(wordsFor(rmr(false), '6.12')).toEqual([undefined])
  })
})

describe('the software MSI window of an SMMU', () => {
  it('is listed from 4.11 on, when the window and its cookie came', () => {
    for (const kind of ['smmu-v2', 'smmu-v3'] as const)
      expect(['4.9', '4.10', '4.11', '6.12'].map((v) => listed({ kind }, v))).toEqual([
        [],
        [],
        ['8000000 sw-msi'],
        ['8000000 sw-msi'],
      ])
  })
})

describe('an ISA bridge under VT-d', () => {
  it('keeps the first 16 MiB from 5.3 on, when relaxable regions came, unless it was built without that', () => {
    const bridge: Machine = { kind: 'vt-d', class: 0x060100 }
    expect(['4.19', '5.2', '5.3', '6.12'].map((v) => listed(bridge, v).includes('0 direct-relaxable'))).toEqual([
      false,
      false,
      true,
      true,
    ])
    expect(listed({ ...bridge, config: { CONFIG_INTEL_IOMMU_FLOPPY_WA: 'n' } }, '6.12')).toEqual(['fee00000 msi'])
  })
})

describe('an IOMMU that firmware tables describe', () => {
  const grouped = (m: Machine, v: string): number => plan(m, v).groups.length

  it('by IORT is found from 4.10 on; by a device tree it always was', () => {
    const iort: Machine = { kind: 'smmu-v3', tables: { iort: { revision: 0, nodes: [] } } }
    expect(['4.9', '4.10', '6.12'].map((v) => grouped(iort, v))).toEqual([0, 1, 1])
    expect(grouped({ kind: 'smmu-v3' }, '4.9')).toBe(1)
  })

  it('by VIOT is found from 5.14 on; a virtio-iommu in a device tree from 5.3 on', () => {
    const viot: Machine = { kind: 'virtio-iommu', tables: { viot: { revision: 0, nodes: [] } } }
    expect(['5.3', '5.13', '5.14', '6.12'].map((v) => grouped(viot, v))).toEqual([0, 0, 1, 1])
    const tree: Machine = { kind: 'virtio-iommu', tables: { deviceTree: DEVICE_TREE } }
    expect(['5.2', '5.3', '6.12'].map((v) => grouped(tree, v))).toEqual([0, 1, 1])
  })
})

describe('a mapping beyond what the IOMMU can address', () => {
  const BEYOND = 1n << 50n
  const MSI = 0xfee00000n

  function mapped(m: Machine, kernel: string, ...at: bigint[]): (string | undefined)[] {
    const p = plan(m, kernel)
    const device = p.board.topology.find(BDF)
    if (!device) throw new Error(BDF)
    const maps = at.map((iova) => ({ iova, size: 0x1000n }))
    const result = attach(p, { devices: [device], bindGroup: 0, unsafe: true, maps })
    expect(result.stage).toBe(9)
    return result.steps.flatMap((s) => (s.op === 'MAP_DMA' ? [s.errno] : []))
  }

  it('is answered -EINVAL from 5.4 on, when VFIO knows the ranges, and before that as the driver answers', () => {
    const errnos = (kind: Machine['kind']) => ['4.19', '5.3', '5.4', '6.12'].flatMap((v) => mapped({ kind }, v, BEYOND))
    expect(errnos('vt-d')).toEqual(['EFAULT', 'EFAULT', 'EINVAL', 'EINVAL'])
    expect(errnos('smmu-v3')).toEqual(['ERANGE', 'ERANGE', 'EINVAL', 'EINVAL'])
    expect(errnos('smmu-v2')).toEqual(['ERANGE', 'ERANGE', 'EINVAL', 'EINVAL'])
  })

  it('is another matter than a reserved region, on which nobody kept user space from mapping before 5.4', () => {
    expect(['4.19', '5.3', '5.4'].flatMap((v) => mapped({ kind: 'vt-d' }, v, MSI))).toEqual([
      undefined,
      undefined,
      'EINVAL',
    ])
  })

  it('is refused before the driver is asked where it is not whole pages, or was mapped before', () => {
    const p = plan({ kind: 'vt-d' }, '5.3')
    const device = p.board.topology.find(BDF)
    if (!device) throw new Error(BDF)
    const maps = [{ iova: BEYOND + 1n, size: 0x1000n }]
    const steps = attach(p, { devices: [device], bindGroup: 0, unsafe: true, maps }).steps
    expect(steps.find((s) => s.op === 'MAP_DMA')).toMatchObject({ ok: false, errno: 'EINVAL' })
  })

  it('shows no ranges in IOMMU_GET_INFO before 5.4', () => {
    const ranges = (v: string) => {
      const p = plan({ kind: 'vt-d' }, v)
      const device = p.board.topology.find(BDF)
      if (!device) throw new Error(BDF)
      const { steps } = attach(p, { devices: [device], bindGroup: 0, unsafe: true, maps: [] })
      return steps.find((s) => s.op === 'IOMMU_GET_INFO')
    }
    expect(ranges('5.3')).toEqual({ op: 'IOMMU_GET_INFO', ok: true })
    expect(ranges('5.4')).toMatchObject({
      iovaRanges: [
        { start: '0x0', end: '0xfedfffff' },
        { start: '0xfef00000', end: '0x7fffffffff' },
      ],
    })
  })
})
