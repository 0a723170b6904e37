/** Admission to a file tree: what a member may be called, how large it may be, where a link may lead. */
import type { Headers } from 'tar-stream'
import { fault, type Fault, type FaultCode } from '../simulator/faults'
import { linkTarget, normalisePath, type FileTree, type TreeEntry } from '../simulator/firmware/tree'

export interface Limits {
  /** Of one file, in bytes. */
  readonly memberBytes: number
  /** Of everything together, decompressed, in bytes; also of the archive itself. */
  readonly totalBytes: number
  /** Files, links and folders together. */
  readonly members: number
  /** Characters of one path, and folders it may be deep. */
  readonly pathLength: number
  readonly depth: number
}

/** Far above any machine (10 000 functions are some 250 000 files of 100 MB), far below what hurts. */
export const DEFAULT_LIMITS: Limits = {
  memberBytes: 16 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  members: 500_000,
  pathLength: 4096,
  depth: 64,
}

/** Why a file is not taken. Thrown inside this room only: its doors return faults. */
export class Refusal extends Error {
  constructor(
    readonly code: FaultCode,
    message: string,
  ) {
    super(message)
  }
}

export class TreeBuilder {
  private readonly tree = new Map<string, TreeEntry>()
  private readonly folders = new Set<string>()
  private members = 0

  constructor(private readonly limits: Limits) {}

  /** Judges a member by its header, before any of its body is read. */
  admit(header: Headers): Refusal | undefined {
    const { name, type } = header
    const size = header.size ?? 0
    const shown = JSON.stringify(name.slice(0, 200))
    if (!Number.isSafeInteger(size) || size < 0) return new Refusal('ARCHIVE_CORRUPT', `${shown} has no sensible size`)
    switch (type) {
      case 'file':
      case 'contiguous-file':
      case 'symlink':
      case 'directory':
        break
      case 'link':
        return new Refusal('ARCHIVE_UNSAFE_LINK', `${shown} is a hard link`)
      default:
        return new Refusal(
          'ARCHIVE_UNSAFE_MEMBER',
          `${shown} is neither a file, a folder nor a link (${type ?? 'unknown type'})`,
        )
    }
    return this.admitPath(name) ?? this.admitSize(name, size) ?? this.admitLink(name, type, header.linkname)
  }

  admitPath(name: string): Refusal | undefined {
    const shown = JSON.stringify(name.slice(0, 200))
    if (name.length > this.limits.pathLength || name.split('/').length > this.limits.depth)
      return new Refusal('ARCHIVE_UNSAFE_PATH', `${shown} is too long or too deep a path`)
    // Not even a `..` that stays inside: no honest tool writes one.
    if (normalisePath(name) === undefined || name.split('/').includes('..'))
      return new Refusal('ARCHIVE_UNSAFE_PATH', `${shown} leads outside the archive`)
    this.members++
    this.countFolders(normalisePath(name) ?? '')
    return this.members > this.limits.members
      ? new Refusal('ARCHIVE_TOO_MANY_MEMBERS', `more than ${this.limits.members} members`)
      : undefined
  }

  /** Folders that a path implies take memory, too, whether or not the archive lists them. */
  private countFolders(path: string): void {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const folder = path.slice(0, slash)
      if (this.folders.has(folder)) return
      this.folders.add(folder)
      this.members++
    }
  }

  admitSize(name: string, size: number): Refusal | undefined {
    return size > this.limits.memberBytes
      ? new Refusal(
          'ARCHIVE_MEMBER_TOO_LARGE',
          `${JSON.stringify(name.slice(0, 200))} has ${size} bytes, at most ${this.limits.memberBytes} are read`,
        )
      : undefined
  }

  private admitLink(name: string, type: Headers['type'], target: string | null | undefined): Refusal | undefined {
    if (type !== 'symlink') return undefined
    const text = target ?? ''
    return text === '' ||
      text.length > this.limits.pathLength ||
      linkTarget(normalisePath(name) ?? '', text) === undefined
      ? new Refusal(
          'ARCHIVE_UNSAFE_LINK',
          `${JSON.stringify(name.slice(0, 200))} links to ${JSON.stringify(text.slice(0, 200))}, outside the archive`,
        )
      : undefined
  }

  checkTotal(bytes: number): void {
    if (bytes > this.limits.totalBytes)
      throw new Refusal('ARCHIVE_TOO_LARGE', `more than ${this.limits.totalBytes} bytes when unpacked`)
  }

  /** A member that was admitted, with its body. A later member of the same name takes the place of the earlier. */
  add(header: Headers, chunks: readonly Uint8Array[]): void {
    const path = normalisePath(header.name)
    if (path === undefined || path === '' || header.type === 'directory') return
    if (header.type === 'symlink') this.tree.set(path, { kind: 'link', target: header.linkname ?? '' })
    else this.tree.set(path, { kind: 'file', bytes: join(chunks) })
  }

  finish(): FileTree {
    return this.tree
  }
}

/** A copy of its own: a piece of a pooled buffer would keep the whole pool alive. */
function join(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** What the file system says. */
export function fileFault(error: unknown, name: string): Fault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT') return fault('FILE_NOT_FOUND', `${name}: no such file`, { file: name })
  const message = error instanceof Error ? error.message : String(error)
  return fault('FILE_UNREADABLE', `${name}: ${message}`, { file: name })
}
