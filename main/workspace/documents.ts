/** The person's scenarios: one .yaml file each in the workspace's documents/. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ok, type Result } from '../simulator/faults'
import { readText, writeWhole } from './files'
import { safeName } from './names'

const EXTENSION = /\.ya?ml$/i
/** Bytes. */
export const MAX_TEXT = 4 * 1024 * 1024

export interface Documents {
  /** Newest first. */
  list(): Promise<{ name: string; modified: number }[]>
  /** Errors: FILE_BAD_NAME, FILE_NOT_FOUND, FILE_TOO_LARGE, FILE_UNREADABLE. */
  read(name: string): Promise<Result<{ name: string; text: string }>>
  /** Errors: FILE_BAD_NAME, FILE_UNWRITABLE. */
  write(name: string, text: string): Promise<Result<{ modified: number }>>
}

export function createDocuments(folder: string): Documents {
  const pathOf = (base: string) => join(folder, `${base}.yaml`)
  return {
    async list() {
      const names = await readdir(folder).catch(() => [])
      const found = await Promise.all(
        names
          .filter((name) => name.endsWith('.yaml') && safeName(name, EXTENSION).ok)
          .map(async (name) => {
            const info = await stat(join(folder, name)).catch(() => undefined)
            return info?.isFile() ? [{ name: name.replace(EXTENSION, ''), modified: Math.round(info.mtimeMs) }] : []
          }),
      )
      return found.flat().sort((a, b) => b.modified - a.modified || (a.name < b.name ? -1 : 1))
    },
    async read(name) {
      const base = safeName(name, EXTENSION)
      if (!base.ok) return base
      const text = await readText(pathOf(base.value), `document '${base.value}'`, MAX_TEXT)
      return text.ok ? ok({ name: base.value, text: text.value }) : text
    },
    async write(name, text) {
      const base = safeName(name, EXTENSION)
      return base.ok ? writeWhole(pathOf(base.value), text) : base
    },
  }
}
