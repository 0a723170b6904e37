import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeConfigSpace } from './decode'

/** A configuration space with bytes set at offsets; 0x10 in status where there is a capability list. */
function space(size: number, bytes: Record<number, number[]>): Uint8Array {
  const data = new Uint8Array(size)
  for (const [offset, values] of Object.entries(bytes)) data.set(values, Number(offset))
  return data
}

const ENDPOINT = {
  0x00: [0x86, 0x80, 0x25, 0x0b, 0x06, 0x00, 0x10, 0x00],
  0x08: [0x00, 0x00, 0x80, 0x08],
  0x34: [0x40],
}
/** Express endpoint at 0x40, end of list. */
const EXPRESS = { 0x40: [0x10, 0x00, 0x02, 0x00] }
const decode = (data: Uint8Array) => decodeConfigSpace(data, 'config')

describe('the header', () => {
  test('gives ids, class, bus mastering and the multifunction bit', () => {
    const { space: found } = decode(space(4096, { ...ENDPOINT, ...EXPRESS, 0x0e: [0x80], 0x2c: [1, 2, 3, 4] }))
    expect(found).toMatchObject({
      vendor: 0x8086,
      device: 0x0b25,
      class: 0x088000,
      headerType: 0,
      multifunction: true,
      busMaster: true,
      subsystem: { vendor: 0x0201, device: 0x0403 },
      unknown: [],
    })
  })

  test('of a bridge gives bus numbers and no subsystem', () => {
    const { space: found } = decode(space(256, { 0x0e: [0x01], 0x18: [0, 5, 7] }))
    expect(found.bridge).toEqual({ primary: 0, secondary: 5, subordinate: 7 })
    expect(found.subsystem).toBeUndefined()
  })
})

describe('standard capabilities', () => {
  test('MSI tells vectors, mask bits, width and whether it is on', () => {
    const { space: found } = decode(space(256, { ...ENDPOINT, 0x40: [0x05, 0x00, 0x8b, 0x01] }))
    expect(found.msi).toEqual({ vectors: 32, enabled: true, maskable: true, address64: true })
  })

  test('MSI-X tells table and PBA', () => {
    const msix = [0x11, 0x00, 0x08, 0x80, 0x03, 0x20, 0x00, 0x00, 0x04, 0x30, 0x00, 0x00]
    const { space: found } = decode(space(256, { ...ENDPOINT, 0x40: msix }))
    expect(found.msix).toEqual({
      vectors: 9,
      enabled: true,
      tableBir: 3,
      tableOffset: 0x2000,
      pbaBir: 4,
      pbaOffset: 0x3000,
    })
  })

  test('every port type of PCI Express has its name, others are unknown', () => {
    const type = (code: number) =>
      decode(space(4096, { ...ENDPOINT, 0x40: [0x10, 0x00, 0x02 | (code << 4), code === 4 ? 0x01 : 0x00] })).space
    expect(type(4).express).toEqual({ type: 'root-port', version: 2, slot: true, flr: false, tlpPrefix: false })
    expect(type(7).express?.type).toBe('pcie-to-pci-bridge')
    expect(type(9).express?.type).toBe('rc-integrated-endpoint')
    expect(type(2).express).toBeUndefined()
    expect(type(2).unknown).toContain('express')
  })

  test('Device Capabilities 2 bit 21 says that a function can carry a PASID, and its first version has no such register', () => {
    const prefix = (version: number, capabilities2: number[]) =>
      decode(space(4096, { ...ENDPOINT, 0x40: [0x10, 0x00, 0x90 | version, 0x00], 0x64: capabilities2 })).space.express
        ?.tlpPrefix
    expect(prefix(2, [0, 0, 0x20, 0])).toBe(true)
    expect(prefix(2, [0xff, 0xff, 0xdf, 0xff])).toBe(false)
    expect(prefix(1, [0, 0, 0x20, 0])).toBe(false)
  })

  test('Express tells function level reset by bit 28 of Device Capabilities, as far as the bytes reach', () => {
    const flr = (capability: number[]) =>
      decode(space(256, { ...ENDPOINT, 0x40: [0x10, 0x00, 0x02, 0x00, ...capability] })).space.express?.flr
    expect(flr([0x00, 0x00, 0x00, 0x10])).toBe(true)
    expect(flr([0xff, 0xff, 0xff, 0xef])).toBe(false)
    const cut = decode(space(256, { ...ENDPOINT, 0x34: [0xfc], 0xfc: [0x10, 0x00, 0x02, 0x00] })).space
    expect(cut.express).toEqual({ type: 'endpoint', version: 2, slot: false })
  })

  test('power management tells NoSoftReset, advanced features tell TP and FLR', () => {
    const pm = (status: number) => decode(space(256, { ...ENDPOINT, 0x40: [0x01, 0, 0x03, 0, status, 0] })).space.pm
    expect(pm(0x08)).toEqual({ noSoftReset: true })
    expect(pm(0xf7)).toEqual({ noSoftReset: false })
    const af = (capability: number) =>
      decode(space(256, { ...ENDPOINT, 0x40: [0x13, 0, 6, capability, 0, 0] })).space.af
    expect(af(3)).toEqual({ tp: true, flr: true })
    expect(af(1)).toEqual({ tp: true, flr: false })
    expect(af(2)).toEqual({ tp: false, flr: true })
  })

  test('the interrupt pin is a register of the header, and a value that no pin has is not known', () => {
    const pin = (value: number) => decode(space(64, { 0x3d: [value] })).space.interruptPin
    expect([0, 1, 4, 5, 0xff].map(pin)).toEqual([0, 1, 4, undefined, undefined])
  })

  test('a list in a circle is told and what was on it is kept', () => {
    const { space: found, warnings } = decode(space(256, { ...ENDPOINT, 0x40: [0x01, 0x50], 0x50: [0x05, 0x40, 0, 0] }))
    expect(warnings.map((entry) => entry.code)).toEqual(['CONFIG_SPACE_LOOP'])
    expect(found.msi).toBeDefined()
    expect(found.unknown).toEqual([])
  })
})

