import ELK from 'elkjs/lib/elk.bundled.js'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../../preload/contract'
import { planMachine, withPlanned } from '../../main/worker/planning'
import { reportPlan } from '../../main/simulator/linux/report'
import { platformGraph } from '../model/topology'
import { hullsOf, meet, type Box } from './hulls'
import { layout } from './layout'
import { SIZES } from './sizes'

// The same ELK, without a worker of its own.
vi.mock('elkjs/lib/elk-worker.min.js?worker', () => ({ default: vi.fn() }))
vi.mock('elkjs/lib/elk-api.js', () => ({
  default: function () {
    return new ELK()
  },
}))

const folder = resolve(import.meta.dirname, '../../resources/platforms')
const builtin = (id: string): Platform => Platform.parse(parse(readFileSync(join(folder, `${id}.yaml`), 'utf8')))

async function drawn(platform: Platform) {
  const plan = planMachine(platform, {})
  if (!plan.ok) throw new Error(plan.error.message)
  const { groups } = reportPlan(plan.value)
  const numbers = new Map(groups.flatMap((g, i) => g.devices.map((bdf) => [bdf, i + 1] as const)))
  const graph = platformGraph(platform)
  const places = await layout(graph, numbers)
  const cards = new Map(
    graph.nodes.map((node): [string, Box] => {
      const at = places.get(node.id)
      if (!at) throw new Error(`no place for ${node.id}`)
      const { width, height } = SIZES[node.kind]
      return [node.id, { left: at.x, top: at.y, right: at.x + width, bottom: at.y + height }]
    }),
  )
  return { groups, places, cards: [...cards.values()], hulls: hullsOf(cards, numbers) }
}
const pairs = <T>(list: readonly T[]): [T, T][] => list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]))

describe.each(readdirSync(folder).map((file) => basename(file, '.yaml')))('the layout of %s by groups', (id) => {
  it('keeps the members of each group in one hull, and hulls and cards apart', async () => {
    const { groups, cards, hulls } = await drawn(builtin(id))
    expect(hulls.length).toBe(groups.length)
    for (const [a, b] of pairs(cards)) expect(meet(a, b)).toBe(false)
    for (const [a, b] of pairs(hulls)) expect(meet(a, b)).toBe(false)
  })
})

it('siblings of one group stand in the order of their addresses', async () => {
  const { places } = await drawn(builtin('spr-dsa'))
  const [collector, peripheral] = [places.get('0000:6a:00.4'), places.get('0000:6a:00.0')]
  expect(collector?.x).toBe(peripheral?.x)
  expect(collector?.y).toBeGreaterThan(peripheral?.y ?? Infinity)
})

it('virtual functions that are only planned find a place, too', async () => {
  const platform = builtin('q35-vtd')
  const at = platform.functions.findLastIndex((f) => f.headerType === 0 && f.express?.type === 'endpoint')
  const sriov = { total: 64, initial: 64, enabled: 0, firstOffset: 1, stride: 1, vfDevice: 0x10ed }
  const functions = platform.functions.map((f, i) => (i === at ? { ...f, sriov } : f))
  const more = withPlanned({ ...platform, functions }, [{ bdf: functions[at]?.bdf ?? '', count: 64 }])
  if (!more.ok) throw new Error(more.error.message)
  const { groups, cards, hulls } = await drawn(more.value)
  expect(hulls.length).toBe(groups.length)
  expect(cards.length).toBeGreaterThan(64)
})
