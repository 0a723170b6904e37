import { describe, expect, it } from 'vitest'
import { Platform, type PciFunction } from '../../preload/contract'
import { hullsOf, meet, type Box } from '../topology/hulls'
import { SIZES } from '../topology/sizes'
import { tidy } from '../topology/tidy'
import { fold } from './aggregate'
import { platformGraph, type PlatformGraph } from './topology'

const two = (n: number): string => n.toString(16).padStart(2, '0')
const common = { vendor: 0x8086, headerType: 0, multifunction: false, configSize: 4096, unknown: [] }

/** So many root ports, each with so many functions below it; every tenth port has another driver below. */
function machine(ports: number, each: number): Platform {
  const functions: PciFunction[] = []
  for (let p = 0; p < ports; p++) {
    const [bus, port] = [p + 1, `0000:00:${two(p >> 3)}.${p & 7}`]
    const bridge = { primary: 0, secondary: bus, subordinate: bus }
    functions.push({ ...common, bdf: port, parent: 'pci0000:00', device: 1, class: 0x060400, headerType: 1, bridge })
    for (let f = 0; f < each; f++)
      functions.push({
        ...common,
        bdf: `0000:${two(bus)}:${two(f >> 3)}.${f & 7}`,
        parent: port,
        device: 2,
        class: 0x020000,
        driver: p % 10 === 0 ? 'vfio-pci' : 'ixgbe',
      })
  }
  const serves = functions.map((f) => f.bdf)
  return Platform.parse({
    doorbellPlatform: 1,
    name: 'large',
    arch: 'x86',
    source: 'test',
    roots: [{ id: 'pci0000:00', segment: 0, bus: 0 }],
    functions,
    iommus: [{ name: 'dmar0', kind: 'vt-d', serves, source: 'test' }],
    msiControllers: [{ name: 'x86-apic', kind: 'x86-apic', serves, source: 'test' }],
  })
}
const graphOf = (ports: number, each: number): PlatformGraph => platformGraph(machine(ports, each))
const words = ({ graph }: ReturnType<typeof fold>) =>
  graph.nodes.flatMap((n) => (n.kind === 'many' ? [`${n.ids.length} of ${n.fn.bdf}, ${n.functions} functions`] : []))

describe('a large machine', () => {
  it('is folded by what is alike, below it too', () => {
    expect(words(fold(graphOf(200, 49), new Set()))).toEqual([
      '20 of 0000:00:00.0, 1000 functions',
      '180 of 0000:00:00.1, 9000 functions',
    ])
  })

  it('is opened one fold at a time, and stays whole: every function is drawn once or stands in one fold', () => {
    const graph = graphOf(60, 16)
    const open = new Set(['many/0000:00:00.0'])
    const once = fold(graph, open)
    expect(words(once)).toEqual(expect.arrayContaining(['54 of 0000:00:00.1, 918 functions']))
    expect(words(once).filter((w) => w.startsWith('16 of'))).toHaveLength(6)
    const drawn = new Set(once.graph.nodes.map((n) => n.id))
    for (const node of graph.nodes) expect(drawn.has(node.id)).toBe(!once.inside.has(node.id))
    for (const into of once.inside.values()) expect(drawn.has(into)).toBe(true)
    for (const edge of once.graph.edges) expect(drawn.has(edge.from) && drawn.has(edge.to)).toBe(true)
  })

  it('stays as it is where it is small', () => {
    const graph = graphOf(10, 8)
    expect(fold(graph, new Set()).graph).toBe(graph)
  })
})

describe('the layout of a large machine', () => {
  it.each([false, true])('keeps cards and hulls apart (groups: %s)', (grouped) => {
    const graph = graphOf(60, 16)
    const groups = new Map(
      grouped ? graph.nodes.flatMap((n, i) => (n.kind === 'function' ? [[n.id, (i % 5) + 1] as const] : [])) : [],
    )
    const places = tidy(graph, groups)
    expect(places.size).toBe(graph.nodes.length)
    const cards = new Map(
      graph.nodes.map((n): [string, Box] => {
        const { x, y } = places.get(n.id)!
        return [n.id, { left: x, top: y, right: x + SIZES[n.kind].width, bottom: y + SIZES[n.kind].height }]
      }),
    )
    const columns = new Map<number, Box[]>()
    for (const card of cards.values()) columns.set(card.left, [...(columns.get(card.left) ?? []), card])
    for (const column of columns.values()) {
      column.sort((a, b) => a.top - b.top)
      for (const [i, card] of column.slice(1).entries()) expect(meet(card, column[i]!)).toBe(false)
    }
    const hulls = hullsOf(cards, groups)
    for (const [i, a] of hulls.entries()) for (const b of hulls.slice(i + 1)) expect(meet(a, b)).toBe(false)
  })
})
