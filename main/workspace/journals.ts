/**
 * Journals of open documents, in the workspace's state/journals/: append-only files of lines, each with its checksum. A
 * line that was acknowledged is on the disk. Whatever a crash leaves at the end of a file is cut off when it is opened.
 *
 *     5f1c9a02 {"journal":1,"key":"file:mine.yaml"}
 *     91b0cd44 {"t":"base",…}                            what the events mean: preload/records/journal.ts
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, stat, truncate, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { err, fault, ok, type Fault, type Result } from '../simulator/faults'
import { writeWhole } from './files'

/** Bytes of one journal; the window makes it shorter long before. */
export const MAX_JOURNAL = 24 * 1024 * 1024
const ENDING = '.journal'

export interface JournalLines {
  /** The number that appends have to carry; whoever opens the journal next makes it invalid. */
  readonly writer: number
  readonly lines: string[]
  /** Something at its end could not be read. */
  readonly torn: boolean
}

export interface Journals {
  /** Oldest first. */
  list(): Promise<{ key: string; modified: number }[]>
  /** Makes the caller its writer. A journal that is not there is an empty one. Errors: FILE_UNREADABLE, FILE_TOO_LARGE. */
  open(key: string): Promise<Result<JournalLines>>
  /** Errors: JOURNAL_TAKEN, JOURNAL_TOO_LARGE, FILE_UNWRITABLE. */
  append(key: string, writer: number, lines: readonly string[]): Promise<Result<null>>
  /** All of it is replaced, at once. Errors: JOURNAL_TAKEN, JOURNAL_TOO_LARGE, FILE_UNWRITABLE. */
  reset(key: string, writer: number, lines: readonly string[]): Promise<Result<null>>
  /** Nothing of this document needs to be remembered. Errors: JOURNAL_TAKEN. */
  drop(key: string, writer: number): Promise<Result<null>>
  close(): Promise<void>
}

const stamped = (line: string): string => `${crc32(line).toString(16).padStart(8, '0')} ${line}\n`
const headOf = (key: string): string => JSON.stringify({ journal: 1, key })

/** The lines up to the first that is not whole, and how many bytes those take. */
export function readLines(bytes: Uint8Array): { lines: string[]; good: number } {
  const lines: string[] = []
  let good = 0
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (;;) {
    const end = text.indexOf(0x0a, good)
    if (end < 0) return { lines, good }
    const line = text.toString('utf8', good + 9, end)
    const whole = text[good + 8] === 0x20 && stamped(line) === text.toString('utf8', good, end + 1)
    if (!whole) return { lines, good }
    lines.push(line)
    good = end + 1
  }
}

function keyOf(head: string | undefined): string | null {
  try {
    const { journal, key } = JSON.parse(head ?? '') as { journal?: unknown; key?: unknown }
    return journal === 1 && typeof key === 'string' ? key : null
  } catch {
    return null
  }
}

export function createJournals(folder: string): Journals {
  const pathOf = (key: string) => join(folder, createHash('sha256').update(key).digest('hex').slice(0, 32) + ENDING)
  const writers = new Map<string, number>()
  const handles = new Map<string, FileHandle>()
  const queues = new Map<string, Promise<unknown>>()
  let last = 0

  /** One thing at a time for each journal. */
  function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const done = (queues.get(key) ?? Promise.resolve()).then(work)
    queues.set(
      key,
      done.catch(() => undefined),
    )
    return done
  }

  async function release(key: string): Promise<void> {
    const handle = handles.get(key)
    handles.delete(key)
    await handle?.close()
  }

  const taken = (): Fault =>
    fault('JOURNAL_TAKEN', 'this document is being edited in another window', {
      hint: 'close it here, or take it back',
    })
  const failed = (error: unknown): Result<never> =>
    err(
      fault(
        'FILE_UNWRITABLE',
        `${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      ),
    )

  async function load(key: string): Promise<Result<{ lines: string[]; torn: boolean }>> {
    const path = pathOf(key)
    try {
      const { size } = await stat(path)
      if (size > MAX_JOURNAL) return err(fault('FILE_TOO_LARGE', `the journal of ${key} has ${size} bytes`))
      const { lines, good } = readLines(await readFile(path))
      if (good < size) await truncate(path, good)
      const mine = keyOf(lines[0]) === key
      return ok({ lines: mine ? lines.slice(1) : [], torn: good < size || !mine })
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ok({ lines: [], torn: false })
      return err(fault('FILE_UNREADABLE', `the journal of ${key} cannot be read: ${String(error)}`))
    }
  }

  async function writable(key: string): Promise<FileHandle> {
    const known = handles.get(key)
    if (known) return known
    await mkdir(folder, { recursive: true })
    const handle = await open(pathOf(key), 'a')
    if ((await handle.stat()).size === 0) await handle.appendFile(stamped(headOf(key)))
    handles.set(key, handle)
    return handle
  }

  return {
    async list() {
      const names = await readdir(folder).catch(() => [])
      const found = await Promise.all(
        names
          .filter((name) => name.endsWith(ENDING))
          .map(async (name) => {
            const path = join(folder, name)
            const [info, key] = await Promise.all([stat(path), firstLine(path)]).catch(() => [undefined, null] as const)
            return info && key !== null ? [{ key, modified: Math.round(info.mtimeMs) }] : []
          }),
      )
      return found.flat().sort((a, b) => a.modified - b.modified || (a.key < b.key ? -1 : 1))
    },
    open: (key) =>
      inTurn(key, async () => {
        await release(key)
        const loaded = await load(key)
        if (!loaded.ok) return loaded
        writers.set(key, ++last)
        return ok({ writer: last, ...loaded.value })
      }),
    append: (key, writer, lines) =>
      inTurn(key, async () => {
        if (writers.get(key) !== writer) return err(taken())
        try {
          const handle = await writable(key)
          const text = lines.map(stamped).join('')
          if ((await handle.stat()).size + Buffer.byteLength(text) > MAX_JOURNAL)
            return err(fault('JOURNAL_TOO_LARGE', `the journal of ${key} is full`))
          await handle.appendFile(text)
          await handle.datasync()
          return ok(null)
        } catch (error) {
          await release(key).catch(() => undefined)
          return failed(error)
        }
      }),
    reset: (key, writer, lines) =>
      inTurn(key, async () => {
        if (writers.get(key) !== writer) return err(taken())
        await release(key).catch(() => undefined)
        const text = [headOf(key), ...lines].map(stamped).join('')
        if (Buffer.byteLength(text) > MAX_JOURNAL)
          return err(fault('JOURNAL_TOO_LARGE', `the journal of ${key} would be too large`))
        const written = await writeWhole(pathOf(key), text)
        return written.ok ? ok(null) : written
      }),
    drop: (key, writer) =>
      inTurn(key, async () => {
        if (writers.get(key) !== writer) return err(taken())
        await release(key).catch(() => undefined)
        writers.delete(key)
        await rm(pathOf(key), { force: true })
        return ok(null)
      }),
    async close() {
      await Promise.all([...queues.values()])
      await Promise.all([...handles.keys()].map(release))
    },
  }
}

/** The key in a journal's first line. */
async function firstLine(path: string): Promise<string | null> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8192), 0, 8192, 0)
    return keyOf(readLines(buffer.subarray(0, bytesRead)).lines[0])
  } finally {
    await file.close()
  }
}
