/**
 * Structured clone over Playwright's bindings, which know only JSON: tagged objects for what JSON has not.
 * `makeWire` is also sent into the page as source text, so it must not use anything from outside itself.
 */
export function makeWire(toBase64, fromBase64) {
  const typed = {
    Float64Array,
    Float32Array,
    Int32Array,
    Uint32Array,
    Int16Array,
    Uint16Array,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
  }
  const pack = (value) => {
    if (value === undefined) return { $undefined: 1 }
    if (typeof value === 'bigint') return { $bigint: String(value) }
    if (typeof value === 'function' || typeof value === 'symbol') throw new Error('An object could not be cloned.')
    if (value === null || typeof value !== 'object') return value
    if (ArrayBuffer.isView(value)) {
      const name = Object.prototype.toString.call(value).slice(8, -1)
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      return { $typed: name in typed ? name : 'Uint8Array', bytes: toBase64(bytes) }
    }
    if (Array.isArray(value)) return value.map(pack)
    return { $object: Object.entries(value).map(([key, inner]) => [key, pack(inner)]) }
  }
  const unpack = (value) => {
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(unpack)
    if (value.$undefined) return undefined
    if (value.$bigint !== undefined) return BigInt(value.$bigint)
    if (value.$typed) return new typed[value.$typed](fromBase64(value.bytes).buffer)
    return Object.fromEntries(value.$object.map(([key, inner]) => [key, unpack(inner)]))
  }
  return { pack, unpack }
}

export const wire = makeWire(
  (bytes) => Buffer.from(bytes).toString('base64'),
  (text) => Uint8Array.from(Buffer.from(text, 'base64')),
)
