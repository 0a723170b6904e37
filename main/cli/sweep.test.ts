import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { createBuiltin } from '../workspace/builtin'
import { openWorkspace } from '../workspace/workspace'
import { outputs } from './output'
import { main } from './program'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'doorbell-sweep-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function doorbell(...args: string[]) {
  const ran = { code: -1, out: '', err: '' }
  ran.code = await main(args, {
    workspace: openWorkspace(join(folder, 'home'), createBuiltin()),
    io: {
      out: (text) => void (ran.out += text),
      err: (text) => void (ran.err += text),
      errIsTerminal: false,
      columns: undefined,
      onInterrupt: () => () => undefined,
    },
  })
  return ran
}

const parsed = <S extends z.ZodType>(shape: S, text: string): z.output<S> => shape.parse(JSON.parse(text))
const lines = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((l) => parsed(outputs['sweep-line'], l))
const at = (name: string) => join(folder, name)

const LITMUS = `doorbell: 1
title: t
litmus:
  variables: { x: false, wrong: false }
  agents: { A: [{ step: a, set: { x: true } }], B: [{ step: b, set: { wrong: "!x" }, latency: [1, 90] }] }
  properties: [{ name: p, never: wrong }]
`
const SPEC = `sweep: 1
cases:
  - run: [explore, "{scenario}", --max-states, "{most}"]
    with: { scenario: [idxd-vsvm-first, race.yaml], most: [3, 5000] }
    except: [{ scenario: race.yaml, most: 3 }]
  - run: [plan, board.yaml, --kernel, "{kernel}"]
    with: { kernel: ["5.3", "6.12"] }
`

beforeEach(() => {
  writeFileSync(at('race.yaml'), LITMUS)
  writeFileSync(at('board.yaml'), readFileSync('resources/platforms/q35-vtd.yaml'))
  writeFileSync(at('spec.yaml'), SPEC)
})

