/**
 * Scenario files that lie outside the workspace: opened in place where the desktop said so (its dialog, a double click, the
 * command line). A page only ever gets the number of such a file, never opens one by its path. Also: what was opened last.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { err, fault, ok, type Result } from '../simulator/faults'
import { MAX_TEXT, writeExpected, type Documents } from './documents'
import { readText, writeWhole } from './files'
import { stableJson } from './json'

/** A document by the name in the workspace, or by the number of a file outside it. */
export type DocumentRef = { readonly name: string } | { readonly outside: string }

export interface RecentDocument {
  readonly ref: DocumentRef
  readonly title: string
  /** Folder, for a person; empty in the workspace. */
  readonly where: string
}

const MAX_RECENT = 20

export interface Outside {
  /** The number under which a page may have this file; its name where it lies in the workspace. */
  grant(path: string): DocumentRef
  pathOf(outside: string): string | undefined
  /** Errors: as `Documents.read`. */
  read(ref: DocumentRef): Promise<Result<{ name: string; text: string; where: string }>>
  /** Errors: as `Documents.write`. */
  write(ref: DocumentRef, text: string, expects?: string | null): Promise<Result<{ modified: number }>>
  /** Latest first. */
  recent(): Promise<RecentDocument[]>
  /** Remembers that it was opened or saved. */
  used(ref: DocumentRef): Promise<void>
}

interface Entry {
  readonly name?: string
  readonly path?: string
}

export function createOutside(state: string, documents: Documents): Outside {
  const file = join(state, 'recent.json')
  const paths = new Map<string, string>()
  let entries: Promise<Entry[]> | undefined
  let writing: Promise<unknown> = Promise.resolve()

  function grant(path: string): DocumentRef {
    const whole = resolve(path)
    if (dirname(whole) + sep === resolve(documents.folder) + sep && whole.endsWith('.yaml'))
      return { name: basename(whole) }
    const outside = createHash('sha256').update(whole).digest('hex').slice(0, 32)
    paths.set(outside, whole)
    return { outside }
  }

  /** What was opened in an earlier run may be opened again. */
  const known = (): Promise<Entry[]> =>
    (entries ??= readFile(file, 'utf8')
      .then(parseEntries)
      .catch(() => [])
      .then((list) => {
        for (const { path } of list) if (path !== undefined) grant(path)
        return list
      }))

  const missing = (): Result<never> =>
    err(fault('FILE_NOT_FOUND', 'this file was not opened from the desktop', { hint: 'open it again' }))

  return {
    grant,
    pathOf: (outside) => paths.get(outside),
    async read(ref) {
      if ('name' in ref) {
        const read = await documents.read(ref.name)
        return read.ok ? ok({ ...read.value, where: '' }) : read
      }
      await known()
      const path = paths.get(ref.outside)
      if (path === undefined) return missing()
      const text = await readText(path, path, MAX_TEXT)
      return text.ok ? ok({ name: basename(path), text: text.value, where: dirname(path) }) : text
    },
    async write(ref, text, expects) {
      if ('name' in ref) return documents.write(ref.name, text, expects)
      await known()
      const path = paths.get(ref.outside)
      return path === undefined ? missing() : writeExpected(path, path, text, expects)
    },
    async recent() {
      return (await known()).map(({ name, path }) =>
        path === undefined
          ? { ref: { name: name ?? '' }, title: name ?? '', where: '' }
          : { ref: grant(path), title: basename(path), where: dirname(path) },
      )
    },
    async used(ref) {
      const list = await known()
      const path = 'outside' in ref ? paths.get(ref.outside) : undefined
      if ('outside' in ref && path === undefined) return
      const entry: Entry = 'name' in ref ? { name: ref.name } : { path: path ?? '' }
      const next = [entry, ...list.filter((e) => e.name !== entry.name || e.path !== entry.path)].slice(0, MAX_RECENT)
      entries = Promise.resolve(next)
      writing = writing.then(() => writeWhole(file, stableJson({ recent: next })))
      await writing
    },
  }
}

function parseEntries(text: string): Entry[] {
  const { recent } = JSON.parse(text) as { recent?: unknown }
  if (!Array.isArray(recent)) return []
  return recent.slice(0, MAX_RECENT).flatMap((e: unknown): Entry[] => {
    if (typeof e !== 'object' || e === null) return []
    if ('name' in e && typeof e.name === 'string') return [{ name: e.name }]
    return 'path' in e && typeof e.path === 'string' ? [{ path: e.path }] : []
  })
}
