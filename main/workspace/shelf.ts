/** Small things kept by name, one JSON file each with keys in a stable order: runs and layouts of the window. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { err, fault, ok, type Result } from '../simulator/faults'
import { readText, writeWhole } from './files'
import { stableJson } from './json'
import { safeName } from './names'

const MAX_BYTES = 4 * 1024 * 1024

export interface Shelf {
  /** In order of name. */
  list(): Promise<string[]>
  /** Errors: FILE_BAD_NAME, FILE_NOT_FOUND, FILE_TOO_LARGE, FILE_UNREADABLE. */
  read(name: string): Promise<Result<unknown>>
  /** Errors: FILE_BAD_NAME, FILE_UNWRITABLE. */
  write(name: string, value: unknown): Promise<Result<{ modified: number }>>
}

/** `kind`: what stands before .json, such as `run` in `first race.run.json`. */
export function createShelf(folder: string, kind: string): Shelf {
  const ending = `.${kind}.json`
  const extension = new RegExp(`\\.${kind}\\.json$`, 'i')
  return {
    async list() {
      const names = await readdir(folder).catch(() => [])
      return names
        .filter((name) => name.endsWith(ending) && safeName(name, extension).ok)
        .map((name) => name.replace(extension, ''))
        .sort()
    },
    async read(name) {
      const base = safeName(name, extension)
      if (!base.ok) return base
      const text = await readText(join(folder, base.value + ending), `${kind} '${base.value}'`, MAX_BYTES)
      if (!text.ok) return text
      try {
        return ok(JSON.parse(text.value) as unknown)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        return err(
          fault('FILE_UNREADABLE', `${kind} '${base.value}' is not JSON: ${why}`, { file: base.value + ending }),
        )
      }
    },
    async write(name, value) {
      const base = safeName(name, extension)
      return base.ok ? writeWhole(join(folder, base.value + ending), stableJson(value)) : base
    },
  }
}
