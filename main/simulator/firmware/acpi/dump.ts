/**
 * Tables as people pass them on: a binary file with one or several of them, and hex text (acpidump in its old and new layout,
 * the raw data at the end of iasl's disassembly, hexdump -C, xxd). A table is known by its signature; contents are judged later.
 */
import type { PlatformWarning } from '../../platform/schema'
import type { PastedLine } from '../pasted'
import { warning } from '../warnings'
import { HEADER_LENGTH } from './header'

export interface RawTable {
  readonly signature: string
  readonly data: Uint8Array
  /** Where it begins: byte of a binary file, line of a text. */
  readonly offset?: number
  readonly line?: number
}

/** More tables no machine has; more bytes than this no table has. */
const TABLE_LIMIT = 1000
const BYTES_LIMIT = 4 * 1024 * 1024

const SIGNATURE = /^[A-Z][A-Z0-9_]{3}$/

export function signatureOf(data: Uint8Array, at = 0): string | undefined {
  const word = String.fromCharCode(...data.subarray(at, at + 4))
  return SIGNATURE.test(word) ? word : undefined
}

/** One after another, each as long as its header says; what comes behind the last is left. */
export function tablesInBytes(data: Uint8Array): RawTable[] {
  const tables: RawTable[] = []
  for (let at = 0; tables.length < TABLE_LIMIT;) {
    const signature = signatureOf(data, at)
    if (signature === undefined) return tables
    const rest = data.length - at
    const view = new DataView(data.buffer, data.byteOffset + at, rest)
    const length = rest >= 8 ? view.getUint32(4, true) : 0
    const whole = length >= HEADER_LENGTH && length <= rest
    tables.push({ signature, data: data.subarray(at, whole ? at + length : data.length), offset: at })
    if (!whole) return tables
    at += length
  }
  return tables
}

/** Whether a file that begins so is a binary table. */
export function looksLikeTable(head: Uint8Array): boolean {
  if (signatureOf(head) === undefined || head.length < 8) return false
  const length = new DataView(head.buffer, head.byteOffset, head.length).getUint32(4, true)
  return length < 0x0100_0000 && head.subarray(4, HEADER_LENGTH).some((byte) => byte === 0)
}

/** Offset, then the bytes with everything behind them. Two hex digits of offset are lspci's, not ours. */
const ROW = /^[\s>|]*([0-9a-f]{4,16}):?\s{1,4}([0-9a-f]{2}.*)$/i

export function tablesInText(lines: readonly PastedLine[], warnings: PlatformWarning[]): RawTable[] {
  const tables: { signature: string; line: number; bytes: number[]; broken: boolean }[] = []
  let open: (typeof tables)[number] | undefined
  for (const { number, text } of lines) {
    const match = ROW.exec(text)
    if (!match) continue
    const offset = parseInt(match[1] ?? '', 16)
    const bytes = bytesOf(match[2] ?? '')
    if (bytes.length === 0) continue
    if (offset === 0) {
      const signature = signatureOf(Uint8Array.from(bytes))
      open = undefined
      if (signature === undefined || tables.length === TABLE_LIMIT) continue
      open = { signature, line: number, bytes: [...bytes], broken: false }
      tables.push(open)
    } else if (open && !open.broken) {
      if (offset === open.bytes.length && offset < BYTES_LIMIT) open.bytes.push(...bytes)
      else {
        open.broken = true
        warnings.push(
          warning(
            'ACPIDUMP_MALFORMED',
            `line ${number}: ${open.signature} goes on at 0x${offset.toString(16)} though 0x${open.bytes.length.toString(16)} is next; the rest of it is left out`,
          ),
        )
      }
    }
  }
  return tables.map(({ signature, line, bytes }) => ({ signature, line, data: Uint8Array.from(bytes) }))
}

/** At most sixteen bytes: `44 4d 41 …`, with a wider gap in the middle (hexdump -C), or in words (`444d 4152 …`, xxd). */
function bytesOf(text: string): number[] {
  const words = /^(?:[0-9a-f]{4} ){1,7}(?:[0-9a-f]{4}|[0-9a-f]{2})(?=\s|$)|^[0-9a-f]{4}(?=\s|$)/i.exec(text)?.[0]
  const first = /^[0-9a-f]{2}(?: [0-9a-f]{2}){0,15}(?=\s|$)/i.exec(text)?.[0]
  const row = words ?? first ?? ''
  const pairs = row.replaceAll(' ', '').match(/../g) ?? []
  if (words === undefined && pairs.length === 8 && text.includes('|')) {
    const second = /^ {2}([0-9a-f]{2}(?: [0-9a-f]{2}){0,7})(?=\s|$)/i.exec(text.slice(row.length))?.[1]
    pairs.push(...(second?.split(' ') ?? []))
  }
  return pairs.slice(0, 16).map((pair) => parseInt(pair, 16))
}
