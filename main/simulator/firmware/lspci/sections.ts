/** Lines → one section per function as often as it occurs: its header, the lines below it, its bytes. */
import type { PlatformWarning } from '../../platform/schema'
import type { PastedLine } from '../pasted'
import { warning } from '../warnings'
import { continueHeader, headerOf, isBrokenHeader, type Header } from './header'

export interface Section {
  readonly header: Header
  /** 1-based line of the header. */
  readonly line: number
  readonly body: readonly string[]
  /** From offset 0, without a gap. */
  readonly bytes: Uint8Array
}

interface Open {
  header: Header
  line: number
  body: string[]
  hex: Hex | undefined
}

const HEX_LINE = /^[ \t]*([0-9a-f]{2,8}): ((?:[0-9a-f]{2}(?: |$)){1,16})(.*)$/i
const SPACE = 4096
/** Ten times the largest machine that is planned for. */
const SECTION_LIMIT = 100_000

export function sectionsOf(lines: readonly PastedLine[], warnings: PlatformWarning[]): Section[] {
  const sections: Open[] = []
  let open: Open | undefined
  let mayContinue = false
  for (const { number, text } of lines) {
    const header = headerOf(text)
    if (header) {
      if (sections.length === SECTION_LIMIT) {
        warnings.push(
          warning('LSPCI_TRUNCATED', `line ${number}: more than ${SECTION_LIMIT} functions; the rest is left out`),
        )
        break
      }
      open = { header, line: number, body: [], hex: undefined }
      sections.push(open)
      mayContinue = header.device === undefined || !/\d/.test(text.slice(-8))
      continue
    }
    if (!open) continue
    if (mayContinue && isBrokenHeader(text)) open.header = continueHeader(open.header, text)
    mayContinue = false
    const row = HEX_LINE.exec(text)
    if (row) {
      open.hex ??= new Hex()
      const problem = open.hex.add(parseInt(row[1] ?? '', 16), row[2] ?? '', row[3] ?? '')
      if (problem !== undefined) warnings.push(warning('LSPCI_HEX_MALFORMED', `line ${number}: ${problem}`))
    } else if (text !== '') open.body.push(text)
  }
  return sections.map(({ hex, ...section }) => ({ ...section, bytes: hex?.bytes() ?? new Uint8Array() }))
}

/** The rows of a hex dump, which may come in any order; only what stands without a gap from 0 counts. */
class Hex {
  private readonly data = new Uint8Array(SPACE)
  private readonly have = new Uint8Array(SPACE)

  /** What is wrong with the row, if anything. */
  add(offset: number, row: string, rest: string): string | undefined {
    const values = row
      .trim()
      .split(' ')
      .map((digits) => parseInt(digits, 16))
    if (offset + values.length > SPACE) return `offset 0x${offset.toString(16)} lies beyond configuration space`
    values.forEach((value, i) => {
      this.data[offset + i] = value
      this.have[offset + i] = 1
    })
    return rest.trim() === '' ? undefined : `"${rest.trim().slice(0, 20)}" behind the bytes is ignored`
  }

  bytes(): Uint8Array {
    const gap = this.have.indexOf(0)
    return this.data.slice(0, gap < 0 ? SPACE : gap)
  }
}
