/**
 * Writes by hand stand in the text as a program of their own, one `write` each: steps of the model like any other, so that
 * they are replayed, explored, ordered, undone and saved as everything else is.
 */
import { isMap, isNode, isSeq, parseDocument } from 'yaml'
import { err, fault, ok, type Fault, type Result } from '../faults'
import { isRecord, ScenarioDocument, type Path } from './document'
import type { HandWrite } from './poke'
import { behindLast, commentsAbove, endOfLine, lineOf, plain, sameData } from './splice'

const NAME = 'hand'
const TITLE = 'By hand'
/** It need not happen for a run to be complete, and is there once beside all copies of the board. */
const AGENT = { title: TITLE, optional: true, once: true }

export interface Written {
  readonly text: string
  /** Id of the step that the write becomes. */
  readonly step: string
}

/** `taken`: steps of the run up to here, by id; the write comes behind those writes by hand that are among them. */
export function writeInText(text: string, write: HandWrite, taken: readonly string[]): Result<Written, Fault> {
  const read = ScenarioDocument.read(text)
  if (!read.ok) return read
  const d = read.value
  if (!isRecord(d.value) || !isRecord(d.value['programs']))
    return err(fault('SCENARIO_SHAPE', 'registers are written by hand in scenarios with blocks and programs', d.at([])))
  const programs = d.value['programs']
  const agent = freeAgent(programs)
  const known: readonly unknown[] = Array.isArray(programs[agent]) ? programs[agent] : []
  const at = known.findLastIndex((e) => isRecord(e) && taken.includes(String(e['id']))) + 1
  const step = freeId(text, taken)
  const entry = entryOf(write, step)
  const wanted = known.toSpliced(at, 0, entry)
  const path: Path = ['programs', agent]
  const fits = (t: string | null): t is string =>
    t !== null && sameData(t, path, wanted) && sameData(t, ['agents', agent], agentOf(d, agent))
  const spliced = spliced_(d, text, agent, at, lineFor(write, step))
  if (fits(spliced)) return ok({ text: spliced, step })
  const printed = parseDocument(text)
  printed.setIn(path, printed.createNode(wanted))
  if (d.node(['agents', agent]) === undefined)
    printed.setIn(['agents', agent], printed.createNode(AGENT, { flow: true }))
  return ok({ text: printed.toString({ lineWidth: 0 }), step })
}

const agentOf = (d: ScenarioDocument, agent: string): unknown => d.node(['agents', agent])?.toJSON() ?? AGENT

/** A program of that name which holds anything else is somebody's own. */
function freeAgent(programs: Readonly<Record<string, unknown>>): string {
  const isOurs = (items: unknown): boolean =>
    Array.isArray(items) &&
    items.every((e) => isRecord(e) && 'write' in e && typeof e['id'] === 'string' && !('if' in e))
  for (let n = 1; ; n++) {
    const name = n === 1 ? NAME : `${NAME}${n}`
    if (!Object.hasOwn(programs, name) || isOurs(programs[name])) return name
  }
}

function freeId(text: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const id = `poke${n}`
    if (!new RegExp(`\\b${id}\\b`).test(text) && !taken.includes(id)) return id
  }
}

function entryOf({ register, value, bits }: HandWrite, id: string): Record<string, unknown> {
  return { write: { register, value: numeral(value), ...(bits ? { bits: bits.join(':') } : {}) }, id }
}
/** A number that YAML reads without loss, else a text. */
const numeral = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : `0x${value.toString(16)}`

function lineFor({ register, value, bits }: HandWrite, id: string): string {
  const digits = `0x${value.toString(16)}`
  const number = typeof numeral(value) === 'number' ? digits : `"${digits}"`
  const part = bits ? `, bits: "${bits.join(':')}"` : ''
  return `{ write: { register: ${plain(register)}, value: ${number}${part} }, id: ${id} }`
}

function spliced_(d: ScenarioDocument, text: string, agent: string, at: number, item: string): string | null {
  const list = d.node(['programs', agent])
  if (isSeq(list)) {
    const next = list.items[at]
    if (next === undefined) return behindLast(text, list, item)
    if (!isNode(next) || !next.range) return null
    if (list.flow) return `${text.slice(0, next.range[0])}${item}, ${text.slice(next.range[0])}`
    const line = lineOf(text, next.range[0])
    const dash = text.lastIndexOf('-', next.range[0])
    return `${text.slice(0, line)}${text.slice(line, dash)}- ${item}\n${text.slice(line)}`
  }
  const programs = d.node(['programs'])
  if (!isMap(programs) || programs.flow || !programs.range) return null
  const first = programs.items[0]?.key
  if (!isNode(first) || !first.range) return null
  const indent = ' '.repeat(first.range[0] - lineOf(text, first.range[0]))
  const end = endOfLine(text, programs.range[1])
  const lines = `\n${indent}${agent}:\n${indent}  - ${item}`
  return withAgent(d, text, agent, `${text.slice(0, end)}${lines}${text.slice(end)}`)
}

/** `out`: the text with the program; whatever stands above the programs is where it was. */
function withAgent(d: ScenarioDocument, text: string, agent: string, out: string): string | null {
  const agents = d.node(['agents'])
  const line = `${agent}: { title: ${TITLE}, optional: true, once: true }`
  const start = lineOf(text, startOfKey(d, text, 'programs'))
  if (agents === undefined) {
    const above = commentsAbove(text, start)
    return `${out.slice(0, above)}agents:\n  ${line}\n\n${out.slice(above)}`
  }
  if (!isMap(agents) || !agents.range || agents.range[1] > start) return null
  const first = agents.items[0]?.key
  if (agents.flow) {
    const close = text.lastIndexOf('}', agents.range[1])
    const inside = text.slice(0, close).trimEnd()
    return `${inside}${agents.items.length > 0 ? ',' : ''} ${line} ${out.slice(close)}`
  }
  if (!isNode(first) || !first.range) return null
  const indent = ' '.repeat(first.range[0] - lineOf(text, first.range[0]))
  const end = endOfLine(text, agents.range[1])
  return `${out.slice(0, end)}\n${indent}${line}${out.slice(end)}`
}

function startOfKey(d: ScenarioDocument, text: string, key: string): number {
  const { line } = d.keyAt([key])
  let at = 0
  for (let n = 1; n < (line ?? 1); n++) at = text.indexOf('\n', at) + 1
  return at
}
