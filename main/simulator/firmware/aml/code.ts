/**
 * AML as bytes: names, package lengths and the shape of every opcode (ACPI 6.5 chapter 20), so that terms can be passed over
 * without being understood. Every reader answers undefined where the bytes end or make no sense.
 */

/**
 * What follows an opcode: N name, T term, S target or super name, B W D Q numbers, Z string, P package up to its length.
 * Two-byte opcodes are 0x5b00 + second byte.
 */
const SHAPES: Record<number, string> = {
  0x00: '',
  0x01: '',
  0x06: 'NN',
  0x08: 'NT',
  0x0a: 'B',
  0x0b: 'W',
  0x0c: 'D',
  0x0d: 'Z',
  0x0e: 'Q',
  0x10: 'P',
  0x11: 'P',
  0x12: 'P',
  0x13: 'P',
  0x14: 'P',
  0x15: 'NBB',
  0x70: 'TS',
  0x71: 'S',
  0x72: 'TTS',
  0x73: 'TTS',
  0x74: 'TTS',
  0x75: 'S',
  0x76: 'S',
  0x77: 'TTS',
  0x78: 'TTSS',
  0x79: 'TTS',
  0x7a: 'TTS',
  0x7b: 'TTS',
  0x7c: 'TTS',
  0x7d: 'TTS',
  0x7e: 'TTS',
  0x7f: 'TTS',
  0x80: 'TS',
  0x81: 'TS',
  0x82: 'TS',
  0x83: 'T',
  0x84: 'TTS',
  0x85: 'TTS',
  0x86: 'ST',
  0x87: 'S',
  0x88: 'TTS',
  0x89: 'TBTBTT',
  0x8a: 'TTN',
  0x8b: 'TTN',
  0x8c: 'TTN',
  0x8d: 'TTN',
  0x8e: 'S',
  0x8f: 'TTN',
  0x90: 'TT',
  0x91: 'TT',
  0x92: 'T',
  0x93: 'TT',
  0x94: 'TT',
  0x95: 'TT',
  0x96: 'TS',
  0x97: 'TS',
  0x98: 'TS',
  0x99: 'TS',
  0x9c: 'TTS',
  0x9d: 'TS',
  0x9e: 'TTTS',
  0x9f: '',
  0xa0: 'P',
  0xa1: 'P',
  0xa2: 'P',
  0xa3: '',
  0xa4: 'T',
  0xa5: '',
  0xcc: '',
  0xff: '',
  0x5b01: 'NB',
  0x5b02: 'N',
  0x5b12: 'SS',
  0x5b13: 'TTTN',
  0x5b1f: 'TTTTTT',
  0x5b20: 'NS',
  0x5b21: 'T',
  0x5b22: 'T',
  0x5b23: 'SW',
  0x5b24: 'S',
  0x5b25: 'ST',
  0x5b26: 'S',
  0x5b27: 'S',
  0x5b28: 'TS',
  0x5b29: 'TS',
  0x5b2a: 'S',
  0x5b30: '',
  0x5b31: '',
  0x5b32: 'BDT',
  0x5b33: '',
  0x5b80: 'NBTT',
  0x5b81: 'P',
  0x5b82: 'P',
  0x5b83: 'P',
  0x5b84: 'P',
  0x5b85: 'P',
  0x5b86: 'P',
  0x5b87: 'P',
  0x5b88: 'NTTT',
}
const SIZES: Record<string, number> = { B: 1, W: 2, D: 4, Q: 8 }
/** Terms nest a dozen levels in real tables. */
const DEPTH_LIMIT = 100

export interface AmlName {
  /** Leading `\` or `^`s, and segments of four characters joined with dots. */
  readonly text: string
  readonly end: number
}

/** How many arguments a method takes, by the name of a call in a scope; 0 for what is no method. */
export type ArgumentCount = (name: string) => number

