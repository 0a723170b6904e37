/** A SystemRDL file as a block file. */
import { existsSync } from 'node:fs'
import { err, fault, type Result } from '../simulator/faults'
import { importRdl, type ImportedRdl } from '../simulator/firmware/systemrdl/import'
import { readText, writeWhole } from './files'

const MAX_BYTES = 4 * 1024 * 1024

/** Errors: those of `readText` and of `importRdl`. */
export async function readRdl(path: string): Promise<Result<ImportedRdl>> {
  const text = await readText(path, path, MAX_BYTES)
  return text.ok ? importRdl(text.value, path) : text
}

/** A block that somebody has worked on is not written over. Errors: FILE_EXISTS, FILE_UNWRITABLE. */
export async function writeBlock(path: string, text: string): Promise<Result<unknown>> {
  if (existsSync(path))
    return err(fault('FILE_EXISTS', `${path} exists`, { file: path, hint: 'move it away, or choose another name' }))
  return writeWhole(path, text)
}
