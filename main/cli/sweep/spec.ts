/**
 * A sweep's file: command lines with holes, and the values that go into them. docs/sweep.md describes it.
 *
 *     sweep: 1
 *     cases:
 *       - run: [explore, "{scenario}", --scale, "vectors={vectors}"]
 *         with: { scenario: [idxd-vsvm-scaled], vectors: [1, 2, 3] }
 *         except: [{ vectors: 3 }]
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { err, fault, ok, type Fault, type Result } from '../../simulator/faults'
import { ScenarioDocument } from '../../simulator/scenario/document'

/** What a case may run: commands that compute and write nothing. */
export const SWEPT = ['explore', 'repair', 'window', 'run', 'plan', 'attach', 'domain-type', 'explain'] as const

const Value = z.union([z.string(), z.number(), z.boolean()])
const Spec = z.strictObject({
  sweep: z.literal(1),
  title: z.string().optional(),
  cases: z
    .array(
      z.strictObject({
        run: z.array(Value).min(1),
        with: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.union([Value, z.array(Value).min(1)])).default({}),
        except: z.array(z.record(z.string(), Value)).default([]),
      }),
    )
    .min(1),
})

export interface SweepCase {
  /** The same wherever and whenever: a digest of the command line and of the files and scenarios that it names. */
  readonly id: string
  /** As written, for a person. */
  readonly args: readonly string[]
  /** As run: files by where they are. */
  readonly argv: readonly string[]
}

const MAX_CASES = 1_000_000

/** `folder`: what file names are relative to; `textOf`: a built-in scenario's text by its id. Faults name the line. */
export async function readSpec(
  text: string,
  folder: string,
  textOf: (id: string) => Promise<string | undefined>,
): Promise<Result<readonly SweepCase[], Fault>> {
  const d = ScenarioDocument.read(text, { most: 1024 * 1024, what: 'a sweep' })
  if (!d.ok) return d
  const spec = Spec.safeParse(d.value.value)
  if (!spec.success) {
    const [issue] = spec.error.issues
    const path = (issue?.path ?? []).filter((p) => typeof p !== 'symbol')
    return err(
      fault('SWEEP_SHAPE', `${path.join('.') || 'the file'}: ${issue?.message ?? 'not a sweep'}`, d.value.at(path)),
    )
  }
  const digests = new Map<string, Promise<string>>()
  const cases: SweepCase[] = []
  const seen = new Set<string>()
  for (const [i, group] of spec.data.cases.entries()) {
    const command = String(group.run[0])
    const at = d.value.at(['cases', i, 'run'])
    if (!SWEPT.some((c) => c === command))
      return err(
        fault('SWEEP_SHAPE', `a case cannot run ${command}`, { ...at, hint: `it can run ${SWEPT.join(', ')}` }),
      )
    const unknown = group.run.flatMap((a) => holesIn(String(a))).find((h) => !Object.hasOwn(group.with, h))
    if (unknown !== undefined)
      return err(fault('SWEEP_SHAPE', `{${unknown}} has no values`, { ...at, hint: `add ${unknown} to "with"` }))
    const size = Object.values(group.with).reduce<number>((n, v) => n * (Array.isArray(v) ? v.length : 1), 1)
    if (size + cases.length > MAX_CASES) return err(fault('SWEEP_SHAPE', `more than ${MAX_CASES} cases`, at))
    for (const values of combinations(group.with)) {
      if (group.except.some((e) => Object.entries(e).every(([k, v]) => values[k] === v))) continue
      const args = group.run.map((a) => String(a).replaceAll(/\{(\w+)\}/g, (_, h: string) => String(values[h])))
      const id = digest(await Promise.all(args.map((a) => known(digests, a, folder, textOf))))
      if (seen.has(id)) continue
      seen.add(id)
      cases.push({ id, args, argv: args.map((a, n) => (n > 0 && isInput(folder, a) ? join(folder, a) : a)) })
    }
  }
  return ok(cases)
}

const holesIn = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '')

type Scalar = string | number | boolean
type Values = Record<string, Scalar>

/** All combinations, the last axis fastest. */
function combinations(axes: Readonly<Record<string, Scalar | Scalar[]>>): Values[] {
  let sets: Values[] = [{}]
  for (const [name, value] of Object.entries(axes)) {
    const values: Scalar[] = Array.isArray(value) ? value : [value]
    sets = sets.flatMap((set) => values.map((v) => ({ ...set, [name]: v })))
  }
  return sets
}

const isInput = (folder: string, arg: string): boolean =>
  arg !== '' && !arg.startsWith('-') && existsSync(join(folder, arg))

/** What an argument means for the id: itself, and the contents of what it names. */
function known(
  digests: Map<string, Promise<string>>,
  arg: string,
  folder: string,
  textOf: (id: string) => Promise<string | undefined>,
): Promise<string> {
  const before = digests.get(arg)
  if (before) return before
  const made = (async () => {
    const path = join(folder, arg)
    if (isInput(folder, arg) && statSync(path).isFile()) return `${arg} ${digest([readFileSync(path)])}`
    const text = /^[a-z0-9][a-z0-9.-]*$/.test(arg) ? await textOf(arg) : undefined
    return text === undefined ? arg : `${arg} ${digest([text])}`
  })()
  digests.set(arg, made)
  return made
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const p of parts) hash.update(String(p.length)).update(':').update(p)
  return hash.digest('hex').slice(0, 16)
}
