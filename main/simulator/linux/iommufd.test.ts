import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../platform/schema'
import { attach } from './attach'
import { attachIommufd, type IommufdOptions } from './iommufd'
import { PAGE } from './iova'
import { planPlatform, type Plan } from './plan'
import { eraFor } from './policies/eras'

const load = (id: string): Platform =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../../resources/platforms/${id}.yaml`), 'utf8')))

function plan(platform: Platform, cmdline?: string): Plan {
  const policy = eraFor('6.12')
  if (!policy?.cdev) throw new Error('policy')
  return planPlatform(platform, policy, cmdline)
}

const NIC = '0000:01:00.0'
function run(p: Plan, more: Partial<IommufdOptions> & { bdfs?: readonly string[] } = {}) {
  const { bdfs = [NIC], ...options } = more
  const devices = bdfs.flatMap((bdf) => p.board.topology.find(bdf) ?? [])
  expect(devices).toHaveLength(bdfs.length)
  return attachIommufd(p, { devices, bindGroup: 1, unsafe: false, maps: [], premaps: [], ownBuild: false, ...options })
}
type Result = ReturnType<typeof run>
const ops = (r: Result) => r.steps.map((s) => `${s.op} ${s.errno ?? 'ok'}`)
const failed = (r: Result) => ops(r).filter((o) => !o.endsWith(' ok') && !/SET_IRQS|GET_IRQ_INFO/.test(o))
const on = 'intel_iommu=on'

describe('a device handed over through its own file', () => {
  it('is bound to the iommufd, attached to an address space, and only then answers', () => {
    const r = run(plan(load('q35-vtd'), on))
    expect(r.stage).toBe(9)
    const order = [
      'bind ok',
      'open-iommufd ok',
      'open-cdev ok',
      'VFIO_DEVICE_BIND_IOMMUFD ok',
      'IOMMU_IOAS_ALLOC ok',
      'VFIO_DEVICE_ATTACH_IOMMUFD_PT ok',
      'IOMMU_IOAS_IOVA_RANGES ok',
      'DEVICE_GET_INFO ok',
    ]
    expect(ops(r).filter((o) => order.includes(o))).toEqual(order)
    expect(r.steps.some((s) => s.op === 'SET_IRQS')).toBe(true)
  })

  it('says in every answer that nobody ran this path', () => {
    for (const r of [run(plan(load('q35-vtd'), on)), run(plan(load('q35-vtd'), `${on} intremap=off`))])
      expect(r.because[0]?.rule).toContain('not compared with a booted machine')
  })

  it('needs safe interrupts before it claims the group: -EPERM, unless iommufd allows unsafe ones', () => {
    const p = plan(load('q35-vtd'), `${on} intremap=off`)
    expect(failed(run(p))).toEqual(['VFIO_DEVICE_BIND_IOMMUFD EPERM'])
    expect(run(p, { unsafe: true }).stage).toBe(9)
    expect(plan(load('q35-vtd'), 'iommufd.allow_unsafe_interrupts=1').cmdline).toMatchObject({
      unsafeIommufd: true,
      unsafeInterrupts: false,
    })
  })

  it('is refused -EINVAL for a direct region, once interrupts are found safe', () => {
    const board = load('q35-vtd')
    const region: Platform['regions'][number] = {
      kind: 'rmrr',
      start: '0x80000000',
      end: '0x80000fff',
      devices: [NIC],
      source: 'test',
    }
    const held = { ...board, regions: [...board.regions, region] }
    expect(failed(run(plan(held, on)))).toEqual(['VFIO_DEVICE_BIND_IOMMUFD EINVAL'])
    expect(failed(run(plan(held, `${on} intremap=off`)))).toEqual(['VFIO_DEVICE_BIND_IOMMUFD EPERM'])
  })

  it('is refused -EPERM while a host driver holds a member of its group', () => {
    const p = plan(load('q35-vtd'), on)
    const crowd = p.groups.find((g) => g.members.filter((m) => m.fn.headerType === 0).length > 1)
    const [one, other] = crowd?.members.filter((m) => m.fn.headerType === 0) ?? []
    if (!one || !other) throw new Error('a group of two')
    const functions = p.board.platform.functions.map((f) => (f.bdf === other.fn.bdf ? { ...f, driver: 'e1000' } : f))
    const busy = plan({ ...p.board.platform, functions }, on)
    const r = run(busy, { bdfs: [one.fn.bdf], bindGroup: 0 })
    expect(failed(r)).toEqual(['VFIO_DEVICE_BIND_IOMMUFD EPERM'])
    expect(run(busy, { bdfs: [one.fn.bdf], bindGroup: 1 }).stage).toBe(9)
  })

  it('cannot even be bound to vfio-pci below an SMMU whose walks are not coherent, in either way', () => {
    const board = load('virt-smmuv3-its')
    const coherent = (is: boolean) => plan({ ...board, iommus: board.iommus.map((u) => ({ ...u, coherent: is })) })
    expect(failed(run(coherent(false)))).toEqual(['bind EINVAL'])
    expect(run(coherent(true)).stage).toBe(9)
    const p = coherent(false)
    const devices = [p.board.topology.find(NIC) ?? []].flat()
    expect(attach(p, { devices, bindGroup: 0, unsafe: false, maps: [] })).toMatchObject({ through: 'group', stage: 1 })
  })

  it('has no file to open in a kernel that was built without', () => {
    const board = load('q35-vtd')
    const built = (config: Record<string, string>) => plan({ ...board, kernel: { config } }, on)
    const options = { CONFIG_VFIO: 'm', CONFIG_IOMMUFD: 'm', CONFIG_VFIO_DEVICE_CDEV: 'y' }
    expect(run(built(options), { ownBuild: true }).stage).toBe(9)
    expect(failed(run(built({ CONFIG_VFIO: 'm' }), { ownBuild: true }))).toEqual(['open-iommufd ENOENT'])
    const noCdev = { ...options, CONFIG_VFIO_DEVICE_CDEV: 'n' }
    expect(failed(run(built(noCdev), { ownBuild: true }))).toEqual(['open-cdev ENOENT'])
    const assumed = run(built(noCdev))
    expect(assumed.stage).toBe(9)
    expect(assumed.because.map((b) => b.rule).join()).toContain('how the planned kernel is built is not known')
  })

  it('shares one address space with another device: what both leave free is usable', () => {
    const p = plan(load('q35-vtd'), on)
    const single = run(p).steps.find((s) => s.op === 'IOMMU_IOAS_IOVA_RANGES')
    const other = p.groups.flatMap((g) => g.members).find((m) => m.fn.headerType === 0 && m.fn.bdf !== NIC)?.fn.bdf
    const both = run(p, { bdfs: [NIC, other ?? ''] })
    expect(both.steps.filter((s) => s.op === 'VFIO_DEVICE_ATTACH_IOMMUFD_PT')).toHaveLength(2)
    expect(both.steps.find((s) => s.op === 'IOMMU_IOAS_IOVA_RANGES')?.iovaRanges).toEqual(single?.iovaRanges)
  })
})

describe('what is mapped before a device is attached', () => {
  const p = plan(load('q35-vtd'), on)
  const first = (iova: bigint, size: bigint) => failed(run(p, { premaps: [{ iova, size }] }))

  it('may lie anywhere, but then refuses a device that must have nothing there: -EADDRINUSE', () => {
    expect(first(0x1000n, PAGE)).toEqual([])
    expect(first(0xfee00000n, PAGE)).toEqual(['VFIO_DEVICE_ATTACH_IOMMUFD_PT EADDRINUSE'])
    expect(first(1n << 60n, PAGE)).toEqual(['VFIO_DEVICE_ATTACH_IOMMUFD_PT EADDRINUSE'])
  })

  it('may be unaligned, which no attached device bears', () => {
    expect(first(0x1001n, 5n)).toEqual(['VFIO_DEVICE_ATTACH_IOMMUFD_PT EADDRINUSE'])
    expect(failed(run(p, { maps: [{ iova: 0x1001n, size: PAGE }] }))).toEqual(['IOMMU_IOAS_MAP EINVAL'])
  })

  it('is refused by the same rules as a mapping afterwards: either the map fails, or the attach', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 64n) - 1n), fc.bigInt(1n, 1n << 33n), (at, pages) => {
        const map = { iova: at & ~(PAGE - 1n), size: (pages & ~(PAGE - 1n)) + PAGE }
        const before = run(p, { premaps: [map] })
        const after = run(p, { maps: [map] })
        const mapped = (r: Result) => r.steps.find((s) => s.op === 'IOMMU_IOAS_MAP')
        expect(before.stage === 9 && mapped(before)?.ok === true).toBe(mapped(after)?.ok)
      }),
      { numRuns: 100 },
    )
  })

  it('answers -EEXIST where something is mapped, and -EOVERFLOW beyond the last address', () => {
    const twice = run(p, { premaps: [{ iova: 0x1000n, size: PAGE }], maps: [{ iova: 0x1000n, size: PAGE }] })
    expect(failed(twice)).toEqual(['IOMMU_IOAS_MAP EEXIST'])
    expect(failed(run(p, { maps: [{ iova: (1n << 64n) - PAGE, size: 2n * PAGE }] }))).toEqual([
      'IOMMU_IOAS_MAP EOVERFLOW',
    ])
  })
})
