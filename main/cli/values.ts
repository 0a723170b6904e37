/** Values of options as text has them; options.ts turns what is wrong with one into commander's error. */

export type Read<T> = { readonly value: T } | { readonly wrong: string }

/** Decimal or 0x…. */
export function readWhole(text: string, lo: number, hi: number): Read<number> {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN
  return value >= lo && value <= hi ? { value } : { wrong: `It must be a whole number from ${lo} to ${hi}.` }
}

export const readPositive = (text: string): Read<number> => readWhole(text, 1, Number.MAX_SAFE_INTEGER)

/** Threads: as many as the contract allows. */
export const readWorkers = (text: string): Read<number> => readWhole(text, 1, 64)

/** `vectors=3,devices=2` */
export function readScale(text: string): Read<Record<string, number>> {
  const pairs: (readonly [string, number])[] = []
  for (const part of text.split(',')) {
    const [, key, number] = /^([A-Za-z_]\w*)=(\d+)$/.exec(part) ?? []
    if (key === undefined || number === undefined) return { wrong: 'It must be a list such as vectors=2,devices=1.' }
    const n = readWhole(number, 1, 64)
    if ('wrong' in n) return n
    pairs.push([key, n.value])
  }
  return { value: Object.fromEntries(pairs) }
}
