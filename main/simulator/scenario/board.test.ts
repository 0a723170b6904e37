import { describe, expect, it } from 'vitest'
import { explore } from '../engine/explore'
import { follow } from '../engine/path'
import { readRegister } from '../hardware/registers'
import { compile } from '../model/compile'
import { explore as naive } from '../model/naive'
import { compileScenario } from './compile'

/** A device that exists nowhere: two queues with a doorbell each, an interrupt table with an owner, one error. */
const NIC = `
kinds:
  - block: tiny-nic
    title: A small made-up NIC
    cite: its own data sheet
    parameters:
      queues: { default: 2, min: 1, max: 4 }
      owners: { names: { nobody: 0, host: 0x10, guest: 0x2a } }
      check: { default: true }
    indices: { q: queues }
    registers:
      - name: ISR
        per: [q]
        table: Interrupt table
        width: 64
        fields:
          - { name: OWNER, bits: "31:12", names: owners }
          - { name: Reserved, bits: "11:1", access: RSVD }
          - { name: MASK, bits: 0, reset: 1 }
          - { name: TAG, bits: "63:32", values: { none: 0, message: "0xfee00380" } }
      - name: CTL
        fields:
          - { name: EN, bits: 0, meaning: enable }
          - { name: ERR, bits: 1, access: W1C, reset: 0 }
          - { name: DEPTH, bits: "7:4", reset: 3 }
          - { name: VERSION, bits: "31:24", access: RO, fixed: 0x21 }
    state:
      sent: { per: [q], names: owners }
      posted: { per: [q], range: [0, 2] }
      full: false
    define:
      live: { per: [q], is: "CTL.EN && !ISR{q}.MASK" }
      busy: "any{q: posted{q} > 0}"
    faults: { disabled: the doorbell was rung while CTL.EN is clear }
    channels: { mmio: { capacity: 2 } }
    operations:
      enable: { doc: set CTL.EN, by: [host], steps: [{ set: { CTL.EN: true }, label: CTL.EN set }] }
      own:
        doc: write the owner of an entry, posted
        operands: { queue: { index: q }, owner: { names: owners } }
        steps:
          - { step: post, posted: mmio, set: { "ISR{queue}.OWNER": "{owner}" }, label: "owner of {queue} := {owner}" }
      unmask:
        doc: clear the mask, posted
        operands: { queue: { index: q } }
        steps: [{ posted: mmio, set: { "ISR{queue}.MASK": false } }]
      read_back: { doc: wait for posted writes, steps: [{ when: mmio.empty }] }
      ring:
        doc: ring the doorbell
        operands: { queue: { index: q } }
        steps:
          - cases:
              - { if: "!CTL.EN", errno: ENODEV, fault: disabled }
              - { if: "posted{queue} == 2", errno: EBUSY }
              - { set: { "posted{queue}": "posted{queue} + 1" } }
      ring_all:
        doc: ring every doorbell, whatever comes back
        steps:
          - { call: ring, with: { queue: 0 }, discard: true }
          - { call: ring, with: { queue: "{queues-1}" } }
    behaviour:
      - agent: engine
        per: [q]
        steps:
          - step: send
            when: "posted{q} > 0 && live{q}"
            set: { "posted{q}": "posted{q} - 1", "sent{q}": "ISR{q}.OWNER" }
`

const scenario = (rest: string): string => `doorbell: 1\ntitle: A board\n${NIC}\n${rest}`

function run(text: string) {
  const c = compileScenario('board', text, [])
  if (!c.ok) return { faults: c.error, text }
  const { model } = c.value
  const program = compile(model)
  const e = explore(program)
  const n = naive(model)
  expect([n.states, n.transitions]).toEqual([e.states, e.transitions])
  const finding = (name: string) => e.findings[model.properties.findIndex((p) => p.name === name)]
  const path = (name: string) => {
    const p = follow(program, finding(name)?.choices ?? [])
    if ('at' in p) throw new Error('cannot be followed')
    return p
  }
  return {
    c: c.value,
    faults: [],
    verdict: (name: string) => finding(name)?.verdict,
    steps: (name: string) => path(name).steps.map((s) => model.steps[s]?.id),
    last: (name: string) => program.unpack(path(name).states.at(-1) ?? new Uint32Array()),
  }
}

const good = (text: string) => {
  const r = run(text)
  if (!('c' in r) || !r.c) throw new Error(JSON.stringify(r.faults))
  return r
}

