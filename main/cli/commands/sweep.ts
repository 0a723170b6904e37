/** `doorbell sweep SPEC.yaml`: many command lines, one JSON line each; shards of it on many machines, merged again. */
import { writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fault, type Fault, type Result } from '../../simulator/faults'
import { readText } from '../../workspace/files'
import { EXIT, fail } from '../exit'
import { formatFault } from '../format/fault'
import type { Io } from '../io'
import type { Outputs } from '../output'
import { openResults, readResults, sameResult, worst, type CaseResult } from '../sweep/results'
import { readSpec, type SweepCase } from '../sweep/spec'
import type { CommandContext } from './context'

export interface SweepFlags {
  readonly shard?: { readonly index: number; readonly of: number }
  readonly out?: string
  readonly merge?: readonly string[]
}

/** Longest file of cases, characters. */
const MAX_SPEC = 1024 * 1024

/** Runs another command line of ours. */
type RunLine = (args: readonly string[], io: Io) => Promise<number>

export async function sweep(file: string, flags: SweepFlags, run: RunLine, context: CommandContext): Promise<number> {
  const { io, json, workspace } = context
  const text = await readText(file, file, MAX_SPEC)
  if (!text.ok) return fail(io, json, [text.error])
  const cases = await readSpec(text.value, dirname(resolve(file)), async (id) => {
    const found = await workspace.builtin.scenario(id)
    return found.ok ? found.value.text : undefined
  })
  if (!cases.ok) return fail(io, json, [{ ...cases.error, file }])
  if (flags.merge) return merge(cases.value, flags.merge, flags.out, context)
  return runCases(cases.value, flags, run, context)
}

async function runCases(
  all: readonly SweepCase[],
  { shard, out }: SweepFlags,
  run: RunLine,
  { io, json }: CommandContext,
): Promise<number> {
  // Shards 1 … n and 0 … n−1 are both counted so: n is 0.
  const mine = shard ? all.filter((_, i) => i % shard.of === shard.index % shard.of) : all
  const before = out === undefined ? undefined : readResults(out)
  if (before && !before.ok) return fail(io, json, [before.error])
  const known = new Map(before?.value.lines.map((r) => [r.id, r]))
  const file = out === undefined || !before ? undefined : openResults(out, before.value.bytes)
  if (file && !file.ok) return fail(io, json, [file.error])
  const exits: number[] = []
  let [skipped, ran, interrupted] = [0, 0, false]
  const stopListening = io.onInterrupt(() => (interrupted = true))
  for (const [i, c] of mine.entries()) {
    const done = known.get(c.id)
    if (done) {
      skipped++
      exits.push(done.exit)
      continue
    }
    if (io.errIsTerminal) io.err(`\r\x1b[K${i + 1} of ${mine.length}: ${c.args.join(' ')}`)
    const result = await runCase(c, run, io)
    // What was stopped half way is done again next time.
    if (interrupted) break
    ran++
    exits.push(result.exit)
    if (file) file.value.append(result)
    else io.out(JSON.stringify(result) + '\n')
  }
  if (io.errIsTerminal) io.err('\r\x1b[K')
  stopListening()
  file?.value.close()
  const left = mine.length - ran - skipped
  const exit = worst(left > 0 ? [...exits, EXIT.undecided] : exits)
  const output: Outputs['sweep'] = { cases: all.length, shard: mine.length, ran, skipped, left, exit }
  const said = `${mine.length} of ${all.length} cases: ${ran} run, ${skipped} done before, ${left} left\n`
  // Without a file the lines themselves are on standard output.
  if (file) io.out(json ? JSON.stringify(output) + '\n' : said)
  else io.err(said)
  return exit
}

async function runCase(c: SweepCase, run: RunLine, io: Io): Promise<CaseResult> {
  let out = ''
  let failure = ''
  const exit = await run([...c.argv, '--json'], {
    ...io,
    out: (text) => void (out += text),
    err: (text) => void (failure += text),
    errIsTerminal: false,
  })
  return { id: c.id, args: [...c.args], exit, output: out === '' ? { error: failure } : (JSON.parse(out) as unknown) }
}

/** Shards joined in the order of the file of cases; what is missing, twice there, or there with two answers. */
function merge(
  all: readonly SweepCase[],
  files: readonly string[],
  out: string | undefined,
  { io, json }: CommandContext,
): number {
  const found = new Map<string, CaseResult>()
  const [duplicates, conflicts] = [new Set<string>(), new Set<string>()]
  for (const file of files) {
    const read: Result<{ readonly lines: readonly CaseResult[]; readonly bytes: number }> = readResults(file)
    const none: Fault | undefined =
      read.ok && read.value.bytes === 0 && read.value.lines.length === 0 ? missingFile(file) : undefined
    if (!read.ok) return fail(io, json, [read.error])
    if (none) io.err(formatFault(none))
    for (const r of read.value.lines) {
      const other = found.get(r.id)
      if (!other) found.set(r.id, r)
      else if (sameResult(other, r)) duplicates.add(r.id)
      else conflicts.add(r.id)
    }
  }
  const ids = new Set(all.map((c) => c.id))
  const missing = all.filter((c) => !found.has(c.id)).map(({ id, args }) => ({ id, args: [...args] }))
  const unknown = [...found.keys()].filter((id) => !ids.has(id))
  const lines = all.flatMap((c) => found.get(c.id) ?? [])
  const exit = worst([
    ...lines.map((r) => r.exit),
    ...(conflicts.size > 0 ? [EXIT.violated] : []),
    ...(missing.length > 0 ? [EXIT.undecided] : []),
  ])
  const text = lines.map((r) => JSON.stringify(r) + '\n').join('')
  if (out !== undefined) {
    try {
      writeFileSync(out, text)
    } catch (e) {
      const why = e instanceof Error ? e.message : ''
      return fail(io, json, [fault('FILE_UNWRITABLE', `${out} cannot be written: ${why}`, { file: out })])
    }
  }
  const output: Outputs['sweep-merge'] = {
    cases: all.length,
    present: lines.length,
    missing,
    duplicates: [...duplicates],
    conflicts: [...conflicts],
    unknown,
    exit,
  }
  const said = [
    `${lines.length} of ${all.length} cases are there, ${missing.length} missing, ${duplicates.size} twice, ${conflicts.size} with two answers, ${unknown.length} of another sweep\n`,
    ...missing.map((m) => `missing: ${m.id} ${m.args.join(' ')}\n`),
    ...[...conflicts].map((id) => `two answers: ${id} ${found.get(id)?.args.join(' ') ?? ''}\n`),
  ].join('')
  if (json) io.out(JSON.stringify(output) + '\n')
  else if (out === undefined) io.out(text)
  if (!json) io.err(said)
  return exit
}

const missingFile = (file: string): Fault =>
  fault('FILE_NOT_FOUND', `there is no result in ${file}`, { file, hint: 'its cases are reported as missing' })
