import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform, type ScenarioView } from '../../preload/contract'
import { simulator } from '../../main/worker/plug'
import { hardware } from './hardware'
import { isOf, oneCopy, orderName, placeKey, placesOf, senderOf, stepsByPlace } from './match'
import { addOrdering, readProgram, type ProgramText } from './program'

const root = resolve(import.meta.dirname, '../../resources')
const resources = readdirSync(join(root, 'platforms'))
  .filter((f) => f.endsWith('.yaml'))
  .map((f) => ({
    ref: { builtin: f.replace('.yaml', '') },
    platform: Platform.parse(parse(readFileSync(join(root, 'platforms', f), 'utf8'))),
  }))
const SCENARIOS = readdirSync(join(root, 'scenarios'), { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.yaml') && !f.startsWith('own-device/'))
  .sort()

const textOf = (file: string): string => readFileSync(join(root, 'scenarios', file), 'utf8')
function look(text: string): { view: ScenarioView; program: ProgramText } {
  const { view, problems } = simulator.check({ name: 'looked-at', text }, resources)
  const program = readProgram(text)
  if (!view || !program.ok) throw new Error(problems[0]?.message ?? 'unread')
  return { view: oneCopy(view, program.value), program: program.value }
}
interface Named {
  readonly word: string
  readonly agent: string
  readonly name: string | null
  readonly ids: readonly string[]
}
function placed({ view, program }: ReturnType<typeof look>): Named[] {
  const blocks = hardware(view, program, true)
  const steps = new Map([...stepsByPlace(program, view), ...blocks.steps])
  return [...placesOf(program), ...placesOf(blocks)].map(({ list, item }) => {
    const own = steps.get(placeKey(list, item)) ?? []
    return { word: item.name, agent: list.agent, name: orderName(item, own), ids: own.map((s) => s.id) }
  })
}
const LATE = '2021-ims/idxd-vsvm-late.yaml'
const SCALED = '2021-ims/idxd-vsvm-scaled.yaml'
const LITMUS = `doorbell: 1
title: litmus
scale: { devices: 2 }
litmus:
  replicas: { d: devices }
  variables: { live.d: false }
  agents:
    Driver.d: [{ step: unmask, set: { live.d: true } }]
    Device.d: [{ step: send, when: live.d }]
  properties: [{ name: p, sometimes: live.d }]
`

// Several boards are compiled, twice each: seconds on a busy machine.
describe('the lanes of a board', { timeout: 60_000 }, () => {
  it('call every operation and every step of a block as an ordering can call it', () => {
    const some = SCENARIOS.filter(
      (file, i) => i % 32 === 0 || /vsvm-(late|scaled)|skip.*host|v2m-forged|request-refused/.test(file),
    )
    for (const file of some) {
      const before = look(textOf(file))
      const nameless = placed(before).filter((p) => p.name === null)
      // What holds operations, and what is there once for each value, has no name of its own.
      expect([file, nameless.filter((p) => p.ids.length > 0 && p.word !== 'either' && p.word !== 'repeat')]).toEqual([
        file,
        [],
      ])
      const text = placed(before).reduce((text, { name }) => {
        const edit = name === null ? null : addOrdering(text, before.program.kind, name, 'no-such-step')
        return edit?.ok ? edit.text : text
      }, textOf(file))
      const { problems } = simulator.check({ name: file, text }, resources)
      expect(problems.length).toBeGreaterThan(0)
      expect([file, problems.map((p) => p.message).filter((m) => !m.includes('no-such-step'))]).toEqual([file, []])
    }
  })

  it('have a place for both ends of an order that nobody enforces: the arrival is its sender’s', () => {
    const { view, program } = look(textOf(LATE))
    const edge = view.edges.find((e) => e.enforcedBy === 'nobody')
    const at = (id = ''): string[] =>
      placed({ view, program })
        .filter((p) => p.ids.includes(id))
        .map((p) => `${p.agent}: ${p.word}`)
    expect(at(edge?.before)).toEqual(['guest: vdev.write_msixperm'])
    expect(at(edge?.after)).toEqual(['dev.engine0: send.ims0'])
    expect(placed({ view, program }).filter((p) => p.ids.length === 0)).toEqual([])
  })

  it('show of what blocks do by themselves what an order names, and all of it when asked', () => {
    const { view, program } = look(textOf(LATE))
    const few = hardware(view, program, false)
    expect(placesOf(few).map((p) => `${p.list.agent}: ${p.item.name}`)).toEqual(['dev.engine0: send.ims0'])
    const all = hardware(view, program, true)
    expect(placesOf(all)).toHaveLength(few.hidden + 1)
    const own = view.steps.filter((s) => s.line === undefined && senderOf(s) === null).map((s) => s.id)
    expect(placesOf(all).map((p) => p.item.id)).toEqual(expect.arrayContaining(own))
  })

  it('stand for every copy of the board, under the names that the text uses', () => {
    const twice = textOf(SCALED).replace('devices: 1, vectors: 1', 'devices: 2, vectors: 2')
    const names = placed(look(twice))
    expect(names.filter((p) => p.agent === 'host').map((p) => p.name)).toEqual(['B1'])
    expect(names.filter((p) => p.agent === 'dev.engine1').length).toBeGreaterThan(5)
    const each = names.find((p) => p.word === 'vdev.write_msixperm')
    expect(each?.name).toBe(null)
    expect(each?.ids).toEqual(expect.arrayContaining(['B6_1.trap', 'B6_2.trap']))
    expect(placed(look(textOf(SCALED))).find((p) => p.word === 'vdev.write_msixperm')?.name).toBe('B6_1')
  })

  it('know the steps of a litmus agent that is there once for each value', () => {
    const names = placed(look(LITMUS))
    expect(names.map((p) => [p.name, p.ids])).toEqual([
      ['unmask.d', ['unmask.0', 'unmask.1']],
      ['send.d', ['send.0', 'send.1']],
    ])
    const edit = addOrdering(LITMUS, 'litmus', 'unmask.d', 'send.d')
    expect(edit.ok && simulator.check({ name: 'x', text: edit.text }, resources).problems).toEqual([])
    expect([isOf('Device.0', 'Device.d'), isOf('Device.x', 'Device.d'), isOf('dev.engine0', 'dev')]).toEqual([
      true,
      false,
      false,
    ])
  })
})