/** Offset behind the package whose length starts at `at`, and where its contents start. */
export function packageAt(data: Uint8Array, at: number): { start: number; end: number } | undefined {
  const lead = data[at]
  if (lead === undefined) return undefined
  const more = lead >> 6
  let length = more === 0 ? lead & 0x3f : lead & 0x0f
  for (let i = 1; i <= more; i++) length += (data[at + i] ?? 0) * 2 ** (8 * i - 4)
  const start = at + 1 + more
  const end = at + length
  return end >= start && end <= data.length ? { start, end } : undefined
}

const isLead = (byte: number): boolean => (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f
const isNameChar = (byte: number): boolean => isLead(byte) || (byte >= 0x30 && byte <= 0x39)
/** Whether a term that starts with this byte is a name. */
export const startsName = (byte: number): boolean =>
  isLead(byte) || byte === 0x5c || byte === 0x5e || byte === 0x2e || byte === 0x2f

export function nameAt(data: Uint8Array, at: number): AmlName | undefined {
  let text = ''
  let here = at
  if (data[here] === 0x5c) {
    text = '\\'
    here++
  } else for (; data[here] === 0x5e && here - at < 64; here++) text += '^'
  const lead = data[here]
  if (lead === 0) return { text, end: here + 1 }
  let count = 1
  if (lead === 0x2e) {
    count = 2
    here++
  } else if (lead === 0x2f) {
    count = data[here + 1] ?? 0
    here += 2
  }
  const segments: string[] = []
  for (let i = 0; i < count; i++, here += 4) {
    const bytes = data.subarray(here, here + 4)
    if (bytes.length < 4 || !isLead(bytes[0] ?? 0) || !bytes.every(isNameChar)) return undefined
    segments.push(String.fromCharCode(...bytes))
  }
  return segments.length === 0 ? undefined : { text: text + segments.join('.'), end: here }
}

export interface Opcode {
  readonly code: number
  /** Behind the opcode. */
  readonly at: number
}

export function opcodeAt(data: Uint8Array, at: number): Opcode | undefined {
  const first = data[at]
  const second = data[at + 1]
  if (first === undefined) return undefined
  if (first !== 0x5b) return { code: first, at: at + 1 }
  return second === undefined ? undefined : { code: 0x5b00 + second, at: at + 2 }
}

/** Offset behind the term at `at`. */
export function skipTerm(data: Uint8Array, at: number, count: ArgumentCount, depth = 0): number | undefined {
  if (depth > DEPTH_LIMIT) return undefined
  const first = data[at]
  if (first === undefined) return undefined
  if (startsName(first)) {
    const name = nameAt(data, at)
    return name && skipShape(data, name.end, 'T'.repeat(count(name.text)), count, depth)
  }
  const opcode = opcodeAt(data, at)
  if (!opcode) return undefined
  if (opcode.code >= 0x60 && opcode.code <= 0x6e) return opcode.at // locals and arguments
  const shape = SHAPES[opcode.code]
  return shape === undefined ? undefined : skipShape(data, opcode.at, shape, count, depth)
}

function skipShape(
  data: Uint8Array,
  start: number,
  shape: string,
  count: ArgumentCount,
  depth: number,
): number | undefined {
  let at: number | undefined = start
  for (const part of shape) {
    if (at === undefined) return undefined
    at = skipPart(data, at, part, count, depth)
  }
  return at === undefined || at > data.length ? undefined : at
}

function skipPart(data: Uint8Array, at: number, part: string, count: ArgumentCount, depth: number): number | undefined {
  switch (part) {
    case 'N':
      return nameAt(data, at)?.end
    case 'P':
      return packageAt(data, at)?.end
    case 'Z': {
      const end = data.indexOf(0, at)
      return end < 0 ? undefined : end + 1
    }
    case 'S': {
      const first = data[at]
      if (first === 0) return at + 1 // no target
      if (first !== undefined && startsName(first)) return nameAt(data, at)?.end
      return skipTerm(data, at, count, depth + 1)
    }
    case 'T':
      return skipTerm(data, at, count, depth + 1)
    default:
      return at + (SIZES[part] ?? 0)
  }
}
