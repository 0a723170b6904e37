import { describe, expect, it } from 'vitest'
import { explore } from '../engine/explore'
import { compile } from '../model/compile'
import { compileScenario } from './compile'
import type { BlockResource } from './kinds'

/** A device in a file of its own: a bell, and an engine that answers it. */
const BELL = `block: bell
title: A bell
cite: its own data sheet
parameters:
  rings: { default: 1, max: 3 }
  who: { names: { host: 0x10, guest: 0x2a } }
indices: { q: 2 }
registers:
  - name: CTL
    per: [q]
    width: 32
    fields:
      - { name: EN, bits: 0 }
      - { name: OWNER, bits: "31:12", names: who }
state:
  rung: { per: [q], range: [0, rings] }
  heard: { names: who, and: [nobody] }
define:
  busy: "any{q: rung{q} > 0}"
faults: { off: the bell is off }
channels: { mmio: { capacity: 2 } }
operations:
  enable: { doc: set EN, steps: [{ posted: mmio, set: { "CTL0.EN": true } }] }
  ring:
    doc: ring it
    operands: { queue: { index: q } }
    steps:
      - cases:
          - { if: "!CTL{queue}.EN", fault: off }
          - { set: { "rung{queue}": "min(rung{queue} + 1, rings)" } }
  unused:
    doc: no program uses it
    steps:
      - { call: enable }
behaviour:
  - agent: engine
    per: [q]
    steps:
      - when: "rung{q} > 0"
        set: { "rung{q}": 0, heard: "CTL{q}.OWNER" }
`
const FILE = './bell.block.yaml'
const scenario = (kinds: string) => `doorbell: 1
title: A bell
kinds:
${kinds}
blocks: { bell: { kind: bell } }
programs:
  host: [bell.enable]
  guest: [{ wait: { until: bell.CTL0.EN } }, { bell.ring: { queue: 0 } }]
properties:
  - { name: heard, sometimes: bell.heard == host }
`
const byFile = scenario(`  - { file: ${FILE} }`)
const inline = scenario(`  - ${BELL.trimEnd().split('\n').join('\n    ')}`)
const file = (text: string): BlockResource[] => [{ block: { file: FILE }, text }]

const compiled = (text: string, resources: BlockResource[] = []) => {
  const c = compileScenario('bell', text, resources)
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  return c.value
}

describe('a block in a file', () => {
  it('means the same as one written in the scenario, down to the digest', () => {
    const [a, b] = [compiled(byFile, file(BELL)), compiled(inline)]
    expect(a.model).toEqual({ ...b.model, steps: a.model.steps, properties: a.model.properties })
    expect(a.digest).toBe(b.digest)
    expect(explore(compile(a.model)).findings.map((f) => f.verdict)).toEqual(
      explore(compile(b.model)).findings.map((f) => f.verdict),
    )
  })

  it('changes the digest when it changes', () => {
    const other = compiled(byFile, file(BELL.replace('rung{q}": 0', 'rung{q}": "rung{q} - 1"')))
    expect(other.digest).not.toBe(compiled(byFile, file(BELL)).digest)
  })

  it.each([
    ['that nobody has read', [], 'BLOCK_UNKNOWN', undefined],
    ['that is a scenario', file(byFile), 'BLOCK_SHAPE', 'this is a scenario: a block file holds one entry of "kinds"'],
    ['that is longer than any block', file(`${BELL}${'#'.repeat(300_000)}`), 'FILE_TOO_LARGE', undefined],
    ['that brings a tag', file(`${BELL}scope: !!js/function x`), 'SCENARIO_YAML_UNSAFE', undefined],
    [
      'that is no YAML',
      file('block: [unclosed'),
      'SCENARIO_YAML_SYNTAX',
      'close the { or [ that is open above, or move this line further in',
    ],
  ])('%s is refused', (_, resources, code, hint) => {
    const c = compileScenario('bell', byFile, resources)
    const [f] = c.ok ? [] : c.error
    expect(f?.code).toBe(code)
    expect(f?.hint).toBe(hint)
    if (code !== 'FILE_TOO_LARGE') expect(f?.line).toBeGreaterThan(0)
    expect(f?.file).toBe(resources.length === 0 ? undefined : FILE)
  })
})

