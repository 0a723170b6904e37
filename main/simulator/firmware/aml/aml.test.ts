import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PlatformWarning } from '../../platform/schema'
import { readAml, type AmlAnswers } from './answers'

/** A little assembler: just what these tests need of ACPI 6.5 chapter 20. */
const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0))
const sized = (body: number[]): number[] => {
  const short = body.length + 1
  if (short < 0x40) return [short, ...body]
  const long = body.length + 2
  if (long < 0x1000) return [0x40 | (long & 0xf), long >> 4, ...body]
  const longer = body.length + 3
  return [0x80 | (longer & 0xf), (longer >> 4) & 0xff, longer >> 12, ...body]
}
const seg = (name: string): number[] => ascii(name.padEnd(4, '_'))
const byte = (value: number): number[] => (value === 0 ? [0] : value === 1 ? [1] : [0x0a, value])
const dword = (value: number): number[] => [0x0c, value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24]
const text = (value: string): number[] => [0x0d, ...ascii(value), 0]
const buffer = (...bytes: number[]): number[] => [0x11, ...sized([...byte(bytes.length), ...bytes])]
const pack = (...items: number[][]): number[] => [0x12, ...sized([items.length, ...items.flat()])]
const name = (of: string, value: number[]): number[] => [0x08, ...seg(of), ...value]
const device = (of: string, ...inside: number[][]): number[] => [0x5b, 0x82, ...sized([...seg(of), ...inside.flat()])]
const scope = (of: number[], ...inside: number[][]): number[] => [0x10, ...sized([...of, ...inside.flat()])]
const method = (of: string, args: number, ...inside: number[][]): number[] => [
  0x14,
  ...sized([...seg(of), args, ...inside.flat()]),
]
const when = (test: number[], ...inside: number[][]): number[] => [0xa0, ...sized([...test, ...inside.flat()])]
const otherwise = (...inside: number[][]): number[] => [0xa1, ...sized(inside.flat())]
const equal = (a: number[], b: number[]): number[] => [0x93, ...a, ...b]
const give = (value: number[]): number[] => [0xa4, ...value]
const [ARG0, ARG2] = [[0x68], [0x6a]]
const guid = (digits: string): number[] => {
  const bytes = (digits.replaceAll('-', '').match(/../g) ?? []).map((pair) => parseInt(pair, 16))
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
  return buffer(...order.map((i) => bytes[i] ?? 0))
}
const EXTERNAL = guid('efcc06cc-73ac-4bc3-bff0-76143807c389')
const HOTPLUG = guid('6211e2c0-58a3-4af3-90e1-927a4e0c55a4')
const DSM = guid('e5c937d0-3553-4d7a-9117-ea4d19c3434d')
const OTHER = guid('01234567-89ab-cdef-0123-456789abcdef')
const table = (...body: number[][]): Uint8Array => Uint8Array.from([...new Array<number>(36).fill(0), ...body.flat()])

const HID = name('_HID', dword(0x080ad041))
const facing = (value: number[], id = EXTERNAL): number[] =>
  name('_DSD', pack(id, pack(pack(text('ExternalFacingPort'), value), pack(text('UID'), byte(3)))))
const board = (...inside: number[][]): number[] => scope([0x5c, ...seg('_SB')], device('PCI0', HID, ...inside))
const port = (...inside: number[][]): number[] => device('RP01', name('_ADR', dword(0x1c0000)), ...inside)

function read(...tables: Uint8Array[]): AmlAnswers & { warnings: PlatformWarning[] } {
  const warnings: PlatformWarning[] = []
  return {
    ...readAml(
      tables.map((data, i) => ({ name: `T${i}`, data })),
      warnings,
    ),
    warnings,
  }
}
const facingOf = (...tables: Uint8Array[]) =>
  read(...tables).devices.find((one) => one.path === '\\_SB_.PCI0.RP01')?.externalFacing
const keeps = (...inside: number[][]) => read(table(board(...inside))).hostBridges[0]?.preserveConfig

