import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { BlockSpec } from '../../hardware/block'
import { checkBlock } from '../../hardware/block-check'
import { compileScenario } from '../../scenario/compile'
import { importRdl } from './import'
import type { RdlField, RdlMap, RdlRegister } from './map'
import { parseRdl } from './parse'

const NIC = `// A small NIC
addrmap nic_regs {
  name = "A small NIC";
  desc = "Made up for \\"tests\\".";
  default sw = rw;
  default regwidth = 32;

  field enable_f { desc = "switch"; reset = 0; };
  reg ctl_r {
    enable_f EN;
    field { sw = r; hw = w; } DEPTH[7:4] = 4'h3;
    field { woclr; } ERR[8:8];
    field { onwrite = woclr; } OVF;
  };
  ctl_r CTL @ 0x0;
  reg {
    regwidth = 64;
    field { } OWNER[27:8] = 0x2a;
    field { } TAG[63:32];
  } ISR[4] @ 0x100 += 0x10, SPARE;
  reg { field {} VALUE[16]; field {} MORE[16]; } DB[2][3];
};
`
const map = (text: string): RdlMap => {
  const r = parseRdl(text)
  if (!r.ok) throw new Error(JSON.stringify(r.error))
  return r.value
}
const block = (text: string): BlockSpec => {
  const r = importRdl(text, 'nic.rdl')
  if (!r.ok) throw new Error(JSON.stringify(r.error))
  return BlockSpec.parse(parse(r.value.text))
}

describe('an address map', () => {
  it('has its registers where SystemRDL puts them', () => {
    expect(map(NIC).registers.map((r) => [r.name, r.offset, r.width, r.counts, r.strides])).toEqual([
      ['CTL', 0, 32, [], []],
      ['ISR', 0x100, 64, [4], [0x10]],
      // Behind the last element (0x130 … 0x137), aligned to its eight bytes.
      ['SPARE', 0x138, 64, [], []],
      ['DB', 0x140, 32, [2, 3], [12, 4]],
    ])
  })

  it('has its fields with bits, access and reset value', () => {
    expect(map(NIC).registers[0]?.fields.map((f) => [f.name, f.msb, f.lsb, f.access, f.reset])).toEqual([
      ['EN', 0, 0, 'RW', 0n],
      ['DEPTH', 7, 4, 'RO', 3n],
      ['ERR', 8, 8, 'W1C', null],
      ['OVF', 9, 9, 'W1C', null],
    ])
  })

  it('becomes a block without mistakes, whose unnamed bits are reserved', () => {
    const b = block(NIC)
    expect(checkBlock(b)).toEqual([])
    expect([b.block, b.title, b.cite, b.scope]).toEqual([
      'nic-regs',
      'A small NIC',
      'SystemRDL, nic.rdl',
      'Made up for "tests".',
    ])
    expect(b.registers[1]?.fields.map((f) => [f.name, f.bits, f.access])).toEqual([
      ['Reserved_0', '7:0', 'RSVD'],
      ['OWNER', '27:8', 'RW'],
      ['Reserved_28', '31:28', 'RSVD'],
      ['TAG', '63:32', 'RW'],
    ])
    expect(b.registers.map((r) => [r.name, r.per, r.stride])).toEqual([
      ['CTL', [], undefined],
      ['ISR', ['ISR_index'], ['0x10']],
      ['SPARE', [], undefined],
      ['DB', ['DB_index1', 'DB_index2'], ['0xc', '0x4']],
    ])
  })

  it('stands in a scenario as any block does, its registers poked by the rules of their fields', () => {
    const r = importRdl(NIC, 'nic.rdl')
    const scenario = `doorbell: 1
title: imported
kinds: [{ file: ./nic.block.yaml }]
blocks: { nic: { kind: nic-regs } }
programs: { host: [{ write: { register: nic.CTL, value: 0x301 } }] }
properties: [{ name: on, sometimes: nic.CTL.EN && nic.CTL.DEPTH == 3 && !nic.CTL.ERR }]
`
    const c = compileScenario('s', scenario, [{ block: { file: './nic.block.yaml' }, text: r.ok ? r.value.text : '' }])
    expect(c.ok ? [] : c.error).toEqual([])
  })
})

