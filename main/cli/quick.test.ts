import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalogueOf } from '../../scripts/catalogue'
import { prepare } from '../simulator/scenario/prepare'
import { compilePrepared } from '../simulator/scenario/prepared'
import { compileScenario } from '../simulator/scenario/compile'
import type { Exploration, Scale, Simulator } from '../worker/simulator'
import { createBuiltin } from '../workspace/builtin'
import { packageFolder } from '../workspace/root'
import { openWorkspace } from '../workspace/workspace'
import { told } from './commands/exploration'
import { explorePrepared } from './commands/explore-prepared'
import type { Io } from './io'
import type { Outputs } from './output'
import { readPrepared } from './prepared'
import { main } from './program'
import { readQuick } from './quick'

const SCENARIOS = join(packageFolder(), 'resources/scenarios')
const LITMUS = ['ims-family-safe', 'ims-family-late', 'ims-family-nodrain']
const textOf = (id: string) => readFileSync(join(SCENARIOS, `2021-ims/${id}.yaml`), 'utf8')

let folder: string
let catalogue: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorbell-quick-'))
  catalogue = join(folder, 'catalogue')
  mkdirSync(catalogue)
  for (const [name, text] of catalogueOf(SCENARIOS)) writeFileSync(join(catalogue, name), text)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function recorder(): { io: Io; out: () => string; err: () => string } {
  let [out, err] = ['', '']
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    errIsTerminal: false,
    columns: undefined,
    onInterrupt: () => () => undefined,
  }
  return { io, out: () => out, err: () => err }
}

const workspace = () => openWorkspace(join(folder, 'home'), createBuiltin())
/** Without what differs between two runs of the same command. */
const timeless = (text: string) =>
  text.replace(/"elapsedMs":\d+/, '"elapsedMs":0').replace(/depth (\d+), [\d.]+ m?s/, 'depth $1, 0 ms')

async function bothWays(args: string[]): Promise<{ short: unknown; whole: unknown } | null> {
  const asked = readQuick(args)
  if (!asked) return null
  const a = recorder()
  const code = await explorePrepared(asked, a.io, catalogue, SCENARIOS)
  if (code === undefined) {
    expect(a.out() + a.err()).toBe('') // nothing was said before turning away
    return null
  }
  const b = recorder()
  const whole = await main(args, { io: b.io, workspace: workspace() })
  const seen = (code: number, r: typeof a) => ({ code, out: timeless(r.out()), err: r.err() })
  return { short: seen(code, a), whole: seen(whole, b) }
}

