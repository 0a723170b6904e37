/**
 * A checkpoint in a file: a line that says what it is, a line of JSON (what it is of, and the kind and length of each
 * piece), the pieces as they lie in memory, and the SHA-256 of everything before. Written whole or not at all; read back
 * piece by piece, since a visited set may be larger than what can be read at once.
 */
import { createHash, type Hash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { endianness } from 'node:os'
import { z } from 'zod'
import { err, fault, ok, type Result } from '../simulator/faults'
import { damaged, type Checkpoint } from '../worker/checkpoint'
import { writePieces } from '../workspace/files'

const MAGIC = 'doorbell-checkpoint'
const FORMAT = 1
const DIGEST = 32
const MAX_HEADER = 16 * 1024 * 1024
/** Read and hashed at once. */
const CHUNK = 64 * 1024 * 1024

const KINDS = { i32: Int32Array, u32: Uint32Array, f64: Float64Array } as const

const Header = z.object({
  about: z.object({
    engine: z.number(),
    scenario: z.string(),
    model: z.string(),
    scale: z.string(),
    reduce: z.boolean(),
    symmetry: z.boolean(),
  }),
  order: z.enum(['LE', 'BE']),
  pieces: z.array(z.tuple([z.enum(['i32', 'u32', 'f64']), z.number().int().nonnegative()])),
})
type Header = z.infer<typeof Header>

const kindOf = (p: Checkpoint['pieces'][number]): keyof typeof KINDS =>
  p instanceof Int32Array ? 'i32' : p instanceof Uint32Array ? 'u32' : 'f64'

/** Whether a file begins as a checkpoint does. */
export async function isCheckpoint(file: FileHandle): Promise<boolean> {
  const first = Buffer.alloc(MAGIC.length)
  await file.read(first, 0, first.length, 0)
  return first.toString('latin1') === MAGIC
}

/** Errors: FILE_UNWRITABLE. */
export async function writeCheckpoint(path: string, { about, pieces }: Checkpoint): Promise<Result<null>> {
  const header: Header = { about, order: endianness(), pieces: pieces.map((p) => [kindOf(p), p.length]) }
  const text = JSON.stringify(header)
  const written = await writePieces(path, hashed([`${MAGIC} ${FORMAT} ${Buffer.byteLength(text)}\n${text}`, ...pieces]))
  return written.ok ? ok(null) : written
}

/** As bytes, in chunks, with their digest at the end. */
function* hashed(list: readonly (string | Checkpoint['pieces'][number])[]): Generator<Uint8Array> {
  const hash = createHash('sha256')
  for (const one of list) {
    const bytes = typeof one === 'string' ? Buffer.from(one) : bytesOf(one)
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const chunk = bytes.subarray(at, at + CHUNK)
      hash.update(chunk)
      yield chunk
    }
  }
  yield hash.digest()
}

const bytesOf = (p: Checkpoint['pieces'][number]): Uint8Array => new Uint8Array(p.buffer, p.byteOffset, p.byteLength)

/** Errors: FILE_NOT_FOUND, FILE_UNREADABLE, CHECKPOINT_DAMAGED. */
export async function readCheckpoint(path: string): Promise<Result<Checkpoint>> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return err(
      gone
        ? fault('FILE_NOT_FOUND', `there is no file ${path}`, { file: path })
        : fault('FILE_UNREADABLE', `${path} cannot be read`, { file: path }),
    )
  }
  try {
    const read = await readFrom(file)
    return read.ok ? read : err({ ...read.error, file: path })
  } catch {
    return err(fault('FILE_UNREADABLE', `${path} cannot be read`, { file: path }))
  } finally {
    await file.close()
  }
}

async function readFrom(file: FileHandle): Promise<Result<Checkpoint>> {
  const size = (await file.stat()).size
  const hash = createHash('sha256')
  const first = Buffer.alloc(Math.min(64, size))
  await fill(file, first, 0)
  const head = /^doorbell-checkpoint (\d{1,4}) (\d{1,8})\n/.exec(first.toString('latin1'))
  if (!head) return err(damaged(`it does not begin with ${MAGIC}`))
  if (Number(head[1]) !== FORMAT) return err(damaged(`its format is ${head[1]}, this version reads ${FORMAT}`))
  const length = Number(head[2])
  const begins = head[0].length
  if (length > MAX_HEADER || begins + length + DIGEST > size) return err(damaged('it is cut off'))
  const text = Buffer.alloc(length)
  await fill(file, text, begins)
  hash.update(first.subarray(0, begins)).update(text)
  const header = headerOf(text.toString())
  if (!header) return err(damaged('its header cannot be read'))
  if (header.order !== endianness()) return err(damaged('it was written on a machine of the other byte order'))
  const bytes = header.pieces.reduce((n, [kind, count]) => n + count * KINDS[kind].BYTES_PER_ELEMENT, 0)
  if (begins + length + bytes + DIGEST !== size) return err(damaged('it is cut off, or something follows it'))
  const pieces: Checkpoint['pieces'][number][] = []
  let at = begins + length
  for (const [kind, count] of header.pieces) {
    const piece = new KINDS[kind](count)
    await fill(file, bytesOf(piece), at, hash)
    at += piece.byteLength
    pieces.push(piece)
  }
  const digest = Buffer.alloc(DIGEST)
  await fill(file, digest, at)
  if (!digest.equals(hash.digest())) return err(damaged('its checksum is wrong'))
  return ok({ about: header.about, pieces })
}

function headerOf(text: string): Header | null {
  try {
    const r = Header.safeParse(JSON.parse(text))
    return r.success ? r.data : null
  } catch {
    return null
  }
}

async function fill(file: FileHandle, bytes: Uint8Array, position: number, hash?: Hash): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, bytes.length - at), position + at)
    if (bytesRead === 0) throw new Error('cut off')
    hash?.update(bytes.subarray(at, at + bytesRead))
    at += bytesRead
  }
}
