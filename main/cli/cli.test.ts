import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { ExploreResult } from '../../preload/contract'
import { toySimulator } from '../../test/worker/toy'
import type { Simulator } from '../worker/simulator'
import { createBuiltin, type Builtin } from '../workspace/builtin'
import { packageVersion } from '../workspace/root'
import { openWorkspace } from '../workspace/workspace'
import { exitCode } from './commands/exploration'
import { outputs, outputSchemas } from './output'
import { main } from './program'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'doorbell-cli-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const HAND = ['attach', 'resources/platforms/q35-vtd.yaml', '--device', '0000:01:00.0']

interface Ran {
  code: number
  out: string
  err: string
}

async function doorbell(
  args: string[],
  {
    simulator,
    interrupt = false,
    builtin = createBuiltin(),
  }: { simulator?: Simulator; interrupt?: boolean; builtin?: Builtin } = {},
): Promise<Ran> {
  const ran = { code: -1, out: '', err: '' }
  ran.code = await main(args, {
    workspace: openWorkspace(join(folder, 'home'), builtin),
    ...(simulator ? { simulator: () => Promise.resolve(simulator) } : {}),
    io: {
      out: (text) => void (ran.out += text),
      err: (text) => void (ran.err += text),
      errIsTerminal: false,
      columns: undefined,
      onInterrupt(listener) {
        if (interrupt) setTimeout(listener, 30)
        return () => undefined
      },
    },
  })
  return ran
}

/** Parsed by the shape that its JSON Schema is generated from. */
function parsed<S extends z.ZodType>(shape: S, { out }: Ran): z.output<S> {
  expect(out.trimEnd()).not.toContain('\n')
  return shape.parse(JSON.parse(out))
}

const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('a device of one’s own', () => {
  const BELL =
    'block: bell\ntitle: A bell\ncite: made up\nstate: { rung: false }\noperations:\n  ring: { doc: ring it, steps: [{ set: { rung: true } }] }\n'
  const SCENARIO =
    'doorbell: 1\ntitle: t\nkinds: [{ file: ./bell.block.yaml }]\nblocks: { bell: { kind: bell } }\nprograms: { host: [bell.ring] }\nproperties: [{ name: rings, sometimes: bell.rung }]\n'

  it('is read from a file beside the scenario', async () => {
    file('bell.block.yaml', BELL)
    const ran = await doorbell(['explore', file('s.yaml', SCENARIO), '--json'])
    expect([ran.code, parsed(outputs.explore, ran).properties[0]?.verdict]).toEqual([0, 'witnessed'])
  })

  it('has its mistakes told at file, line and column, with the cure', async () => {
    file('bell.block.yaml', BELL.replace('{ rung: true }', '{ rang: true }'))
    const { code, err } = await doorbell(['explore', file('s.yaml', SCENARIO)])
    expect(code).toBe(2)
    expect(err).toContain(
      `${join(folder, 'bell.block.yaml')}:6:42: block bell: bell.ring sets rang, which there is not [BLOCK_NAME]`,
    )
    expect(err).toContain('hint: did you mean rung?')
  })

  it('is missed at the line that names it', async () => {
    const path = file('s.yaml', SCENARIO)
    const { code, err } = await doorbell(['explore', path])
    expect([code, err]).toEqual([
      2,
      expect.stringContaining(`${path}:3:9: there is no ./bell.block.yaml [FILE_NOT_FOUND]`),
    ])
  })

  it('begins with the registers of a SystemRDL file', async () => {
    const rdl = file('nic.rdl', 'addrmap nic { reg { field { } EN = 1; } CTL; };')
    const block = join(folder, 'nic.block.yaml')
    const ran = await doorbell(['import-rdl', rdl, '-o', block, '--json'])
    expect(parsed(outputs['import-rdl'], ran)).toMatchObject({ block: 'nic', registers: 1, fields: 1, written: block })
    const scenario = SCENARIO.replaceAll('bell.block', 'nic.block')
      .replace('{ bell: { kind: bell } }', '{ nic: { kind: nic } }')
      .replace('[bell.ring]', '[{ write: { register: nic.CTL, value: 0 } }]')
      .replace('sometimes: bell.rung', 'end: "!nic.CTL.EN"')
    const explored = await doorbell(['explore', file('s.yaml', scenario), '--json'])
    expect(parsed(outputs.explore, explored).properties[0]?.verdict).toBe('holds')
    // What somebody has worked on is not written over.
    const again = await doorbell(['import-rdl', rdl, '-o', block])
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('FILE_EXISTS')])
    expect((await doorbell(['import-rdl', rdl])).out).toContain('block: nic')
    const bad = await doorbell(['import-rdl', file('bad.rdl', 'addrmap nic {\n  mem { } m;\n};')])
    expect([bad.code, bad.err]).toEqual([
      2,
      expect.stringContaining('bad.rdl:2:3: mem is not read here [RDL_UNSUPPORTED]'),
    ])
  })
})

