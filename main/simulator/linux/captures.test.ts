/** The planner against machines that were booted for real: what Linux decided there is in truth.json. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { importFile } from '../../workspace/import-file'
import { attach } from './attach'
import { deviceAnswers } from './device-steps'
import { setIrqsRefusal, type IrqIndex } from './irqs'
import { Handover } from './handover'
import type { MessageRoute } from './messages'
import { planPlatform } from './plan'
import { policyFor } from './policies/proposals'
import { sysfsWord } from './regions'
import { functionReset } from './reset'
import { withVirtualFunctions } from './sriov'
import { writeType } from './type-file'

const Step = z.looseObject({
  op: z.string(),
  bdf: z.string().optional(),
  ok: z.boolean(),
  errno: z.string().nullish(),
  viable: z.number().optional(),
  why: z.string().optional(),
  iova: z.string().optional(),
  size: z.string().optional(),
  caps: z.array(z.unknown()).optional(),
  flags: z.number().optional(),
  irq: z.string().optional(),
  start: z.number().optional(),
  count: z.number().optional(),
  devices: z.array(z.object({ bdf: z.string(), group: z.number() })).optional(),
})
type Step = z.infer<typeof Step>
const Ranges = z.looseObject({ iovaRanges: z.array(z.object({ start: z.string(), end: z.string() })) })
const Truth = z.looseObject({
  groups: z.array(
    z.looseObject({
      id: z.number(),
      devices: z.array(z.string()),
      type: z.string(),
      reserved: z.array(z.object({ start: z.string(), end: z.string(), type: z.string() })),
    }),
  ),
  vfio: z.array(
    z.looseObject({
      bdf: z.string(),
      with: z.array(z.string()),
      allowUnsafe: z.number(),
      bindGroup: z.number(),
      label: z.string(),
      stage: z.number(),
      steps: z.array(Step),
    }),
  ),
  domainTypeChanges: z.array(
    z.looseObject({
      bdf: z.string(),
      label: z.string(),
      write: z.string(),
      before: z.string(),
      after: z.string(),
      ok: z.boolean(),
      errno: z.string().nullable(),
    }),
  ),
})

/** Not determined by the capture: a mapping made before a further group joined was still there when this probe ran. */
const PREMAPPED = /premap/

/** VFIO_DEVICE_FLAGS_RESET */
const FLAG_RESET = 1

/** What was asked of each device in turn, from GET_DEVICE_FD on. */
function perDevice(steps: readonly Step[]): Step[][] {
  const out: Step[][] = []
  for (const s of steps) {
    if (s.op === 'GET_DEVICE_FD' && s.ok) out.push([])
    out.at(-1)?.push(s)
  }
  return out
}

/**
 * Not determined: more vectors than the GICv2m frame has interrupts. The kernel grants some and answers with their
 * number, which is no errno (arm-6.1-gic2-v2m and arm-6.1-dt-gic2-v2m: the 65 vectors of their NVMe).
 */
const beyondFrame = (route: MessageRoute | undefined, count: number): boolean =>
  route?.controller?.kind === 'gicv2m' && count > (route.controller.spis?.count ?? 64)

const root = resolve(import.meta.dirname, '../../../../shared/captures')
const cases = existsSync(root) ? readdirSync(root).filter((c) => existsSync(join(root, c, 'truth.json'))) : []

async function load(name: string) {
  const imported = await importFile(join(root, name, 'capture.tar.gz'), name)
  if (!imported.ok) throw new Error(imported.error.message)
  const { platform } = imported.value
  const policy = policyFor(platform.kernel.release)
  if (!policy) throw new Error('policy')
  return {
    platform,
    seen: imported.value.observations,
    plan: planPlatform(platform, policy),
    truth: Truth.parse(JSON.parse(readFileSync(join(root, name, 'truth.json'), 'utf8'))),
  }
}

const hex16 = (x: bigint) => `0x${x.toString(16).padStart(16, '0')}`
const spans = (list: readonly { start: string; end: string }[] | undefined) =>
  (list ?? []).map((r) => `${BigInt(r.start)}-${BigInt(r.end)}`)

it.skipIf(cases.length > 0)('captures of booted machines stand beside the project', ({ skip }) => {
  skip('there are none: the comparison with real kernels was not run')
})