describe('what is not read', () => {
  it.each([
    ['a register file', 'addrmap a { regfile { } x; };', 'RDL_UNSUPPORTED', [1, 13]],
    ['a memory', 'addrmap a {\n  mem { } x; };', 'RDL_UNSUPPORTED', [2, 3]],
    ['an enumeration', 'enum e { };', 'RDL_UNSUPPORTED', [1, 1]],
    ['the preprocessor', '`include "x"', 'RDL_UNSUPPORTED', [1, 1]],
    ['a property of the hardware', 'addrmap a { reg { field { counter; } f; } r; };', 'RDL_UNSUPPORTED', [1, 27]],
    ['a field that can only be written', 'addrmap a { reg { field { sw = w; } f; } r; };', 'RDL_UNSUPPORTED', [1, 32]],
    [
      'another effect of a write',
      'addrmap a { reg { field { onwrite = woset; } f; } r; };',
      'RDL_UNSUPPORTED',
      [1, 37],
    ],
    ['bits from the top', 'addrmap a { reg { field { } f[0:3]; } r; };', 'RDL_UNSUPPORTED', [1, 31]],
    ['an external register', 'addrmap a { reg { field { } f; } external r; };', 'RDL_UNSUPPORTED', [1, 34]],
    ['a second map', 'addrmap a { };\naddrmap b { };', 'RDL_UNSUPPORTED', [2, 1]],
    ['an alignment', 'addrmap a { reg { field { } f; } r %= 8; };', 'RDL_UNSUPPORTED', [1, 36]],
    ['nothing', '', 'RDL_SYNTAX', [1, 1]],
    ['an open comment', 'addrmap /* a', 'RDL_SYNTAX', [1, 9]],
    ['an open brace', 'addrmap a { reg {', 'RDL_SYNTAX', [1, 18]],
    [
      'a number that does not fit its size',
      "addrmap a { reg { field { reset = 2'h7; } f; } r; };",
      'RDL_SYNTAX',
      [1, 35],
    ],
    ['a reset value that does not fit', 'addrmap a { reg { field { } f = 2; } r; };', 'RDL_RANGE', [1, 33]],
    ['fields that overlap', 'addrmap a { reg { field { } f[3:0], g[4:3]; } r; };', 'RDL_RANGE', [1, 37]],
    ['a field beyond its register', 'addrmap a { reg { field { } f[32:0]; } r; };', 'RDL_RANGE', [1, 13]],
    ['registers that overlap', 'addrmap a { reg { field { } f; } r, s @ 2; };', 'RDL_RANGE', [1, 37]],
    ['a stride that is too small', 'addrmap a { reg { field { } f; } r[2] += 2; };', 'RDL_RANGE', [1, 39]],
    ['an array without end', 'addrmap a { reg { field { } f; } r[1000000000]; };', 'RDL_RANGE', [1, 36]],
    ['an address without end', 'addrmap a { reg { field { } f; } r @ 0xffffffffffffffff; };', 'RDL_RANGE', [1, 38]],
    ['two fields of a name', 'addrmap a { reg { field { } f, f; } r; };', 'RDL_SYNTAX', [1, 32]],
  ] as const)('%s is refused by name, with line and column', (_, text, code, place) => {
    const r = importRdl(text, 'x.rdl')
    const f = r.ok ? undefined : r.error
    expect([f?.code, [f?.line, f?.column], f?.file]).toEqual([code, place, 'x.rdl'])
  })

  it('is a fault, never an exception, whatever is cut out of or put into a text', () => {
    fc.assert(
      fc.property(
        fc.nat(NIC.length),
        fc.nat(60),
        fc.oneof(fc.string(), fc.constantFrom('{', '}', ';', '[9]', '@', '"', '/*', 'reg', 'field', '0x', "8'hff")),
        (from, length, put) => {
          const r = importRdl(NIC.slice(0, from) + put + NIC.slice(from + length), 'x')
          if (r.ok) expect(BlockSpec.safeParse(parse(r.value.text)).error).toBeUndefined()
          else expect(r.error.code).toMatch(/^RDL_/)
        },
      ),
      { numRuns: 500 },
    )
  })
  it('is refused by its size before anything else', () => {
    const r = importRdl(' '.repeat(2 * 1024 * 1024), 'x')
    expect(r.ok ? '' : r.error.code).toBe('FILE_TOO_LARGE')
    const many = importRdl(';'.repeat(300_000), 'x')
    expect(many.ok ? '' : many.error.code).toBe('FILE_TOO_LARGE')
  })
})