describe('extended capabilities', () => {
  /** pciutils' own example (95 §3), moved to the start of the list. */
  const PASID = [0x1b, 0x00, 0x01, 0x00, 0x02, 0x14, 0x03, 0x00]

  test('PASID of the worked example: execute, 20 bits, enabled', () => {
    const { space: found } = decode(space(4096, { ...ENDPOINT, ...EXPRESS, 0x100: PASID }))
    expect(found.pasid).toEqual({ width: 20, exec: true, priv: false, enabled: true })
  })

  test('the chain of a DSA: ATS, PRI, PASID, SIOV', () => {
    const chain = {
      0x100: [0x0f, 0x00, 0x01, 0x11, 0x00, 0x00, 0x00, 0x80],
      0x110: [0x13, 0x00, 0x01, 0x12, 0x01, 0x00],
      0x120: [0x1b, 0x00, 0x01, 0x13, 0x04, 0x14, 0x05, 0x00],
      0x130: [0x23, 0x00, 0x01, 0x00, 0x86, 0x80, 0x81, 0x01, 0x05, 0x00, 0x00, 0x00],
      0x144: [0x01],
    }
    const { space: found, warnings } = decode(space(4096, { ...ENDPOINT, ...EXPRESS, ...chain }))
    expect(warnings).toEqual([])
    expect(found.ats).toEqual({ enabled: true, stu: 0, queueDepth: 32 })
    expect(found.pri).toEqual({ enabled: true })
    expect(found.pasid).toEqual({ width: 20, exec: false, priv: true, enabled: true })
    expect(found.siov).toEqual({ ims: true })
  })

  test('a vendor specific capability of somebody else is not SIOV, and does not hide it', () => {
    const other = [0x23, 0x00, 0x01, 0x12, 0x98, 0x1e, 0x81, 0x01, 0x00, 0x00, 0x00, 0x00]
    const siov = [0x23, 0x00, 0x01, 0x00, 0x86, 0x80, 0x81, 0x01, 0x05, 0x00]
    expect(decode(space(4096, { ...ENDPOINT, ...EXPRESS, 0x100: other, 0x120: siov })).space.siov).toEqual({
      ims: false,
    })
    other[3] = 0
    expect(decode(space(4096, { ...ENDPOINT, ...EXPRESS, 0x100: other })).space.siov).toBeUndefined()
  })

  test('a CXL port is known by its own vendor specific capability', () => {
    const port = [0x23, 0x00, 0x01, 0x00, 0x98, 0x1e, 0x81, 0x02, 0x03, 0x00]
    expect(decode(space(4096, { ...ENDPOINT, ...EXPRESS, 0x100: port })).space).toMatchObject({ cxlPort: true })
    port[8] = 0
    expect(decode(space(4096, { ...ENDPOINT, ...EXPRESS, 0x100: port })).space.cxlPort).toBeUndefined()
  })

  test('SR-IOV tells how many functions there are and how many are on', () => {
    const sriov = new Array<number>(0x1c).fill(0)
    sriov.splice(0, 4, 0x10, 0, 1, 0)
    sriov[8] = 1
    sriov[0xc] = 8
    sriov[0xe] = 7
    sriov[0x10] = 3
    sriov[0x14] = 0x80
    sriov[0x16] = 2
    sriov[0x1a] = 0xca
    sriov[0x1b] = 0x10
    const { space: found } = decode(space(4096, { ...ENDPOINT, ...EXPRESS, 0x100: sriov }))
    expect(found.sriov).toEqual({ total: 7, initial: 8, enabled: 3, firstOffset: 0x80, stride: 2, vfDevice: 0x10ca })
  })

  const acs = (device: number[]) =>
    decode(
      space(4096, {
        ...ENDPOINT,
        0x02: device,
        0x0e: [1],
        0x40: [0x10, 0x00, 0x42, 0x00],
        0x100: [0x0d, 0x00, 0x01, 0x00, 0x1f, 0x00, 0x1d, 0x00, 0x0f, 0x00],
      }),
    ).space.acs

  test('ACS has its control register at +6', () => {
    expect(acs([0x00, 0x20])).toEqual({ cap: 0x1f, ctrl: 0x1d })
  })

  test('ACS of a Sunrise Point root port has it at +8', () => {
    expect(acs([0x10, 0xa1])).toEqual({ cap: 0x1f, ctrl: 0x0f })
  })
})

