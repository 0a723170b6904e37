/** Random PCIe trees for tests and benchmarks: root ports, switches, bridges to conventional PCI, endpoints. */
import type { PciFunction, Platform } from '../../main/simulator/platform/schema'

export interface Shape {
  /** One number a slot of the root bus: what hangs there is drawn from it. */
  readonly slots: readonly number[]
}

const ACS = { cap: 0x1f, ctrl: 0x1d }
const hex2 = (n: number): string => n.toString(16).padStart(2, '0')

/** `shift` is added to every bus number but the root's. */
export function randomBoard({ slots }: Shape, shift = 0): Platform {
  const functions: PciFunction[] = []
  let nextBus = 1
  const add = (bus: number, slot: number, fn: number, parent: string, more: Partial<PciFunction>): PciFunction => {
    const f: PciFunction = {
      bdf: `0000:${hex2(bus === 0 ? 0 : bus + shift)}:${hex2(slot)}.${fn}`,
      parent,
      vendor: 0x1af4,
      device: 0x1000,
      class: 0x020000,
      headerType: 0,
      multifunction: false,
      configSize: 4096,
      unknown: [],
      ...more,
    }
    functions.push(f)
    return f
  }
  const port = (
    bus: number,
    slot: number,
    parent: string,
    type: 'root-port' | 'upstream-port' | 'downstream-port',
    acs: boolean,
  ): { fn: PciFunction; bus: number } => {
    const own = nextBus++
    const bridge = { primary: bus === 0 ? 0 : bus + shift, secondary: own + shift, subordinate: own + shift }
    const fn = add(bus, slot, 0, parent, {
      class: 0x060400,
      headerType: 1,
      bridge,
      express: { type, version: 2, slot: false },
      ...(acs ? { acs: ACS } : {}),
    })
    return { fn, bus: own }
  }
  const endpoint = (bus: number, parent: string, seed: number): void => {
    const count = 1 + (seed % 3)
    for (let i = 0; i < count; i++) {
      add(bus, 0, i, parent, {
        multifunction: count > 1,
        express: { type: 'endpoint', version: 2, slot: false },
        ...((seed >> (4 + i)) & 1 ? { acs: ACS } : {}),
      })
    }
  }
  slots.forEach((seed, i) => {
    if (nextBus > 240 - shift || i > 30) return
    const kind = seed % 5
    if (kind === 0) {
      add(0, i, 0, 'pci0000:00', {})
      return
    }
    const root = port(0, i, 'pci0000:00', 'root-port', ((seed >> 3) & 1) === 1)
    if (kind < 3) return endpoint(root.bus, root.fn.bdf, seed >> 4)
    if (kind === 3) {
      const up = port(root.bus, 0, root.fn.bdf, 'upstream-port', false)
      for (let d = 0; d < 2; d++) {
        const down = port(up.bus, d, up.fn.bdf, 'downstream-port', ((seed >> (5 + d)) & 1) === 1)
        endpoint(down.bus, down.fn.bdf, seed >> (8 + d))
      }
      return
    }
    const own = nextBus++
    const bridge = add(root.bus, 0, 0, root.fn.bdf, {
      class: 0x060400,
      headerType: 1,
      bridge: { primary: root.bus + shift, secondary: own + shift, subordinate: own + shift },
      express: { type: 'pcie-to-pci-bridge', version: 1, slot: false },
    })
    add(own, 1, 0, bridge.bdf, {})
    add(own, 2, 0, bridge.bdf, {})
  })
  const all = functions.map((f) => f.bdf)
  return {
    doorbellPlatform: 1,
    name: 'random',
    arch: 'x86',
    source: 'test',
    kernel: { cmdline: 'intel_iommu=on' },
    roots: [{ id: 'pci0000:00', segment: 0, bus: 0 }],
    functions,
    iommus: [
      {
        name: 'dmar0',
        kind: 'vt-d',
        segment: 0,
        registers: { CAP_REG: '0xd2008c222f0606', ECAP_REG: '0xf00f5a' },
        interruptRemapping: true,
        serves: all,
        source: 'test',
      },
    ],
    msiControllers: [{ name: 'dmar0-ir', kind: 'vt-d-ir', doorbell: '0xfee00000', serves: all, source: 'test' }],
    regions: [],
    unknown: [],
    assumptions: [],
    warnings: [],
  }
}
