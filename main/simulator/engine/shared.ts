/** Arrays in memory that all threads of the process see. */

export const sharedInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4))
export const sharedNumbers = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(length * 8))

/** The same contents there. */
export function shared<T extends Int32Array | Uint32Array>(list: T): T {
  if (list.buffer instanceof SharedArrayBuffer) return list
  const memory = new SharedArrayBuffer(list.byteLength)
  const copy = list instanceof Int32Array ? new Int32Array(memory) : new Uint32Array(memory)
  copy.set(list)
  return copy as T
}
