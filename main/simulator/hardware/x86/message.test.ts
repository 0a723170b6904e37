import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeCompatibility,
  decodeRedirection,
  decodeRemappable,
  encodeCompatibility,
  encodeRemappable,
} from './message'

describe('a compatibility format message', () => {
  it('has its destination in address 19:12, its vector in data 7:0', () => {
    expect(decodeCompatibility(0xfee03000n, 0x41)).toEqual({
      destination: 3,
      logical: false,
      hint: false,
      vector: 0x41,
      mode: 'fixed',
      level: false,
    })
  })

  it('has destination bits 14:8 in address 11:5 where the hypervisor extends them, and only there', () => {
    expect(decodeCompatibility(0xfee03020n, 0x41, true).destination).toBe(0x103)
    expect(decodeCompatibility(0xfee03020n, 0x41).destination).toBe(3)
  })

  it.each([
    [0xfed00000n, 0x41, 'the address is outside 0xfeexxxxx'],
    [0xfee00010n, 0x41, 'the address is in remappable format'],
    [0xfee00000n, 0x0f, 'vectors go from 16 to 254'],
    [0xfee00000n, 0xff, 'vectors go from 16 to 254'],
    [0xfee00000n, 0x341, 'the delivery mode is reserved'],
  ])('%s/%i is no interrupt for a LAPIC: %s', (address, data, wrong) => {
    expect(decodeCompatibility(address, data).wrong).toBe(wrong)
  })

  it('comes back as it was sent', () => {
    const message = fc.record({
      destination: fc.nat(0x7fff),
      logical: fc.boolean(),
      hint: fc.boolean(),
      vector: fc.integer({ min: 16, max: 254 }),
      mode: fc.constantFrom('fixed', 'lowest', 'smi', 'nmi', 'init', 'extint'),
      level: fc.boolean(),
    })
    fc.assert(
      fc.property(message, (m) => {
        const { address, data } = encodeCompatibility(m)
        expect(decodeCompatibility(address, data, true)).toEqual(m)
      }),
    )
  })
})

describe('a remappable format message', () => {
  it('is written by Linux with SHV, the first index in the handle and the vector’s place in the data', () => {
    expect(encodeRemappable(1, 0)).toEqual({ address: 0xfee00038n, data: 0 })
    expect(encodeRemappable(0x8001, 3)).toEqual({ address: 0xfee0003cn, data: 3 })
  })

  it('selects the entry handle + sub-handle with SHV, and the handle alone without', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.option(fc.nat(0xffff), { nil: undefined }), (handle, sub) => {
        const { address, data } = encodeRemappable(handle, sub)
        expect(decodeRemappable(address, data)).toMatchObject({ handle, index: handle + (sub ?? 0), reserved: false })
      }),
    )
  })

  it('has reserved bits in data 31:16 with SHV only', () => {
    expect(decodeRemappable(0xfee00018n, 0x10000).reserved).toBe(true)
    expect(decodeRemappable(0xfee00010n, 0x10000).reserved).toBe(false)
  })
})

describe('a remappable I/O APIC redirection entry', () => {
  it('has its index in 63:49 and bit 11', () => {
    expect(decodeRedirection((5n << 49n) | (1n << 48n) | (1n << 15n) | (1n << 11n) | 0x30n)).toEqual({
      remappable: true,
      index: 0x8005,
      vector: 0x30,
      level: true,
    })
  })
})
