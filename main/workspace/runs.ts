/** Run stores and traces kept in the workspace's runs/: opened by name, read where they lie. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { err, fault, ok, type Result } from '../simulator/faults'
import { safeName } from './names'

const KNOWN = /\.(dbrun|json)$/

export interface Runs {
  /** By name. */
  list(): Promise<string[]>
  /** Errors: FILE_BAD_NAME, FILE_NOT_FOUND. */
  path(name: string): Result<string>
}

export function createRuns(folder: string): Runs {
  return {
    async list() {
      const names = await readdir(folder).catch(() => [])
      return names.filter((name) => KNOWN.test(name) && safeName(name, /$^/).ok).sort()
    },
    path(name) {
      const safe = safeName(name, /$^/)
      if (!safe.ok) return safe
      const path = join(folder, safe.value)
      return existsSync(path)
        ? ok(path)
        : err(fault('FILE_NOT_FOUND', `there is no run ${safe.value} in the workspace`, { file: name }))
    },
  }
}
