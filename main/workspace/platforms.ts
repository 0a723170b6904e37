/**
 * Platforms imported from machines: one .platform.json each in the workspace's platforms/, and beside it, in .observed.json,
 * what the input says that a kernel did there.
 */
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { err, fault, ok, type Result } from '../simulator/faults'
import { parsePlatform } from '../simulator/platform/file'
import { isEmpty, Observations } from '../simulator/platform/observations'
import type { Platform } from '../simulator/platform/schema'
import { readText, removeFile, writeWhole } from './files'
import { stableJson } from './json'
import { safeName, tameName } from './names'

export type { Observations }

const EXTENSION = /\.platform\.json$/i
/** Bytes of one platform; a machine of 10,000 functions has about 10 MB. */
const MAX_PLATFORM = 64 * 1024 * 1024

export interface Platforms {
  /** In order of name. */
  list(): Promise<string[]>
  /** Errors: FILE_BAD_NAME, PLATFORM_UNKNOWN, PLATFORM_INVALID, FILE_TOO_LARGE, FILE_UNREADABLE. */
  read(name: string): Promise<Result<Platform>>
  /** null when the input had none, or when they can no longer be read: a plan does without them. */
  observations(name: string): Promise<Observations | null>
  /** Lays these beside an imported platform, in place of those that it had. Errors: those of `read`, FILE_UNWRITABLE. */
  observe(name: string, observations: Observations): Promise<Result<string>>
  /**
   * Keeps it under `wished`, or `wished-2` … where that name is taken by a different platform. Observations are those of the
   * last import. Errors: FILE_UNWRITABLE.
   */
  keep(wished: string, platform: Platform, observations?: Observations): Promise<Result<string>>
}

export function createPlatforms(folder: string): Platforms {
  const pathOf = (base: string) => join(folder, `${base}.platform.json`)
  const seenPathOf = (base: string) => join(folder, `${base}.observed.json`)

  async function keepSeen(base: string, seen: Observations | undefined): Promise<Result<string>> {
    const written =
      seen === undefined || isEmpty(seen)
        ? await removeFile(seenPathOf(base))
        : await writeWhole(seenPathOf(base), stableJson(seen))
    return written.ok ? ok(base) : written
  }

  async function read(name: string): Promise<Result<Platform>> {
    const base = safeName(name, EXTENSION)
    if (!base.ok) return base
    const text = await readText(pathOf(base.value), `imported platform '${base.value}'`, MAX_PLATFORM)
    if (text.ok) return parsePlatform(text.value, base.value)
    if (text.error.code !== 'FILE_NOT_FOUND') return text
    return err(
      fault('PLATFORM_UNKNOWN', `there is no imported platform '${base.value}'`, {
        hint: 'import it again, from its capture',
      }),
    )
  }

  return {
    async list() {
      const names = await readdir(folder).catch(() => [])
      return names
        .filter((name) => EXTENSION.test(name) && safeName(name, EXTENSION).ok)
        .map((name) => name.replace(EXTENSION, ''))
        .sort()
    },
    read,
    async observations(name) {
      const base = safeName(name, EXTENSION)
      if (!base.ok) return null
      const text = await readText(seenPathOf(base.value), `observations of '${base.value}'`, MAX_PLATFORM)
      return text.ok ? parseObservations(text.value) : null
    },
    async observe(name, observations) {
      const base = safeName(name, EXTENSION)
      if (!base.ok) return base
      const there = await read(name)
      return there.ok ? keepSeen(base.value, observations) : there
    },
    async keep(wished, platform, observations) {
      const base = tameName(wished, 'platform')
      const json = stableJson(platform)
      for (let n = 1; n < 1000; n++) {
        const name = n === 1 ? base : `${base}-${n}`
        const there = await readText(pathOf(name), name, MAX_PLATFORM)
        if (there.ok && there.value === json) return keepSeen(name, observations)
        if (there.ok || there.error.code !== 'FILE_NOT_FOUND') continue
        const written = await writeWhole(pathOf(name), json)
        return written.ok ? keepSeen(name, observations) : written
      }
      return err(fault('FILE_UNWRITABLE', `no name like '${base}' is free in ${folder}`))
    },
  }
}

function parseObservations(text: string): Observations | null {
  try {
    const parsed = Observations.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** A name for what was imported from `file`: its base name, or its folder's where the file is just `capture.tar.gz`. */
export function wishedName(file: string): string {
  const base = basename(file).replace(/(\.platform)?\.(tar|tgz|gz|zst|xz|json|txt|yaml|dat|bin)(\.\w+)?$/i, '')
  const folder = basename(dirname(file))
  return base === 'capture' && folder !== '' && folder !== '.' ? folder : base
}