describe('a board of blocks', () => {
  const order = (first: string, second: string) =>
    good(
      scenario(`
blocks: { nic: { kind: tiny-nic } }
programs:
  host: [nic.enable, { nic.${first} }, { nic.${second} }]
  guest: [{ wait: { until: "nic.CTL.EN" } }, { nic.ring: { queue: 0 }, id: RING }]
properties:
  - { name: wrong, never: nic.sent0 == nobody && done(RING) && nic.posted0 == 0 && nic.live0 }
  - { name: right, sometimes: nic.sent0 == guest }
  - { name: all, end: nic.sent0 != nobody || nic.posted0 == 0 }
`),
    )

  it('delivers posted writes in order: the owner before the unmask is safe', () => {
    const r = order('own: { queue: 0, owner: guest }', 'unmask: { queue: 0 }')
    expect([r.verdict('wrong'), r.verdict('right'), r.verdict('complete')]).toEqual(['holds', 'witnessed', 'holds'])
  })

  it('finds the interrupt that goes out before the owner is written', () => {
    const r = order('unmask: { queue: 0 }', 'own: { queue: 0, owner: guest }')
    expect(r.verdict('wrong')).toBe('violated')
    expect(r.steps('wrong')).toContain('nic.engine0')
    expect(r.steps('wrong')).not.toContain('host.nic.own(0,guest).arrives')
  })

  it('waits until a relaxed channel has delivered everything, in whatever order', () => {
    const r = good(
      scenario(`
blocks: { nic: { kind: tiny-nic } }
programs:
  host:
    - nic.own: { queue: 0, owner: guest }
    - nic.unmask: { queue: 0 }
    - { nic.read_back: {}, id: BACK }
properties:
  - { name: arrived, never: done(BACK) && (nic.ISR0.MASK || nic.ISR0.OWNER != guest) }
  - { name: overtaken, sometimes: "!nic.ISR0.MASK && nic.ISR0.OWNER == nobody" }
`).replace('mmio: { capacity: 2 }', 'mmio: { order: relaxed }'),
    )
    expect([r.verdict('arrived'), r.verdict('overtaken')]).toEqual(['holds', 'witnessed'])
  })

  it('ends a program at an errno, and lets one go on that says so', () => {
    const r = good(
      scenario(`
blocks: { nic: { kind: tiny-nic } }
programs:
  guest: [{ nic.ring: { queue: 0 } }, { nic.ring: { queue: 1 }, id: never }]
  guest2: [{ nic.ring: { queue: 0 }, on_error: continue }, { nic.ring: { queue: 1 }, on_error: continue, id: also }]
properties:
  - { name: stopped, never: done(never.ENODEV) }
  - { name: went-on, sometimes: done(also.ENODEV) }
  - { name: kept, end: guest.errno == ENODEV && nic.fault == disabled }
`),
    )
    expect([r.verdict('stopped'), r.verdict('went-on'), r.verdict('kept'), r.verdict('complete')]).toEqual([
      'holds',
      'witnessed',
      'holds',
      'holds',
    ])
  })

  it('tells two reasons for the same errno apart', () => {
    const r = good(
      scenario(`
blocks: { nic: { kind: tiny-nic } }
programs:
  host: [{ either: [[nic.enable], []] }, { nic.ring: { queue: 0 }, id: RING }]
properties:
  - { name: off, sometimes: done(RING.EBUSY) && !nic.CTL.EN }
  - { name: full, never: done(RING.EBUSY.2) }
`).replace('errno: ENODEV, fault: disabled', 'errno: EBUSY, fault: disabled'),
    )
    expect([r.verdict('off'), r.verdict('full')]).toEqual(['witnessed', 'holds'])
  })

  it('writes out the operations that an operation calls, and loses the errno that it discards', () => {
    const r = good(
      scenario(`
blocks: { nic: { kind: tiny-nic, queues: 3 } }
programs:
  host: [nic.enable, { repeat: { times: 2, do: [{ nic.ring: { queue: 0 } }] } }, { nic.ring_all: {}, id: ALL }]
properties:
  - { name: rung, end: nic.posted0 == 2 && nic.posted2 == 1 && host.errno == OK }
  - { name: some, sometimes: nic.busy }
`),
    )
    expect([r.verdict('rung'), r.verdict('some')]).toEqual(['holds', 'witnessed'])
  })

  it('writes a case and a call that say "each" once for every value of the index', () => {
    const text = scenario(`
blocks: { nic: { kind: tiny-nic, queues: 3 } }
programs:
  host: [nic.enable, { nic.first_free: {}, id: A }, { nic.first_free: {}, id: B }, { nic.own_all: {}, id: OWN }]
properties:
  - { name: two, end: nic.posted0 == 1 && nic.posted1 == 1 && nic.posted2 == 0 }
  - { name: ways, sometimes: done(A.queue0) && done(B.queue1) }
  - { name: owned, end: nic.ISR1.OWNER == guest && nic.ISR2.OWNER == guest && nic.ISR0.OWNER == nobody }
`).replace(
      '      ring_all:',
      `      first_free:
        doc: work for the first queue that has none
        steps: [{ cases: [{ per: [q], if: "posted{q} == 0", name: "queue{q}", set: { "posted{q}": 1 } }, { errno: EBUSY }] }]
      own_all:
        doc: every entry but the first
        steps: [{ call: own, each: q, if: "{q} > 0", with: { queue: "{q}", owner: guest } }]
      ring_all:`,
    )
    const r = good(text)
    expect(['two', 'ways', 'owned'].map((p) => r.verdict(p))).toEqual(['holds', 'witnessed', 'holds'])
    // A call that is never made is not written out at all.
    expect(r.c.model.steps.some((s) => s.id.startsWith('OWN.own') && s.id.includes('skipped'))).toBe(false)
  })

  it('knows the number behind an operand that is a name', () => {
    const r = good(
      scenario(`
blocks: { nic: { kind: tiny-nic } }
programs: { host: [{ nic.low: { owner: guest } }] }
properties: [{ name: low, end: nic.CTL.DEPTH == 10 }]
`).replace(
        '      ring_all:',
        `      low:
        doc: four bits of the owner
        operands: { owner: { names: owners } }
        steps: [{ set: { CTL.DEPTH: "{owner.code} % 16" } }]
      ring_all:`,
      ),
    )
    expect(r.verdict('low')).toBe('holds')
  })

  it('gives two cases with the same errno ids of their own, and begins an operation with the way that goes well', () => {
    const r = good(
      scenario(`
blocks: { nic: { kind: tiny-nic } }
programs:
  host: [{ wait: { until: done(GO) } }, { nic.checked: { queue: 0 }, id: C, on_error: continue }]
  guest: [{ nic.unmask: { queue: 0 }, id: GO }]
properties:
  - { name: order, order: { before: GO, after: C } }
  - { name: early, order: { before: C, after: GO }, expected: violated }
  - { name: second, sometimes: done(C.EBUSY.2) }
`).replace(
        '      ring_all:',
        `      checked:
        doc: two reasons for one errno
        operands: { queue: { index: q } }
        steps: [{ cases: [{ if: "CTL.EN", errno: EBUSY }, { if: "posted{queue} == 0", errno: EBUSY }, {}] }]
      ring_all:`,
      ),
    )
    expect(['order', 'early', 'second'].map((p) => r.verdict(p))).toEqual(['holds', 'violated', 'witnessed'])
  })

  it('takes every way of an "either", skips what an "if" leaves out, and pokes registers by the rules of their fields', () => {
    const r = good(
      scenario(`
blocks: { nic: { kind: tiny-nic } }
programs:
  host:
    - either: [[{ write: { register: nic.CTL, value: 0x51 }, id: POKE }], []]
    - nic.ring: { queue: 1 }
      if: nic.CTL.EN
properties:
  - { name: poked, sometimes: nic.CTL.EN && nic.CTL.DEPTH == 5 && nic.posted1 == 1 }
  - { name: not, sometimes: "!nic.CTL.EN && done(host.nic.ring(1).skipped)" }
  - { name: fine, always: host.errno == OK }
`),
    )
    expect(['poked', 'not', 'fine'].map((p) => r.verdict(p))).toEqual(['witnessed', 'witnessed', 'holds'])
    const control = r.c.tables.flatMap((t) => t.rows).find((x) => x.id === 'nic CTL')?.registers[0]
    expect(control && readRegister(r.c.model, control, r.last('poked'))).toBe(0x21000051)
  })

  it('counts an operation as done by every way through it: a call skipped, its errno swallowed, an early return', () => {
    const calls = `
      maybe:
        doc: ring 0 when enabled, ring 1 when there is a queue 3, then ring 1 when enabled
        steps:
          - { call: ring, with: { queue: 0 }, if: CTL.EN }
          - { call: ring, with: { queue: 1 }, if: "{queues-1} == 3" }
          - { call: ring, with: { queue: 1 }, if: CTL.EN }
      try:
        doc: ring 1, whatever comes back
        steps: [{ call: ring, with: { queue: 1 }, swallow: true }]
      early:
        doc: nothing, unless enabled
        steps: [{ cases: [{ if: "!CTL.EN", return: true }, { label: go on }] }, { label: more }]
    behaviour:`
    const r = good(
      scenario(`
blocks: { nic: { kind: tiny-nic } }
programs:
  host: [{ either: [[nic.enable], []] }, { nic.maybe: {}, id: MAYBE }]
  guest: [{ wait: { until: done(MAYBE) }, id: AFTER }]
  guest2: [{ nic.try: {}, id: TRY }, { nic.early: {}, id: EARLY }]
properties:
  - { name: skipped, sometimes: "done(AFTER) && !nic.CTL.EN && nic.posted1 == 0" }
  - { name: called, sometimes: done(AFTER) && nic.posted1 == 1 }
  - { name: begun, order: { before: MAYBE, after: AFTER } }
  - { name: swallowed, end: done(TRY) && done(EARLY) }
  - { name: refused, sometimes: done(TRY) && guest2.errno == ENODEV }
`).replace('    behaviour:', calls.slice(1)),
    )
    expect(['skipped', 'called', 'begun', 'swallowed', 'refused', 'complete'].map((p) => r.verdict(p))).toEqual([
      'witnessed',
      'witnessed',
      'holds',
      'holds',
      'witnessed',
      'holds',
    ])
    const rings = r.c.model.steps.filter((s) => s.id.startsWith('MAYBE.ring.skipped'))
    expect(rings).toHaveLength(2)
  })

  it('shows a register wider than 32 bits in words, each field with its code', () => {
    const r = order('own: { queue: 0, owner: guest }', 'unmask: { queue: 0 }')
    const row = r.c.tables.find((t) => t.title === 'Interrupt table')?.rows[0]
    const words = row?.registers.map((g) => [g.spec.name, readRegister(r.c.model, g, r.last('right'))])
    expect(words).toEqual([
      ['ISR[31:0]', 0x2a000],
      ['ISR[63:32]', 0],
    ])
  })
})

