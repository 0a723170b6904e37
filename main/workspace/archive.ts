/**
 * Archives and folders that somebody sent → a tree of files in memory. Nothing is ever written to disk, links are kept as
 * text, and every limit is checked before the bytes that would break it are read.
 */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Entry, type Headers } from 'tar-stream'
import { err, fault, ok, type Fault, type Result } from '../simulator/faults'
import { isGzip, isTar } from '../simulator/firmware/detect'
import type { FileTree } from '../simulator/firmware/tree'
import { DEFAULT_LIMITS, Refusal, TreeBuilder, fileFault, type Limits } from './tree-builder'

export { DEFAULT_LIMITS, type Limits } from './tree-builder'

const BLOCK = 512

/**
 * Reads a .tar or .tar.gz (told apart by content) from memory or from disk.
 * Faults: FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE; ARCHIVE_UNSAFE_PATH (absolute, or climbing above the root),
 * ARCHIVE_UNSAFE_LINK (hard link, or a link that leads outside), ARCHIVE_UNSAFE_MEMBER (device, fifo, unknown type),
 * ARCHIVE_MEMBER_TOO_LARGE, ARCHIVE_TOO_LARGE, ARCHIVE_TOO_MANY_MEMBERS, ARCHIVE_TRUNCATED, ARCHIVE_CORRUPT.
 */
export async function readArchive(
  source: Uint8Array | string,
  limits: Partial<Limits> = {},
  name = typeof source === 'string' ? source : 'archive',
): Promise<Result<FileTree>> {
  const bounds = { ...DEFAULT_LIMITS, ...limits }
  try {
    const head = await readHead(source, bounds)
    const compressed = isGzip(head)
    if (!compressed && !isTar(head) && !isBlank(head)) throw notAnArchive(head)
    const raw = typeof source === 'string' ? createReadStream(source) : Readable.from(pieces(source))
    return ok(await readTar(raw, compressed, new TreeBuilder(bounds)))
  } catch (error) {
    return err(asFault(error, name, await sizeOf(source)))
  }
}

function notAnArchive(head: Uint8Array): Refusal {
  return head.length < BLOCK
    ? new Refusal('ARCHIVE_TRUNCATED', `${head.length} bytes: shorter than one tar header`)
    : new Refusal('ARCHIVE_CORRUPT', 'neither tar nor gzip: the magic words are missing')
}

async function readHead(source: Uint8Array | string, limits: Limits): Promise<Uint8Array> {
  if (typeof source !== 'string') return source.subarray(0, BLOCK)
  const file = await open(source, 'r')
  try {
    const { size } = await file.stat()
    if (size > limits.totalBytes)
      throw new Refusal('FILE_TOO_LARGE', `${size} bytes, at most ${limits.totalBytes} are read`)
    const { buffer, bytesRead } = await file.read(new Uint8Array(BLOCK), 0, BLOCK, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** An archive without members is nothing but zeros. */
const isBlank = (head: Uint8Array): boolean => head.length === BLOCK && head.every((byte) => byte === 0)

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536)
}

/**
 * tar-stream tells a cut inside a member, not one between two: so where the last member ends is kept, and behind it
 * must stand the block of zeros that ends every archive.
 */
async function readTar(raw: Readable, compressed: boolean, tree: TreeBuilder): Promise<FileTree> {
  const parser = extract()
  let endOfLast = 0
  const meter = new Meter(tree)
  parser.on('entry', (header: Headers, body: Entry & { offset?: number }, next: (error?: unknown) => void) => {
    body.on('error', next) // the parser's own end reaches every body, too
    const problem = tree.admit(header)
    if (problem) {
      parser.destroy(problem)
      return
    }
    const size = header.size ?? 0
    endOfLast = (body.offset ?? endOfLast) + BLOCK + Math.ceil(size / BLOCK) * BLOCK
    const chunks: Uint8Array[] = []
    body.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    body.on('end', () => {
      tree.add(header, chunks)
      next()
    })
  })
  const metered = (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> => meter.pass(chunks)
  if (compressed) await pipeline(raw, createGunzip(), metered, parser)
  else await pipeline(raw, metered, parser)
  if (meter.total < endOfLast + BLOCK || !meter.endsInZeros)
    throw new Refusal('ARCHIVE_TRUNCATED', 'the archive ends without its end mark: members may be missing')
  return tree.finish()
}

/** Counts what comes out of decompression and stops before it is too much. */
class Meter {
  total = 0
  endsInZeros = false

  constructor(private readonly tree: TreeBuilder) {}

  async *pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let zeros = 0
    for await (const chunk of chunks) {
      this.total += chunk.length
      this.tree.checkTotal(this.total)
      let trailing = 0
      while (trailing < chunk.length && chunk[chunk.length - 1 - trailing] === 0) trailing++
      zeros = trailing === chunk.length ? zeros + trailing : trailing
      yield chunk
    }
    this.endsInZeros = zeros >= BLOCK
  }
}

/** Where a cut archive ends. */
async function sizeOf(source: Uint8Array | string): Promise<{ offset?: number }> {
  if (typeof source !== 'string') return { offset: source.length }
  return stat(source).then(
    ({ size }) => ({ offset: size }),
    () => ({}),
  )
}

/** zlib's and tar-stream's own errors, by what they mean. */
function asFault(error: unknown, name: string, end: { offset?: number }): Fault {
  const cut = { file: name, ...end, hint: 'copy the file again, or make the capture again: its end is missing' }
  if (error instanceof Refusal)
    return fault(error.code, `${name}: ${error.message}`, error.code === 'ARCHIVE_TRUNCATED' ? cut : { file: name })
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = error instanceof Error ? error.message : String(error)
  if (code === 'Z_BUF_ERROR' || message === 'Unexpected end of data')
    return fault('ARCHIVE_TRUNCATED', `${name}: the archive is cut off`, cut)
  if (code.startsWith('Z_') || /tar header/i.test(message))
    return fault('ARCHIVE_CORRUPT', `${name}: ${message}`, { file: name })
  return fileFault(error, name)
}