const MISTAKES: readonly (readonly [string, string, string, string, string | RegExp | undefined])[] = [
  // what, text, what it becomes, code, hint
  [
    'an unknown name in a guard',
    `when: "rung{q} > 0"`,
    `when: "rang{q} > 0"`,
    'SCENARIO_UNKNOWN_NAME',
    'did you mean rung0?',
  ],
  ['a wrong type', `"rung{q}": 0, heard`, `"rung{q}": true, heard`, 'EXPRESSION_TYPE', undefined],
  ['an unknown index', 'per: [q]\n    steps', 'per: [x]\n    steps', 'BLOCK_NAME', 'did you mean q?'],
  ['an unknown target', 'heard: "CTL{q}.OWNER" }', 'herd: "CTL{q}.OWNER" }', 'BLOCK_NAME', 'did you mean heard?'],
  ['fields that overlap', '"31:12"', '"31:0"', 'BLOCK_SHAPE', 'a bit belongs to one field'],
  ['a field outside its register', '"31:12"', '"35:12"', 'BLOCK_SHAPE', /"width: 64"/],
  ['bits the wrong way round', '"31:12"', '"12:31"', 'BLOCK_SHAPE', 'write "31:12"'],
  ['a code that does not fit', '"31:12"', '"15:12"', 'BLOCK_SHAPE', undefined],
  ['two fields of one name', '- { name: OWNER', '- { name: EN', 'SCENARIO_DUPLICATE_NAME', /"as"/],
  ['state of a register’s name', '  heard: {', '  CTL: {', 'SCENARIO_DUPLICATE_NAME', 'choose another name'],
  [
    'a case that is never reached',
    `{ if: "!CTL{queue}.EN", fault: off }`,
    `{ fault: off }`,
    'BLOCK_SHAPE',
    /put the case without "if" last/,
  ],
  ['an unknown fault', 'fault: off', 'fault: of', 'BLOCK_NAME', 'did you mean off?'],
  ['a definition in a circle', '"any{q: rung{q} > 0}"', '"!busy"', 'BLOCK_CYCLE', /"state"/],
  ['a call in a circle', 'call: enable', 'call: unused', 'BLOCK_CYCLE', /written out where they are called/],
  ['a call of nothing', 'call: enable', 'call: enabel', 'BLOCK_NAME', 'did you mean enable?'],
  ['an unknown channel', 'posted: mmio', 'posted: mimo', 'BLOCK_NAME', 'did you mean mmio?'],
  [
    'an unknown parameter of an index',
    'indices: { q: 2 }',
    'indices: { q: rngs }',
    'BLOCK_NAME',
    'did you mean rings?',
  ],
  ['an unknown parameter with names', 'names: who }\nstate', 'names: whom }\nstate', 'BLOCK_NAME', 'did you mean who?'],
  ['an unknown key', 'behaviour:', 'behavior:', 'SCENARIO_UNKNOWN_KEY', 'did you mean behaviour?'],
  ['an unknown key deep inside', 'bits: 0 }', 'bit: 0 }', 'SCENARIO_SHAPE', undefined],
  ['a brace that is not closed', `when: "rung{q} > 0"`, `when: "rung{q > 0"`, 'BLOCK_TEMPLATE', undefined],
  ['an expression that is broken off', '"any{q: rung{q} > 0}"', '"any{q: rung{q} >}"', 'EXPRESSION_SYNTAX', undefined],
  [
    'a first value that there is not',
    'and: [nobody] }',
    'and: [nobody], initial: nobdy }',
    'BLOCK_SHAPE',
    'did you mean nobody?',
  ],
  ['an empty range', 'range: [0, rings]', 'range: [3, rings]', 'BLOCK_SHAPE', /least/],
  [
    '"now" where nothing is posted',
    `set: { "rung{q}": 0,`,
    `now: { "rung{q}": 0 }\n        set: {`,
    'BLOCK_SHAPE',
    'write "set"',
  ],
  ['an index of too many', 'indices: { q: 2 }', 'indices: { q: 100000000 }', 'MODEL_TOO_LARGE', /two or three/],
]

