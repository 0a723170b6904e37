/**
 * From text to a scenario whose every number and name has been checked, or to faults with positions.
 * Nothing is half applied: either all of it is understood or the caller gets the list of what is wrong.
 */
import { z } from 'zod'
import { err, fault, nearest, ok, type Fault, type Result } from '../faults'
import type { SourcePosition } from '../model/model'
import { ScenarioDocument, type Path } from './document'
import { BlockSpec } from '../hardware/block'
import { FORMAT_VERSION, PropertySection, Scenario } from './schema'

export interface ReadScenario {
  readonly scenario: Scenario
  readonly document: ScenarioDocument
}

export function readScenario(text: string): Result<ReadScenario, Fault[]> {
  const document = ScenarioDocument.read(text)
  if (!document.ok) return err([document.error])
  const d = document.value
  const version = versionFault(d)
  if (version) return err([version])
  const parsed = Scenario.safeParse(d.value)
  if (!parsed.success) return err(parsed.error.issues.flatMap((i) => shapeFaults(d, i)))
  const faults = sectionFaults(d, parsed.data)
  return faults.length > 0 ? err(faults) : ok({ scenario: parsed.data, document: d })
}

function versionFault(d: ScenarioDocument): Fault | null {
  const v = d.value
  if (v === null || typeof v !== 'object' || Array.isArray(v)) {
    return fault('SCENARIO_SHAPE', 'a scenario is a mapping that begins with "doorbell: 1"', { line: 1, column: 1 })
  }
  const version: unknown = 'doorbell' in v ? v.doorbell : undefined
  if (version === FORMAT_VERSION) return null
  if (version === undefined)
    return fault('SCENARIO_VERSION', 'the format version is missing', {
      line: 1,
      column: 1,
      hint: `begin the file with "doorbell: ${FORMAT_VERSION}"`,
    })
  return fault(
    'SCENARIO_VERSION',
    `this is format version ${JSON.stringify(version)}, only ${FORMAT_VERSION} is known here`,
    { ...d.at(['doorbell']), hint: `write "doorbell: ${FORMAT_VERSION}", or use a newer Doorbell` },
  )
}

type Issue = z.core.$ZodIssue

/** Zod's issues in our codes, each at its place in the text. */
export function shapeFaults(
  d: ScenarioDocument,
  issue: Issue,
  base: Path = [],
  topKeys: readonly string[] = TOP_KEYS,
): Fault[] {
  const path = [...base, ...issue.path.map((p) => (typeof p === 'symbol' ? String(p) : p))]
  const where = path.join('.') || 'the scenario'
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((k) =>
      fault('SCENARIO_UNKNOWN_KEY', `${where === 'the scenario' ? where : where} has no key "${k}"`, {
        ...d.keyAt([...path, k]),
        ...suggestKey(k, path, topKeys),
      }),
    )
  }
  if (issue.code === 'invalid_union') {
    const meant = [...issue.errors].sort((a, b) => strangeness(a) - strangeness(b) || depth(b) - depth(a))[0] ?? []
    const explains = meant.some((i) => i.path.length > 0 || i.code === 'unrecognized_keys')
    if (explains) return meant.flatMap((i) => shapeFaults(d, i, path))
    return [fault('SCENARIO_SHAPE', `${where} has none of the shapes that are allowed here`, d.at(path))]
  }
  return [fault('SCENARIO_SHAPE', `${where}: ${lowerFirst(issue.message)}`, d.at(path))]
}

/** How far a text is from an alternative: keys that are missing or too many; everything, where it is of another kind. */
const strangeness = (issues: readonly Issue[]): number =>
  issues.reduce((n, i) => {
    if (i.code === 'unrecognized_keys') return n + i.keys.length
    return n + (i.path.length === 0 ? 1000 : i.path.length === 1 ? 1 : 0)
  }, 0)
const depth = (issues: readonly Issue[]): number => Math.max(0, ...issues.map((i) => i.path.length))
const lowerFirst = (s: string): string => s.charAt(0).toLowerCase() + s.slice(1)

const TOP_KEYS = Object.keys(Scenario.shape)
/** Every key that the shape of a block or a property has somewhere; found when somebody has misspelt one. */
let blockKeys: readonly string[] | undefined
const knownKeys = (): readonly string[] =>
  (blockKeys ??= [
    ...keysIn(z.toJSONSchema(z.object({ block: BlockSpec, property: PropertySection }), { io: 'input' })),
  ])
function keysIn(schema: unknown, into = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return into
  if ('properties' in schema) for (const k of Object.keys(schema.properties ?? {})) into.add(k)
  for (const part of Object.values(schema)) keysIn(part, into)
  return into
}
function suggestKey(key: string, path: Path, topKeys: readonly string[]): { hint?: string } {
  if (path.length > 0) {
    const near = nearest(key, knownKeys())
    return near !== undefined && near !== key ? { hint: `did you mean ${near}?` } : {}
  }
  const near = nearest(key, topKeys)
  return near ? { hint: `did you mean ${near}?` } : { hint: `known keys: ${topKeys.join(', ')}` }
}

function sectionFaults(d: ScenarioDocument, s: Scenario): Fault[] {
  if (s.litmus) {
    const extra = (['devices', 'blocks', 'programs'] as const).find((k) => Object.keys(s[k]).length > 0)
    if (!extra) return []
    const message = `a litmus scenario defines its own steps: ${extra} has no meaning beside it`
    return [fault('SCENARIO_SHAPE', message, d.keyAt([extra]))]
  }
  const blocks = Object.keys(s.blocks)
  if (blocks.length === 0)
    return [fault('SCENARIO_SHAPE', 'nothing to simulate: give "blocks" (a board) or "litmus"', d.at(['blocks']))]
  return Object.entries(s.devices).flatMap(([id, device]) => {
    if (blocks.includes(device.block)) return []
    const near = nearest(device.block, blocks)
    return [
      fault('SCENARIO_UNKNOWN_NAME', `there is no block ${device.block}`, {
        ...d.at(['devices', id, 'block']),
        hint: near ? `did you mean ${near}?` : `blocks: ${blocks.join(', ')}`,
      }),
    ]
  })
}

export const startOf = (d: ScenarioDocument, path: Path): SourcePosition => {
  const { line, column } = d.at(path)
  return { line, column }
}
