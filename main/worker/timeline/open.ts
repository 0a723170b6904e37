/** A run store or a trace in a file: told apart by how they begin. */
import { closeSync, openSync, readSync, fstatSync } from 'node:fs'
import { err, fault, ok, type Result } from '../../simulator/faults'
import type { EventStore } from '../../simulator/trace/events'
import { ChromeReader } from '../../simulator/trace/exports/chrome-in'
import { isStore, MAGIC, readStore } from '../../simulator/trace/file'
import type { WireError } from '../../../preload/contract'
import { wireError } from '../../../preload/wire'
import { SLICE_MS, type Clock } from '../slices'

const PIECE = 1 << 20
/** A trace as text; a store may be as large as memory holds. */
export const MAX_TRACE = 2 ** 31

interface News {
  stage: string
  done: number
  total: number
}

/** `name`: what the person calls it. Errors: FILE_UNREADABLE, RUN_STORE_*, TRACE_*, CANCELLED. */
export async function openPath(
  path: string,
  name: string,
  clock: Clock,
  signal: AbortSignal,
  tell: (news: News) => void,
): Promise<Result<EventStore, WireError>> {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return err(fault('FILE_UNREADABLE', `${name} cannot be read: ${code}`, { file: name }))
  }
  try {
    const { size } = fstatSync(file)
    const start = new Uint8Array(MAGIC.length)
    readSync(file, start, 0, start.length, 0)
    const store = isStore(start)
      ? readStore({ size, read: (offset, into) => readAll(file, into, offset) }, (done) =>
          tell({ stage: 'reading', done: Math.round(done * size), total: size }),
        )
      : await readTrace(file, size, name, clock, signal, tell)
    return store.ok ? store : err({ ...store.error, file: name })
  } finally {
    closeSync(file)
  }
}

function readAll(file: number, into: Uint8Array, offset: number): boolean {
  for (let at = 0; at < into.length;) {
    const n = readSync(file, into, at, into.length - at, offset + at)
    if (n === 0) return false
    at += n
  }
  return true
}

async function readTrace(
  file: number,
  size: number,
  name: string,
  clock: Clock,
  signal: AbortSignal,
  tell: (news: News) => void,
): Promise<Result<EventStore, WireError>> {
  if (size > MAX_TRACE)
    return err(fault('TRACE_TOO_LARGE', `a trace of ${size} bytes is over the limit of ${MAX_TRACE}`, { file: name }))
  const reader = new ChromeReader(name)
  const piece = new Uint8Array(PIECE)
  let sliceEnd = clock.now() + SLICE_MS
  for (let at = 0; at < size;) {
    const n = readSync(file, piece, 0, PIECE, at)
    if (n === 0) break
    const wrong = reader.push(piece.subarray(0, n))
    if (wrong) return err(wrong)
    at += n
    if (clock.now() < sliceEnd) continue
    tell({ stage: 'reading', done: at, total: size })
    await clock.turn()
    if (signal.aborted) return err(wireError('CANCELLED', 'cancelled'))
    sliceEnd = clock.now() + SLICE_MS
  }
  const store = reader.done()
  return store.ok ? ok(store.value) : store
}
