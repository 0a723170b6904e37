import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assemble } from '../firmware/assemble/assemble'
import { importInputs } from '../firmware/inputs'
import { Platform } from '../platform/schema'
import type { FirmwareTables, IortNode, IvhdEntry } from '../platform/tables'
import { planChanges } from './changes'
import { compareWith } from './check'
import { planPlatform } from './plan'
import { policyFor } from './policies/proposals'
import { reportPlan } from './report'

function report(platform: Platform, kernel = '6.12', cmdline = '') {
  const policy = policyFor(kernel)
  if (!policy) throw new Error('policy')
  return reportPlan(planPlatform(platform, policy, cmdline))
}

/** Device → what sysfs would list for it, and what user space may map. */
function space(platform: Platform, kernel?: string, cmdline?: string) {
  const groups = report(platform, kernel, cmdline).platformDevices?.groups ?? []
  return Object.fromEntries(
    groups.map((g) => [
      g.devices.join(' '),
      {
        reserved: g.reserved.map(
          (r) => `${BigInt(r.start).toString(16)}-${BigInt(r.end).toString(16)} ${r.type} of ${r.devices.join(' ')}`,
        ),
        usable: g.iovaRanges.map((r) => `${r.start}-${r.end}`),
      },
    ]),
  )
}

const made = (tables: FirmwareTables, arch: Platform['arch']): Platform =>
  assemble({
    name: 'test',
    source: 'test',
    arch,
    kernel: {},
    pci: { roots: [], functions: [], hostDevice: new Map() },
    tables,
    registers: [],
    unknown: [],
    warnings: [],
  })

const SMMU: IortNode = {
  type: 'smmu-v3',
  offset: 48,
  revision: 4,
  identifier: 0,
  mappings: [],
  base: '0x9050000',
  flags: 0,
  vatos: '0x0',
  model: 0,
  interrupts: { event: 1, pri: 1, gerror: 1, sync: 1 },
}
const component = (name: string, stream: number, offset: number): IortNode => ({
  type: 'named-component',
  offset,
  revision: 4,
  identifier: 0,
  mappings: [{ inputBase: 0, count: 0, outputBase: stream, output: 48, single: true }],
  flags: 0,
  memoryProperties: '0x0',
  addressLimit: 48,
  name,
})

