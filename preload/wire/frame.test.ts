import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from './frame'

/** Anything that may travel: JSON values (with keys such as __proto__), with typed arrays anywhere. */
const json = fc.jsonValue({ maxDepth: 4 }).map((v) => JSON.parse(JSON.stringify(v)) as unknown) // −0 becomes 0, as in JSON
const array = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.int32Array({ maxLength: 20 }),
  fc.float64Array({ maxLength: 10 }),
  fc.uint16Array({ maxLength: 9 }),
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    json,
    array,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('__proto__', 'length', '0')), tie('value'), {
      maxKeys: 4,
    }),
  ),
}))

describe('frame', () => {
  it('carries JSON values and typed arrays unchanged, wherever in the value they are', () => {
    fc.assert(
      fc.property(value, (v) => {
        const back = decodeFrame(encodeFrame(v))
        expect(back).toEqual({ ok: true, value: withoutPrototypes(v) })
      }),
      { numRuns: 500 },
    )
  })

  it('carries typed arrays that are windows into a larger buffer, also when it is received unaligned', () => {
    const big = Float64Array.from({ length: 8 }, (_, i) => i / 3)
    const frame = encodeFrame({ part: big.subarray(3, 5), text: Buffer.from('abc') })
    const shifted = new Uint8Array(frame.length + 3)
    shifted.set(frame, 3)
    const back = decodeFrame(shifted.subarray(3))
    expect(back).toEqual({ ok: true, value: { part: Float64Array.of(1, 4 / 3), text: Uint8Array.of(97, 98, 99) } })
  })

  it('says what is wrong with any bytes, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeFrame(bytes).ok).toBe(false)
      }),
    )
  })

  it('survives a flipped bit or a cut anywhere in a good frame', () => {
    const good = encodeFrame({ a: [1, { b: Int32Array.of(1, 2, 3) }], c: Uint8Array.of(9) })
    fc.assert(
      fc.property(fc.nat(good.length * 8 - 1), fc.nat(good.length), (bit, length) => {
        const bad = good.slice(0, length)
        if (bit >> 3 < length) bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(() => decodeFrame(bad)).not.toThrow()
      }),
    )
  })

  it('puts an array only where the body has a null of its own', () => {
    const head = (body: unknown, path: (string | number)[]) => {
      const text = new TextEncoder().encode(JSON.stringify({ body, tail: [{ path, type: 'Uint8Array', length: 1 }] }))
      const frame = new Uint8Array(Math.ceil((8 + text.length) / 8) * 8 + 8)
      frame.set(new TextEncoder().encode('DBW1'))
      new DataView(frame.buffer).setUint32(4, text.length, true)
      frame.set(text, 8)
      return decodeFrame(frame)
    }
    expect(head({ a: null }, ['a'])).toEqual({ ok: true, value: { a: Uint8Array.of(0) } })
    expect(head({ a: 1 }, ['a'])).toMatchObject({ ok: false })
    expect(head({}, ['__proto__', 'polluted'])).toMatchObject({ ok: false })
    expect(head({}, ['constructor'])).toMatchObject({ ok: false })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('refuses what JSON would silently change, and what is over the limit', () => {
    expect(() => encodeFrame({ x: Number.NaN })).toThrow(/NaN at x/)
    expect(() => encodeFrame({ when: new Date(0) })).toThrow(/class at when/)
    expect(() => encodeFrame({ n: 1n })).toThrow(/bigint at n/)
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    expect(() => encodeFrame(cycle)).toThrow(/too deeply/)
    expect(() => encodeFrame(new Uint8Array(2000), 1000)).toThrow(/limit of 1000/)
    expect(decodeFrame(encodeFrame(new Uint8Array(2000)), 1000)).toMatchObject({ ok: false })
  })
})

/** fast-check's dictionaries may have a null prototype, JSON's have not. */
function withoutPrototypes(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(withoutPrototypes)
  if (v === null || typeof v !== 'object' || ArrayBuffer.isView(v)) return v
  return Object.fromEntries(Object.entries(v).map(([k, inner]) => [k, withoutPrototypes(inner)]))
}