describe('scenarios', () => {
  it('lists every built-in scenario, whose ids explore takes', async () => {
    const ran = await doorbell(['scenarios', '--json'])
    const list = parsed(outputs.scenarios, ran)
    expect(ran.code).toBe(0)
    expect(list.map(({ id }) => id)).toEqual(await createBuiltin().scenarioIds())
    expect((await doorbell(['scenarios'])).out).toContain(list[0]?.title ?? '?')
  })
})

describe('check-all', () => {
  /** That each scenario is as it states is held by catalogue.test.ts; here a few do. `npm run test:long` takes all. */
  const few = (): Builtin => {
    const all = createBuiltin()
    if (process.env['DOORBELL_LONG'] === '1') return all
    const some = ['doorbell-unmapped', 'idxd-vsvm-late', 'idxd-vsvm-first-dispatch', 'pamu-message-late']
    return { ...all, scenarios: async () => (await all.scenarios()).filter(({ id }) => some.includes(id)) }
  }

  it('explores every built-in scenario and exits 0 only when all are as they state', async () => {
    const builtin = few()
    const ran = await doorbell(['check-all', '--json'], { builtin })
    const result = parsed(outputs['check-all'], ran)
    expect(result.scenarios.map(({ id }) => id)).toEqual((await builtin.scenarios()).map(({ id }) => id))
    expect(result.scenarios.length).toBeGreaterThan(3)
    expect(result.scenarios.filter((s) => !s.ok)).toEqual([])
    expect([result.ok, ran.code]).toEqual([true, 0])
  }, 180_000)

  it('exits 3 where a bound leaves something undecided', async () => {
    const ran = await doorbell(['check-all', '--json', '--max-states', '20'], { builtin: few() })
    expect([parsed(outputs['check-all'], ran).ok, ran.code]).toEqual([false, 3])
  }, 180_000)
})

