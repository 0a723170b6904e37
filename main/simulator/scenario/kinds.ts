/**
 * The blocks of a scenario's own: written in it, or in files that it names. Files come in as text that the host has
 * read; they are as hostile as the scenario itself.
 */
import type { z } from 'zod'
import { err, fault, ok, type Fault, type Result } from '../faults'
import { BlockSpec } from '../hardware/block'
import { checkBlock } from '../hardware/block-check'
import type { Mistake } from '../hardware/mistake'
import { MAX_BLOCK_TEXT, ScenarioDocument, type Path, type Span } from './document'
import { shapeFaults } from './read'
import type { BlockReference, Scenario } from './schema'

export type BlockRef = z.infer<typeof BlockReference>

/** A block file read by the host, or why there is none. */
export interface BlockResource {
  readonly block: BlockRef
  readonly text?: string | undefined
  readonly fault?: Fault | undefined
}

/** A block of the scenario's own, and where its declaration stands. */
export interface OwnKind {
  readonly spec: BlockSpec
  /** The file's name as the scenario gives it; null where it is written in the scenario. */
  readonly file: string | null
  readonly document: ScenarioDocument
  /** Of the declaration in that document. */
  readonly base: Path
}

const isReference = (k: Scenario['kinds'][number]): k is BlockRef => !('block' in k)

/** Block files that a scenario names, each once. */
export const blockRefs = (s: Scenario): BlockRef[] => {
  const refs = s.kinds.filter(isReference)
  return refs.filter((r, i) => refs.findIndex((x) => sameBlock(x, r)) === i)
}

const BLOCK_KEYS = Object.keys(BlockSpec.shape)
const sameBlock = (a: BlockRef, b: BlockRef): boolean => JSON.stringify(a) === JSON.stringify(b)
const nameOf = (r: BlockRef): string => ('file' in r ? r.file : r.builtin)

export function readKinds(
  d: ScenarioDocument,
  scenario: Scenario,
  resources: readonly BlockResource[],
): Result<OwnKind[], Fault[]> {
  const out: OwnKind[] = []
  const faults: Fault[] = []
  scenario.kinds.forEach((k, i) => {
    const base = ['kinds', i]
    const read: Result<OwnKind, Fault[]> = isReference(k)
      ? readFile(k, d, base, resources)
      : ok({ spec: k, file: null, document: d, base })
    if (!read.ok) return faults.push(...read.error)
    faults.push(...placed([read.value], checkBlock(read.value.spec)))
    out.push(read.value)
    return undefined
  })
  return faults.length > 0 ? err(faults) : ok(out)
}

function readFile(
  ref: BlockRef,
  d: ScenarioDocument,
  base: Path,
  resources: readonly BlockResource[],
): Result<OwnKind, Fault[]> {
  const found = resources.find((r) => sameBlock(r.block, ref))
  if (found?.text === undefined) {
    // The mistake is in the scenario, which names it.
    const { file: _file, ...why } = found?.fault ?? fault('BLOCK_UNKNOWN', `the block file ${nameOf(ref)} was not read`)
    return err([{ ...why, ...d.at(base) }])
  }
  const file = nameOf(ref)
  const read = readBlockFile(found.text, file)
  return read.ok ? ok({ ...read.value, file }) : err(read.error.map((f) => ({ ...f, file })))
}

/** The text of a block file: one block, in the shape of an entry of `kinds`. Faults carry line and column, not the file. */
export function readBlockFile(text: string, file: string): Result<Omit<OwnKind, 'file'>, Fault[]> {
  const document = ScenarioDocument.read(text, { most: MAX_BLOCK_TEXT, what: 'a block file' })
  if (!document.ok) return err([document.error])
  const d = document.value
  if (typeof d.value !== 'object' || d.value === null || !('block' in d.value))
    return err([
      fault('BLOCK_SHAPE', `${file} is no block: it has no key "block"`, {
        line: 1,
        column: 1,
        hint:
          typeof d.value === 'object' && d.value !== null && 'doorbell' in d.value
            ? 'this is a scenario: a block file holds one entry of "kinds"'
            : 'begin it with "block: my-device", "title: …" and "cite: …"',
      }),
    ])
  const parsed = BlockSpec.safeParse(d.value)
  if (!parsed.success) return err(parsed.error.issues.flatMap((i) => shapeFaults(d, i, [], BLOCK_KEYS)))
  return ok({ spec: parsed.data, document: d, base: [] })
}

/** Mistakes in blocks at their lines; `otherwise`: where a scenario uses a built-in block of a kind. */
export function placed(
  kinds: readonly OwnKind[],
  faults: readonly (Fault | Mistake)[],
  otherwise: (block: string) => Span | undefined = () => undefined,
): Fault[] {
  return faults.map((f) => {
    if (!('path' in f)) return f
    const { block, path, key, character, ...rest } = f
    const own = kinds.find((k) => k.spec.block === block)
    if (!own) return { ...rest, ...otherwise(block) }
    const full = [...own.base, ...path]
    const { document: d } = own
    const at = key ? d.keyAt(full) : character !== undefined ? d.inside(full, character) : d.at(full)
    return { ...rest, ...at, ...(own.file === null ? {} : { file: own.file }) }
  })
}
