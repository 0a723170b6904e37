/** Writing registers by hand, from a click's words to the run with the write in it. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Poke, ScenarioView } from '../../preload/contract'
import { Platform } from '../simulator/platform/schema'
import { simulator } from './plug'
import type { Resource } from './simulator'

const root = join(import.meta.dirname, '../../resources')
const read = (folder: string, file: string): string => readFileSync(join(root, folder, file), 'utf8')
const resources: Resource[] = [
  ...readdirSync(join(root, 'platforms')).map((f) => ({
    ref: { builtin: basename(f, '.yaml') },
    platform: Platform.parse(parse(read('platforms', f))),
  })),
  ...readdirSync(join(root, 'blocks')).map((f) => ({
    block: { builtin: basename(f, '.block.yaml') },
    text: read('blocks', f),
  })),
]

const NIC = `doorbell: 1
title: A board
kinds:
  - block: nic
    title: A NIC
    cite: its data sheet §3
    parameters: { owners: { names: { nobody: 0, host: 0x10, guest: 0x2a } } }
    registers:
      - name: ISR
        width: 96
        fields:
          - { name: OWNER, bits: "31:12", names: owners }
          - { name: Reserved, bits: "11:1", access: RSVD }
          - { name: MASK, bits: 0, reset: 1 }
          - { name: ADDRESS, bits: "79:40", values: { none: 0, message: "0xfee0038012" } }
      - name: CTL
        offset: 0x10
        fields:
          - { name: EN, bits: 0, meaning: enable }
          - { name: ERR, bits: 1, access: W1C, reset: 0 }
          - { name: DEPTH, bits: "7:4", reset: 3 }
          - { name: VERSION, bits: "31:24", access: RO, fixed: 0x21 }
    operations:
      fail: { doc: an error, steps: [{ set: { CTL.ERR: true } }] }
      enable: { doc: on, steps: [{ set: { CTL.EN: true } }] }
blocks: { nic: { kind: nic } }
# who does what
programs:
  # the driver
  host: [{ nic.fail: {}, id: FAIL }, { nic.enable: {}, id: ON }]
properties:
  - { name: fine, always: nic.CTL.DEPTH > 0 }
`
/** What ScenarioView promises of a run: the fields of a register after its last step. */
function after(text: string, choices: number[]) {
  const view = simulator.check({ name: 'x', text }, resources).view
  const step = simulator.stepAt({ name: 'x', text }, resources, choices)
  if (!view || !step.ok) throw new Error(JSON.stringify(step))
  const { states, events } = step.value.trace
  const row = states.slice(states.length - view.variables.length)
  const before = states.slice(states.length - 2 * view.variables.length, states.length - view.variables.length)
  return { view, events, fields: fieldsOf(view, row), before: fieldsOf(view, before) }
}

function fieldsOf(view: ScenarioView, row: ArrayLike<number>): Map<string, { access: string; value: number }> {
  return new Map(
    view.registers.flatMap((t) =>
      t.rows.flatMap((r) =>
        r.registers.flatMap((g) =>
          g.fields.map((f) => {
            const s = f.source
            const raw = 'constant' in s ? 0 : (row[s.variable] ?? 0)
            const at = 'constant' in s ? 0 : raw - (view.variables[s.variable]?.lo ?? 0)
            const value = 'constant' in s ? s.constant : s.encode.length > 0 ? (s.encode[at] ?? 0) : raw
            return [`${t.id}|${r.id}|${g.name}|${f.name}`, { access: f.access, value }] as const
          }),
        ),
      ),
    ),
  )
}

const ROW = 'nic ISR CTL'
const nic = (register: string, value: string, field?: string): Poke => ({
  table: 'nic',
  row: ROW,
  register,
  value,
  field,
})
const poke = (p: Poke, steps: string[] = [], text = NIC) => simulator.stepPoke({ name: 'nic', text }, [], steps, p)
const done = (p: Poke, steps: string[] = [], text = NIC) => {
  const r = poke(p, steps, text)
  if (!r.ok) throw new Error(JSON.stringify(r.error))
  return r.value
}