describe('explore', () => {
  it('says what was exercised and where it fails smallest only when it is asked to, and the verdicts stay', async () => {
    const plain = parsed(outputs.explore, await doorbell(['explore', 'ims-family-late', '--json']))
    const more = ['--coverage', '--minimise', '--json']
    const asked = parsed(outputs.explore, await doorbell(['explore', 'ims-family-late', ...more]))
    expect(plain).not.toHaveProperty('coverage')
    expect(plain.properties.some((p) => p.smallest)).toBe(false)
    expect(asked.coverage?.graph).toBe('reduced')
    expect(asked.coverage?.steps.length).toBeGreaterThan(10)
    expect(asked.properties.find((p) => p.verdict === 'violated')?.smallest?.proved).toBe(true)
    expect(asked.properties.map((p) => p.verdict)).toEqual(plain.properties.map((p) => p.verdict))
    const whole = await doorbell(['explore', 'ims-family-late', '--coverage', '--no-reduce', '--no-symmetry'])
    expect(whole.out).toContain('transitions of the full graph')
    expect(whole.out).toContain('decided by:')
  }, 60_000)

  it('exits with 1 and the shortest counterexample when a property is violated, and the token replays exactly that run', async () => {
    const ran = await doorbell(['explore', 'idxd-vsvm-late', '--json'])
    const result = parsed(outputs.explore, ran)
    expect(ran.code).toBe(1)
    expect(result.complete).toBe(true)
    const violated = result.properties.find(({ verdict }) => verdict === 'violated')
    const { token = '', events = [], length } = violated?.counterexample ?? {}
    expect(events).toHaveLength(length ?? -1)
    const replayed = await doorbell(['run', 'idxd-vsvm-late', '--replay', token, '--json'])
    const run = parsed(outputs.run, replayed)
    expect(replayed.code).toBe(0)
    expect(run.events).toEqual(events)
    expect(run.properties.find(({ name }) => name === violated?.name)?.verdict).toBe('violated')
  })

  it('warns, at its place, of an edge that is not as the text says; the verdicts and the exit code stay', async () => {
    const text = readFileSync(resolve('resources/scenarios/2021-ims/idxd-vsvm-first.yaml'), 'utf8')
    const path = file('mine.yaml', text.replace('enforced_by: program-order', 'enforced_by: nobody'))
    const line = text.slice(0, text.indexOf('enforced_by: program-order')).split('\n').length
    const json = await doorbell(['explore', path, '--json'])
    expect(json.code).toBe(0)
    expect(parsed(outputs.explore, json).warnings).toEqual([
      expect.objectContaining({ code: 'SCENARIO_EDGE', file: path, line, column: 18 }),
    ])
    const human = await doorbell(['explore', path])
    expect(human.err.startsWith(`${path}:${line}:18: warning: nobody is said to enforce that `)).toBe(true)
    expect(human.err).toContain('[SCENARIO_EDGE]\n  hint: say who enforces it')
  })

  it('exits with 0 when everything holds and every `sometimes` was witnessed', async () => {
    const ran = await doorbell(['explore', 'idxd-vsvm-first', '--json'])
    const { properties, complete } = parsed(outputs.explore, ran)
    expect(ran.code).toBe(0)
    expect(complete).toBe(true)
    expect(properties.map(({ verdict }) => verdict)).toContain('witnessed')
  })

  it('exits with 3 when a bound was hit before a verdict', async () => {
    const ran = await doorbell(['explore', 'idxd-vsvm-first', '--max-states', '10', '--json'])
    expect(ran.code).toBe(3)
    expect(parsed(outputs.explore, ran)).toMatchObject({ complete: false, stopped: 'max-states' })
  })

  it('exits with 3 and says what was covered when it is interrupted', async () => {
    const path = file('toy.yaml', 'bits: 26\n')
    const ran = await doorbell(['explore', path, '--json'], { simulator: toySimulator, interrupt: true })
    expect(ran.code).toBe(3)
    const result = parsed(outputs.explore, ran)
    expect(result).toMatchObject({ scenario: 'toy.yaml', complete: false, stopped: 'cancelled' })
    expect(result.states).toBeGreaterThan(1)
  })

  it('takes a file where one exists, comments and all, and platforms named relative to it', async () => {
    const text = readFileSync(resolve('resources/scenarios/2021-ims/idxd-vsvm-first.yaml'), 'utf8')
    expect((await doorbell(['explore', file('mine.yaml', `# mine\n${text}`), '--json'])).code).toBe(0)
    file('board.platform.yaml', readFileSync(resolve('resources/platforms/spr-dsa.yaml'), 'utf8'))
    const moved = text.replace(/platform: .*/, 'platform: { file: board.platform.yaml }')
    expect(moved).not.toBe(text)
    expect((await doorbell(['explore', file('moved.yaml', moved), '--json'])).code).toBe(0)
  })

  it('says it to a person with the steps numbered and aligned', async () => {
    const { code, out, err } = await doorbell(['explore', 'idxd-vsvm-late'])
    expect(code).toBe(1)
    expect(err).toBe('')
    expect(out).toMatch(/^idxd-vsvm-late: all interleavings explored, [\d,]+ states/)
    expect(out).toMatch(/^ {2}violated {3}never +host-pasid {2}/m)
    expect(out).toMatch(/^host-pasid: shortest counterexample, \d+ steps$/m)
    expect(out).toMatch(/^ {3}1 {2}\S+ {2,}\S/m)
    expect(out).toMatch(/replay: doorbell run idxd-vsvm-late --replay \S+$/m)
    expect(out).not.toMatch(/ +$/m)
  })

  it('ranks violated over undecided', () => {
    const result = (verdicts: string[], stopped?: string) =>
      ({
        complete: stopped === undefined,
        stopped,
        properties: verdicts.map((verdict) => ({ verdict })),
      }) as ExploreResult
    expect(exitCode(result(['holds', 'witnessed']))).toBe(0)
    expect(exitCode(result(['holds', 'unwitnessed']))).toBe(1)
    expect(exitCode(result(['undecided', 'violated'], 'max-states'))).toBe(1)
    expect(exitCode(result(['undecided', 'witnessed'], 'cancelled'))).toBe(3)
    expect(exitCode(result(['witnessed'], 'max-memory'))).toBe(3)
  })
})

