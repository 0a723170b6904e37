/** Reading and writing files of the workspace: whole or not at all, with faults instead of exceptions. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { err, fault, ok, type Result } from '../simulator/faults'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'

/**
 * Replaces `path` by `data` at once: a crash leaves the old file or the new one, never a half.
 * The temporary file stands in the same folder (a rename is atomic only inside one file system).
 * Errors: FILE_UNWRITABLE.
 */
export const writeWhole = (path: string, data: string | Uint8Array): Promise<Result<{ modified: number }>> =>
  writePieces(path, [data])

/** The same for what is too large to be held at once. */
export async function writePieces(
  path: string,
  pieces: Iterable<string | Uint8Array>,
): Promise<Result<{ modified: number }>> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(temporary, 'wx')
    try {
      for (const piece of pieces) await file.writeFile(piece)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
    return ok({ modified: Math.round((await stat(path)).mtimeMs) })
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    return err(fault('FILE_UNWRITABLE', `${path} cannot be written: ${codeOf(error)}`))
  }
}

/** It may be gone already. Errors: FILE_UNWRITABLE. */
export async function removeFile(path: string): Promise<Result<null>> {
  try {
    await rm(path, { force: true })
    return ok(null)
  } catch (error) {
    return err(fault('FILE_UNWRITABLE', `${path} cannot be removed: ${codeOf(error)}`))
  }
}

/** So that the rename itself survives a power cut. Windows cannot open folders, and needs no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** `shown` is how the person knows the file. Errors: FILE_NOT_FOUND, FILE_TOO_LARGE, FILE_UNREADABLE. */
export async function readText(path: string, shown: string, maxBytes: number): Promise<Result<string>> {
  try {
    const { size } = await stat(path)
    if (size > maxBytes)
      return err(fault('FILE_TOO_LARGE', `${shown} has ${size} bytes, over the limit of ${maxBytes}`, { file: shown }))
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return err(fault('FILE_NOT_FOUND', `there is no ${shown}`, { file: shown }))
    const why = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : code
    return err(fault('FILE_UNREADABLE', `${shown} cannot be read: ${why}`, { file: shown }))
  }
}
