/**
 * A board written into its file: only what changed is written anew, comments, order and the way numbers are written stay, so
 * that versions compare well. Files in JSON stay JSON.
 */
import {
  Document,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  Scalar,
  YAMLMap,
  YAMLSeq,
  type Node,
  type ScalarTag,
} from 'yaml'
import { assert } from '../../faults'
import type { Platform } from '../schema'

/** Numbers in hex keep the digits that they were written with. */
const HEX_INT: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  identify: (value) => typeof value === 'number',
  default: true,
  format: 'HEX',
  test: /^0x[0-9a-fA-F]+$/,
  resolve: (text) => Number(text),
  stringify: ({ value, source }) =>
    source !== undefined && Number(source) === value ? source : `0x${Number(value).toString(16)}`,
}
const OPTIONS = { customTags: (tags: readonly (ScalarTag | string | object)[]) => [HEX_INT, ...tags] as never[] }
const STYLE = { lineWidth: 0 }

/** Numbers that are written in hex, and to how many digits. */
const HEX_DIGITS: Readonly<Record<string, number>> = {
  vendor: 4,
  device: 4,
  vfDevice: 4,
  class: 6,
  cap: 2,
  ctrl: 2,
}
/** Written on one line where they are new. */
const ON_A_LINE = new Set([
  'bridge',
  'express',
  'msi',
  'msix',
  'acs',
  'ats',
  'pri',
  'pasid',
  'sriov',
  'siov',
  'pm',
  'af',
  'subsystem',
  'serves',
  'unknown',
  'present',
  'registers',
  'spis',
  'interrupts',
  'devices',
  'named',
  'kernel',
])
/** By what the elements of a list are told apart. */
const KEYS: Readonly<Record<string, string>> = { functions: 'bdf', roots: 'id', iommus: 'name', msiControllers: 'name' }
/** What the schema fills in where it is absent. */
const isDefault = (key: string, value: unknown): boolean =>
  (key === 'multifunction' && value === false) ||
  (['unknown', 'assumptions', 'warnings', 'regions'].includes(key) && Array.isArray(value) && value.length === 0) ||
  (key === 'kernel' && typeof value === 'object' && value !== null && Object.keys(value).length === 0)

type Plain = Readonly<Record<string, unknown>>
const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value)
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A new file. */
export function writePlatform(platform: Platform): string {
  const document = new Document(null, OPTIONS)
  document.contents = nodeOf(document, 'platform', platform)
  return print(document, '')
}

/**
 * The text of a board after a change of it. `text` must be one from which `before` was read.
 * `moved`: old address to new one of functions, so that a line is changed and not written anew.
 */
export function rewritePlatform(
  text: string,
  before: Platform,
  after: Platform,
  moved: ReadonlyMap<string, string>,
): string {
  if (same(before, after)) return text
  if (text.trimStart().startsWith('{')) return `${JSON.stringify(after, null, 2)}\n`
  const document = parseDocument(text, OPTIONS)
  assert(isMap(document.contents) && document.errors.length === 0, 'the text of a board that was read')
  const old = new Map([...moved].map(([from, to]) => [to, from]))
  syncMap(document, document.contents, before, after, (key) => old.get(key) ?? (moved.has(key) ? null : key))
  return print(document, text)
}

/** The library pads all brackets or none; a line that differs in that alone stays as it was. */
function print(document: Document, before: string): string {
  const tight = (line: string): string => line.replace(/([[{]) +/g, '$1').replace(/ +([\]}])/g, '$1')
  const known = new Map(before.split('\n').map((line) => [tight(line), line]))
  return document
    .toString(STYLE)
    .split('\n')
    .map((line) => known.get(tight(line)) ?? line.replace(/\[ ((?:[^[\]"']|"[^"\\]*")*) \]/g, '[$1]'))
    .join('\n')
}

function syncMap(
  document: Document,
  map: YAMLMap,
  before: Plain,
  after: Plain,
  oldOf: (key: string) => string | null,
): void {
  for (const key of Object.keys(before)) if (after[key] === undefined) map.delete(key)
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined || same(before[key], value)) continue
    const node: unknown = map.get(key, true)
    const was = before[key]
    if (isMap(node) && isPlain(was) && isPlain(value)) syncMap(document, node, was, value, oldOf)
    else if (isSeq(node) && Array.isArray(was) && Array.isArray(value)) syncList(document, key, node, was, value, oldOf)
    else if (isScalar(node) && !isPlain(value) && !Array.isArray(value)) setScalar(node, value)
    else if (isDefault(key, value)) map.delete(key)
    else map.set(document.createNode(key), nodeOf(document, key, value))
  }
}

/** A number in hex keeps as many digits as it had. */
function setScalar(node: Scalar, value: unknown): void {
  const width = (node.source?.length ?? 2) - 2
  node.value = value
  if (node.format === 'HEX' && typeof value === 'number') node.source = `0x${value.toString(16).padStart(width, '0')}`
  else delete node.source
}

function syncList(
  document: Document,
  key: string,
  seq: YAMLSeq,
  before: readonly unknown[],
  after: readonly unknown[],
  oldOf: (key: string) => string | null,
): void {
  const by = KEYS[key]
  const name = (item: unknown): string => (by !== undefined && isPlain(item) ? String(item[by]) : JSON.stringify(item))
  const known = new Map(before.map((item, i) => [name(item), { item, node: seq.items[i] as Node | undefined }]))
  seq.items = after.map((item) => {
    const was = oldOf(name(item))
    const match = was === null ? undefined : known.get(was)
    if (!match?.node) return nodeOf(document, by === undefined ? '' : key, item)
    if (isMap(match.node) && isPlain(item) && isPlain(match.item))
      syncMap(document, match.node, match.item, item, oldOf)
    else if (isScalar(match.node) && !same(match.item, item)) setScalar(match.node, item)
    return match.node
  })
}

/** Undefined values and what the schema fills in are left out. */
function nodeOf(document: Document, key: string, value: unknown): Node {
  if (Array.isArray(value)) {
    const seq = new YAMLSeq()
    seq.flow = ON_A_LINE.has(key) || value.length === 0
    seq.items = value.map((item) => nodeOf(document, '', item))
    return seq
  }
  if (isPlain(value)) {
    const map = new YAMLMap()
    map.flow = ON_A_LINE.has(key) || Object.keys(value).length === 0
    for (const [name, inner] of Object.entries(value))
      if (inner !== undefined && !isDefault(name, inner))
        map.add(document.createPair(name, nodeOf(document, name, inner)))
    return map
  }
  const scalar = new Scalar(value)
  const digits = HEX_DIGITS[key]
  if (typeof value === 'number' && digits !== undefined) {
    scalar.format = 'HEX'
    scalar.source = `0x${value.toString(16).padStart(digits, '0')}`
  }
  // Addresses look like numbers in base sixty to older readers.
  if (typeof value === 'string' && /^[0-9]|^pci\d/.test(value)) scalar.type = 'QUOTE_DOUBLE'
  return scalar
}
