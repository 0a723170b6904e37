/**
 * Files that the window sends, in pieces, on their way to being imported. Each lies in a temporary folder until it is
 * imported, dropped, or its connection is gone; none outlives the host.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { err, fault, ok, type Result } from '../simulator/faults'
import type { WireError } from '../../preload/contract'
import { wireError } from '../../preload/wire'
import { tameName } from '../workspace/names'

export const MAX_PIECE = 1024 * 1024
export const MAX_UPLOAD = 256 * 1024 * 1024
/** Uploads that one connection may have open. */
const MAX_OPEN = 8

interface Connection {
  readonly id: number
  readonly closed: AbortSignal
}

interface Upload {
  readonly owner: number
  readonly name: string
  readonly folder: string
  readonly path: string
  readonly file: FileHandle
  readonly size: number
  received: number
  busy: boolean
}

export interface Uploads {
  /** Errors: FILE_TOO_LARGE, BAD_REQUEST. */
  begin(connection: Connection, name: string, size: number): Promise<Result<{ upload: string }, WireError>>
  /** Pieces come in order. Errors: BAD_REQUEST. */
  piece(
    connection: Connection,
    id: string,
    offset: number,
    bytes: Uint8Array,
  ): Promise<Result<{ received: number }, WireError>>
  /** The whole file, for as long as `use` takes; it is gone afterwards. Errors: BAD_REQUEST, or those of `use`. */
  take<T>(
    connection: Connection,
    id: string,
    use: (path: string, name: string) => Promise<Result<T, WireError>>,
  ): Promise<Result<T, WireError>>
  drop(connection: Connection, id: string): Promise<void>
  readonly open: number
  close(): Promise<void>
}

export function createUploads(parent: string = tmpdir()): Uploads {
  const uploads = new Map<string, Upload>()
  const watched = new WeakSet<AbortSignal>()

  const mine = (connection: Connection, id: string): Upload | undefined => {
    const upload = uploads.get(id)
    return upload?.owner === connection.id ? upload : undefined
  }
  const unknown = () => err(wireError('BAD_REQUEST', 'there is no such upload (any more)'))

  async function remove(id: string): Promise<void> {
    const upload = uploads.get(id)
    if (!upload) return
    uploads.delete(id)
    await upload.file.close().catch(() => undefined)
    await rm(upload.folder, { recursive: true, force: true })
  }

  /** Once per connection. */
  function watch({ id, closed }: Connection): void {
    const removeAll = () => {
      for (const [upload, { owner }] of uploads) if (owner === id) void remove(upload)
    }
    if (closed.aborted) removeAll()
    if (watched.has(closed)) return
    watched.add(closed)
    closed.addEventListener('abort', removeAll, { once: true })
  }

  return {
    async begin(connection, name, size) {
      if (size > MAX_UPLOAD)
        return err(
          fault('FILE_TOO_LARGE', `${name} has ${size} bytes, over the limit of ${MAX_UPLOAD}`, { file: name }),
        )
      if ([...uploads.values()].filter(({ owner }) => owner === connection.id).length >= MAX_OPEN)
        return err(wireError('BAD_REQUEST', `more than ${MAX_OPEN} uploads at once`))
      const folder = await mkdtemp(join(parent, 'doorbell-upload-'))
      const path = join(folder, tameName(basename(name), 'upload'))
      const id = randomUUID()
      uploads.set(id, {
        owner: connection.id,
        name,
        folder,
        path,
        file: await open(path, 'wx'),
        size,
        received: 0,
        busy: false,
      })
      watch(connection)
      return ok({ upload: id })
    },
    async piece(connection, id, offset, bytes) {
      const upload = mine(connection, id)
      if (!upload) return unknown()
      if (upload.busy) return err(wireError('BAD_REQUEST', 'the piece before is not yet acknowledged'))
      if (bytes.length > MAX_PIECE)
        return err(wireError('BAD_REQUEST', `a piece of ${bytes.length} bytes is over the limit of ${MAX_PIECE}`))
      if (offset !== upload.received)
        return err(wireError('BAD_REQUEST', `a piece at ${offset}, where ${upload.received} was next`))
      if (offset + bytes.length > upload.size)
        return err(wireError('BAD_REQUEST', `more than the promised ${upload.size} bytes`))
      upload.busy = true
      try {
        await upload.file.write(bytes, 0, bytes.length, offset)
        upload.received += bytes.length
      } finally {
        upload.busy = false
      }
      return ok({ received: upload.received })
    },
    async take(connection, id, use) {
      const upload = mine(connection, id)
      if (!upload || upload.busy) return unknown()
      if (upload.received !== upload.size)
        return err(wireError('BAD_REQUEST', `${upload.received} of ${upload.size} bytes have arrived`))
      upload.busy = true
      try {
        return await use(upload.path, upload.name)
      } finally {
        await remove(id)
      }
    },
    async drop(connection, id) {
      if (mine(connection, id)) await remove(id)
    },
    get open() {
      return uploads.size
    },
    close: async () => void (await Promise.all([...uploads.keys()].map(remove))),
  }
}
