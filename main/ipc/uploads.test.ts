import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ok } from '../simulator/faults'
import { createUploads, MAX_PIECE, MAX_UPLOAD, type Uploads } from './uploads'

let folder: string
let uploads: Uploads
let closing: AbortController
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorbell-uploads-'))
  uploads = createUploads(folder)
  closing = new AbortController()
})
afterEach(async () => {
  await uploads.close()
  rmSync(folder, { recursive: true, force: true })
})
const me = () => ({ id: 1, closed: closing.signal })
const other = { id: 2, closed: new AbortController().signal }
const bytes = (text: string) => new TextEncoder().encode(text)

async function begin(size: number, name = 'capture.tar.gz'): Promise<string> {
  const began = await uploads.begin(me(), name, size)
  if (!began.ok) throw new Error(began.error.message)
  return began.value.upload
}

it('pieces in order make the file, which is gone once it was used', async () => {
  const id = await begin(8)
  expect(await uploads.piece(me(), id, 0, bytes('door'))).toEqual(ok({ received: 4 }))
  expect(await uploads.piece(me(), id, 4, bytes('bell'))).toEqual(ok({ received: 8 }))
  const used = await uploads.take(me(), id, (path, name) =>
    Promise.resolve(ok([name, readFileSync(path, 'utf8'), path.endsWith('capture.tar.gz')])),
  )
  expect(used).toEqual(ok(['capture.tar.gz', 'doorbell', true]))
  expect(readdirSync(folder)).toEqual([])
  expect(await uploads.take(me(), id, () => Promise.resolve(ok(0)))).toMatchObject({ error: { code: 'BAD_REQUEST' } })
})

it('a hole, too much, a huge piece, an early use and a stranger are refused, and nothing changes', async () => {
  const id = await begin(4)
  await uploads.piece(me(), id, 0, bytes('do'))
  const refused = { ok: false, error: { code: 'BAD_REQUEST' } }
  expect(await uploads.piece(me(), id, 3, bytes('r'))).toMatchObject(refused)
  expect(await uploads.piece(me(), id, 2, bytes('ors'))).toMatchObject(refused)
  expect(await uploads.piece(me(), id, 2, new Uint8Array(MAX_PIECE + 1))).toMatchObject(refused)
  expect(await uploads.take(me(), id, () => Promise.resolve(ok(0)))).toMatchObject(refused)
  expect(await uploads.piece(other, id, 2, bytes('or'))).toMatchObject(refused)
  await uploads.drop(other, id)
  expect(await uploads.piece(me(), id, 2, bytes('or'))).toEqual(ok({ received: 4 }))
})

it('over the limit is refused before a byte is sent', async () => {
  expect(await uploads.begin(me(), 'huge', MAX_UPLOAD + 1)).toMatchObject({ error: { code: 'FILE_TOO_LARGE' } })
  expect(readdirSync(folder)).toEqual([])
})

it('a name that climbs stays in its folder', async () => {
  await begin(1, '../../../etc/passwd')
  const [only = ''] = readdirSync(folder)
  expect(readdirSync(folder)).toHaveLength(1)
  expect(readdirSync(join(folder, only))).toEqual(['passwd'])
})

it('all of a connection go when it closes; those of others stay', async () => {
  await begin(4)
  await begin(4)
  expect((await uploads.begin(other, 'x', 1)).ok).toBe(true)
  closing.abort()
  await expect.poll(() => [uploads.open, readdirSync(folder).length]).toEqual([1, 1])
})