describe('run', () => {
  it('gives the same run for the same seed, and its token replays it', async () => {
    const first = await doorbell(['run', 'idxd-vsvm-late', '--seed', '7', '--json'])
    const again = await doorbell(['run', 'idxd-vsvm-late', '--seed', '0x7', '--json'])
    expect(first.code).toBe(0)
    expect(again.out).toBe(first.out)
    const { token } = parsed(outputs.run, first)
    expect((await doorbell(['run', 'idxd-vsvm-late', '--replay', token, '--json'])).out).toBe(first.out)
  })

  it('refuses the token of another scenario', async () => {
    const { token } = parsed(outputs.run, await doorbell(['run', 'idxd-vsvm-late', '--seed', '1', '--json']))
    const ran = await doorbell(['run', 'idxd-vsvm-first', '--replay', token, '--json'])
    expect(ran.code).toBe(2)
    expect(parsed(outputs.error, ran).error.code).toBe('TOKEN_OTHER_SCENARIO')
  })

  it('needs exactly one of seed and token', async () => {
    for (const options of [
      [],
      ['--seed', '1', '--replay', 'x'],
      ['--seed', '-1'],
      ['--seed', '1.5'],
      ['--seed', '4294967296'],
    ]) {
      const ran = await doorbell(['run', 'idxd-vsvm-late', ...options, '--json'])
      expect(ran.code).toBe(2)
      expect(parsed(outputs.error, ran).error.code).toBe('USAGE')
    }
  })
})

describe('import', () => {
  const captures = readdirSync(resolve('test/fixtures/captures')).map((name) =>
    join('test/fixtures/captures', name, 'capture.tar.gz'),
  )

  it.each(captures)('%s becomes a platform, kept once under the name of its folder', async (capture) => {
    const ran = await doorbell(['import', capture, '--json'])
    const machine = parsed(outputs.import, ran)
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(machine).toMatchObject({ kind: 'capture', imported: basename(dirname(capture)) })
    expect(machine.devices.length).toBeGreaterThan(0)
    expect(machine.msiControllers.length).toBeGreaterThan(0)
    expect((await doorbell(['import', capture, '--json'])).out).toBe(ran.out)
    const kept = ['observed', 'platform'].map((what) => `${machine.imported}.${what}.json`)
    expect(readdirSync(join(folder, 'home', 'platforms')).sort()).toEqual(kept)
  })

  it('shows a person the tree of functions, and how a scenario names the machine', async () => {
    const { code, out } = await doorbell(['import', captures[0] ?? ''])
    expect(code).toBe(0)
    expect(out).toMatch(/^Functions\n {2}BDF +ID +class +type +IOMMU +MSI +driver$/m)
    expect(out).toMatch(/^ {2}[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] /m)
    expect(out).toMatch(/platform: \{ imported: ".+" \}$/m)
  })

  it('keeps nothing with --no-keep, nor when the file is damaged', async () => {
    const [capture = ''] = captures
    expect((await doorbell(['import', capture, '--no-keep'])).code).toBe(0)
    const cut = join(folder, 'cut.tar.gz')
    writeFileSync(cut, readFileSync(capture).subarray(0, 5000))
    const ran = await doorbell(['import', cut, '--json'])
    expect(ran.code).toBe(2)
    expect(parsed(outputs.error, ran).error).toMatchObject({ code: 'ARCHIVE_TRUNCATED', file: cut })
    expect(existsSync(join(folder, 'home'))).toBe(false)
  })
})

