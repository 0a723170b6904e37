/** The person's scenarios: one .yaml file each in the workspace's documents/. A name always has its ending. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '../../preload/records'
import { err, fault, ok, type Result } from '../simulator/faults'
import { readText, writeWhole } from './files'
import { safeName } from './names'

const EXTENSION = /\.ya?ml$/i
/** Bytes. */
export const MAX_TEXT = 4 * 1024 * 1024

export interface Documents {
  readonly folder: string
  /** Newest first. */
  list(): Promise<{ name: string; modified: number }[]>
  /** Errors: FILE_BAD_NAME, FILE_NOT_FOUND, FILE_TOO_LARGE, FILE_UNREADABLE. */
  read(name: string): Promise<Result<{ name: string; text: string }>>
  /**
   * `expects`: digest of the text that the file is thought to have, or null where there should be no file; another one is
   * not written over. Errors: FILE_BAD_NAME, FILE_CHANGED, FILE_UNWRITABLE.
   */
  write(name: string, text: string, expects?: string | null): Promise<Result<{ modified: number }>>
}

export function createDocuments(folder: string): Documents {
  const pathOf = (base: string) => join(folder, `${base}.yaml`)
  return {
    folder,
    async list() {
      const names = await readdir(folder).catch(() => [])
      const found = await Promise.all(
        names
          .filter((name) => name.endsWith('.yaml') && safeName(name, EXTENSION).ok)
          .map(async (name) => {
            const info = await stat(join(folder, name)).catch(() => undefined)
            return info?.isFile() ? [{ name, modified: Math.round(info.mtimeMs) }] : []
          }),
      )
      return found.flat().sort((a, b) => b.modified - a.modified || (a.name < b.name ? -1 : 1))
    },
    async read(name) {
      const base = safeName(name, EXTENSION)
      if (!base.ok) return base
      const text = await readText(pathOf(base.value), `document '${base.value}'`, MAX_TEXT)
      return text.ok ? ok({ name: `${base.value}.yaml`, text: text.value }) : text
    },
    async write(name, text, expects) {
      const base = safeName(name, EXTENSION)
      return base.ok ? writeExpected(pathOf(base.value), `${base.value}.yaml`, text, expects) : base
    },
  }
}

/** As `Documents.write`, for a path. `shown` is how the person knows the file. */
export async function writeExpected(
  path: string,
  shown: string,
  text: string,
  expects: string | null | undefined,
): Promise<Result<{ modified: number }>> {
  if (expects !== undefined) {
    const there = await readText(path, shown, MAX_TEXT)
    const missing = !there.ok && there.error.code === 'FILE_NOT_FOUND'
    const found = there.ok ? digestOf(there.value) : missing ? null : 'unreadable'
    // A file that is gone can be written again; what was in it is in the text that is being saved.
    if (found !== null && found !== expects)
      return err(
        fault(
          'FILE_CHANGED',
          expects === null ? `there is a ${shown} already` : `${shown} was changed by somebody else`,
          {
            file: shown,
            hint: 'reload it, or save over it',
          },
        ),
      )
  }
  return writeWhole(path, text)
}
