/**
 * The address space as a strip that stays readable from 1 MiB to 2^64: cut at every boundary of a region and at 4 GiB,
 * each piece as wide as the logarithm of its size. Order is kept, lengths are not.
 */
export interface Piece {
  readonly start: bigint
  /** Inclusive. */
  readonly end: bigint
  /** Parts of 1. */
  readonly x: number
  readonly width: number
  /** Indexes of the regions that cover it; several may. */
  readonly regions: readonly number[]
}

/** Hex; the end is inclusive. */
export interface Extent {
  readonly start: string
  readonly end: string
}

export interface Space {
  readonly pieces: readonly Piece[]
  /** Exclusive end of the picture: at least 4 GiB, a power of two. */
  readonly top: bigint
}

const GIB4 = 1n << 32n
const LEAST = 6

const log2 = (size: bigint): number => size.toString(2).length

/** `also`: further extents at whose boundaries it is cut; they do not count as regions. */
export function layoutSpace(regions: readonly Extent[], also: readonly Extent[] = []): Space {
  const ranges = regions.map(read)
  const all = [...ranges, ...also.map(read)]
  let top = GIB4
  for (const { end } of all) while (end >= top) top <<= 1n
  const cuts = [...new Set([0n, GIB4, top, ...all.flatMap((r) => [r.start, r.end + 1n])])].sort((a, b) =>
    a < b ? -1 : a > b ? 1 : 0,
  )
  const bare = cuts.slice(1).flatMap((next, i) => {
    const start = cuts[i]
    if (start === undefined) return []
    const covering = ranges.flatMap((r, n) => (r.start <= start && next - 1n <= r.end ? [n] : []))
    return [{ start, end: next - 1n, weight: Math.max(LEAST, log2(next - start)), regions: covering }]
  })
  const sum = bare.reduce((total, p) => total + p.weight, 0)
  let x = 0
  const pieces = bare.map(({ start, end, weight, regions: covering }): Piece => {
    const piece = { start, end, x: x / sum, width: weight / sum, regions: covering }
    x += weight
    return piece
  })
  return { pieces, top }
}

function read(extent: Extent): { start: bigint; end: bigint } {
  const [a, b] = [BigInt(extent.start), BigInt(extent.end)]
  return a <= b ? { start: a, end: b } : { start: b, end: a }
}

export const covers = (extent: Extent, piece: Piece): boolean =>
  BigInt(extent.start) <= piece.start && piece.end <= BigInt(extent.end)

/** The boundary of 4 GiB, parts of 1; 1 when the picture ends there. */
export const fourGiB = (space: Space): number => space.pieces.find((p) => p.start === GIB4)?.x ?? 1

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']
/** "1 MiB", "3.98 GiB" */
export function sizeWords(size: bigint): string {
  let unit = 0
  let scaled = Number(size)
  while (scaled >= 1024 && unit < UNITS.length - 1) {
    scaled /= 1024
    unit++
  }
  return `${Number(scaled.toFixed(2))}\u202f${UNITS[unit] ?? ''}`
}
