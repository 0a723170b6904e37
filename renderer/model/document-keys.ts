/** Names of open documents: `builtin:idxd-vsvm-late`, `file:mine.yaml`, `outside:5f1c…`, `new:untitled-1.yaml`. */
import type { DocumentRef } from '../../preload/contract'

export type DocumentKind = 'builtin' | 'file' | 'outside' | 'new'

export const keyOf = (kind: DocumentKind, name: string): string => `${kind}:${name}`

export function splitKey(key: string): { kind: DocumentKind; name: string } | null {
  const [, kind, name] = /^(builtin|file|outside|new):(.+)$/s.exec(key) ?? []
  return kind === undefined || name === undefined ? null : { kind: kind as DocumentKind, name }
}

export const keyOfRef = (ref: DocumentRef): string =>
  'name' in ref ? keyOf('file', ref.name) : keyOf('outside', ref.outside)

/** The file behind a document; null where it has none of its own. */
export function refOf(key: string): DocumentRef | null {
  const split = splitKey(key)
  if (split?.kind === 'file') return { name: split.name }
  return split?.kind === 'outside' ? { outside: split.name } : null
}