describe('a mistake in a block', () => {
  const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length
  it.each(MISTAKES)('%s is told at its line, in a file and in the scenario', (what, from, to, code, hint) => {
    expect(BELL).toContain(from)
    // The line that was changed: where the two texts part.
    const bad = BELL.replace(from, to)
    const differs = [...bad].findIndex((c, i) => c !== BELL[i])
    // The case that is never reached is the one behind the one that was changed.
    const line = bad.slice(0, differs).split('\n').length + (what.startsWith('a case') ? 1 : 0)
    const inFile = compileScenario('bell', byFile, file(bad))
    const here = compileScenario(
      'bell',
      inline.replace(from.replaceAll('\n', '\n    '), to.replaceAll('\n', '\n    ')),
      [],
    )
    for (const [c, name, offset] of [
      [inFile, FILE, 0],
      [here, undefined, lineOf(inline, 'block: bell') - 1],
    ] as const) {
      expect(c.ok).toBe(false)
      const f = c.ok ? undefined : c.error.find((x) => x.code === code)
      expect({ code: f?.code, file: f?.file, line: f?.line }).toEqual({ code, file: name, line: line + offset })
      if (hint instanceof RegExp) expect(f?.hint).toMatch(hint)
      else if (hint !== undefined) expect(f?.hint).toBe(hint)
    }
  })

  it('points into a text without braces at the very word', () => {
    const bad = BELL.replace('busy: "any{q: rung{q} > 0}"', 'busy: "rung0 > 0 || rnug1 > 0"')
    const c = compileScenario('bell', byFile, file(bad))
    const [f] = c.ok ? [] : c.error
    expect(bad.split('\n')[(f?.line ?? 0) - 1]?.slice((f?.column ?? 0) - 1)).toMatch(/^rnug1/)
  })

  it('is told once, however many values an index has', () => {
    const c = compileScenario('bell', byFile, file(BELL.replace(`when: "rung{q} > 0"`, `when: "rang{q} > 0"`)))
    expect(c.ok ? 0 : c.error.length).toBe(1)
  })
})

describe('a block that asks for too much', () => {
  const doubling = (n: number, one: (i: number) => string) => Array.from({ length: n }, (_, i) => one(i)).join('\n')
  const block = (rest: string) => `block: bell\ntitle: t\ncite: c\n${rest}`
  const faults = (rest: string) => {
    const c = compileScenario('bell', byFile, file(block(rest)))
    return c.ok ? [] : c.error
  }
  it.each([
    [
      'definitions that double each other',
      `state: { x: false }\ndefine:\n  d0: x\n${doubling(60, (i) => `  d${i + 1}: "d${i} == d${i}"`)}`,
    ],
    [
      'operations that call each other twice',
      `state: { x: false }\noperations:\n  o0: { doc: d, steps: [{ set: { x: true } }] }\n${doubling(15, (i) => `  o${i + 1}: { doc: d, steps: [{ call: o${i} }, { call: o${i} }] }`)}`,
    ],
    ['registers by several indices', `indices: { a: 200, b: 200 }\nstate: { x: { per: [a, b] } }`],
    ['variables in all', `indices: { a: 60, b: 60 }\nstate: { x: { per: [a, b] }, y: { per: [a, b] } }`],
    [
      'cases by several indices',
      `indices: { a: 60, b: 60 }\nstate: { x: false }\nbehaviour: [{ agent: e, steps: [{ cases: [{ per: [a, b], if: x, set: { x: false } }] }] }]`,
    ],
    [
      'texts by several indices',
      `indices: { a: 60, b: 60 }\nstate: { x: false }\ndefine: { d: { per: [a, b], is: "any{a: any{b: x && x && x}}" } }`,
    ],
  ])('%s is refused at once, with its line', (_, rest) => {
    const [f] = faults(rest)
    expect(['MODEL_TOO_LARGE', 'BLOCK_TEMPLATE']).toContain(f?.code)
    expect([f?.file, f?.line !== undefined]).toEqual([FILE, true])
  })

  it('operations of nothing but calls come to an end', () => {
    const ten = Array.from({ length: 10 }, () => '{ call: oN }').join(', ')
    const rest = `state: { x: false }\noperations:\n  o0: { doc: d, steps: [{ set: { x: true } }] }\n${doubling(14, (i) => `  o${i + 1}: { doc: d, steps: [${ten.replaceAll('oN', `o${i}`)}] }`)}`
    expect(faults(rest)[0]?.code).toBe('MODEL_TOO_LARGE')
  })
})