describe('a register written by hand', () => {
  it('is a step of the model behind the steps of the run, with its name for undo', () => {
    const { text, mark, choices } = done(nic('CTL', '0x21000051'), ['FAIL'])
    expect(mark).toBe('Write nic.CTL = 0x21000051')
    const { events, fields, view } = after(text, choices)
    expect(events.map((e) => e.step)).toEqual(['FAIL', 'poke1'])
    expect(events[1]?.changes.map((c) => `${c.field} ${c.from} → ${c.to}`)).toEqual(['EN 0 → 1', 'DEPTH 3 → 5'])
    expect(fields.get(`nic|${ROW}|CTL|DEPTH`)?.value).toBe(5)
    expect(view.agents.find((a) => a.id === 'hand')?.title).toBe('By hand')
  })

  it('adds lines to the text, changes none, and keeps the order of the writes', () => {
    const first = done(nic('CTL', '5', 'DEPTH'), ['FAIL'])
    const again = done(nic('CTL', '6', 'DEPTH'), ['FAIL', 'poke1'], first.text)
    const between = done(nic('CTL', '4', 'DEPTH'), ['FAIL'], again.text)
    const kept = NIC.split('\n')
    let at = 0
    for (const line of between.text.split('\n')) if (line === kept[at]) at++
    expect(at).toBe(kept.length)
    expect(between.text).toContain('agents:\n  hand: { title: By hand, optional: true, once: true }\n')
    const hand = (parse(between.text) as { programs: { hand: { id: string }[] } }).programs.hand
    expect(hand.map((x) => x.id)).toEqual(['poke3', 'poke1', 'poke2'])
  })

  it('leaves alone what a one would clear, and clears it when asked', () => {
    const kept = done(nic('CTL', '7', 'DEPTH'), ['FAIL'])
    expect(after(kept.text, kept.choices).fields.get(`nic|${ROW}|CTL|ERR`)?.value).toBe(1)
    const cleared = done(nic('CTL', '1', 'ERR'), ['FAIL'])
    const { fields } = after(cleared.text, cleared.choices)
    expect([fields.get(`nic|${ROW}|CTL|ERR`)?.value, fields.get(`nic|${ROW}|CTL|DEPTH`)?.value]).toEqual([0, 3])
  })

  it.each([
    [
      nic('ISR[31:0]', '1', 'Reserved'),
      'REGISTER_GUARDED',
      'bits 11:1 of ISR[31:0]: reserved, must be 0 (its data sheet §3)',
    ],
    [nic('ISR[31:0]', '0x2a003'), 'REGISTER_GUARDED', 'reserved'],
    [nic('CTL', '1', 'VERSION'), 'REGISTER_GUARDED', 'CTL.VERSION is read only'],
    [nic('CTL', '0x30'), 'REGISTER_GUARDED', 'CTL.VERSION is read only'],
    [nic('CTL', '0', 'ERR'), 'REGISTER_GUARDED', 'writing 0 leaves it'],
    [nic('CTL', '0x21000032'), 'REGISTER_GUARDED', 'only the device sets it'],
    [nic('CTL', '0x21000130'), 'REGISTER_GUARDED', '0x100 of CTL is in no field'],
    [nic('CTL', '16', 'DEPTH'), 'REGISTER_VALUE', 'holds 4 bits'],
    [nic('CTL', 'much', 'DEPTH'), 'REGISTER_VALUE', 'no such number'],
    [nic('ISR[31:0]', '5', 'OWNER'), 'REGISTER_VALUE', 'the model has no ISR[31:0].OWNER 0x5'],
    [nic('CTL', '1', 'NONE'), 'REGISTER_VALUE', 'there is no CTL.NONE'],
  ])('is refused, with the reason and where it is written: %j', (what, code, message) => {
    const r = poke(what)
    expect(r.ok ? r : r.error).toMatchObject({ code, hint: expect.any(String) as string })
    expect(r.ok ? '' : r.error.message).toContain(message)
  })

  it('takes the words along that a field reaches into, and no others', () => {
    const r = done(nic('ISR[31:0]', '0x2a000'))
    expect(r.text).toContain('write: { register: nic.ISR, value: 0x2a000, bits: "31:0" }')
    const wide = poke(nic('ISR[63:32]', '0xe0038012', 'ADDRESS[23:0]'))
    expect(wide.ok ? '' : wide.error.code).toBe('REGISTER_VALUE')
  })

  it('is refused in a run of another text', () => {
    const r = poke(nic('CTL', '5', 'DEPTH'), ['NEVER'])
    expect(r.ok ? '' : r.error.code).toBe('RUN_OTHER_SCENARIO')
  })

  it('of a built-in scenario does what it says to the fields it names, and nothing to any other', () => {
    const texts = ['2021-ims/idxd-vsvm-late', '2016-msi/its-commands-awaited', '2013-pamu/pamu-message-late'].map((f) =>
      read('scenarios', `${f}.yaml`),
    )
    const cells = texts.map((text) => {
      const view = simulator.check({ name: 'x', text }, resources).view
      return (view?.registers ?? []).flatMap((t) =>
        t.rows.flatMap((r) =>
          r.registers.flatMap((g) => [
            ...g.fields.map((f) => ({
              text,
              guard: f.guard,
              access: f.access,
              poke: { table: t.id, row: r.id, register: g.name, field: f.name },
            })),
          ]),
        ),
      )
    })
    const all = cells.flat()
    fc.assert(
      fc.property(fc.nat(all.length - 1), fc.constantFrom('0', '1', '2', '3', '0x2a', '0x5', '0x10'), (i, value) => {
        const cell = all[i]
        if (!cell) return
        const r = simulator.stepPoke({ name: 'x', text: cell.text }, resources, [], { ...cell.poke, value })
        if (cell.guard !== undefined) {
          expect(r.ok ? r : r.error.message).toBe(cell.guard)
          return
        }
        if (!r.ok) {
          expect(['REGISTER_GUARDED', 'REGISTER_VALUE']).toContain(r.error.code)
          return
        }
        const { fields, before, events } = after(r.value.text, r.value.choices)
        expect(events).toHaveLength(1)
        const key = [cell.poke.table, cell.poke.row, cell.poke.register, cell.poke.field].join('|')
        for (const [name, { value: now, access }] of fields) {
          if (name === key) expect(now).toBe(access === 'W1C' ? 0 : Number(value))
          else expect([name, now]).toEqual([name, before.get(name)?.value])
        }
      }),
      { numRuns: 60 },
    )
  })
})
