/**
 * One message as bytes, for carriers that know only bytes (WebSocket). Plain JSON values and typed arrays survive:
 *
 *     0   4 bytes   magic "DBW1"
 *     4   u32 LE    length of the head in bytes
 *     8   head      UTF-8 JSON { body, tail: [{ path, type, length }] }; body has null where a typed array belongs
 *     …   tail      the arrays' bytes in that order, each starting at a multiple of 8, in the machine's (little-endian) order
 */
import { z } from 'zod'
import { err, ok, type Result } from '../../main/simulator/faults'
import { MAX_FRAME } from './messages'

const ARRAYS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
} as const
type ArrayType = keyof typeof ARRAYS
type TypedArray = InstanceType<(typeof ARRAYS)[ArrayType]>

const MAGIC = 0x31574244
const HEAD_AT = 8
const pad8 = (n: number) => Math.ceil(n / 8) * 8

type Path = (string | number)[]
interface Piece {
  path: Path
  array: TypedArray
}

const Head = z.object({
  body: z.unknown(),
  tail: z
    .array(
      z.object({
        path: z.array(z.union([z.string(), z.number().int().min(0)])).max(64),
        type: z.enum(Object.keys(ARRAYS) as ArrayType[]),
        length: z.number().int().min(0),
      }),
    )
    .max(65536),
})

/** Shape: any nesting of plain objects, arrays, typed arrays and JSON's scalars. Throws a TypeError for anything else. */
export function encodeFrame(value: unknown, maxBytes = MAX_FRAME): Uint8Array<ArrayBuffer> {
  const pieces: Piece[] = []
  const body = withoutArrays(value, [], pieces)
  const tail = pieces.map(({ path, array }) => ({ path, type: arrayType(array), length: array.length }))
  const head = new TextEncoder().encode(JSON.stringify({ body, tail }))
  const total = pieces.reduce((sum, { array }) => sum + pad8(array.byteLength), pad8(HEAD_AT + head.length))
  if (total > maxBytes) throw new TypeError(`a message of ${total} bytes is over the limit of ${maxBytes}`)
  const frame = new Uint8Array(total)
  const view = new DataView(frame.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, head.length, true)
  frame.set(head, HEAD_AT)
  let at = pad8(HEAD_AT + head.length)
  for (const { array } of pieces) {
    frame.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += pad8(array.byteLength)
  }
  return frame
}

/** The reverse; any bytes are safe to pass. The error says what is wrong with the frame. */
export function decodeFrame(input: Uint8Array, maxBytes = MAX_FRAME): Result<unknown, string> {
  if (input.length > maxBytes) return err(`frame of ${input.length} bytes is over the limit of ${maxBytes}`)
  if (input.length < HEAD_AT) return err(`frame of ${input.length} bytes is shorter than its ${HEAD_AT}-byte start`)
  const frame = input.byteOffset % 8 === 0 ? input : input.slice() // typed arrays need aligned offsets
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint32(0, true) !== MAGIC) return err('frame does not start with DBW1')
  const headLength = view.getUint32(4, true)
  if (HEAD_AT + headLength > frame.length) return err(`head of ${headLength} bytes reaches past the end of the frame`)
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(frame.subarray(HEAD_AT, HEAD_AT + headLength)))
  } catch {
    return err('head of the frame is not JSON')
  }
  const head = Head.safeParse(json)
  if (!head.success) return err('head of the frame has the wrong shape')
  const root: unknown[] = [head.data.body]
  let at = pad8(HEAD_AT + headLength)
  for (const { path, type, length } of head.data.tail) {
    const bytes = length * ARRAYS[type].BYTES_PER_ELEMENT
    if (at + bytes > frame.length) return err(`${type} of ${length} elements reaches past the end of the frame`)
    const array = new ARRAYS[type](frame.buffer as ArrayBuffer, frame.byteOffset + at, length)
    if (!put(root, [0, ...path], array)) return err(`no place in the body for the ${type} at ${path.join('.')}`)
    at += pad8(bytes)
  }
  return ok(root[0])
}

const arrayType = (array: TypedArray): ArrayType => array[Symbol.toStringTag] // also right for Node's Buffer

function withoutArrays(value: unknown, path: Path, pieces: Piece[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} at ${path.join('.')} cannot be sent`)
      return value
    case 'object':
      break
    default:
      throw new TypeError(`a ${typeof value} at ${path.join('.')} cannot be sent`)
  }
  if (value === null) return null
  if (path.length > 64) throw new TypeError('nested too deeply (or a cycle) to be sent')
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    pieces.push({ path: [...path], array: value as TypedArray })
    return null
  }
  const proto: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && proto !== null && Object.getPrototypeOf(proto) !== null)
    throw new TypeError(`an object of a class at ${path.join('.')} cannot be sent`)
  const item = (key: string | number, inner: unknown) => {
    path.push(key)
    const copy = withoutArrays(inner, path, pieces)
    path.pop()
    return copy
  }
  if (Array.isArray(value)) return value.map((inner, i) => item(i, inner))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, item(key, inner)]))
}

/** Put `array` where the body has null at `path`; false when there is no such place. */
function put(root: unknown[], path: Path, array: TypedArray): boolean {
  let parent: unknown = root
  for (const key of path.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) return false
    parent = (parent as Record<string | number, unknown>)[key]
  }
  const last = path.at(-1)
  if (last === undefined || typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, last)) return false
  const holder = parent as Record<string | number, unknown>
  if (holder[last] !== null) return false
  holder[last] = array
  return true
}