// ---- what is printed is read again ------------------------------------------------------------------------------

const words = fc.string({ unit: fc.constantFrom(...'abcXYZ019_ "\\'), maxLength: 12 })
const fieldsIn = (width: number): fc.Arbitrary<RdlField[]> =>
  fc.uniqueArray(fc.integer({ min: 0, max: width }), { minLength: 2, maxLength: 8 }).chain((cuts) => {
    const sorted = [...cuts].sort((a, b) => a - b)
    const spans = sorted.slice(1).map((to, i) => [sorted[i] ?? 0, to - 1] as const)
    return fc.tuple(
      ...spans.map(([lsb, msb], i) =>
        fc.record({
          name: fc.constant(`F${i}`),
          lsb: fc.constant(lsb),
          msb: fc.constant(msb),
          access: fc.constantFrom('RW', 'RO', 'W1C'),
          reset: fc.option(fc.bigInt({ min: 0n, max: (1n << BigInt(msb - lsb + 1)) - 1n })),
          title: words,
          description: words,
        }),
      ),
    )
  })
const maps: fc.Arbitrary<RdlMap> = fc
  .array(
    fc.constantFrom(8, 16, 32, 64).chain((width) =>
      fc.record({
        width: fc.constant(width),
        fields: fieldsIn(width),
        counts: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        gap: fc.nat(3),
        title: words,
        description: words,
      }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => {
    let free = 0
    const registers = parts.map(({ gap, ...r }, i): RdlRegister => {
      const stride = (r.width / 8) * (1 + gap)
      const strides = r.counts.map((_, d) => r.counts.slice(d + 1).reduce((n, c) => n * c, stride))
      const offset = free + gap
      free = offset + r.counts.reduce((n, c) => n * c, stride)
      return { name: `R${i}`, offset, ...r, strides }
    })
    return { name: 'printed', title: 'printed map', description: '', registers }
  })

const quote = (s: string): string => `"${s.replaceAll(/["\\]/g, '\\$&')}"`
const ACCESS = { RW: 'sw = rw;', RO: 'sw = r;', W1C: 'onwrite = woclr;' } as const
function print(m: RdlMap): string {
  const field = (f: RdlField): string =>
    `    field { name = ${quote(f.title)}; desc = ${quote(f.description)}; ${ACCESS[f.access]} } ${f.name}[${f.msb}:${f.lsb}]${f.reset === null ? '' : ` = 0x${f.reset.toString(16)}`};`
  const register = (r: RdlRegister): string =>
    [
      `  reg { regwidth = ${r.width}; name = ${quote(r.title)}; desc = ${quote(r.description)};`,
      ...r.fields.map(field),
      `  } ${r.name}${r.counts.map((c) => `[${c}]`).join('')} @ 0x${r.offset.toString(16)}${r.counts.length > 0 ? ` += ${r.strides.at(-1) ?? 0}` : ''};`,
    ].join('\n')
  return `addrmap ${m.name} {\n  name = ${quote(m.title)};\n${m.registers.map(register).join('\n')}\n};\n`
}

describe('any address map', () => {
  it('is read as it was printed', () => {
    fc.assert(
      fc.property(maps, (m) => {
        expect(map(print(m))).toEqual(m)
      }),
    )
  })
  it('becomes a block without mistakes that has every field at its bits', () => {
    fc.assert(
      fc.property(maps, (m) => {
        const b = block(print(m))
        expect(checkBlock(b)).toEqual([])
        const named = b.registers.map((r) =>
          r.fields.filter((f) => f.access !== 'RSVD').map((f) => [f.name, String(f.bits)]),
        )
        expect(named).toEqual(
          m.registers.map((r) => r.fields.map((f) => [f.name, f.msb === f.lsb ? String(f.msb) : `${f.msb}:${f.lsb}`])),
        )
      }),
    )
  })
})
