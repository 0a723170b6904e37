/** `doorbell import-rdl FILE.rdl`: the registers of a SystemRDL address map as a block file, printed or written. */
import { readRdl, writeBlock } from '../../workspace/import-rdl'
import { EXIT, fail } from '../exit'
import type { Outputs } from '../output'
import type { CommandContext } from './context'

export async function importRdlFile(
  file: string,
  { output }: { output?: string },
  { io, json }: CommandContext,
): Promise<number> {
  const read = await readRdl(file)
  if (!read.ok) return fail(io, json, [read.error])
  const { text } = read.value
  if (output !== undefined) {
    const written = await writeBlock(output, text)
    if (!written.ok) return fail(io, json, [written.error])
  }
  const answer: Outputs['import-rdl'] = { ...read.value, written: output ?? null }
  if (json) io.out(JSON.stringify(answer) + '\n')
  else if (output === undefined) io.out(text)
  else
    io.out(
      `${output}: ${answer.registers} registers, ${answer.fields} fields\nA scenario names it by\n  kinds: [{ file: ${JSON.stringify(output)} }]\n`,
    )
  return EXIT.ok
}
