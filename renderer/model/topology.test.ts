import { describe, expect, it } from 'vitest'
import { lateView } from '../testing/late'
import { smallPlatform } from '../testing/platforms'
import { className } from './pci'
import { pathOf, platformGraph, searchGraph } from './topology'

const graph = platformGraph(smallPlatform, lateView.devices)
const has = (from: string, to: string): boolean => graph.edges.some((e) => e.from === from && e.to === to)

describe('a platform as a graph', () => {
  it('hangs each function under its bridge, and a virtual function under its physical one', () => {
    expect(has('0000:00:0e.0', '0000:01:00.0')).toBe(true)
    expect(has('0000:02:00.0', '0000:02:00.2')).toBe(true)
    expect(has('0000:6a:01.0', 'vdev/vdev0')).toBe(true)
  })

  it('joins an IOMMU to the roots that it serves, and an MSI controller to the IOMMUs before it', () => {
    expect(has('iommu/dmar0', 'pci0000:6a')).toBe(true)
    expect(has('iommu/dmar1', 'pci0000:00')).toBe(true)
    expect(has('iommu/dmar0', 'pci0000:00')).toBe(false)
    expect(has('msi/apic', 'iommu/dmar0')).toBe(true)
    expect(has('msi/apic', 'pci0000:00')).toBe(false)
  })

  it('joins a unit that serves only a few functions to those', () => {
    const few = { ...smallPlatform, iommus: [{ ...smallPlatform.iommus[0]!, name: 'gfx', serves: ['0000:00:1f.4'] }] }
    const edges = platformGraph(few).edges.filter((e) => e.from === 'iommu/gfx')
    expect(edges.map((e) => e.to)).toEqual(['0000:00:1f.4'])
  })

  it('has an edge only between nodes that are there', () => {
    const orphan = { ...smallPlatform, roots: [] }
    const g = platformGraph(orphan, [{ ...lateView.devices[0]!, under: '0000:ff:00.0' }])
    const ids = new Set(g.nodes.map((n) => n.id))
    expect(g.edges.every((e) => ids.has(e.from) && ids.has(e.to))).toBe(true)
  })

  it('shows the whole way of a virtual device’s interrupt', () => {
    expect([...pathOf(graph, 'vdev/vdev0')].sort()).toEqual(
      ['vdev/vdev0', '0000:6a:01.0', 'pci0000:6a', 'iommu/dmar0', 'msi/apic'].sort(),
    )
  })

  it('shows what a unit serves', () => {
    expect(pathOf(graph, 'iommu/dmar0')).toEqual(
      new Set(['iommu/dmar0', '0000:6a:00.0', '0000:6a:01.0', '0000:6a:02.0', 'pci0000:6a']),
    )
  })

  it('is searched by all the words', () => {
    const text = (n: { id: string }): string => n.id
    expect(searchGraph(graph, '6a 01', text)).toContain('0000:6a:01.0')
    expect(searchGraph(graph, '   ', text)).toEqual([])
  })
})

describe('class names', () => {
  it('come from class code, port type or the device itself', () => {
    const name = (bdf: string): string => className(smallPlatform.functions.find((f) => f.bdf === bdf)!)
    expect(name('0000:01:00.0')).toBe('NVMe controller')
    expect(name('0000:00:0e.0')).toBe('Root port')
    expect(name('0000:6a:01.0')).toBe('DSA accelerator')
    expect(className({ vendor: 1, device: 2, class: 0xff0000, express: undefined })).toBe('Class ff0000')
  })
})
