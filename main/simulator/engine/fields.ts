/**
 * A state as one whole number: the numbers of its components' configurations in a mixed radix. Each component has places
 * for the configurations that are known and a few more; a step that changes one component adds a multiple of its unit.
 */

export interface Fields {
  /** How many configurations of each component have a place. */
  readonly most: Float64Array
  /** What a configuration of the component counts in the number. */
  readonly unit: Float64Array
  /** Every number is less. */
  readonly end: number
  /** Bits of a number. */
  readonly bits: number
}

export function layFields(most: Iterable<number>): Fields {
  const places = Float64Array.from(most)
  let end = 1
  const unit = places.map((n) => {
    const one = end
    end *= n
    return one
  })
  let bits = 1
  while (2 ** bits < end) bits++
  return { most: places, unit, end, bits }
}

export function packed({ unit }: Fields, ids: Int32Array): number {
  let key = 0
  for (let c = 0; c < ids.length; c++) key += (ids[c] ?? 0) * (unit[c] ?? 0)
  return key
}

/** Exact: below 2⁵², a quotient of whole numbers never rounds up to the next whole number. */
export function unpack({ unit }: Fields, key: number, ids: Int32Array): void {
  let rest = key
  for (let c = ids.length - 1; c >= 0; c--) {
    const one = unit[c] ?? 1
    const id = (rest / one) | 0
    ids[c] = id
    rest -= id * one
  }
}
