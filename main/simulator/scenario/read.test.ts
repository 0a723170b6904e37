import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../platform/schema'
import { compileScenario } from './compile'
import { placeInText } from './place'
import type { PlatformResource } from './platforms'

const root = join(import.meta.dirname, '../../../resources')
const LATE = readFileSync(join(root, 'scenarios/2021-ims/idxd-vsvm-late.yaml'), 'utf8')
const platforms: PlatformResource[] = [
  {
    ref: { builtin: 'spr-dsa' },
    platform: Platform.parse(parse(readFileSync(join(root, 'platforms/spr-dsa.yaml'), 'utf8'))),
  },
]

const faults = (text: string) => {
  const c = compileScenario('s', text, platforms)
  return c.ok ? [] : c.error
}

/** The line on which a word first stands, 1-based. */
const lineOf = (text: string, word: string) => text.slice(0, text.indexOf(word)).split('\n').length

function change(from: string, to: string) {
  expect(LATE).toContain(from)
  const text = LATE.replace(from, to)
  return { text, fault: faults(text)[0] }
}

describe('what is wrong with a scenario is said with a code, a place and a cure', () => {
  it('accepts the built-in scenario', () => {
    expect(faults(LATE)).toEqual([])
  })

  it.each([
    ['broken YAML', 'blocks:\n', 'blocks: [\n', 'SCENARIO_YAML_SYNTAX', undefined],
    ['a later format version', 'doorbell: 1', 'doorbell: 2', 'SCENARIO_VERSION', 'doorbell: 2'],
    ['an unknown operation', 'sets.bind', 'sets.bnid', 'SCENARIO_UNKNOWN_OPERATION', 'sets.bnid'],
    [
      'an operation of another agent',
      'vdev.open: { pasid: host }, id: B1',
      'vdev.write_msixperm: { vector: 1, spid: g1 }, id: B1',
      'SCENARIO_MISPLACED_OPERATION',
      'vdev.write_msixperm: { vector: 1, spid: g1 }, id: B1',
    ],
    ['an agent without a program', 'guest2: { title', 'guest3: { title', 'SCENARIO_UNKNOWN_AGENT', 'guest3:'],
    ['an unknown operand', 'vector: 1, spid: g1', 'vecotr: 1, spid: g1', 'SCENARIO_UNKNOWN_KEY', 'vecotr'],
    ['an unknown key', 'thread:', 'tread:', 'SCENARIO_UNKNOWN_KEY', 'tread:'],
    ['an unknown kind of block', 'kind: vidxd', 'kind: vidx', 'BLOCK_UNKNOWN', 'kind: vidx'],
    ['an unknown parameter', 'check: send', 'chekc: send', 'SCENARIO_UNKNOWN_KEY', 'chekc'],
    ['a value that a parameter does not have', 'check: send', 'check: sned', 'BLOCK_PARAMETER', 'sned'],
    [
      'a PASID over 20 bits',
      'kind: ioasid }',
      'kind: ioasid, hosts: { unbound: 0, guest: 0x100000 } }',
      'BLOCK_SHAPE',
      'hosts:',
    ],
    ['a PASID that is not declared', 'pasid: host }, id: B1', 'pasid: hots }, id: B1', 'SCENARIO_OPERAND', 'hots'],
    ['a vector that the device does not have', '{ vector: 1 }', '{ vector: 2 }', 'SCENARIO_OPERAND', '{ vector: 2 }'],
    ['an unknown BDF', '0000:6a:01.0', '0000:6b:01.0', 'PLATFORM_UNKNOWN_BDF', '0000:6b:01.0'],
    ['an unknown platform', 'builtin: spr-dsa', 'builtin: spr-das', 'PLATFORM_UNKNOWN', 'spr-das'],
    ['an unknown name in a property', 'chip.stray0', 'chip.satry0', 'SCENARIO_UNKNOWN_NAME', 'chip.satry0'],
    ['an unknown step in a wait', 'until: done(B2)', 'until: done(B9)', 'SCENARIO_UNKNOWN_STEP', 'done(B9)'],
    ['an unknown step of an edge', 'before: B2', 'before: B9', 'SCENARIO_UNKNOWN_STEP', 'before: B9'],
    [
      'a property of two kinds',
      'never: chip.spurious0',
      'always: chip.stray0\n    never: chip.spurious0',
      'SCENARIO_SHAPE',
      'name: no-lost-interrupt',
    ],
    ['a kernel that is not known', 'kernel: "6.12"', 'kernel: "7.99"', 'SCENARIO_SHAPE', '"7.99"'],
    ['a device that is no block', 'block: dev', 'block: deb', 'SCENARIO_UNKNOWN_NAME', 'block: deb'],
    [
      'a block that another one needs',
      '  qemu: { kind: qemu-msix }\n',
      '',
      'SCENARIO_UNKNOWN_OPERATION',
      'qemu.request_irq',
    ],
    ['a port that nothing fits', '  chip: { kind: ims-irqchip, fetches: at_alloc }', '  #', 'BLOCK_PORT', 'vdev: {'],
    ['a tag of its own', 'title: MSIXPERM', 'title: !!js/function MSIXPERM', 'SCENARIO_YAML_UNSAFE', undefined],
  ])('%s', (_what, from, to, code, where) => {
    const { text, fault } = change(from, to)
    expect(fault?.code).toBe(code)
    if (where) expect(fault?.line).toBe(lineOf(text, where))
    expect(fault?.line).toBeGreaterThan(0)
    expect(fault?.column).toBeGreaterThan(0)
  })

  it('suggests the nearest word', () => {
    expect(change('sets.bind', 'sets.bnid').fault?.hint).toContain('sets.bind')
    expect(change('kind: vidxd', 'kind: vidx').fault?.hint).toContain('vidxd')
    expect(change('chip.stray0', 'chip.satry0').fault?.hint).toContain('chip.stray0')
  })

  it.each([
    ['blocks: [\n', 'close the { or ['],
    ['title: "open\n', 'close the quotation mark'],
    ['a:\n\tb: 1\n', 'indent with spaces'],
    ['title: one: two\n', 'quote the text'],
    ['title: one\ntitle: two\n', 'remove one of the two'],
  ])('says what to do about broken YAML: %j', (text, cure) => {
    const [fault] = faults(text)
    expect([fault?.code, fault?.hint]).toEqual(['SCENARIO_YAML_SYNTAX', expect.stringContaining(cure)])
  })

  it('points into an expression at the word that is wrong', () => {
    const { text, fault } = change('chip.delivered0 == host && sets', 'chip.delivered0 == hots && sets')
    expect(fault?.code).toBe('SCENARIO_UNKNOWN_NAME')
    const line = text.split('\n')[(fault?.line ?? 1) - 1] ?? ''
    expect(line.slice((fault?.column ?? 1) - 1)).toMatch(/^hots/)
  })

  it('reports all operations that are wrong, not only the first', () => {
    expect(faults(LATE.replace('sets.bind', 'sets.wrong').replace('vdev.open', 'vdev.wrong')).length).toBe(2)
  })

  it.each([
    ['nothing', ''],
    ['a scalar', '42'],
    ['binary', '\u0000\u0001\u0002'],
    ['a thousand brackets', '['.repeat(5000)],
    ['a thousand dashes', '- '.repeat(5000)],
    ['deep indentation', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    [
      'multiplying aliases',
      `a: &a [1,1,1,1,1,1,1,1,1]\n${'bcdefgh'
        .split('')
        .map(
          (c, i) =>
            `${c}: &${c} [${Array(9)
              .fill(`*${'abcdefg'[i] ?? 'a'}`)
              .join(',')}]`,
        )
        .join('\n')}\ndoorbell: 1`,
    ],
    ['an alias in its own anchor', 'doorbell: &a [*a]'],
    ['a prototype', 'doorbell: 1\ntitle: x\n__proto__: { a: 1 }'],
    ['two megabytes', `doorbell: 1\ntitle: ${'x'.repeat(2_000_000)}`],
  ])('survives %s', (_what, text) => {
    const [f] = faults(text)
    expect(f?.code).toMatch(/^(SCENARIO_|FILE_TOO_LARGE)/)
  })

  it('never throws, whatever is cut out of or put into the text', () => {
    fc.assert(
      fc.property(fc.nat({ max: LATE.length }), fc.nat({ max: 40 }), fc.string({ maxLength: 12 }), (at, cut, put) => {
        const c = compileScenario('s', LATE.slice(0, at) + put + LATE.slice(at + cut), platforms)
        if (!c.ok) for (const f of c.error) expect(f.code).toMatch(/^[A-Z_]+$/)
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})

describe('placing the virtual device', () => {
  it('changes the line of `under` and nothing else', () => {
    const r = placeInText(LATE, { device: 'vdev0', under: '0000:e7:01.0' })
    expect(r.ok && r.value).toBe(LATE.replace('"0000:6a:01.0"', '"0000:e7:01.0"'))
  })

  it('changes the platform too, when one is given, and keeps every comment', () => {
    const r = placeInText(LATE, { device: 'vdev0', under: '0000:01:00.0', platform: { imported: 'lab' } })
    expect(r.ok && r.value).toBe(
      LATE.replace('"0000:6a:01.0"', '"0000:01:00.0"').replace('{ builtin: spr-dsa }', '{ imported: "lab" }'),
    )
  })

  it('adds the line where the scenario had none, and the result still reads', () => {
    const without = LATE.replace(/platform:.*\n/, '').replace(/ +under:.*\n/, '')
    const r = placeInText(without, { device: 'vdev0', under: '0000:6a:01.0', platform: { builtin: 'spr-dsa' } })
    expect(r.ok && faults(r.value)).toEqual([])
    expect(r.ok && r.value).toContain('# default PASID of the mediated device')
  })

  it('knows its devices', () => {
    expect(placeInText(LATE, { device: 'vdev1', under: '0000:6a:01.0' })).toMatchObject({
      ok: false,
      error: { code: 'SCENARIO_UNKNOWN_NAME', hint: 'did you mean vdev0?' },
    })
  })
})
