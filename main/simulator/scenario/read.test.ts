import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../platform/schema'
import { compileScenario } from './compile'
import { scenarioJsonSchema } from './json-schema'
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
    ['broken YAML', 'pasids:\n', 'pasids: [\n', 'SCENARIO_YAML_SYNTAX', undefined],
    ['a later format version', 'doorbell: 1', 'doorbell: 2', 'SCENARIO_VERSION', 'doorbell: 2'],
    ['an unknown operation', '- write_control', '- write_kontrol', 'SCENARIO_UNKNOWN_OPERATION', 'write_kontrol'],
    [
      'an operation of another agent',
      '        - create_eventfd',
      '        - write_control',
      'SCENARIO_MISPLACED_OPERATION',
      'write_control',
    ],
    ['an unknown agent', '  guest2:', '  guest3:', 'SCENARIO_UNKNOWN_AGENT', 'guest3:'],
    ['an unknown event', 'on: msix_unmask', 'on: msix_unmaks', 'SCENARIO_UNKNOWN_OPERATION', 'msix_unmaks'],
    ['an unknown key', 'thread:', 'tread:', 'SCENARIO_UNKNOWN_KEY', 'tread:'],
    ['a host PASID over 20 bits', 'host: 0x0002a', 'host: 0x100000', 'SCENARIO_PASID_RANGE', '0x100000'],
    [
      'a PASID over 20 bits in an operation',
      'vector: 1, pasid: guest }\n      id: B6',
      'vector: 1, pasid: 0x100005 }\n      id: B6',
      'SCENARIO_PASID_RANGE',
      '0x100005',
    ],
    ['a PASID that is not declared', 'default_pasid: host', 'default_pasid: hots', 'SCENARIO_UNKNOWN_PASID', 'hots'],
    ['two PASIDs with one number', 'host: 0x0002a', 'host: 0x00010', 'SCENARIO_DUPLICATE_NAME', undefined],
    [
      'a vector that the device does not have',
      '- request_irq: { vector: 1 }',
      '- request_irq: { vector: 2 }',
      'SCENARIO_VECTOR_RANGE',
      'vector: 2',
    ],
    ['an unknown BDF', '0000:6a:01.0', '0000:6b:01.0', 'PLATFORM_UNKNOWN_BDF', '0000:6b:01.0'],
    ['an unknown platform', 'builtin: spr-dsa', 'builtin: spr-das', 'PLATFORM_UNKNOWN', 'spr-das'],
    ['an unknown name in a property', 'never: v1.lost', 'never: v1.lots', 'SCENARIO_UNKNOWN_NAME', 'v1.lots'],
    ['an unknown step in a wait', 'until: done(B2)', 'until: done(B9)', 'SCENARIO_UNKNOWN_STEP', 'done(B9)'],
    [
      'a property of two kinds',
      'never: v1.lost',
      'never: v1.lost\n    always: v1.lost',
      'SCENARIO_SHAPE',
      'name: no-lost-interrupt',
    ],
    ['a kernel that is not known', 'kernel: "6.12"', 'kernel: "7.99"', 'SCENARIO_SHAPE', '"7.99"'],
    [
      'two devices',
      '    wq: shared',
      '    wq: shared\n  vdev1: { kind: idxd-vdev, default_pasid: host }',
      'SCENARIO_SHAPE',
      undefined,
    ],
    [
      'a handler that a call needs',
      '    - on: set_irqs\n      do:\n        - alloc_irqs:\n          id: B5a\n        - request_irq:\n          id: B5b\n',
      '',
      'SCENARIO_MISPLACED_OPERATION',
      'set_irqs',
    ],
    ['a tag of its own', 'title: MSIXPERM', 'title: !!js/function MSIXPERM', 'SCENARIO_YAML_UNSAFE', undefined],
  ])('%s', (_what, from, to, code, where) => {
    const { text, fault } = change(from, to)
    expect(fault?.code).toBe(code)
    if (where) expect(fault?.line).toBe(lineOf(text, where))
    expect(fault?.line).toBeGreaterThan(0)
    expect(fault?.column).toBeGreaterThan(0)
  })

  it('suggests the nearest word', () => {
    expect(change('- write_control', '- write_kontrol').fault?.hint).toContain('write_control')
    expect(change('default_pasid: host', 'default_pasid: hots').fault?.hint).toContain('host')
    expect(change('never: v1.lost', 'never: v1.lots').fault?.hint).toContain('v1.lost')
  })

  it('points into an expression at the word that is wrong', () => {
    const { text, fault } = change('never: v1.delivered == host && v1.bound', 'never: v1.delivered == hots && v1.bound')
    expect(fault?.code).toBe('SCENARIO_UNKNOWN_NAME')
    const line = text.split('\n')[(fault?.line ?? 1) - 1] ?? ''
    expect(line.slice((fault?.column ?? 1) - 1)).toMatch(/^hots/)
  })

  it('reports all operations that are wrong, not only the first', () => {
    expect(
      faults(LATE.replace('- write_control', '- wrong_one').replace('- create_eventfd', '- wrong_two')).length,
    ).toBe(2)
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
      { numRuns: 300 },
    )
  })
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

describe('the JSON Schema for editors', () => {
  it('knows every operation at its place', () => {
    const text = JSON.stringify(scenarioJsonSchema())
    for (const word of [
      'bind_pasid',
      'write_msixperm',
      'set_irqs',
      'read_back',
      'check_permission',
      'msix_unmask',
      'default_pasid',
    ])
      expect(text).toContain(word)
  })
})
