import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { z } from 'zod'
import {
  calls,
  MOST_DIFFERENCES,
  MOST_PLANNED,
  OFFERED_DESIGNS,
  OFFERED_RELEASES,
  Platform,
} from '../../preload/contract'
import { encodeFrame } from '../../preload/wire/frame'
import { MAX_FRAME } from '../../preload/wire'
import { POLICIES } from '../simulator/linux/policies/proposals'
import { toySimulator } from '../../test/worker/toy'
import { createWorkerHandlers } from './api'
import type { workerCalls } from './calls'
import { nodeClock } from './clock'
import { planMachine, reportAttach, withPlanned } from './planning'

const builtin = (id: string): Platform =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../resources/platforms/${id}.yaml`), 'utf8')))
const handlers = createWorkerHandlers(toySimulator, nodeClock)
type Request = z.infer<(typeof workerCalls)['plan.compute']['req']>
const around = {
  signal: new AbortController().signal,
  progress: () => undefined,
  chunk: () => Promise.resolve(false),
  connection: { id: 1, closed: new AbortController().signal },
}

type Asked = Omit<Request, 'platform' | 'observations'>

async function compute(platform: Platform, options: Asked = {}, observations: Request['observations'] = null) {
  const answer = await handlers['plan.compute']({ platform, observations, ...options }, around)
  if (!answer.ok) throw new Error(answer.error.message)
  return calls['plan.compute'].res.parse(answer.value)
}

describe('the plan for the window', () => {
  it('has nothing to tell apart when it is the plan of the machine’s own kernel', async () => {
    const own = await compute(builtin('spr-dsa'))
    expect(own.changes).toEqual([])
    expect(own.own).toEqual({ policy: own.policy, cmdline: own.cmdline })
    expect(own.groups.flatMap((g) => g.devices)).toContain('0000:6a:01.0')
  })

  it('can be made of every kernel and design that the window offers, and the window offers every policy', async () => {
    const made = async (kernel: string) => (await compute(builtin('q35-vtd'), { kernel })).policy
    for (const { id } of OFFERED_DESIGNS) expect(await made(id)).toBe(id)
    const eras = await Promise.all(OFFERED_RELEASES.map(made))
    const offered = [...eras, ...OFFERED_DESIGNS.map((d) => d.id)]
    expect(new Set(offered)).toEqual(new Set(POLICIES.map((p) => p.id)))
    expect((await compute(builtin('q35-vtd'), { kernel: '5.10' })).kernel).toBe('5.10')
  })

  it('stays small where hundreds of functions share a bus that is reset as a whole', async () => {
    const board = builtin('q35-vtd')
    const nic = board.functions.find((f) => f.bdf === '0000:01:00.0')
    if (!nic) throw new Error('a function below a port')
    const more = Array.from({ length: 240 }, (_, i) => {
      const [slot, fn] = [((i >> 3) + 1).toString(16).padStart(2, '0'), i & 7]
      return { ...nic, bdf: `0000:01:${slot}.${fn}`, physfn: nic.bdf }
    })
    const { devices } = await compute({ ...board, functions: [...board.functions, ...more] })
    const { hotReset } = devices.find((d) => d.bdf === nic.bdf)?.reset ?? {}
    expect(hotReset?.total).toBe(241)
    expect(hotReset?.affected).toHaveLength(16)
  })

  it('names every device whose type another command line changes', async () => {
    const platform = builtin('spr-dsa')
    const { changes, groups, own } = await compute(platform, { cmdline: 'iommu=pt' })
    const types = changes.filter((c) => c.what === 'type')
    expect(new Set(types.map((c) => c.to))).toEqual(new Set(['identity']))
    expect(types.map((c) => c.device).sort()).toEqual(groups.flatMap((g) => g.devices).sort())
    expect(own?.cmdline).toBe(platform.kernel.cmdline ?? '')
  })

  it('judges each function as the attach ladder with its whole group bound does', async () => {
    for (const id of ['q35-vtd', 'spr-dsa', 'virt-gicv2m', 'virt-smmuv3-its']) {
      const platform = builtin(id)
      const { verdicts } = await compute(platform)
      expect(verdicts.map((v) => v.bdf).sort()).toEqual(platform.functions.map((f) => f.bdf).sort())
      const plan = planMachine(platform, {})
      if (!plan.ok) throw new Error(plan.error.message)
      for (const v of verdicts) {
        const ladder = reportAttach(plan.value, { device: v.bdf, with: [], bindGroup: 1, unsafe: false })
        if (!ladder.ok) throw new Error(ladder.error.message)
        expect(v.assignable).toBe(ladder.value.stage === 9)
        if (!v.assignable)
          expect(ladder.value.steps).toContainEqual(expect.objectContaining({ op: v.op, errno: v.errno }))
      }
    }
  })

  it('lets GICv2m be assigned only when unsafe interrupts are allowed', async () => {
    const platform = builtin('virt-gicv2m')
    const of = async (cmdline: string) =>
      (await compute(platform, { kernel: '6.12', cmdline })).verdicts.find((v) => v.bdf === '0000:01:00.0')
    expect(await of('')).toMatchObject({ assignable: false, op: 'SET_IOMMU', errno: 'EPERM' })
    expect(await of('vfio_iommu_type1.allow_unsafe_interrupts=1')).toEqual({ bdf: '0000:01:00.0', assignable: true })
  })

  it('answers an unknown policy or function with a code and a cure', async () => {
    const platform = builtin('spr-dsa')
    expect(await handlers['plan.compute']({ platform, kernel: 'mine', observations: null }, around)).toMatchObject({
      ok: false,
      error: { code: 'USAGE' },
    })
    const flags = { platform, device: '0000:6a:01.7', with: [], bindGroup: 0 as const, unsafe: false }
    expect(await handlers['plan.attach'](flags, around)).toMatchObject({
      ok: false,
      error: { code: 'PLATFORM_UNKNOWN_BDF', hint: expect.stringContaining('did you mean 0000:6a:0') as string },
    })
    expect(await handlers['plan.attach']({ ...flags, device: 'nic' }, around)).toMatchObject({
      error: { code: 'PLATFORM_UNKNOWN_BDF', hint: expect.stringContaining('a function is named as 0000:') as string },
    })
  })

  it('adds virtual functions that do not exist yet, each in a group, and names them as planned', async () => {
    const platform = withSriov(builtin('q35-vtd'), 8)
    const [pf] = platform.functions.filter((f) => f.sriov)
    if (!pf) throw new Error('a physical function')
    const before = await compute(platform)
    expect(before.planned).toEqual([])
    const after = await compute(platform, { sriov: [{ bdf: pf.bdf, count: 5 }] })
    expect(after.planned.map((f) => f.physfn)).toEqual(Array<string>(5).fill(pf.bdf))
    const grouped = new Set(after.groups.flatMap((g) => g.devices))
    for (const vf of after.planned) expect(grouped.has(vf.bdf)).toBe(true)
    expect(after.devices.length).toBe(before.devices.length + 5)
    expect(after.verdicts.length).toBe(after.devices.length)
    expect(await attachVf(platform, pf.bdf, after.planned[0]?.bdf ?? '')).toMatchObject({ ok: true })
  })

  it('refuses more virtual functions than there can be, and more than one plan takes', async () => {
    const platform = withSriov(builtin('q35-vtd'), 65535)
    const [pf] = platform.functions.filter((f) => f.sriov)
    const ask = (bdf: string, count: number) =>
      handlers['plan.compute']({ platform, observations: null, sriov: [{ bdf, count }] }, around)
    expect(await ask(pf?.bdf ?? '', MOST_PLANNED + 1)).toMatchObject({
      ok: false,
      error: { code: 'PLATFORM_NOT_PLACEABLE' },
    })
    expect(await ask('0000:00:00.0', 1)).toMatchObject({ ok: false, error: { code: 'PLATFORM_NOT_PLACEABLE' } })
    expect(await ask('0000:77:00.0', 1)).toMatchObject({ ok: false, error: { code: 'PLATFORM_UNKNOWN_BDF' } })
  })

  it('fits one message even with as many virtual functions as it takes', async () => {
    const platform = withSriov(builtin('q35-vtd'), MOST_PLANNED)
    const [pf] = platform.functions.filter((f) => f.sriov)
    const sriov = [{ bdf: pf?.bdf ?? '', count: MOST_PLANNED }]
    const plan = await compute(platform, { sriov, guest: { machine: 'q35', bytes: 2 ** 50 } })
    expect(plan.planned.length).toBe(MOST_PLANNED)
    expect(encodeFrame(plan).length).toBeLessThan(MAX_FRAME)
  }, 30_000)

  it('lays a guest’s RAM over each group in the order of the groups', async () => {
    const { groups, guest } = await compute(builtin('q35-vtd'), { guest: { machine: 'q35', bytes: 8 * 2 ** 30 } })
    expect(guest?.ram).toEqual([
      { start: '0x0', end: '0x7fffffff' },
      { start: '0x100000000', end: '0x27fffffff' },
    ])
    expect(guest?.groups.map((g) => g.devices)).toEqual(groups.map((g) => g.devices))
  })

  it('is compared with what was observed, and made without it', async () => {
    const platform = builtin('spr-dsa')
    const alone = await compute(platform)
    expect(alone.check).toBeNull()
    const [first, ...others] = alone.groups
    if (!first) throw new Error('a group')
    const seen = (groups: typeof alone.groups): Request['observations'] => ({
      groups: groups.map((g, id) => ({
        id,
        devices: g.devices,
        ...(g.type ? { type: g.type } : {}),
        reserved: g.reserved,
      })),
      units: [],
      loose: [],
      resets: [],
      warnings: [],
    })
    const same = await compute(platform, {}, seen(alone.groups))
    const regions = alone.groups.reduce((sum, g) => sum + g.reserved.length, 0)
    expect(same.check).toEqual({ groups: alone.groups.length, regions, total: 0, differences: [] })
    const other = await compute(platform, {}, seen([{ ...first, type: 'identity' }, ...others]))
    expect(other.check?.differences).toMatchObject([
      { what: 'type', device: first.devices[0], predicted: first.type, observed: 'identity' },
    ])
    expect({ ...other, check: null }).toEqual(alone)
  })

  it('leaves functions that are only planned out of the comparison', async () => {
    const platform = withSriov(builtin('q35-vtd'), 8)
    const [pf] = platform.functions.filter((f) => f.sriov)
    const { groups } = await compute(platform)
    const seen = {
      groups: groups.map((g, id) => ({ id, devices: g.devices })),
      units: [],
      loose: [],
      resets: [],
      warnings: [],
    }
    const sriov = [{ bdf: pf?.bdf ?? '', count: 8 }]
    expect((await compute(platform, { sriov }, seen)).check).toMatchObject({ groups: groups.length, total: 0 })
  })

  it('carries no more differences than the contract allows, and says how many there are', async () => {
    const platform = withSriov(builtin('q35-vtd'), 512)
    const [pf] = platform.functions.filter((f) => f.sriov)
    const machine = withPlanned(platform, [{ bdf: pf?.bdf ?? '', count: 512 }])
    if (!machine.ok) throw new Error(machine.error.message)
    const seen = {
      groups: [{ id: 0, devices: machine.value.functions.slice(0, 1).map((f) => f.bdf) }],
      units: [],
      loose: [],
      resets: [],
      warnings: [],
    }
    const { check } = await compute(machine.value, {}, seen)
    expect(check?.differences.length).toBe(MOST_DIFFERENCES)
    expect(check?.total).toBeGreaterThan(500)
    for (const d of check?.differences ?? []) expect(JSON.stringify(d).length).toBeLessThan(4096)
  })
})

/** The platform with an SR-IOV capability on its last endpoint. */
/** The last endpoint gets virtual functions, and the port above it buses for them. */
function withSriov(platform: Platform, total: number): Platform {
  const at = platform.functions.findLastIndex((f) => f.headerType === 0 && f.express?.type === 'endpoint')
  const sriov = { total, initial: total, enabled: 0, firstOffset: 1, stride: 1, vfDevice: 0x10ed }
  const parent = platform.functions[at]?.parent
  const functions = platform.functions.map((f, i) => {
    if (f.bdf === parent && f.bridge) return { ...f, bridge: { ...f.bridge, subordinate: 0xff } }
    return i === at ? { ...f, sriov } : f
  })
  return { ...platform, functions }
}

const attachVf = (platform: Platform, pf: string, vf: string) =>
  handlers['plan.attach'](
    { platform, sriov: [{ bdf: pf, count: 5 }], device: vf, with: [], bindGroup: 1, unsafe: false },
    around,
  )