describe.each(cases)('on %s', (name) => {
  it('the groups, their types and their reserved regions are those of the kernel', async () => {
    const { plan, truth } = await load(name)
    const mine = plan.groups.map((g) => ({
      devices: g.members.map((m) => m.fn.bdf).sort(),
      type: g.type.type,
      reserved: g.regions.map((r) => `${hex16(r.start)}-${hex16(r.end)} ${sysfsWord(r.type)}`),
    }))
    const theirs = truth.groups.map((g) => ({
      devices: [...g.devices].sort(),
      type: g.type,
      reserved: g.reserved.map((r) => `${r.start}-${r.end} ${r.type}`),
    }))
    const byFirst = (a: { devices: string[] }, b: { devices: string[] }) =>
      (a.devices[0] ?? '') < (b.devices[0] ?? '') ? -1 : 1
    expect(mine.sort(byFirst)).toEqual(theirs.sort(byFirst))
  })

  it('every attempt to hand devices to user space gets as far, with the same errno, ranges and mappings', async () => {
    const { platform, plan, truth } = await load(name)
    for (const v of truth.vfio) {
      const devices = [v.bdf, ...v.with].flatMap((b) => platform.functions.filter((f) => f.bdf === b))
      if (devices.length !== 1 + v.with.length) continue // virtual functions made after the capture
      const probes = v.steps.filter((s) => s.op === 'MAP_DMA' && s.why !== 'premap' && s.why !== 'overlap-existing')
      const maps = probes.map((s) => ({ iova: BigInt(s.iova ?? 0), size: BigInt(s.size ?? 0) }))
      const bindGroup = v.bindGroup === 2 ? 2 : v.bindGroup === 1 ? 1 : 0
      const a = attach(plan, { devices, bindGroup, unsafe: v.allowUnsafe === 1, maps })
      const told = (
        steps: readonly { op: string; errno?: string | null | undefined; viable?: number | undefined }[],
        op: string,
      ) => steps.filter((s) => s.op === op).map((s) => `${s.errno ?? 'ok'} ${s.viable ?? ''}`)
      const label = `${name} ${v.bdf} ${v.label} bindGroup ${v.bindGroup} unsafe ${v.allowUnsafe}`
      expect([label, a.stage]).toEqual([label, v.stage])
      const bound = (steps: readonly { op: string; bdf?: string | undefined; errno?: string | null | undefined }[]) =>
        steps
          .filter((s) => s.op === 'bind')
          .map((s) => `${s.bdf ?? ''} ${s.errno ?? 'ok'}`)
          .sort()
      expect([label, bound(a.steps)]).toEqual([label, bound(v.steps)])
      for (const op of ['GROUP_GET_STATUS', 'SET_CONTAINER', 'SET_IOMMU', 'GET_DEVICE_FD'])
        expect([label, op, told(a.steps, op)]).toEqual([label, op, told(v.steps, op)])
      if (v.stage !== 9) continue
      const caps = v.steps.find((s) => s.op === 'IOMMU_GET_INFO')?.caps ?? []
      const ranges = caps.map((c) => Ranges.safeParse(c)).find((c) => c.success)?.data.iovaRanges
      if (ranges)
        expect([label, spans(a.steps.find((s) => s.op === 'IOMMU_GET_INFO')?.iovaRanges)]).toEqual([
          label,
          spans(ranges),
        ])
      if (PREMAPPED.test(v.label)) continue
      expect([label, told(a.steps, 'MAP_DMA')]).toEqual([label, told(probes, 'MAP_DMA')])
    }
  })

  it('every open device counts its interrupts, takes vectors, resets and lists a hot reset as it did', async () => {
    const { platform, plan, truth } = await load(name)
    const members = new Map(truth.groups.map((g) => [g.id, [...g.devices].sort()]))
    for (const v of truth.vfio) {
      const devices = [v.bdf, ...v.with].flatMap((b) => platform.functions.filter((f) => f.bdf === b))
      if (devices.length !== 1 + v.with.length) continue // virtual functions made after the capture
      const hand = new Handover(plan, devices, v.bindGroup === 2 ? 2 : v.bindGroup === 1 ? 1 : 0)
      hand.bind()
      for (const [i, theirs] of perDevice(v.steps).entries()) {
        const fn = devices[i]
        if (!fn) throw new Error('a device was opened that was not asked for')
        const label = `${name} ${v.bdf} ${v.label} bindGroup ${v.bindGroup} unsafe ${v.allowUnsafe}: ${fn.bdf}`
        const mine = deviceAnswers(hand.plan, fn).steps
        const counts = (steps: readonly { op: string; irq?: string; count?: number; errno?: string | null }[]) =>
          steps.filter((s) => s.op === 'GET_IRQ_INFO').map((s) => `${s.irq ?? ''} ${s.errno ?? s.count ?? ''}`)
        expect([label, counts(mine)]).toEqual([label, counts(theirs)])
        const info = theirs.find((s) => s.op === 'DEVICE_GET_INFO')
        expect([label, mine.find((s) => s.op === 'DEVICE_GET_INFO')?.reset]).toEqual([
          label,
          ((info?.flags ?? 0) & FLAG_RESET) !== 0,
        ])
        const route = hand.plan.messages.get(fn)
        for (const s of theirs.filter((x) => x.op === 'SET_IRQS')) {
          const asked = { start: s.start ?? 0, count: s.count ?? 0 }
          if (beyondFrame(route, asked.count)) continue
          const refusal = setIrqsRefusal(fn, s.irq as IrqIndex, asked, route, hand.plan.policy)
          const what = `${label} SET_IRQS ${s.irq ?? ''} ${asked.start} ${asked.count}`
          expect([what, refusal?.errno ?? null]).toEqual([what, s.errno ?? null])
        }
        const reset = (steps: readonly { op: string; ok: boolean }[]) =>
          steps.filter((s) => s.op === 'DEVICE_RESET').map((s) => s.ok)
        expect([label, reset(mine)]).toEqual([label, reset(theirs)])
        const hot = theirs.find((s) => s.op === 'GET_PCI_HOT_RESET_INFO')
        const answer = mine.find((s) => s.op === 'GET_PCI_HOT_RESET_INFO')
        expect([label, answer?.errno ?? null]).toEqual([label, hot?.errno ?? null])
        const planned = answer?.devices?.map((d) => ({
          bdf: d.bdf,
          group: d.group === null ? [] : hand.plan.groups[d.group]?.members.map((m) => m.fn.bdf).sort(),
        }))
        expect([label, planned]).toEqual([
          label,
          hot?.devices?.map((d) => ({ bdf: d.bdf, group: members.get(d.group) })),
        ])
      }
    }
  })

  it('virtual functions that were made later have a group of their own, reset alone, and list the same hot reset', async () => {
    const { platform, plan, truth } = await load(name)
    const made = new Set(truth.vfio.map((v) => v.bdf).filter((b) => !platform.functions.some((f) => f.bdf === b)))
    let whole = platform
    for (const pf of platform.functions) {
      for (let n = pf.sriov?.total ?? 0; n > 0; n--) {
        const more = withVirtualFunctions(whole, pf.bdf, n)
        if (!more.ok) throw new Error(more.error.message)
        const added = more.value.functions.filter((f) => f.physfn === pf.bdf)
        if (!added.every((f) => made.has(f.bdf))) continue
        whole = more.value
        break
      }
    }
    const later = planPlatform(whole, plan.policy)
    // Some attempts came when they were gone again: there was nothing to bind.
    const gone = (steps: readonly Step[]) => steps.some((s) => s.op === 'driver_override' && s.errno === 'ENOENT')
    for (const v of truth.vfio.filter((one) => made.has(one.bdf) && !gone(one.steps))) {
      const fn = later.board.topology.find(v.bdf)
      if (!fn) throw new Error(`${v.bdf} stands where first offset and stride put it`)
      const a = attach(later, { devices: [fn], bindGroup: 0, unsafe: v.allowUnsafe === 1, maps: [] })
      expect([v.bdf, a.stage]).toEqual([v.bdf, v.stage])
      expect(later.groups.find((g) => g.members.some((m) => m.fn === fn))?.members).toHaveLength(1)
      const flags = v.steps.find((s) => s.op === 'DEVICE_GET_INFO')?.flags ?? 0
      expect([v.bdf, a.steps.find((s) => s.op === 'DEVICE_GET_INFO')?.reset]).toEqual([
        v.bdf,
        (flags & FLAG_RESET) !== 0,
      ])
      const intx = (steps: readonly { op: string; irq?: string; count?: number }[]) =>
        steps.find((s) => s.op === 'GET_IRQ_INFO' && s.irq === 'INTX')?.count
      expect([v.bdf, intx(a.steps)]).toEqual([v.bdf, intx(v.steps)])
      const hot = (steps: readonly { op: string; errno?: string | null; devices?: readonly { bdf: string }[] }[]) => {
        const step = steps.find((s) => s.op === 'GET_PCI_HOT_RESET_INFO')
        return { errno: step?.errno ?? null, devices: step?.devices?.map((d) => d.bdf) }
      }
      expect([v.bdf, hot(a.steps)]).toEqual([v.bdf, hot(v.steps)])
    }
  })

  it('every function can be reset in the ways that sysfs lists, in that order', async () => {
    const { plan, seen } = await load(name)
    expect(seen.resets.length).toBeGreaterThan(0)
    const listed = new Map(seen.resets.map((r) => [r.device, r.methods]))
    for (const fn of plan.board.platform.functions) {
      const { methods, unknown } = functionReset(plan.board, fn, plan.policy)
      expect([fn.bdf, methods, unknown]).toEqual([fn.bdf, listed.get(fn.bdf) ?? [], []])
    }
  })

  it('every write to a group’s type file answers as the kernel did', async () => {
    const { plan, truth } = await load(name)
    for (const w of truth.domainTypeChanges) {
      const group = plan.groups.find((g) => g.members.some((m) => m.fn.bdf === w.bdf))
      if (!group) continue
      const r = writeType(plan, group, w.write, { from: w.before, unbound: w.label === 'unbound' })
      const label = `${name} ${w.bdf} ${w.label} ${w.before} ← ${w.write}`
      expect([label, r.ok, r.errno ?? null, r.after]).toEqual([label, w.ok, w.errno, w.after])
    }
  })
})
