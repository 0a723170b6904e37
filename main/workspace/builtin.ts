/** Scenarios and platforms that come with Doorbell, in resources/ of the package. */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { assert, err, fault, nearest, ok, type Result } from '../simulator/faults'
import { parsePlatform } from '../simulator/platform/file'
import type { Platform } from '../simulator/platform/schema'
import { readText } from './files'
import { packageFolder } from './root'

const SCENARIO = /\.ya?ml$/
const PLATFORM = /(\.platform)?\.(json|ya?ml)$/
const BLOCK = /\.block\.ya?ml$/
const MAX_BYTES = 16 * 1024 * 1024

export interface Builtin {
  /** In order of id. */
  scenarios(): Promise<{ id: string; text: string }[]>
  scenarioIds(): Promise<string[]>
  /** Errors: SCENARIO_UNKNOWN. */
  scenario(id: string): Promise<Result<{ id: string; text: string }>>
  /** Text of a block file. Errors: BLOCK_UNKNOWN. */
  block(id: string): Promise<Result<string>>
  platforms(): Promise<{ id: string; title: string }[]>
  /** Errors: PLATFORM_UNKNOWN, PLATFORM_INVALID. */
  platform(id: string): Promise<Result<Platform>>
}

export function createBuiltin(resources: string = join(packageFolder(), 'resources')): Builtin {
  const scenarioFiles = () => filesById(join(resources, 'scenarios'), SCENARIO)
  const platformFiles = () => filesById(join(resources, 'platforms'), PLATFORM)

  const blockFiles = () => filesById(join(resources, 'blocks'), BLOCK)

  async function platform(id: string): Promise<Result<Platform>> {
    const files = await platformFiles()
    const file = files.get(id)
    if (file === undefined) return err(unknown('PLATFORM_UNKNOWN', 'built-in platform', id, files.keys()))
    const text = await readText(file, basename(file), MAX_BYTES)
    if (!text.ok) return text
    return parsePlatform(text.value, basename(file))
  }

  return {
    platform,
    async scenarios() {
      const files = await scenarioFiles()
      return Promise.all([...files].map(async ([id, file]) => ({ id, text: await own(file) })))
    },
    scenarioIds: async () => [...(await scenarioFiles()).keys()],
    async scenario(id) {
      const files = await scenarioFiles()
      const file = files.get(id)
      if (file === undefined) return err(unknown('SCENARIO_UNKNOWN', 'built-in scenario', id, files.keys()))
      return ok({ id, text: await own(file) })
    },
    async block(id) {
      const files = await blockFiles()
      const file = files.get(id)
      if (file === undefined) return err(unknown('BLOCK_UNKNOWN', 'block file', id, files.keys()))
      return ok(await own(file))
    },
    async platforms() {
      const ids = [...(await platformFiles()).keys()]
      return Promise.all(
        ids.map(async (id) => {
          const read = await platform(id)
          return { id, title: read.ok ? read.value.name : id }
        }),
      )
    },
  }
}

/** Base name without extension → path, in order of id; ids are unique over all folders. */
async function filesById(folder: string, extension: RegExp): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries
    .filter((entry) => entry.isFile() && extension.test(entry.name))
    .map((entry) => [entry.name.replace(extension, ''), join(entry.parentPath, entry.name)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const byId = new Map(files)
  assert(byId.size === files.length, `every file below ${folder} has a name of its own`)
  return byId
}

async function own(file: string): Promise<string> {
  const text = await readText(file, basename(file), MAX_BYTES)
  assert(text.ok, `${file} can be read`)
  return text.value
}

/** More names than a hint can hold. */
const MANY = 30

function unknown(
  code: 'SCENARIO_UNKNOWN' | 'PLATFORM_UNKNOWN' | 'BLOCK_UNKNOWN',
  what: string,
  id: string,
  ids: Iterable<string>,
) {
  const names = [...ids]
  const near = nearest(id, names)
  const all = names.length > MANY && code === 'SCENARIO_UNKNOWN' ? '"doorbell scenarios" lists them' : undefined
  const hint =
    near !== undefined
      ? `did you mean '${near}'?`
      : (all ?? (names.length > 0 ? `there are: ${names.join(', ')}` : undefined))
  return fault(code, `there is no ${what} '${id.slice(0, 100)}'`, hint === undefined ? {} : { hint })
}
