/**
 * A tree of files as data: what an archive or a directory held, without a disk behind it.
 * Links are text and are followed only inside this map, so nothing in a file somebody sent can reach outside.
 */

export type TreeEntry =
  { readonly kind: 'file'; readonly bytes: Uint8Array } | { readonly kind: 'link'; readonly target: string }

/** Normalised path (no leading or trailing slash, no `.` or `..`) → entry. Directories are implied by their members. */
export type FileTree = ReadonlyMap<string, TreeEntry>

/** Linux gives up after 40 links, too. */
const LINK_LIMIT = 40

/**
 * The path in normal form; undefined when it leaves the tree (absolute, or climbing above the root) or holds a NUL.
 * The root itself is the empty string.
 */
export function normalisePath(path: string): string | undefined {
  if (path.startsWith('/') || path.includes('\0')) return undefined
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else parts.push(part)
  }
  return parts.join('/')
}

/** Where a link at `path` points, in normal form; undefined when that is outside the tree. */
export const linkTarget = (path: string, target: string): string | undefined =>
  target.startsWith('/') ? undefined : normalisePath(`${path}/../${target}`)

/** Read access to a tree below one of its folders: follows links, lists folders, decodes text. */
export class Files {
  private readonly children = new Map<string, Set<string>>()

  constructor(
    private readonly tree: FileTree,
    /** Folder that all paths are relative to; empty for the whole tree. */
    private readonly base = '',
  ) {
    for (const path of tree.keys()) {
      if (base !== '' && !path.startsWith(`${base}/`)) continue
      this.addToParents(base === '' ? path : path.slice(base.length + 1))
    }
  }

  private addToParents(path: string): void {
    for (let rest = path; ;) {
      const slash = rest.lastIndexOf('/')
      const parent = slash < 0 ? '' : rest.slice(0, slash)
      const known = this.children.get(parent)
      const name = rest.slice(slash + 1)
      if (known?.has(name)) return
      if (known) known.add(name)
      else this.children.set(parent, new Set([name]))
      if (slash < 0) return
      rest = parent
    }
  }

  /** Names in a folder in code-point order; empty when it is no folder. Links in the path are followed. */
  list(path: string): string[] {
    const real = this.real(path)
    return real === undefined ? [] : [...(this.children.get(real) ?? [])].sort(byCodePoint)
  }

  /** The path with every link in it followed; undefined when it leads nowhere. */
  real(path: string): string | undefined {
    const start = normalisePath(path)
    if (start === undefined) return undefined
    let todo = start === '' ? [] : start.split('/')
    let done = ''
    for (let links = 0; todo.length > 0;) {
      const [name = '', ...rest] = todo
      const here = done === '' ? name : `${done}/${name}`
      const entry = this.entry(here)
      if (entry?.kind === 'link') {
        const target = linkTarget(here, entry.target)
        if (target === undefined || ++links > LINK_LIMIT) return undefined
        todo = [...(target === '' ? [] : target.split('/')), ...rest]
        done = ''
        continue
      }
      done = here
      todo = rest
    }
    return this.entry(done) || this.children.has(done) ? done : undefined
  }

  bytes(path: string): Uint8Array | undefined {
    const real = this.real(path)
    const entry = real === undefined ? undefined : this.entry(real)
    return entry?.kind === 'file' ? entry.bytes : undefined
  }

  /** The file as text without surrounding white space; bytes that are no UTF-8 become U+FFFD. */
  text(path: string): string | undefined {
    const bytes = this.bytes(path)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes).trim()
  }

  /** The last name that a link's text ends with, without following it: `driver` → `e1000e`. */
  linkName(path: string): string | undefined {
    const slash = path.lastIndexOf('/')
    const folder = this.real(slash < 0 ? '' : path.slice(0, slash))
    if (folder === undefined) return undefined
    const name = path.slice(slash + 1)
    const entry = this.entry(folder === '' ? name : `${folder}/${name}`)
    return entry?.kind === 'link' ? entry.target.slice(entry.target.lastIndexOf('/') + 1) : undefined
  }

  /** Text of a link, without following it. */
  linkText(path: string): string | undefined {
    const entry = this.entry(path)
    return entry?.kind === 'link' ? entry.target : undefined
  }

  has(path: string): boolean {
    return this.real(path) !== undefined
  }

  /** Every folder below `path`, itself included, parents before children. Links are not entered. */
  *folders(path: string): Generator<string> {
    if (!this.children.has(path)) return
    yield path
    for (const name of [...(this.children.get(path) ?? [])].sort(byCodePoint))
      yield* this.folders(path === '' ? name : `${path}/${name}`)
  }

  private entry(path: string): TreeEntry | undefined {
    return this.tree.get(this.base === '' ? path : `${this.base}/${path}`)
  }
}

/** Order that does not depend on the locale. */
export const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
