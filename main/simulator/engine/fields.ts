/**
 * A state as one whole number: the numbers of its components' configurations in a mixed radix. Each component has places
 * for the configurations that are known and a few more; a step that changes one component adds a multiple of its unit.
 */

export interface Fields {
  /** How many configurations of each component have a place. */
  readonly most: Float64Array
  /** What a configuration of the component counts in the number. */
  readonly unit: Float64Array
  /** One by that, as near as it can be. */
  readonly per: Float64Array
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
  return { most: places, unit, per: unit.map((one) => 1 / one), end, bits }
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

/** States whose numbers mean something else from now on: what one meant in `old` has another number in `fields`. */
export class Relaid {
  private readonly ids: Int32Array<ArrayBuffer>
  /** Numbers that differ only in components up to the first that has other places move by as much, side by side. */
  private readonly block: number
  private from = 0
  private end = 0
  private by = 0

  constructor(
    private readonly old: Fields,
    private readonly fields: Fields,
  ) {
    this.ids = new Int32Array(old.most.length)
    const other = old.most.findIndex((most, c) => most !== fields.most[c])
    this.block = other < 0 ? old.end : (old.unit[other] ?? 1) * (old.most[other] ?? 1)
  }

  of(key: number): number {
    if (key < this.from || key >= this.end) this.move(key)
    return key + this.by
  }

  private move(key: number): void {
    this.from = Math.floor(key / this.block) * this.block
    this.end = this.from + this.block
    unpack(this.old, this.from, this.ids)
    this.by = packed(this.fields, this.ids) - this.from
  }
}