describe('an external-facing port', () => {
  test('is named by a property under its GUID', () => {
    expect(facingOf(table(board(port(facing(byte(1))))))).toBe(true)
    expect(facingOf(table(board(port(facing(byte(0))))))).toBe(false)
    expect(facingOf(table(board(port())))).toBe(false)
  })

  test('is named under any GUID of device properties, and under no other', () => {
    expect(facingOf(table(board(port(facing(byte(1), HOTPLUG)))))).toBe(true)
    expect(facingOf(table(board(port(facing(byte(1), OTHER)))))).toBe(false)
  })

  test('may be named by another table, which opens the scope of the port', () => {
    const path = [0x5c, 0x2f, 3, ...seg('_SB'), ...seg('PCI0'), ...seg('RP01')]
    expect(facingOf(table(board(port())), table(scope(path, facing(byte(1)))))).toBe(true)
  })

  test('may be named by a method that returns the package', () => {
    const properties = pack(EXTERNAL, pack(pack(text('ExternalFacingPort'), byte(1))))
    expect(facingOf(table(board(port(method('_DSD', 0, give(properties))))))).toBe(true)
  })

  test('is unknown where the bytecode decides', () => {
    const properties = pack(EXTERNAL, pack(pack(text('ExternalFacingPort'), byte(1))))
    const asks = method('_DSD', 0, when(equal(seg('TBTE'), byte(1)), give(properties)), give(pack()))
    expect(facingOf(table(board(port(asks))))).toBe('unknown')
    expect(facingOf(table(board(port(facing(seg('TBTE'))))))).toBe('unknown')
    expect(facingOf(table(board(port(when(seg('TBTE'), facing(byte(1)))))))).toBe('unknown')
  })

  test('is not where both ways of an unknown question say no', () => {
    const asks = method('_DSD', 0, when(seg('TBTE'), give(byte(1))), give(byte(1)))
    expect(facingOf(table(board(port(asks))))).toBe(false)
  })

  test('is told with the address of the port', () => {
    expect(read(table(board(port()))).devices).toEqual([
      { path: '\\_SB_.PCI0', address: undefined, externalFacing: false, reset: false },
      { path: '\\_SB_.PCI0.RP01', address: 0x1c0000, externalFacing: false, reset: false },
    ])
  })
})

describe('a function that firmware can reset', () => {
  test('has a method _RST', () => {
    const resets = read(table(board(port(method('_RST', 0, []))))).devices.map((one) => [one.path, one.reset])
    expect(resets).toEqual([
      ['\\_SB_.PCI0', false],
      ['\\_SB_.PCI0.RP01', true],
    ])
  })
})

describe('a host bridge', () => {
  const ours = (...inside: number[][]): number[] => when(equal(ARG0, DSM), ...inside)
  const nothing = give(buffer(0))

  test('keeps its configuration when _DSM function 5 returns 0', () => {
    expect(keeps()).toBe(false)
    expect(keeps(method('_DSM', 4, ours(when(equal(ARG2, byte(5)), give(byte(0)))), nothing))).toBe(true)
    expect(keeps(method('_DSM', 4, ours(when(equal(ARG2, byte(5)), give(byte(1)))), nothing))).toBe(false)
    expect(keeps(method('_DSM', 4, ours(when(equal(ARG2, byte(0)), give(buffer(0x21)))), nothing))).toBe(false)
    expect(keeps(method('_DSM', 4, when(equal(ARG0, OTHER), give(byte(0))), nothing))).toBe(false)
  })

  test('may write it as Switch, as compilers translate it', () => {
    const [store, loop, stop] = [[0x70, 0x99, ...ARG2, 0, ...seg('_T_0')], [0xa2], [0xa5]]
    const choose = [
      ...loop,
      ...sized([
        ...byte(1),
        ...store,
        ...when(equal(seg('_T_0'), byte(0)), give(buffer(0x21))),
        ...otherwise(when(equal(seg('_T_0'), byte(5)), give(byte(0)))),
        ...stop,
      ]),
    ]
    expect(keeps(method('_DSM', 4, name('_T_0', byte(0)), ours(choose), nothing))).toBe(true)
  })

  test('may ask a method of its own', () => {
    const helper = method('HLPR', 2, when(equal([0x69], byte(5)), give(byte(0))), nothing)
    expect(keeps(helper, method('_DSM', 4, give([...seg('HLPR'), ...ARG0, ...ARG2])))).toBe(true)
  })

  test('is unknown where hardware is asked, unless both answers are the same', () => {
    const asked = when(equal(ARG2, byte(5)), when(seg('PCFG'), give(byte(0))), otherwise(give(byte(1))))
    expect(keeps(method('_DSM', 4, ours(asked), nothing))).toBe('unknown')
    const indifferent = when(equal(ARG2, byte(5)), when(seg('PCFG'), give(byte(0))), otherwise(give(byte(0))))
    expect(keeps(method('_DSM', 4, ours(indifferent), nothing))).toBe(true)
  })

  test('has segment and bus number', () => {
    const far = device('PC40', name('_HID', text('PNP0A03')), name('_SEG', byte(2)), name('_BBN', byte(0x40)))
    expect(read(table(far)).hostBridges).toEqual([{ path: '\\PC40', segment: 2, bus: 0x40, preserveConfig: false }])
  })
})

