import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { calls, Platform } from '../../preload/contract'
import { toySimulator } from '../../test/worker/toy'
import { createWorkerHandlers } from './api'
import { nodeClock } from './clock'
import { reportAttach, planMachine } from './planning'

const builtin = (id: string): Platform =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../resources/platforms/${id}.yaml`), 'utf8')))
const handlers = createWorkerHandlers(toySimulator, nodeClock)
const around = {
  signal: new AbortController().signal,
  progress: () => undefined,
  chunk: () => Promise.resolve(false),
  connection: { id: 1, closed: new AbortController().signal },
}

async function compute(platform: Platform, options: { kernel?: string; cmdline?: string } = {}) {
  const answer = await handlers['plan.compute']({ platform, ...options }, around)
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
    expect(await handlers['plan.compute']({ platform, kernel: 'mine' }, around)).toMatchObject({
      ok: false,
      error: { code: 'USAGE' },
    })
    const flags = { platform, device: '0000:6a:01.7', with: [], bindGroup: 0 as const, unsafe: false }
    expect(await handlers['plan.attach'](flags, around)).toMatchObject({
      ok: false,
      error: { code: 'PLATFORM_UNKNOWN_BDF', hint: expect.stringContaining('did you mean 0000:6a:0') as string },
    })
  })
})
