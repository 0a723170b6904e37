/**
 * A document is records by name; a change of it is a diff of records. Pure: made, applied, inverted, composed. Every
 * view's edits are these, whatever the record is: a scenario's text, a device of a platform, a panel's place.
 */
import { assert } from '../../main/simulator/faults'
import { applyText, composeText, invertText, textDiff, type TextDiff } from './text'

/** Never changed in place; as zod and the wire type it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
/** By name: its kind, and which one where there are several: `text`, `function:0000:6a:01.0`. */
export type Records = ReadonlyMap<string, Json>

/** What happens to one record. Texts change by what is different in them, everything else whole. */
export type Change =
  | { readonly add: Json }
  | { readonly remove: Json }
  | { readonly from: Json; readonly to: Json }
  | { readonly text: TextDiff }
/** By the record's name; a record that is not named stays as it is. */
export type Diff = { readonly [record: string]: Change }

export const isEmpty = (diff: Diff): boolean => Object.keys(diff).length === 0

/** Structural equality; the order of an object's keys does not count. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (isList(a) || isList(b)) return isList(a) && isList(b) && a.length === b.length && a.every((x, i) => same(x, b[i]))
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && same(a[k], b[k]))
}
const isList = (x: Json): x is Json[] => Array.isArray(x)

/** Null when nothing changes. */
function changeOf(before: Json | undefined, after: Json | undefined): Change | null {
  if (same(before, after)) return null
  if (before === undefined) return { add: after as Json }
  if (after === undefined) return { remove: before }
  if (typeof before === 'string' && typeof after === 'string') return { text: textDiff(before, after) }
  return { from: before, to: after }
}

const diffFrom = (entries: readonly (readonly [string, Change | null])[]): Diff =>
  Object.fromEntries(entries.flatMap(([name, change]) => (change ? [[name, change] as const] : [])))

export function diffOf(before: Records, after: Records): Diff {
  const names = new Set([...before.keys(), ...after.keys()])
  return diffFrom([...names].sort().map((name) => [name, changeOf(before.get(name), after.get(name))] as const))
}

/** Null where the diff was made from other records: nothing is guessed. */
export function applyDiff(records: Records, diff: Diff): Records | null {
  const next = new Map(records)
  for (const [name, change] of Object.entries(diff)) {
    const before = records.get(name)
    if ('add' in change) {
      if (before !== undefined) return null
      next.set(name, change.add)
    } else if ('remove' in change) {
      if (before === undefined || !same(before, change.remove)) return null
      next.delete(name)
    } else if ('text' in change) {
      const text = typeof before === 'string' ? applyText(before, change.text) : null
      if (text === null) return null
      next.set(name, text)
    } else {
      if (before === undefined || !same(before, change.from)) return null
      next.set(name, change.to)
    }
  }
  return next
}

export const invert = (diff: Diff): Diff =>
  diffFrom(Object.entries(diff).map(([name, change]) => [name, invertChange(change)] as const))

function invertChange(change: Change): Change {
  if ('add' in change) return { remove: change.add }
  if ('remove' in change) return { add: change.remove }
  if ('text' in change) return { text: invertText(change.text) }
  return { from: change.to, to: change.from }
}

/** First `a`, then `b`, as one diff: what squashing is. `b` was made from what `a` leads to. */
export function compose(a: Diff, b: Diff): Diff {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return diffFrom(
    [...names].sort().map((name) => {
      const [first, second] = [at(a, name), at(b, name)]
      return [name, first && second ? composeChange(first, second) : (first ?? second ?? null)] as const
    }),
  )
}

const at = (diff: Diff, name: string): Change | undefined => (Object.hasOwn(diff, name) ? diff[name] : undefined)

function composeChange(a: Change, b: Change): Change | null {
  if ('text' in a && 'text' in b) {
    const text = composeText(a.text, b.text)
    return text.length === 0 ? null : { text }
  }
  // One of them knows the value between them.
  const between = 'text' in a ? startOf(b) : endOf(a)
  const before = 'text' in a ? walk(between, invertText(a.text)) : startOf(a)
  const after = 'text' in b ? walk(between, b.text) : endOf(b)
  return changeOf(before, after)
}

const startOf = (c: Change): Json | undefined => ('remove' in c ? c.remove : 'from' in c ? c.from : undefined)
const endOf = (c: Change): Json | undefined => ('add' in c ? c.add : 'to' in c ? c.to : undefined)

function walk(value: Json | undefined, diff: TextDiff): string {
  const text = typeof value === 'string' ? applyText(value, diff) : null
  assert(text !== null, 'the second diff was made from what the first leads to')
  return text
}
