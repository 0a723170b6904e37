import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressOfRequester, formatAddress, parseAddress, requesterId } from './address'
import { topologyOf } from './topology'
import type { PciFunction } from './schema'

describe('a PCI address', () => {
  test('is read as people write it and written as sysfs does', () => {
    const written = (text: string) => {
      const address = parseAddress(text)
      return address && formatAddress(address)
    }
    expect(written('01:00.0')).toBe('0000:01:00.0')
    expect(written(' 0000:3F:1F.7')).toBe('0000:3f:1f.7')
    expect(written('10000:e0:06.0')).toBe('10000:e0:06.0')
    for (const text of ['', '01:20.0', '01:00.8', '01:00', 'x', '0000:01:00.0.0', '123456789:01:00.0'])
      expect(written(text)).toBeUndefined()
  })

  test('and its requester ID are the same thing within a segment', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), (segment, rid) => {
        const address = addressOfRequester(segment, rid)
        expect(requesterId(address)).toBe(rid)
        expect(parseAddress(formatAddress(address))).toEqual(address)
      }),
    )
  })
})

type Express = NonNullable<PciFunction['express']>['type']
const fn = (bdf: string, parent: string, express?: Express, secondary?: number): PciFunction => ({
  bdf,
  parent,
  vendor: 0,
  device: 0,
  class: 0,
  headerType: secondary === undefined ? 0 : 1,
  multifunction: false,
  configSize: 0,
  ...(express ? { express: { type: express, version: 2, slot: false } } : {}),
  ...(secondary === undefined ? {} : { bridge: { primary: 0, secondary, subordinate: 0xff } }),
  unknown: [],
})
const ROOT = { id: 'pci0000:00', segment: 0, bus: 0 }

describe('requester IDs of a function', () => {
  const under = (...bridges: [string, Express | undefined, number][]): number[] => {
    const functions = bridges.map(([bdf, express, secondary], i) =>
      fn(bdf, bridges[i - 1]?.[0] ?? ROOT.id, express, secondary),
    )
    functions.push(fn('0000:09:01.0', bridges.at(-1)?.[0] ?? ROOT.id, 'endpoint'))
    const topology = topologyOf({ roots: [ROOT], functions })
    const last = functions.at(-1)
    return last ? [...topology.requesters(last)] : []
  }

  test('are its own behind ports and switches', () => {
    expect(
      under(
        ['0000:00:01.0', 'root-port', 1],
        ['0000:01:00.0', 'upstream-port', 2],
        ['0000:02:00.0', 'downstream-port', 9],
      ),
    ).toEqual([0x0908])
  })

  test('have (secondary bus, 00.0) added by a PCIe-to-PCI bridge', () => {
    expect(under(['0000:00:01.0', 'root-port', 1], ['0000:01:00.0', 'pcie-to-pci-bridge', 9])).toEqual([0x0908, 0x0900])
  })

  test('have the bridge’s own id added by a conventional one, and by one back to PCIe', () => {
    expect(under(['0000:00:1e.0', undefined, 9])).toEqual([0x0908, 0x00f0])
    expect(under(['0000:00:1e.0', undefined, 5], ['0000:05:00.0', 'pci-to-pcie-bridge', 9])).toEqual([
      0x0908, 0x0500, 0x00f0,
    ])
  })

  test('are those of the VMD endpoint for what hangs behind one', () => {
    const functions = [fn('0000:00:0e.0', ROOT.id), fn('10000:e0:06.0', 'pci10000:e0')]
    const roots = [ROOT, { id: 'pci10000:e0', segment: 0x10000, bus: 0xe0, behind: '0000:00:0e.0' }]
    const topology = topologyOf({ roots, functions })
    const child = topology.find('10000:e0:06.0')
    expect(child && topology.requesters(child)).toEqual([0x0070])
  })
})
