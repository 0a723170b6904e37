/** What sets of states hold, as a list. */
interface Keys {
  each(take: (key: number) => void): void
  addAll(keys: Float64Array, count: number, fresh: Int32Array): number
}
export function keysOf(set: Keys): number[] {
  const keys: number[] = []
  set.each((key) => keys.push(key))
  return keys
}

/** Places of those that were new. */
export function freshOf(set: Keys, keys: readonly number[]): number[] {
  const fresh = new Int32Array(keys.length)
  const count = set.addAll(Float64Array.from(keys), keys.length, fresh)
  return [...fresh.subarray(0, count)]
}
