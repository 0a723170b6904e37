/**
 * `--checkpoint FILE`: writes an exploration every few minutes, so that a crash costs no more than those, and at its end
 * where it has not come to one. Whatever goes wrong is said on standard error: what has been found is worth more.
 */
import { open, stat } from 'node:fs/promises'
import { fault, type Fault } from '../../simulator/faults'
import type { Exploration } from '../../worker/simulator'
import { removeFile } from '../../workspace/files'
import { isCheckpoint, writeCheckpoint } from '../checkpoint-file'
import { formatFault } from '../format/fault'
import type { Io } from '../io'

export const EVERY_MS = 5 * 60 * 1000

export interface Aside {
  /** To be waited for between two slices; null where nothing is to be done. */
  readonly between: (now: number) => Promise<void> | null
  /** The file, where there is something to go on from. */
  readonly end: (complete: boolean) => Promise<string | undefined>
}

/** Errors: FILE_EXISTS, FILE_UNWRITABLE: before anything is explored in vain. */
export async function putAside(
  path: string,
  exploration: Exploration,
  io: Io,
  every: number = EVERY_MS,
): Promise<Aside | Fault> {
  const taken = await inTheWay(path)
  if (taken) return taken
  let next = Infinity
  let begun = false
  let written = false
  const write = async (): Promise<boolean> => {
    const r = await writeCheckpoint(path, exploration.checkpoint())
    if (r.ok) written = true
    else io.err(formatFault(r.error))
    return r.ok
  }
  return {
    between(now) {
      if (!begun) next = now + every
      begun = true
      if (now < next) return null
      return write().then(() => void (next = now + every))
    },
    async end(complete) {
      if (!complete) return (await write()) ? path : undefined
      // A later run must not take up what has been brought to its end.
      if (written) await removeFile(path)
      return undefined
    },
  }
}

async function inTheWay(path: string): Promise<Fault | null> {
  const found = await stat(path).catch(() => null)
  if (!found) return null
  if (!found.isFile()) return fault('FILE_UNWRITABLE', `${path} is no file`, { file: path })
  if (found.size === 0) return null
  const file = await open(path, 'r').catch(() => null)
  if (!file) return fault('FILE_UNWRITABLE', `${path} cannot be read`, { file: path })
  try {
    if (await isCheckpoint(file)) return null
  } finally {
    await file.close()
  }
  return fault('FILE_EXISTS', `${path} is there already and is no checkpoint`, {
    file: path,
    hint: 'name another file: it is not overwritten',
  })
}