describe('a mistake in a board', () => {
  const fault = (rest: string) => {
    const f = run(scenario(rest)).faults[0]
    return f && { code: f.code, hint: f.hint, line: f.line !== undefined }
  }
  const program = (p: string) => fault(`blocks: { nic: { kind: tiny-nic } }\nprograms: { host: [${p}] }`)

  it.each([
    ['an unknown kind', 'blocks: { nic: { kind: tiny-nick } }', 'BLOCK_UNKNOWN', 'did you mean tiny-nic?'],
    [
      'an unknown parameter',
      'blocks: { nic: { kind: tiny-nic, queue: 3 } }',
      'SCENARIO_UNKNOWN_KEY',
      'did you mean queues?',
    ],
    ['a parameter out of range', 'blocks: { nic: { kind: tiny-nic, queues: 9 } }', 'BLOCK_PARAMETER', undefined],
  ])('%s', (_, text, code, hint) => {
    expect(fault(text)).toEqual({ code, hint, line: true })
  })

  it.each([
    ['nic.rnig: { queue: 0 }', 'SCENARIO_UNKNOWN_OPERATION', 'did you mean nic.ring?'],
    ['{ nic.ring: { queue: 7 } }', 'SCENARIO_OPERAND', undefined],
    ['{ nic.ring: {} }', 'SCENARIO_OPERAND', undefined],
    ['{ nic.own: { queue: 0, owner: gest } }', 'SCENARIO_OPERAND', undefined],
    ['{ write: { register: nic.ISR0, value: 0x802 } }', 'SCENARIO_OPERAND', 'clear them'],
    ['{ write: { register: nic.ISR0, value: 0xfee0003800000000000 } }', 'SCENARIO_OPERAND', undefined],
    ['{ wait: { until: nic.CTL.NE } }', 'SCENARIO_UNKNOWN_NAME', 'did you mean nic.CTL.EN?'],
  ])('%s', (text, code, hint) => {
    expect(program(text)).toEqual({ code, hint, line: true })
  })

  it('an operation of somebody else', () => {
    expect(fault('blocks: { nic: { kind: tiny-nic } }\nprograms: { guest: [nic.enable] }')).toEqual({
      code: 'SCENARIO_MISPLACED_OPERATION',
      hint: 'give the agent another role: agents: { guest: { role: host } }',
      line: true,
    })
  })

  it('a name that a block’s text does not know, with the block and the place in it', () => {
    const text = scenario('blocks: { nic: { kind: tiny-nic } }').replace('!ISR{q}.MASK', '!ISR{q}.MSK')
    const f = run(text).faults[0]
    expect(f?.code).toBe('SCENARIO_UNKNOWN_NAME')
    expect(f?.message).toContain('block tiny-nic: define live')
    expect(f?.hint).toBe('did you mean ISR0.MASK?')
  })

  it('a case for each value of an index that there is not', () => {
    const text = scenario('blocks: { nic: { kind: tiny-nic } }\nprograms: { host: [{ nic.ring: { queue: 0 } }] }')
    const f = run(text.replace('{ if: "posted{queue} == 2",', '{ per: [w], if: "posted{queue} == 2",')).faults[0]
    expect([f?.code, f?.message]).toEqual(['BLOCK_NAME', 'block tiny-nic: there is no index w'])
  })

  it('a condition that is defined by itself', () => {
    const text = scenario('blocks: { nic: { kind: tiny-nic } }').replace('any{q: posted{q} > 0}', '!busy')
    expect(run(text).faults[0]?.code).toBe('BLOCK_CYCLE')
  })
})
