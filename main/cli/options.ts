/** Values of options, read from text or refused with what was wrong. */
import { InvalidArgumentError } from 'commander'
import { readPositive, readScale, readWhole, readWorkers, type Read } from './values'

const given = <T>(read: Read<T>): T => {
  if ('wrong' in read) throw new InvalidArgumentError(read.wrong)
  return read.value
}
const wholeNumber = (text: string, lo: number, hi: number): number => given(readWhole(text, lo, hi))

export const positive = (text: string): number => given(readPositive(text))
export const workers = (text: string): number => given(readWorkers(text))
export const seed = (text: string): number => wholeNumber(text, 0, 0xffffffff)
/** `2/8`: part 2 of 8; 0/8 is the same as 8/8. */
export function shard(text: string): { index: number; of: number } {
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
  if (index === undefined || of === undefined || Number(of) < 1 || Number(index) > Number(of))
    throw new InvalidArgumentError('It must be I/N, such as 1/8, with I from 1 to N or from 0 to N−1.')
  return { index: Number(index), of: Number(of) }
}

export const runs = (text: string): number => wholeNumber(text, 1, 100_000_000)
export const port = (text: string): number => wholeNumber(text, 0, 65535)

/** `vectors=3,devices=2` */
export const scale = (text: string): Record<string, number> => given(readScale(text))

/** `0x100000:0x1000`, address and size. */
export function mapping(
  text: string,
  before: readonly { iova: bigint; size: bigint }[] = [],
): { iova: bigint; size: bigint }[] {
  const [, iova, size] = /^(0x[0-9a-f]{1,16}|\d{1,20}):(0x[0-9a-f]{1,16}|\d{1,20})$/i.exec(text) ?? []
  if (iova === undefined || size === undefined)
    throw new InvalidArgumentError('It must be IOVA:SIZE, such as 0x100000:0x1000.')
  return [...before, { iova: BigInt(iova), size: BigInt(size) }]
}

export const several = (text: string, before: readonly string[] = []): string[] => [...before, text]

export function bindGroup(text: string): 0 | 1 | 2 {
  if (text === '0') return 0
  if (text === '1') return 1
  if (text === '2') return 2
  throw new InvalidArgumentError('It must be 0, 1 or 2.')
}

/** `0000:01:00.0=4` */
export function sriov(
  text: string,
  before: readonly { bdf: string; count: number }[] = [],
): { bdf: string; count: number }[] {
  const [, bdf, count] = /^([0-9a-fA-F:.]+)=(\d{1,5})$/.exec(text) ?? []
  if (bdf === undefined || count === undefined)
    throw new InvalidArgumentError('It must be BDF=N, such as 0000:01:00.0=4.')
  return [...before, { bdf: bdf.toLowerCase(), count: wholeNumber(count, 1, 65535) }]
}

/** `8G:q35`: a guest's RAM and the QEMU machine that lays it out (q35 where none is named). */
export function guestRam(text: string): { bytes: bigint; machine: 'q35' | 'i440fx' | 'virt' } {
  const [, amount, unit = 'M', machine = 'q35'] = /^(\d{1,9})([MGT]?)(?::(q35|i440fx|virt))?$/.exec(text) ?? []
  if (amount === undefined)
    throw new InvalidArgumentError('It must be SIZE[:MACHINE], such as 8G:q35; machines: q35, i440fx, virt.')
  const shift = unit === 'T' ? 40n : unit === 'G' ? 30n : 20n
  return {
    bytes: BigInt(amount) << shift,
    machine: machine === 'virt' ? 'virt' : machine === 'i440fx' ? 'i440fx' : 'q35',
  }
}

export const whole = (text: string): number => wholeNumber(text, 0, Number.MAX_SAFE_INTEGER)
export const vector = (text: string): number => wholeNumber(text, 0, 2047)
export const pasid = (text: string): number => wholeNumber(text, 0, 0xfffff)

/** An address: `0x1000`, or decimal. */
export function address(text: string): bigint {
  if (!/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(text))
    throw new InvalidArgumentError('It must be an address, such as 0x1000.')
  return BigInt(text)
}
