/** Values of options, read from text or refused with what was wrong. */
import { InvalidArgumentError } from 'commander'

const wholeNumber = (text: string, lo: number, hi: number): number => {
  const n = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN
  if (!(n >= lo && n <= hi)) throw new InvalidArgumentError(`It must be a whole number from ${lo} to ${hi}.`)
  return n
}

export const positive = (text: string): number => wholeNumber(text, 1, Number.MAX_SAFE_INTEGER)
export const seed = (text: string): number => wholeNumber(text, 0, 0xffffffff)
export const port = (text: string): number => wholeNumber(text, 0, 65535)

/** `vectors=3,devices=2` */
export function scale(text: string): Record<string, number> {
  const pairs = text.split(',').map((part) => {
    const [, key, value] = /^([A-Za-z_]\w*)=(\d+)$/.exec(part) ?? []
    if (key === undefined || value === undefined)
      throw new InvalidArgumentError('It must be a list such as vectors=2,devices=1.')
    return [key, wholeNumber(value, 1, 64)] as const
  })
  return Object.fromEntries(pairs)
}