describe('bytecode that is not understood', () => {
  test('is passed over to the end of its block, and what that block might have said is unknown', () => {
    const odd = read(table(board(device('ODD0', [0xee, 0xee]), port(facing(byte(1))))))
    expect(odd.warnings.map((entry) => entry.code)).toEqual(['AML_NOT_UNDERSTOOD'])
    expect(odd.devices.map(({ path, externalFacing }) => [path, externalFacing])).toEqual([
      ['\\_SB_.PCI0', false],
      ['\\_SB_.PCI0.ODD0', 'unknown'],
      ['\\_SB_.PCI0.RP01', true],
    ])
  })

  const dsm = method('_DSM', 4, when(equal(ARG0, DSM), when(equal(ARG2, byte(5)), give(byte(0)))), give(buffer(0)))
  const whole = table(board(dsm, port(facing(byte(1)))))

  test('cut anywhere gives an answer', () => {
    for (let size = 36; size < whole.length; size++) expect(read(whole.subarray(0, size))).toBeDefined()
  })

  test('with any bytes changed gives an answer, quickly', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const data = whole.slice()
        for (const [at, value] of changes) data[at] = value
        for (const one of read(data).devices) expect([true, false, 'unknown']).toContain(one.externalFacing)
      }),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => void read(table([...noise]))),
      { numRuns: 500 },
    )
  })

  test('that calls itself, loops, or nests without end gives an answer', () => {
    expect(keeps(method('_DSM', 4, give([...seg('_DSM'), ...ARG0, ...ARG0, ...ARG0, ...ARG0])))).toBe('unknown')
    expect(keeps(method('_DSM', 4, [0xa2, ...sized([1, 0xa3])], give(byte(0))))).toBe('unknown')
    let deep: number[] = [0xa3]
    for (let i = 0; i < 300; i++) deep = when(seg('ASKS'), deep)
    expect(keeps(method('_DSM', 4, deep, give(byte(0))))).toBeDefined()
    let devices: number[] = []
    for (let i = 0; i < 300; i++) devices = device('DEEP', devices)
    expect(read(table(devices)).warnings.length).toBeGreaterThan(0)
    const questions = Array.from({ length: 200 }, () => when(seg('ASKS'), give(byte(0))))
    expect(keeps(method('_DSM', 4, ...questions, give(byte(0))))).toBeDefined()
    const many = Array.from({ length: 9000 }, () => when(seg('ASKS'), give(byte(0))))
    expect(keeps(method('_DSM', 4, ...many, give(byte(0))))).toBe('unknown')
    read(table(new Array<number>(100_000).fill(0x92)))
  })
})

const DATASETS = join(process.cwd(), '../shared/datasets/t02-qemu-acpi')

describe.skipIf(!existsSync(DATASETS))('the DSDTs of ../shared/datasets (skipped where it is absent)', () => {
  test('are understood to the last byte, and name their host bridges', () => {
    const names = readdirSync(DATASETS).filter((file) => file.includes('DSDT'))
    expect(names.length).toBeGreaterThan(5)
    for (const file of names) {
      const { warnings, hostBridges } = read(readFileSync(join(DATASETS, file)))
      expect(warnings, file).toEqual([])
      expect(hostBridges.length, file).toBeGreaterThan(0)
    }
  })
})