describe('a sweep', { timeout: 60_000 }, () => {
  it('runs every case of the matrix and writes what the command prints, and exits with the worst code', async () => {
    const ran = await doorbell('sweep', at('spec.yaml'))
    const found = lines(ran.out)
    expect(found.map((r) => [r.args.slice(0, 2).join(' '), r.args.at(-1), r.exit])).toEqual([
      ['explore idxd-vsvm-first', '3', 3],
      ['explore idxd-vsvm-first', '5000', 0],
      ['explore race.yaml', '5000', 1],
      ['plan board.yaml', '5.3', 0],
      ['plan board.yaml', '6.12', 0],
    ])
    expect(outputs.explore.parse(found[2]?.output).properties[0]?.verdict).toBe('violated')
    expect(outputs.plan.parse(found[4]?.output).groups.length).toBeGreaterThan(0)
    expect([ran.code, ran.err]).toEqual([1, '5 of 5 cases: 5 run, 0 done before, 0 left\n'])
  })

  it('goes on where a kill has torn its last line, and does nothing when all is done', async () => {
    const out = at('r.jsonl')
    await doorbell('sweep', at('spec.yaml'), '--out', out)
    const whole = readFileSync(out, 'utf8')
    truncateSync(out, Buffer.byteLength(whole) - 40)
    const again = await doorbell('sweep', at('spec.yaml'), '--out', out, '--json')
    expect(parsed(outputs.sweep, again.out)).toEqual({ cases: 5, shard: 5, ran: 1, skipped: 4, left: 0, exit: 1 })
    expect(lines(readFileSync(out, 'utf8'))).toEqual(lines(whole))
    const third = parsed(outputs.sweep, (await doorbell('sweep', at('spec.yaml'), '--out', out, '--json')).out)
    expect([third.ran, third.exit]).toEqual([0, 1])
  })

  it('does a case again when a file that it names has changed', async () => {
    const out = at('r.jsonl')
    await doorbell('sweep', at('spec.yaml'), '--out', out)
    writeFileSync(at('race.yaml'), LITMUS.replace('never: wrong', 'never: "wrong && false"'))
    const again = await doorbell('sweep', at('spec.yaml'), '--out', out, '--json')
    expect(parsed(outputs.sweep, again.out)).toMatchObject({ ran: 1, skipped: 4, exit: 3 })
  })

  it('is the same in shards, counted from 1 or from 0, once they are merged', async () => {
    await doorbell('sweep', at('spec.yaml'), '--out', at('whole.jsonl'))
    for (const i of [1, 2, 3]) await doorbell('sweep', at('spec.yaml'), '--shard', `${i}/3`, '--out', at(`${i}.jsonl`))
    await doorbell('sweep', at('spec.yaml'), '--shard', '0/3', '--out', at('0.jsonl'))
    const shards = [1, 2, 3].map((i) => at(`${i}.jsonl`))
    const merged = await doorbell('sweep', at('spec.yaml'), '--merge', ...shards)
    const ids = (text: string) => lines(text).map((r) => [r.id, r.exit])
    expect(ids(merged.out)).toEqual(ids(readFileSync(at('whole.jsonl'), 'utf8')))
    expect(merged.code).toBe(1)
    expect(ids(readFileSync(at('0.jsonl'), 'utf8'))).toEqual(ids(readFileSync(at('3.jsonl'), 'utf8')))
  })

  it('says what is missing, twice there, and there with two answers', async () => {
    for (const i of [1, 2]) await doorbell('sweep', at('spec.yaml'), '--shard', `${i}/3`, '--out', at(`${i}.jsonl`))
    const [first, second] = lines(readFileSync(at('1.jsonl'), 'utf8'))
    appendFileSync(
      at('2.jsonl'),
      JSON.stringify(first) + '\n' + JSON.stringify({ ...second, exit: 0, output: 7 }) + '\n',
    )
    appendFileSync(at('2.jsonl'), JSON.stringify({ ...first, id: 'older' }) + '\n')
    const merged = await doorbell('sweep', at('spec.yaml'), '--merge', at('1.jsonl'), at('2.jsonl'), '--json')
    const r = parsed(outputs['sweep-merge'], merged.out)
    expect([r.cases, r.present, r.duplicates, r.conflicts, r.unknown]).toEqual([
      5,
      3,
      [first?.id],
      [second?.id],
      ['older'],
    ])
    expect(r.missing.map((m) => m.args[0])).toEqual(['explore', 'plan'])
    expect(merged.code).toBe(1)
  })

  it('keeps a case that fails as a result, and that is the worst', async () => {
    writeFileSync(at('bad.yaml'), 'sweep: 1\ncases: [{ run: [explore, nowhere] }, { run: [explore, race.yaml] }]\n')
    const ran = await doorbell('sweep', at('bad.yaml'))
    expect(lines(ran.out).map((r) => r.exit)).toEqual([2, 1])
    expect(outputs.error.parse(lines(ran.out)[0]?.output).error.code).toBe('SCENARIO_UNKNOWN')
    expect(ran.code).toBe(2)
  })

  it.each([
    ['sweep: 1\ncases:\n  - run: [serve]\n', 3, 'SWEEP_SHAPE', 'it can run explore'],
    ['sweep: 1\ncases:\n  - run: [explore, "{x}"]\n', 3, 'SWEEP_SHAPE', 'add x to "with"'],
    ['sweep: 1\ncases:\n  - runs: [explore]\n', 3, 'SWEEP_SHAPE', undefined],
    ['sweep: 1\ncases: [\n', 3, 'SCENARIO_YAML_SYNTAX', undefined],
  ])('refuses a mistake with its line: %j', async (text, line, code, hint) => {
    writeFileSync(at('bad.yaml'), text)
    const ran = await doorbell('sweep', at('bad.yaml'), '--json')
    const { error } = parsed(outputs.error, ran.out)
    expect([ran.code, error.code, error.file, error.line]).toEqual([2, code, at('bad.yaml'), line])
    if (hint) expect(error.hint).toContain(hint)
  })

  it('refuses a file of results that is something else', async () => {
    writeFileSync(at('r.jsonl'), 'hello\n')
    const ran = await doorbell('sweep', at('spec.yaml'), '--out', at('r.jsonl'), '--json')
    expect([ran.code, parsed(outputs.error, ran.out).error.line]).toEqual([2, 1])
    expect(readFileSync(at('r.jsonl'), 'utf8')).toBe('hello\n')
  })
})

