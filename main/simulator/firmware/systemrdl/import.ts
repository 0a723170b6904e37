/** From the text of a SystemRDL file to the text of a block file. */
import { ok, type Result } from '../../faults'
import { blockOfRdl, blockText } from './block'
import { parseRdl } from './parse'

export interface ImportedRdl {
  /** Kind of the block. */
  readonly block: string
  readonly text: string
  readonly registers: number
  readonly fields: number
}

/** `name`: what the person calls the file. Errors: those of `parseRdl`, with the file. */
export function importRdl(text: string, name: string): Result<ImportedRdl> {
  const map = parseRdl(text)
  if (!map.ok) return { ok: false, error: { ...map.error, file: name } }
  const block = blockOfRdl(map.value, name)
  return ok({
    block: block.block,
    text: blockText(block),
    registers: map.value.registers.length,
    fields: map.value.registers.reduce((n, r) => n + r.fields.length, 0),
  })
}