describe('handing a device over', () => {
  const machine = 'resources/platforms/q35-vtd.yaml'
  const attach = ['attach', machine, '--cmdline', 'intel_iommu=on', '--device', '0000:01:00.0']

  it('asks for one vector of each kind, and who is dragged into a hot reset', async () => {
    const { steps, through } = parsed(outputs.attach, await doorbell([...attach, '--json']))
    expect(through).toBe('group')
    const asked = steps.filter((s) => s.op === 'SET_IRQS')
    expect(asked.map((s) => s.irq)).toEqual(['INTX', 'MSI', 'MSIX'])
    expect(asked.every((s) => s.bdf === '0000:01:00.0' && s.start === 0 && s.count === 1)).toBe(true)
    expect(steps.find((s) => s.op === 'GET_PCI_HOT_RESET_INFO')?.devices).toMatchObject([{ bdf: '0000:01:00.0' }])
    const human = await doorbell(attach)
    expect(human.out).toMatch(/^ {2}ok +DEVICE_GET_INFO +0000:01:00\.0 can be reset alone$/m)
  })

  it('goes through an iommufd when it is asked to, and says that nobody ran that', async () => {
    const through = parsed(outputs.attach, await doorbell([...attach, '--iommufd', '--map', '0x0:0x1000', '--json']))
    expect(through).toMatchObject({ through: 'iommufd', stage: 9 })
    expect(through.steps.map((s) => s.op)).toContain('VFIO_DEVICE_BIND_IOMMUFD')
    expect(through.because.map((b) => b.rule).join()).toContain('not compared with a booted machine')
    const refused = await doorbell([...attach, '--iommufd', '--map-first', '0xfee00000:0x1000'])
    expect(refused).toMatchObject({ code: 0 })
    expect(refused.out).toMatch(/^stage 4: the address space is refused$/m)
    expect(refused.out).toMatch(/^ {2}-EADDRINUSE +VFIO_DEVICE_ATTACH_IOMMUFD_PT/m)
  })

  it('the plan lists each device’s resets, for people and for programs', async () => {
    const plan = ['plan', machine, '--cmdline', 'intel_iommu=on']
    const { devices, groups } = parsed(outputs.plan, await doorbell([...plan, '--json']))
    const nic = devices.find((d) => d.bdf === '0000:01:00.0')
    expect(nic?.reset).toMatchObject({ works: true, unknown: [], hotReset: { possible: true } })
    const [affected] = nic?.reset.hotReset.affected ?? []
    expect(groups[affected?.group ?? -1]?.devices).toContain('0000:01:00.0')
    expect((await doorbell(plan)).out).toMatch(
      /^Resets\n {2}0000:00:00\.0 +no reset of its own +no hot reset: -ENODEV$/m,
    )
  })
})

describe('bad input', () => {
  it('is a coded error with its place, exit 2, and nothing is written', async () => {
    const path = file('bad.yaml', 'doorbell: 1\ntitle: [\n')
    const json = await doorbell(['explore', path, '--json'])
    expect(json.code).toBe(2)
    expect(json.err).toBe('')
    expect(parsed(outputs.error, json).error).toMatchObject({
      code: 'SCENARIO_YAML_SYNTAX',
      file: path,
      line: expect.any(Number) as number,
    })
    const human = await doorbell(['explore', path])
    expect(human.code).toBe(2)
    expect(human.out).toBe('')
    expect(human.err).toMatch(new RegExp(`^${path}:\\d+:\\d+: .+ \\[SCENARIO_YAML_SYNTAX\\]$`, 'm'))
    expect(existsSync(join(folder, 'home'))).toBe(false)
  })

  it.each([
    [['explore', 'idxd-vsvm-lat'], 'SCENARIO_UNKNOWN', "did you mean 'idxd-vsvm-late'?"],
    [['explore', './nowhere.yaml'], 'FILE_NOT_FOUND', undefined],
    [['import', '/nowhere/capture.tar.gz'], 'FILE_NOT_FOUND', undefined],
    [['import', 'package.json'], 'FILE_KIND_UNKNOWN', expect.any(String)],
    [['exploer', 'x'], 'USAGE', 'did you mean explore?'],
    [['explore', 'x', '--max-state', '3'], 'USAGE', 'did you mean --max-states?'],
    [['explore'], 'USAGE', expect.any(String)],
    [['explore', 'x', 'y'], 'USAGE', expect.any(String)],
    [['explore', 'x', '--scale', 'vectors'], 'USAGE', expect.any(String)],
    [['serve', '--port', '70000'], 'USAGE', expect.any(String)],
    [[...HAND, '--iommufd', '--kernel', '6.1'], 'USAGE', 'plan it on a kernel that has them: --kernel 6.12'],
    [[...HAND, '--map-first', '0x0:0x1000'], 'USAGE', '--map-first goes with --iommufd'],
    [[...HAND, '--iommufd', '--map-first', '0x0'], 'USAGE', expect.any(String)],
  ])('%j is refused with %s', async (args, code, hint) => {
    const ran = await doorbell([...args, '--json'])
    expect(ran.code).toBe(2)
    const { error } = parsed(outputs.error, ran)
    expect(error.code).toBe(code)
    expect(error.hint).toEqual(hint)
    const human = await doorbell(args)
    expect(human).toMatchObject({ code: 2, out: '' })
    expect(human.err).toContain(`[${code}]`)
  })
})