describe('a group that is not on PCI', () => {
  it('keeps the software MSI window under an SMMU, and what an RMR says of its StreamIDs', () => {
    const rmr: IortNode = {
      type: 'rmr',
      offset: 300,
      revision: 1,
      identifier: 0,
      mappings: [{ inputBase: 0, count: 0, outputBase: 8, output: 48, single: false }],
      flags: 0,
      regions: [{ base: '0x60000000', length: '0x10000' }],
    }
    const iort = { revision: 3, nodes: [SMMU, component('\\_SB_.DMA0', 7, 100), component('\\_SB_.GPU0', 8, 200), rmr] }
    const platform = made({ iort }, 'arm64')
    expect(space(platform)).toEqual({
      '\\_SB_.DMA0': {
        reserved: ['8000000-80fffff msi of \\_SB_.DMA0'],
        usable: ['0x0-0x7ffffff', '0x8100000-0xffffffffffff'],
      },
      '\\_SB_.GPU0': {
        reserved: ['8000000-80fffff msi of \\_SB_.GPU0', '60000000-6000ffff direct of \\_SB_.GPU0'],
        usable: ['0x0-0x7ffffff', '0x8100000-0x5fffffff', '0x60010000-0xffffffffffff'],
      },
    })
    // RMR nodes came with 6.0.
    expect(space(platform, '5.3')['\\_SB_.GPU0']?.reserved).toEqual(['8000000-80fffff msi of \\_SB_.GPU0'])
  })

  it('keeps the page of the ITS that a HiSilicon Hi161x passes untranslated', () => {
    const its: IortNode = { type: 'its-group', offset: 400, revision: 0, identifier: 0, mappings: [], its: [3] }
    const hi161x: IortNode = {
      ...SMMU,
      model: 1,
      mappings: [{ inputBase: 0, count: 0xffff, outputBase: 0, output: 400, single: false }],
    }
    const madt = {
      revision: 4,
      localInterruptController: '0x0',
      flags: 0,
      cpus: 1,
      ioApics: [],
      distributors: [],
      redistributors: [],
      msiFrames: [],
      its: [{ offset: 0, id: 3, base: '0xc6000000' }],
    }
    const iort = { revision: 3, nodes: [hi161x, component('\\_SB_.HNS0', 7, 100), its] }
    expect(space(made({ iort, madt }, 'arm64'))['\\_SB_.HNS0']?.reserved).toEqual([
      '8000000-80fffff msi of \\_SB_.HNS0',
      'c6010000-c601ffff msi of \\_SB_.HNS0',
    ])
  })

  it('keeps what the device tree’s memory regions ask for: mapped where both addresses are one, else only kept free', () => {
    const machine = importInputs([
      {
        kind: 'devicetree',
        name: 'x.dts',
        data: Buffer.from(`/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>;
  reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges;
    fb: framebuffer@90000000 { reg = <0x90000000 0x800000>; iommu-addresses = <&dc 0x90000000 0x800000>; };
    hole: hole { iommu-addresses = <&dc 0x0 0x10000000>, <&other 0x20000000 0x1000>; };
    moved: moved@a0000000 { reg = <0xa0000000 0x1000>; iommu-addresses = <&other 0x40000000 0x1000>; };
  };
  s: iommu@9050000 { compatible = "arm,smmu-v3"; reg = <0x9050000 0x20000>; #iommu-cells = <1>; };
  dc: display@1003000 { reg = <0x1003000 0x1000>; iommus = <&s 7>; memory-region = <&fb>, <&hole>; };
  other: dma@1004000 { reg = <0x1004000 0x1000>; iommus = <&s 8>; memory-region = <&hole &moved>; };
};`),
      },
    ])
    if (!machine.ok) throw new Error(machine.error.message)
    const { platform } = machine.value
    expect(space(platform)).toMatchObject({
      '1003000.display': {
        reserved: [
          '0-fffffff reserved of 1003000.display',
          '8000000-80fffff msi of 1003000.display',
          '90000000-907fffff direct of 1003000.display',
        ],
        usable: ['0x10000000-0x8fffffff', '0x90800000-0xffffffffffff'],
      },
      '1004000.dma': {
        reserved: [
          '8000000-80fffff msi of 1004000.dma',
          '20000000-20000fff reserved of 1004000.dma',
          '40000000-40000fff reserved of 1004000.dma',
        ],
      },
    })
    // Earlier kernels do not look at the property: the difference says so.
    expect(planChanges(report(platform, '6.12'), report(platform, '6.1'))).toContainEqual({
      what: 'reserved',
      device: '1004000.dma',
      from: expect.arrayContaining(['0x0000000040000000-0x0000000040000fff reserved']) as unknown,
      to: ['0x0000000008000000-0x00000000080fffff msi'],
    })
  })

  it('is planned whatever cells the device tree has for its memory regions', () => {
    const list = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 0xffffffff })).map((n) => `${n}`),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(list, list, fc.nat(5), fc.nat(5), (named, claimed, wide, long) => {
        const machine = importInputs([
          {
            kind: 'devicetree',
            name: 'x.dts',
            data: Buffer.from(`/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>;
  iommu@9050000 { phandle = <2>; compatible = "arm,smmu-v3"; reg = <0x9050000 0x20000>; #iommu-cells = <1>; };
  soc { #address-cells = <${wide}>; #size-cells = <${long}>; ranges;
    region@1 { phandle = <1>; reg = <${claimed.join(' ')}>; iommu-addresses = <3 ${claimed.join(' ')}>; };
    dma@1003000 { phandle = <3>; iommus = <2 7>; memory-region = <1 ${named.join(' ')}>; };
  };
};`),
          },
        ])
        if (!machine.ok) return
        const groups = Object.values(space(Platform.parse(machine.value.platform)))
        expect(groups.length).toBe(1)
        for (const r of groups.flatMap((g) => g.reserved)) expect(r).toMatch(/^[0-9a-f]{1,16}-[0-9a-f]{1,16} /)
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the IVMD blocks of its device id, the interrupt window and the HyperTransport range on AMD', () => {
    const hid = (deviceId: number, name: string): IvhdEntry => ({
      offset: 40,
      kind: 'acpi-hid',
      type: 0xf0,
      deviceId,
      data: 0,
      acpi: { hid: name, cid: '', uidType: 1, uid: '0x0' },
    })
    const ivhd = {
      offset: 48,
      type: 0x40,
      flags: 0,
      deviceId: 2,
      capabilityOffset: 0x40,
      base: '0xfeb80000',
      segment: 0,
      info: 0,
      attributes: 0,
      entries: [hid(0xa0, 'AMDI0020'), hid(0xb0, 'AMDI0030')],
    }
    const ivmd = {
      offset: 100,
      type: 0x21,
      flags: 1,
      deviceId: 0xa0,
      auxiliary: 0,
      segment: 0,
      start: '0x7f000000',
      length: '0x1000',
    }
    const ivrs = { revision: 2, info: 0, hardware: [ivhd], memory: [ivmd], order: [{ type: 0x40, deviceId: 2 }] }
    expect(space(made({ ivrs }, 'x86'))).toMatchObject({
      'AMDI0020:0x0': {
        reserved: [
          '7f000000-7f000fff direct of AMDI0020:0x0',
          'fee00000-feefffff msi of AMDI0020:0x0',
          'fd00000000-ffffffffff reserved of AMDI0020:0x0',
        ],
      },
      'AMDI0030:0x0': {
        reserved: ['fee00000-feefffff msi of AMDI0030:0x0', 'fd00000000-ffffffffff reserved of AMDI0030:0x0'],
      },
    })
  })

  it('has the interrupt window alone under VT-d, whatever an RMRR names', () => {
    const scope = {
      offset: 0,
      type: 'namespace' as const,
      code: 5,
      flags: 0,
      enumerationId: 1,
      startBus: 0,
      path: [{ device: 0x1e, function: 0 }],
    }
    const drhd = {
      offset: 48,
      flags: 0,
      includeAll: false,
      sizeCode: 0,
      segment: 0,
      base: '0xfed90000',
      scopes: [scope],
    }
    const dmar = {
      revision: 1,
      hostAddressWidth: 39,
      interruptRemapping: true,
      x2apicOptOut: false,
      dmaControlOptIn: false,
      units: [drhd],
      reservedMemory: [{ offset: 100, segment: 0, base: '0x7f000000', limit: '0x7f000fff', scopes: [scope] }],
      rootPortAts: [],
      affinity: [],
      namespaceDevices: [{ offset: 200, deviceNumber: 1, name: '\\_SB.PCI0.I2C0' }],
      soc: [],
      properties: [],
    }
    const platform = made({ dmar }, 'x86')
    expect(space(platform, '6.12', 'intel_iommu=on')).toMatchObject({
      '\\_SB.PCI0.I2C0': { reserved: ['fee00000-feefffff msi of \\_SB.PCI0.I2C0'] },
    })
  })

  it('is compared with what a kernel was seen to do, under the name that sysfs has', () => {
    const iort = { revision: 3, nodes: [SMMU, component('serial', 7, 100)] }
    const seen = (end: string) => ({
      groups: [{ id: 0, devices: ['serial'], type: 'DMA', reserved: [{ start: '0x8000000', end, type: 'msi' }] }],
      units: [],
      loose: [],
      resets: [],
      warnings: [],
    })
    const plan = report(made({ iort }, 'arm64'))
    expect(compareWith(plan, seen('0x80fffff'))).toEqual([])
    expect(compareWith(plan, seen('0x80ffffe'))).toMatchObject([{ what: 'reserved', device: 'serial' }])
  })
})

describe('a virtio-iommu and a PAMU', () => {
  it('keep the doorbell’s page of the only ITS, and nothing', () => {
    const viot = {
      revision: 0,
      nodes: [
        { type: 'virtio-iommu-mmio' as const, offset: 48, base: '0xa000000' },
        { type: 'mmio' as const, offset: 64, endpoint: 5, base: '0xb000000', output: 48 },
      ],
    }
    const base = made({ viot }, 'arm64')
    const its = { name: 'its', kind: 'gicv3-its' as const, doorbell: '0x8090040', serves: [], source: 'test' }
    expect(space({ ...base, msiControllers: [its] })['device at 0xb000000']?.reserved).toEqual([
      '8090000-809ffff msi of device at 0xb000000',
    ])
    const pamu = { name: 'iommu0', kind: 'pamu' as const, registers: {}, serves: [], source: 'test' }
    const usb = { name: '210000.usb', iommu: 'iommu0', ids: [127], source: 'test' }
    const platform: Platform = { ...base, arch: 'powerpc', iommus: [pamu], platformDevices: [usb] }
    expect(space(platform, '4.9')).toEqual({ '210000.usb': { reserved: [], usable: ['0x0-0xfffffffff'] } })
  })
})