describe('what cannot be seen is unknown, never absent', () => {
  test('64 bytes with a capability list: all capabilities', () => {
    const { space: found, warnings } = decode(space(64, ENDPOINT))
    expect(found.unknown).toEqual([
      'acs',
      'af',
      'ari',
      'ats',
      'express',
      'msi',
      'msix',
      'pasid',
      'pm',
      'pri',
      'siov',
      'sriov',
    ])
    expect(warnings).toEqual([])
  })

  test('64 bytes without one: there are no capabilities, and that is known', () => {
    expect(decode(space(64, { 0x00: [0x86, 0x80] })).space.unknown).toEqual([])
  })

  test('256 bytes of an Express function: the extended ones', () => {
    const { space: found } = decode(space(256, { ...ENDPOINT, ...EXPRESS }))
    expect(found.unknown).toEqual(['acs', 'ari', 'ats', 'pasid', 'pri', 'siov', 'sriov'])
  })

  test('256 bytes of a conventional function: that is all it has', () => {
    expect(decode(space(256, { ...ENDPOINT, 0x40: [0x05, 0x00, 0, 0] })).space.unknown).toEqual([])
  })

  test('all ones: the function was off when it was read', () => {
    const { space: found, warnings } = decode(new Uint8Array(4096).fill(0xff))
    expect(found.vendor).toBeUndefined()
    expect(found.unknown).toHaveLength(12)
    expect(warnings[0]?.code).toBe('CONFIG_SPACE_ALL_ONES')
  })

  test('fewer than 64 bytes', () => {
    expect(decode(new Uint8Array(63)).warnings[0]?.code).toBe('CONFIG_SPACE_TRUNCATED')
    expect(decode(new Uint8Array()).warnings[0]?.code).toBe('CONFIG_SPACE_ABSENT')
  })
})

test('any bytes of any length are decoded without an exception', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 10, 64, 128, 256, 300, 4096), fc.infiniteStream(fc.nat(255)), (size, stream) => {
      const data = Uint8Array.from(stream.take(size))
      if (size > 6) data[6] = 0x10
      const { space: found } = decode(data)
      expect(new Set(found.unknown).size).toBe(found.unknown.length)
    }),
    { numRuns: 60 },
  )
})
