/** Texts by number: one blob of UTF-8 and where each begins. A text is decoded when somebody asks for it. */
const encoder = new TextEncoder()
const decoder = new TextDecoder()

export interface StringTable {
  readonly length: number
  /** "" for a number that is not there. */
  at(id: number): string
  readonly bytes: Uint8Array
  /** length + 1 offsets into `bytes`. */
  readonly offsets: Uint32Array
}

export function stringTable(bytes: Uint8Array, offsets: Uint32Array): StringTable {
  return {
    length: Math.max(0, offsets.length - 1),
    at: (id) => decoder.decode(bytes.subarray(offsets[id] ?? 0, offsets[id + 1] ?? offsets[id] ?? 0)),
    bytes,
    offsets,
  }
}

/** Gives each text a number, the same text the same one. */
export class Interner {
  private readonly known = new Map<string, number>()

  id(text: string): number {
    const old = this.known.get(text)
    if (old !== undefined) return old
    const id = this.known.size
    this.known.set(text, id)
    return id
  }

  get size(): number {
    return this.known.size
  }

  table(): StringTable {
    const offsets = new Uint32Array(this.known.size + 1)
    let bytes = new Uint8Array(1024)
    let at = 0
    let i = 0
    for (const text of this.known.keys()) {
      if (bytes.length < at + text.length * 3) {
        const grown = new Uint8Array(Math.max(bytes.length * 2, at + text.length * 3))
        grown.set(bytes.subarray(0, at))
        bytes = grown
      }
      at += encoder.encodeInto(text, bytes.subarray(at)).written
      offsets[++i] = at
    }
    return stringTable(bytes.slice(0, at), offsets)
  }
}