describe('the race window on the command line', { timeout: 60_000 }, () => {
  it('gives the same answer for the same seed, and the run that it names hits', async () => {
    const [a, b] = [await run(), await run()]
    expect(a.out).toBe(b.out)
    const r = parsed(outputs.window, a.out)
    expect([r.property, r.runs, a.code]).toEqual(['p', 3000, 0])
    expect(r.probability).toBe(r.hits / r.runs)
    expect(r.interval[0]).toBeLessThan(r.probability)
    expect(r.interval[1]).toBeGreaterThan(r.probability)
    expect(r.pair).toMatchObject({ first: 'a', then: 'b', agents: ['A', 'B'] })
    expect(r.widthNs.p50).toBeGreaterThan(0)
    const replayed = await doorbell('run', at('race.yaml'), '--replay', r.example ?? '', '--json')
    expect(parsed(outputs.run, replayed.out).properties.find((p) => p.name === 'p')?.verdict).toBe('violated')
  })
  const run = () => doorbell('window', at('race.yaml'), '--runs', '3000', '--seed', '9', '--json')

  it('is about the property that is asked for, and says when there is none of that name', async () => {
    const r = await doorbell('window', at('race.yaml'), '--runs', '50', '--property', 'complete', '--json')
    expect(parsed(outputs.window, r.out)).toMatchObject({ property: 'complete', hits: 0, pair: null })
    const none = await doorbell('window', at('race.yaml'), '--property', 'q', '--json')
    expect([none.code, parsed(outputs.error, none.out).error.hint]).toEqual([2, 'it has p, complete, range'])
  })

  it('shows a person probability, pair and latencies', async () => {
    const { out } = await doorbell('window', at('race.yaml'), '--runs', '3000')
    expect(out).toMatch(/^race\.yaml: p is violated in [\d,]+ of 3,000 runs$/m)
    expect(out).toMatch(/^ {2}critical pair: b \(B\) before a \(A\)/m)
    expect(out).toMatch(/^ {2}b +B +1 … 90 ns +\d/m)
    expect(out).not.toMatch(/ +$/m)
  })
})

describe('a model for TLC', { timeout: 60_000 }, () => {
  it('is written as a module of its file’s name with the configuration beside it', async () => {
    expect((await doorbell('export', at('race.yaml'), '--to', 'tla', '-o', at('Race.tla'))).code).toBe(0)
    expect(readFileSync(at('Race.tla'), 'utf8')).toMatch(/^---- MODULE Race ----$/m)
    expect(readFileSync(at('Race.cfg'), 'utf8')).toContain('INVARIANT P_p')
    const bad = await doorbell('export', at('race.yaml'), '--to', 'tla', '-o', at('2-race.tla'), '--json')
    expect([bad.code, parsed(outputs.error, bad.out).error.code]).toEqual([2, 'FILE_BAD_NAME'])
  })

  it('has its trace read back', async () => {
    const trace =
      'State 1: <Initial predicate>\n/\\ x\n\nState 2: <S1 line 40, col 3 to line 44, col 9 of module Race>\n'
    writeFileSync(at('trace.txt'), trace)
    const r = parsed(outputs.run, (await doorbell('import-trail', at('race.yaml'), at('trace.txt'), '--json')).out)
    expect([r.events.map((e) => e.step), r.properties[0]?.verdict]).toEqual([['b'], 'violated'])
    writeFileSync(at('trace.txt'), 'State 1: <Initial predicate>\n')
    expect((await doorbell('import-trail', at('race.yaml'), at('trace.txt'))).code).toBe(0)
  })
})