describe('the short way to explore a built-in scenario', () => {
  it('prints to the byte what the whole way prints', { timeout: 120_000 }, async () => {
    for (const id of LITMUS)
      for (const args of [
        ['--json'],
        [],
        ['--json', '--scale', 'devices=1,vectors=2,descriptors=1'],
        ['--scale=vectors=1,devices=2', '--json'],
        ['--json', '--scale=devices=1', '--no-reduce', '--no-symmetry'],
        ['--json', '--max-states', '40'],
        ['--json', '--max-memory', '0x1', '--scale', 'devices=1'],
        ['--max-states=7'],
        ['--json', '--critical'],
      ]) {
        const both = await bothWays(['explore', id, ...args])
        expect(both, `${id} ${args.join(' ')}`).not.toBeNull()
        expect(both?.short).toEqual(both?.whole)
      }
  })

  it('names the order that decided to a person, and to a program that asks', { timeout: 60_000 }, async () => {
    const out = async (...args: string[]) => {
      const r = recorder()
      const asked = readQuick(['explore', 'ims-family-late', ...args])
      if (asked) await explorePrepared(asked, r.io, catalogue, SCENARIOS)
      return r.out()
    }
    const first = (text: string) => (JSON.parse(text) as Outputs['explore']).properties[0]
    expect(await out()).toContain('decided by: send.0.0.0 ran before set_auxdata.0.0')
    expect(first(await out('--json'))).not.toHaveProperty('critical')
    expect(first(await out('--json', '--critical'))?.critical).toMatchObject({
      first: 'send.0.0.0',
      second: 'set_auxdata.0.0',
      scope: 'every-run',
    })
  })

  it('turns away from whatever is wrong or unusual, having said nothing', async () => {
    for (const args of [
      ['--scale', 'lanes=2'], // not of this scenario
      ['--scale', 'devices=0'],
      ['--scale', '--json'],
      ['--scale'],
      ['--max-states', '0'],
      ['--workers', '65'],
      ['--jsn'],
      ['--json=1'],
      ['--no-reduce=1'],
      ['--', '--json'],
      ['second'],
      ['--help'],
    ])
      expect(await bothWays(['explore', 'ims-family-safe', ...args]), args.join(' ')).toBeNull()
    for (const args of [[], ['--version'], ['explore'], ['explore', '--json'], ['run', 'ims-family-safe']])
      expect(await bothWays(args)).toBeNull()
    expect(await bothWays(['explore', '../ims-family-safe'])).toBeNull()
    expect(await bothWays(['explore', 'no-such-scenario'])).toBeNull()
    expect(await bothWays(['explore', 'ims-identity'])).toBeNull() // blocks: not prepared
  })

  it('reads a line of arguments as the grammar does, wherever it reads it at all', async () => {
    const word = fc.constantFrom(
      ...[
        'ims-family-safe',
        '--json',
        '--scale',
        '--scale=devices=2',
        'devices=1',
        'vectors=2,devices=0x2',
        '--max-states',
      ],
      ...[
        '--max-states=9',
        '5',
        '0x10',
        '-1',
        '--max-memory',
        '--no-reduce',
        '--no-symmetry',
        '--critical',
        '--reduce',
        '--json=',
        '--',
      ],
      ...[
        '-j',
        '',
        '--scale=',
        '--max-memory=7',
        'devices=65',
        'devices=1,devices=3',
        '--workers',
        '--workers=2',
        '-V',
      ],
    )
    let read = 0
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 4 }), fc.nat(4), async (words, at) => {
        const args = ['explore', ...words.toSpliced(at, 0, 'ims-family-safe')]
        const short = readQuick(args)
        if (short?.id !== 'ims-family-safe') return // there is no other: nothing would be explored
        read++
        const { io, out } = recorder()
        let asked: unknown
        const simulator = spy((name, options) => (asked = { name, options }))
        await main(args, { io, workspace: workspace(), simulator: () => Promise.resolve(simulator) })
        expect(asked).toEqual({ name: short.id, options: told(short.options, short.json) })
        expect(out().startsWith('{')).toBe(short.json)
      }),
      { numRuns: 2000 },
    )
    expect(read).toBeGreaterThan(50)
  })

  it('is not taken for a text that has changed since the build, nor for a file of that name', async () => {
    const changed = join(folder, 'changed')
    mkdirSync(join(changed, '2021-ims'), { recursive: true })
    writeFileSync(join(changed, '2021-ims/ims-family-safe.yaml'), textOf('ims-family-safe') + '\n')
    expect(readPrepared(catalogue, SCENARIOS, 'ims-family-safe')).toBeDefined()
    expect(readPrepared(catalogue, changed, 'ims-family-safe')).toBeUndefined()
    expect(readPrepared(catalogue, join(folder, 'none'), 'ims-family-safe')).toBeUndefined()
    const entry = readFileSync(join(catalogue, 'ims-family-safe.json'))
    for (const id of ['package', 'main']) writeFileSync(join(catalogue, `${id}.json`), entry)
    const asked = { json: true, options: { scale: { devices: 1, vectors: 1, descriptors: 1 } } }
    expect(await explorePrepared({ ...asked, id: 'package' }, recorder().io, catalogue, SCENARIOS)).toBe(0)
    expect(await explorePrepared({ ...asked, id: 'main' }, recorder().io, catalogue, SCENARIOS)).toBeUndefined()
  })
})

describe('a scenario prepared by the build', () => {
  it.each(LITMUS)('%s compiles, out of JSON, to what its text compiles to', (id) => {
    const prepared = prepare(textOf(id))
    expect(prepared).not.toBeNull()
    if (!prepared) return
    const kept = JSON.parse(JSON.stringify(prepared)) as typeof prepared
    const scales: Scale[] = [{}, { devices: 1, vectors: 2, descriptors: 1 }, { devices: 3, vectors: 1 }, { lanes: 2 }]
    for (const scale of scales)
      expect(compilePrepared(id, kept, scale)).toEqual(compileScenario(id, textOf(id), [], scale))
  })

  it('is none that needs a platform, blocks, or a text that can be read', () => {
    const head = 'doorbell: 1\ntitle: t\n'
    const litmus = 'litmus:\n  agents: { A: [{ step: a }] }\n'
    expect(prepare(head + litmus)).not.toBeNull()
    expect(prepare(head + 'platform: { builtin: q35-vtd }\n' + litmus)).toBeNull()
    expect(prepare(head + 'kinds: [{ builtin: own-idxd }]\n' + litmus)).toBeNull()
    expect(prepare(head + 'litmus: [\n')).toBeNull()
    expect(prepare(head + 'blocks: { d: { kind: dsa } }\n')).toBeNull()
  })
})

/** A simulator whose explorations are over at once; it tells what it was asked. */
function spy(asked: (name: string, options: unknown) => void): Simulator {
  const exploration: Exploration = {
    advance: () => true,
    checkpoint: () => ({
      about: { engine: 0, scenario: '', model: '', scale: '', reduce: false, symmetry: false },
      pieces: [],
    }),
    resume: () => null,
    cancel: () => undefined,
    progress: () => ({ stage: 'verdicts', states: 1, transitions: 0, depth: 0, frontier: 0, memoryBytes: 0 }),
    result: (elapsedMs) => ({
      scenario: 's',
      complete: true,
      searches: 1,
      states: 1,
      transitions: 0,
      depth: 0,
      endStates: 1,
      elapsedMs,
      reduction: 'none',
      bytesPerState: 0,
      properties: [],
    }),
  }
  return {
    needs: () => ({ platforms: [], blocks: [] }),
    check: () => ({ problems: [] }),
    explore: (s: { name: string }, _resources: unknown, options: unknown) => {
      asked(s.name, options)
      return { ok: true, value: exploration }
    },
  } as unknown as Simulator
}
