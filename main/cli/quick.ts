/**
 * The short way through the command line: `doorbell explore ID` of a built-in scenario that the build has prepared, with
 * options that are plainly right. Where starting up is most of the work, the grammar, the schemas and the parser are
 * most of starting up. Whatever is unusual or wrong is none of it: it goes the whole way, which knows what to say.
 */
import type { ExploreOptions } from '../../preload/contract'
import type { Io } from './io'
import { readPositive, readScale, readWorkers, type Read } from './values'

export interface QuickExplore {
  readonly id: string
  readonly json: boolean
  readonly options: ExploreOptions
}

/** Undefined: nothing has been done or printed, take the whole way. */
export async function quick(args: readonly string[], io: Io): Promise<number | undefined> {
  const asked = readQuick(args)
  if (!asked) return undefined
  return (await import('./commands/explore-prepared')).explorePrepared(asked, io)
}

/** Option → its value among the options of an exploration; null where it is wrong. */
const VALUES: Readonly<Record<string, (text: string) => ExploreOptions | null>> = {
  '--scale': (text) => valued(readScale(text), (scale) => ({ scale })),
  '--max-states': (text) => valued(readPositive(text), (maxStates) => ({ maxStates })),
  '--workers': (text) => valued(readWorkers(text), (workers) => ({ workers })),
  '--max-memory': (text) => valued(readPositive(text), (maxMemory) => ({ maxMemory })),
}
const SWITCHES: Readonly<Record<string, ExploreOptions>> = {
  '--no-reduce': { reduce: false },
  '--no-symmetry': { symmetry: false },
  '--critical': { critical: true },
}
const valued = <T>(read: Read<T>, as: (value: T) => ExploreOptions): ExploreOptions | null =>
  'wrong' in read ? null : as(read.value)

/** As the grammar of program.ts reads it, or undefined. */
export function readQuick([command, ...args]: readonly string[]): QuickExplore | undefined {
  if (command !== 'explore') return undefined
  let id: string | undefined
  let json = false
  let options: ExploreOptions = { reduce: true, symmetry: true }
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--json') json = true
    else if (Object.hasOwn(SWITCHES, arg)) options = { ...options, ...SWITCHES[arg] }
    else if (arg.startsWith('-')) {
      const equals = arg.indexOf('=')
      const name = equals < 0 ? arg : arg.slice(0, equals)
      const text = equals < 0 ? rest.shift() : arg.slice(equals + 1)
      const value = text === undefined || !Object.hasOwn(VALUES, name) ? null : VALUES[name]?.(text)
      if (!value) return undefined
      options = { ...options, ...value }
    } else if (id === undefined && /^[\w-]+$/.test(arg)) id = arg
    else return undefined
  }
  return id === undefined ? undefined : { id, json, options }
}