describe('help', () => {
  it('goes to standard output when asked for, to standard error when nothing was', async () => {
    const asked = await doorbell(['--help'])
    expect(asked).toMatchObject({ code: 0, err: '' })
    for (const command of ['import', 'explore', 'run', 'scenarios', 'serve']) expect(asked.out).toContain(command)
    expect(await doorbell(['explore', '--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('--max-memory') as string,
    })
    expect(await doorbell([])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Usage') as string })
    expect(await doorbell(['--version'])).toEqual({ code: 0, out: `${packageVersion()}\n`, err: '' })
  })
})

it('docs/cli has the schemas of what is printed now (else: node scripts/gen-schemas.mjs)', () => {
  for (const [name, schema] of Object.entries(outputSchemas()))
    expect(JSON.parse(readFileSync(resolve('docs/cli', name), 'utf8')), name).toEqual(
      JSON.parse(JSON.stringify(schema)),
    )
})

describe('export and import-trail', () => {
  it('writes the model for Spin, and shows the run that Spin’s trail names', async () => {
    const pml = join(folder, 'late.pml')
    expect((await doorbell(['export', 'idxd-vsvm-late', '--to', 'promela', '-o', pml])).code).toBe(0)
    const text = readFileSync(pml, 'utf8')
    const explored = parsed(outputs.explore, await doorbell(['explore', 'idxd-vsvm-late', '--json']))
    const run = explored.properties.find((p) => p.name === 'host-pasid')?.counterexample
    // What "spin -t" prints on the way of exactly that run.
    const number = (step: string) =>
      /doorbell step (\d+)/.exec(text.slice(text.indexOf(`  /* ${step}: `)))?.[1] ?? 'none'
    const trail = file('trail.txt', run?.events.map((e) => `      doorbell step ${number(e.step)}\n`).join('') ?? '')
    const shown = parsed(outputs.run, await doorbell(['import-trail', 'idxd-vsvm-late', trail, '--json']))
    expect(shown.events.map((e) => e.step)).toEqual(run?.events.map((e) => e.step))
    expect(shown.properties.find((p) => p.name === 'host-pasid')?.verdict).toBe('violated')
  })

  it('refuses what is no trail, and a trail of another scenario', async () => {
    const none = await doorbell(['import-trail', 'idxd-vsvm-late', file('x.txt', 'hello'), '--json'])
    const other = await doorbell(['import-trail', 'idxd-vsvm-late', file('y.txt', 'doorbell step 9999'), '--json'])
    expect([none.code, other.code]).toEqual([2, 2])
    expect([parsed(outputs.error, none).error.code, parsed(outputs.error, other).error.code]).toEqual([
      'FILE_KIND_UNKNOWN',
      'TOKEN_NOT_REPLAYABLE',
    ])
  })
})

describe('run, written to files', () => {
  it('writes the same run as a store, a trace, signals, a log and a picture', async () => {
    const at = (name: string) => join(folder, name)
    const flags = ['--store', at('a.dbrun'), '--trace-json', at('a.json'), '--vcd', at('a.vcd')]
    const pictures = ['--shiviz', at('a.log'), '--svg', at('a.svg')]
    const { code, out } = await doorbell(['run', 'idxd-vsvm-late', '--seed', '3', '--json', ...flags, ...pictures])
    expect(code).toBe(0)
    const { steps } = JSON.parse(out) as { steps: number }
    const trace = JSON.parse(readFileSync(at('a.json'), 'utf8')) as { traceEvents: { cat?: string; ph: string }[] }
    expect(trace.traceEvents.filter((e) => e.cat === 'step' && e.ph !== 's' && e.ph !== 'f')).toHaveLength(steps)
    expect(readFileSync(at('a.dbrun')).subarray(0, 5).toString()).toBe('DBRUN')
    expect(readFileSync(at('a.vcd'), 'utf8')).toContain('$enddefinitions $end')
    expect(readFileSync(at('a.log'), 'utf8').trimEnd().split('\n')).toHaveLength(2 * steps)
    expect(readFileSync(at('a.svg'), 'utf8')).toMatch(/^<svg /)
  })

  it('says which file cannot be written', async () => {
    writeFileSync(join(folder, 'no-folder'), '')
    const file = join(folder, 'no-folder', 'x.dbrun')
    const { code, out } = await doorbell(['run', 'idxd-vsvm-late', '--seed', '3', '--json', '--store', file])
    expect(code).toBe(2)
    expect(out).toContain('FILE_UNWRITABLE')
  })
})
