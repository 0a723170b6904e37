import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { judgedClaims } from '../../worker/claims'
import { explore } from '../engine/explore'
import { follow } from '../engine/path'
import { timedRun } from '../engine/timed'
import { readRegister } from '../hardware/registers'
import { compile } from '../model/compile'
import { explore as naive } from '../model/naive'
import { Platform } from '../platform/schema'
import { compileScenario, type ScenarioResource } from './compile'
import type { BlockResource } from './kinds'
import type { PlatformResource } from './platforms'

const root = join(import.meta.dirname, '../../../resources')
const platforms: PlatformResource[] = readdirSync(join(root, 'platforms'))
  .filter((f) => f.endsWith('.yaml'))
  .map((f) => ({
    ref: { builtin: basename(f, '.yaml') },
    platform: Platform.parse(parse(readFileSync(join(root, 'platforms', f), 'utf8'))),
  }))

const blocks: BlockResource[] = readdirSync(join(root, 'blocks')).map((f) => ({
  block: { builtin: basename(f, '.block.yaml') },
  text: readFileSync(join(root, 'blocks', f), 'utf8'),
}))
const resources: ScenarioResource[] = [...platforms, ...blocks]

const files = readdirSync(join(root, 'scenarios'), { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.yaml'))
  .sort()

/** The naive interpreter is slow on purpose: beyond this, the random models of the explorer's own test have to do. */
const NAIVE_LIMIT = 20_000

const source = (file: string): string => readFileSync(join(root, 'scenarios', file), 'utf8')

const loaded = new Map<string, ReturnType<typeof read>>()
/** Read and explored whole, once for all that is asked about it. */
function load(id: string): ReturnType<typeof read> {
  const known = loaded.get(id) ?? read(id)
  loaded.set(id, known)
  return known
}

function read(id: string) {
  const file = files.find((f) => basename(f, '.yaml') === id) ?? ''
  const c = compileScenario(id, source(file), resources)
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  const program = compile(c.value.model)
  const e = explore(program)
  const path = (property: string) => {
    const p = follow(program, e.findings[c.value.model.properties.findIndex((x) => x.name === property)]?.choices ?? [])
    if ('at' in p) throw new Error('the run cannot be followed')
    return p
  }
  return {
    ...c.value,
    program,
    exploration: e,
    verdict: (name: string) => e.findings[c.value.model.properties.findIndex((x) => x.name === name)]?.verdict,
    steps: (name: string) => path(name).steps.map((s) => c.value.model.steps[s]?.id),
    path,
    register: (table: string, row: string, name: string, state: ArrayLike<number>) => {
      const r = c.value.tables
        .find((t) => t.id === table)
        ?.rows.find((x) => x.id === row)
        ?.registers.find((g) => g.spec.name === name)
      if (!r) throw new Error(`no register ${table} ${row} ${name}`)
      return readRegister(c.value.model, r, state)
    },
  }
}

describe('every built-in scenario', () => {
  it.each(files)('%s has the verdicts that it states, and a witness where it proves something', (file) => {
    const s = load(basename(file, '.yaml'))
    expect(s.exploration.complete).toBe(true)
    for (const p of s.model.properties) expect([p.name, s.verdict(p.name)]).toEqual([p.name, p.expected])
    expect(s.model.properties.some((p) => p.kind === 'sometimes' && p.expected === 'witnessed')).toBe(true)
  })

  it.each(files.filter((f) => source(f).includes('\nedges:')))(
    '%s names who enforces each edge, and it is so',
    (file) => expect(judgedClaims(load(basename(file, '.yaml')))).toEqual({ decided: true, warnings: [] }),
  )

  it.each(files)('%s has the same state graph, verdicts and shortest runs in the naive interpreter', (file) => {
    const { model, exploration } = load(basename(file, '.yaml'))
    expect(exploration.reduction).toBe('none')
    if (exploration.states > NAIVE_LIMIT) return
    const n = naive(model)
    expect([n.states, n.transitions, n.endStates]).toEqual([
      exploration.states,
      exploration.transitions,
      exploration.endStates,
    ])
    expect(exploration.findings.map((f) => [f.verdict, f.choices?.length])).toEqual(
      model.properties.map((p, i) => {
        const length = n.lengths[i]
        const [shown, not] = p.kind === 'sometimes' ? ['witnessed', 'unwitnessed'] : ['violated', 'holds']
        return [length === undefined ? not : shown, length]
      }),
    )
  })

  it.each(files)('%s has the same verdicts and shortest runs with everything left out that may be', (file) => {
    const { program, exploration } = load(basename(file, '.yaml'))
    const reduced = explore(program, { reduce: true, symmetry: true, small: 0 })
    const shown = (e: typeof exploration) => [e.complete, e.findings.map((f) => [f.verdict, f.choices?.length])]
    expect(shown(reduced)).toEqual(shown(exploration))
    // A run that leaves a domain ends there: where one does, nothing can be left out.
    const leaves = exploration.findings.some((f, i) => program.model.properties[i]?.kind === 'range' && f.choices)
    expect(reduced.reduction.startsWith('stubborn')).toBe(!leaves)
  })

  it.each(files)('%s names a sibling that exists', (file) => {
    const sibling = load(basename(file, '.yaml')).scenario.sibling
    if (sibling) expect(files.map((f) => basename(f, '.yaml'))).toContain(sibling)
  })

  it('has an id of its own', () => {
    const ids = files.map((f) => basename(f, '.yaml'))
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('idxd-vsvm-late', () => {
  const s = load('idxd-vsvm-late')

  it('delivers the interrupt under the host PASID between the unmask and the late update', () => {
    const run = s.steps('host-pasid')
    expect(run.indexOf('B2')).toBeLessThan(run.indexOf('B3.trap'))
    expect(run).toContain('B3.enable_more.set_irqs.set_irqs.set_vector.request_irq.unmask.write.arrives')
    expect(run.at(-1)).toBe('vdev.inject1')
    expect(run).not.toContain('B6.apply_either.set_auxdata.write.arrives')
  })

  it('shows the entry as the device has it: PASID 0x00010, PASID_EN, unmasked, and the host’s message', () => {
    const last = s.program.unpack(s.path('host-pasid').states.at(-1) ?? new Uint32Array())
    expect(s.register('dev.IMS', 'dev IMS[0]', 'IMS[127:96]', last)).toBe(0x00010008)
    expect(s.register('dev.IMS', 'dev IMS[0]', 'IMS[31:0]', last)).toBe(0xfee00038)
    expect(s.register('vdev.MSIXPERM', 'vdev MSIXPERM[1]', 'MSIXPERM', last)).toBe(0)
    const before = s.program.unpack(s.program.initial)
    expect(s.register('dev.IMS', 'dev IMS[0]', 'IMS[127:96]', before)).toBe(1)
    expect(s.register('dev.IMS', 'dev IMS[0]', 'IMS[31:0]', before)).toBe(0xfee00000)
  })

  it('ends, when the guest’s PASID got there in time, with 0x2a in the entry and 0x5 in MSIXPERM', () => {
    const last = s.program.unpack(s.path('guest-pasid').states.at(-1) ?? new Uint32Array())
    expect(s.register('dev.IMS', 'dev IMS[0]', 'IMS[127:96]', last)).toBe(0x0002a008)
    expect(s.register('vdev.MSIXPERM', 'vdev MSIXPERM[1]', 'MSIXPERM', last)).toBe(0x00005008)
  })

  it('shows which host PASID stands behind the guest’s number, and which one struct device holds', () => {
    const last = s.program.unpack(s.path('guest-pasid').states.at(-1) ?? new Uint32Array())
    expect(s.register('sets', 'sets SET[1]', 'SET[31:0]', last)).toBe(0x2a)
    expect(s.register('sets', 'sets SET[1]', 'SET[51:32]', last)).toBe(0x5)
    expect(s.register('chip', 'chip DEVICE', 'DEVICE', last)).toBe(0x2a)
  })

  it('says that nobody enforces the edge from the late update to the send', () => {
    const nobody = s.edges.filter((e) => e.enforcedBy === 'nobody')
    expect(nobody.map((e) => [e.before, e.after])).toEqual([
      ['B6.apply_either.set_auxdata.write.arrives', 'dev.engine0.send.ims0'],
    ])
  })
})

describe('the message in the entry', () => {
  const text = readFileSync(join(root, 'scenarios/2021-ims/idxd-vsvm-late.yaml'), 'utf8')
  const on = (platform: string, under: string) => {
    const c = compileScenario(
      's',
      text.replace('builtin: spr-dsa', `builtin: ${platform}`).replace('0000:6a:01.0', under),
      platforms,
    )
    if (!c.ok) throw new Error(JSON.stringify(c.error))
    const { model } = c.value
    const row = c.value.tables.find((t) => t.id === 'dev.IMS')?.rows[0]
    // The entry as it reads once the host's message is there.
    const message: Record<string, string> = { 'dev.IMS0.ADDRESS': 'address0', 'dev.IMS0.DATA': 'irq0' }
    const state = model.variables.map((v) => {
      const name = message[v.name]
      return name === undefined ? v.initial : model.names.indexOf(name)
    })
    return {
      warnings: c.value.warnings.map((w) => w.code),
      dwords: row?.registers.slice(0, 3).map((r) => readRegister(model, r, state)),
    }
  }

  it('is in VT-d remappable format behind VT-d', () => {
    expect(on('spr-dsa', '0000:6a:01.0').dwords).toEqual([0xfee00038, 0, 0])
  })

  it('goes to the controller’s doorbell on Arm, and it is said that a DSA would refuse that address', () => {
    const its = on('virt-smmuv3-its', '0000:01:00.0')
    expect(its.dwords).toEqual([0x8090040, 0, 1])
    expect(its.warnings).toContain('PLACE_OTHER_DOORBELL')
    expect(on('virt-gicv2m', '0000:01:00.0').dwords?.[0]).toBe(0x8020040)
  })
})

describe('its siblings', () => {
  it('on DSA the same window loses the guest’s work with 0x19, and only a leftover submitter fires with the host PASID', () => {
    const s = load('idxd-vsvm-late-dispatch')
    expect(s.steps('work-lost')).toContain('dev.engine0.dispatch.pasid_mismatch')
    expect(s.steps('work-lost')).toContain('B3.enable_more.set_irqs.set_irqs.enable.alloc.control.arrives')
    expect(s.steps('host-pasid')).toContain('dev.engine1.dispatch.ims0')
    expect(s.verdict('host-pasid-own-work')).toBe('holds')
  })

  it('with the permission stored first nobody has to enforce anything late', () => {
    const s = load('idxd-vsvm-first-dispatch')
    expect(s.edges.filter((e) => e.enforcedBy === 'nobody')).toEqual([])
  })

  it('without a read-back, the descriptor overtakes the slot write, and nobody prevents it', () => {
    const s = load('idxd-no-vsvm-no-readback')
    const run = s.steps('work-lost')
    const chip = 'A2.enable_more.set_irqs.set_irqs'
    expect(run.indexOf('A5.arrives')).toBeGreaterThan(run.indexOf(`${chip}.set_vector.request_irq.unmask.write`))
    expect(run).not.toContain(`${chip}.enable.alloc.control.arrives`)
    expect(s.edges.filter((e) => e.enforcedBy === 'nobody').length).toBeGreaterThan(0)
    expect(load('idxd-no-vsvm').edges.filter((e) => e.enforcedBy === 'nobody')).toEqual([])
  })
})

describe('the IDXD device described as data', () => {
  it.each(['vsvm-late', 'vsvm-first', 'vsvm-late-dispatch', 'no-vsvm', 'no-vsvm-no-readback'])(
    'idxd-%s has the verdicts of the built-in blocks, property by property',
    (id) => {
      const [data, builtIn] = [load(`own-idxd-${id}`), load(`idxd-${id}`)]
      const stated = (s: typeof data) => s.scenario.properties.map((p) => [p.name, s.verdict(p.name)]).sort()
      expect(stated(data)).toEqual(stated(builtIn))
    },
  )

  it('shows an IMS of any layout: 24-byte entries, the PASID in the first dword, the enable bit in the last', () => {
    const s = load('odd-ims-late')
    const row = s.tables.find((t) => t.id === 'acc')?.rows[1]
    expect([row?.label, row?.registers.length]).toEqual(['entry 1 at +0x18', 6])
    const last = s.program.unpack(s.path('owner').states.at(-1) ?? new Uint32Array())
    expect(row?.registers.map((r) => readRegister(s.model, r, last))).toEqual([0x2a01, 0x41, 0xfee00000, 0, 0, 1])
  })

  it('has the entry in the registers as the built-in device has it', () => {
    const s = load('own-idxd-vsvm-late')
    const last = s.program.unpack(s.path('host-pasid').states.at(-1) ?? new Uint32Array())
    expect(s.register('idxd.IMS', 'idxd IMS[1]', 'IMS[127:96]', last)).toBe(0x00010008)
    expect(s.register('idxd.IMS', 'idxd IMS[1]', 'IMS[31:0]', last)).toBe(0xfee00038)
    const before = s.program.unpack(s.program.initial)
    expect(s.register('idxd.IMS', 'idxd IMS[1]', 'IMS[127:96]', before)).toBe(1)
    expect(s.register('idxd.IMS', 'idxd IMS[1]', 'IMS[31:0]', before)).toBe(0xfee00000)
  })
})

describe('a run in time', () => {
  const { program } = load('idxd-vsvm-late')

  it('is the same for the same seed, and time never goes back', () => {
    for (let seed = 0; seed < 50; seed++) {
      const a = timedRun(program, seed)
      expect(timedRun(program, seed)).toEqual(a)
      expect([...a.times].sort((x, y) => x - y)).toEqual(a.times)
      expect(a.cut).toBe(false)
    }
  })

  it('takes only steps that the explorer knows, and ends where nothing is enabled', () => {
    for (let seed = 0; seed < 50; seed++) {
      const a = timedRun(program, seed)
      const again = follow(program, a.choices)
      expect('at' in again ? null : again.steps).toEqual(a.steps)
      expect('at' in follow(program, [...a.choices, 0])).toBe(true)
    }
  })

  it('differs between seeds', () => {
    const runs = new Set(Array.from({ length: 50 }, (_, seed) => timedRun(program, seed).steps.join()))
    expect(runs.size).toBeGreaterThan(5)
  })
})
