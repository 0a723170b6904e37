import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readArchive } from './archive'
import { readDirectory } from './directory'

interface Member {
  name?: string
  body?: string | Uint8Array
  /** '0' file, '1' hard link, '2' symbolic link, '3' '4' devices, '5' folder, '6' fifo, 'x' 'g' pax, 'L' 'K' GNU long names. */
  type?: string
  target?: string
  /** What the header claims, whatever the body has: a number, or the 12 bytes of the field. */
  size?: number | Uint8Array
}

const text = new TextEncoder()

/** One ustar header and its body, by hand: libraries refuse to write what has to be refused here. */
function member({ name = 'file', body = '', type = '0', target = '', size }: Member): Uint8Array {
  const data = typeof body === 'string' ? text.encode(body) : body
  const header = new Uint8Array(512)
  const put = (at: number, value: string) => header.set(text.encode(value), at)
  put(0, name)
  put(100, '0000644\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  if (size instanceof Uint8Array) header.set(size, 124)
  else put(124, `${(size ?? data.length).toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(148, '        ')
  put(156, type)
  put(157, target)
  put(257, 'ustar\0')
  put(263, '00')
  put(
    148,
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
  )
  const padded = new Uint8Array(512 + Math.ceil(data.length / 512) * 512)
  padded.set(header)
  padded.set(data, 512)
  return padded
}

const END = new Uint8Array(1024)
const tar = (...members: Member[]): Uint8Array => Buffer.concat([...members.map(member), END])
const pax = (records: Record<string, string>): Member => ({
  name: 'pax',
  type: 'x',
  body: Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`
      let length = rest.length + 1
      while (`${length}`.length + rest.length !== length) length++
      return `${length}${rest}`
    })
    .join(''),
})
const code = async (data: Uint8Array, limits = {}): Promise<string> => {
  const read = await readArchive(data, limits)
  return read.ok ? `read ${[...read.value.keys()].join(' ')}` : read.error.code
}

describe('an archive', () => {
  test('becomes a tree: files, links as text, names with colons; folders are implied', async () => {
    const data = tar(
      { name: 'capture/', type: '5' },
      { name: './capture/sys/0000:00:02.0/vendor', body: '0x8086\n' },
      { name: 'capture/sys/bus/0000:00:02.0', type: '2', target: '../0000:00:02.0' },
      { name: 'capture/empty' },
    )
    for (const bytes of [data, gzipSync(data)]) {
      const read = await readArchive(bytes)
      if (!read.ok) throw new Error(read.error.message)
      expect([...read.value.keys()]).toEqual([
        'capture/sys/0000:00:02.0/vendor',
        'capture/sys/bus/0000:00:02.0',
        'capture/empty',
      ])
      expect(read.value.get('capture/sys/bus/0000:00:02.0')).toEqual({ kind: 'link', target: '../0000:00:02.0' })
      expect(read.value.get('capture/sys/0000:00:02.0/vendor')).toEqual({
        kind: 'file',
        bytes: text.encode('0x8086\n'),
      })
    }
  })

  test('may have long names of either kind, and be in several gzip members', async () => {
    const long = `${'a'.repeat(90)}/${'b'.repeat(90)}`
    expect(await code(tar({ type: 'L', body: `${long}\0` }, { body: 'x' }))).toBe(`read ${long}`)
    expect(await code(tar(pax({ path: long }), { body: 'x' }))).toBe(`read ${long}`)
    const whole = tar({ name: 'a', body: 'x' })
    expect(await code(Buffer.concat([gzipSync(whole.subarray(0, 700)), gzipSync(whole.subarray(700))]))).toBe('read a')
  })

  test('with nothing in it is an empty tree', async () => {
    expect(await code(END)).toBe('read ')
  })
})

describe('an archive is refused when', () => {
  const evil: [string, string, Uint8Array][] = [
    ['a path climbs out', 'ARCHIVE_UNSAFE_PATH', tar({ name: '../evil' })],
    ['a path goes down and up', 'ARCHIVE_UNSAFE_PATH', tar({ name: 'a/../../evil' })],
    ['a path has any .. in it', 'ARCHIVE_UNSAFE_PATH', tar({ name: 'a/../b' })],
    ['a path is absolute', 'ARCHIVE_UNSAFE_PATH', tar({ name: '/etc/passwd' })],
    ['a folder is absolute', 'ARCHIVE_UNSAFE_PATH', tar({ name: '/etc/', type: '5' })],
    ['a pax header makes a path absolute', 'ARCHIVE_UNSAFE_PATH', tar(pax({ path: '/etc/passwd' }), { body: 'x' })],
    ['a pax header puts a NUL into a path', 'ARCHIVE_UNSAFE_PATH', tar(pax({ path: 'a\0b' }), { body: 'x' })],
    ['a GNU long name climbs out', 'ARCHIVE_UNSAFE_PATH', tar({ type: 'L', body: '../evil\0' }, { body: 'x' })],
    ['a path is deeper than any machine', 'ARCHIVE_UNSAFE_PATH', tar({ type: 'L', body: `${'a/'.repeat(70)}b\0` }, {})],
    ['it has a hard link', 'ARCHIVE_UNSAFE_LINK', tar({ type: '1', target: 'other' })],
    ['a link is absolute', 'ARCHIVE_UNSAFE_LINK', tar({ type: '2', target: '/etc/passwd' })],
    ['a link climbs out', 'ARCHIVE_UNSAFE_LINK', tar({ name: 'a/b', type: '2', target: '../../x' })],
    ['a link leads nowhere at all', 'ARCHIVE_UNSAFE_LINK', tar({ type: '2' })],
    [
      'a pax header points a link outside',
      'ARCHIVE_UNSAFE_LINK',
      tar(pax({ linkpath: '/x' }), { type: '2', target: 'y' }),
    ],
    ['it has a character device', 'ARCHIVE_UNSAFE_MEMBER', tar({ type: '3' })],
    ['it has a block device', 'ARCHIVE_UNSAFE_MEMBER', tar({ type: '4' })],
    ['it has a fifo', 'ARCHIVE_UNSAFE_MEMBER', tar({ type: '6' })],
    ['it has a member of no known type', 'ARCHIVE_UNSAFE_MEMBER', tar({ type: 'Q' })],
    ['a header claims 10 GB', 'ARCHIVE_MEMBER_TOO_LARGE', member({ size: 0o77777777777 })],
    ['a GNU binary size claims 10 GB', 'ARCHIVE_MEMBER_TOO_LARGE', member({ size: binarySize(10n * 1024n ** 3n) })],
    ['a GNU binary size is beyond any number', 'ARCHIVE_CORRUPT', member({ size: new Uint8Array(12).fill(0x80) })],
    ['a size is negative', 'ARCHIVE_CORRUPT', member({ size: new Uint8Array(12).fill(0xff).fill(0, 11) })],
    ['a size is no number', 'ARCHIVE_CORRUPT', member({ size: text.encode('hello world') })],
    ['a pax header claims 10 GB', 'ARCHIVE_MEMBER_TOO_LARGE', tar(pax({ size: '10737418240' }), { body: 'x' })],
    ['a folder claims 10 GB', 'ARCHIVE_MEMBER_TOO_LARGE', tar({ name: 'd/', type: '5', size: 0o77777777777 })],
    ['it is cut inside a header', 'ARCHIVE_TRUNCATED', tar({ name: 'a', body: 'x' }).subarray(0, 1300)],
    ['it is cut inside a body', 'ARCHIVE_TRUNCATED', tar({ name: 'a', body: 'x'.repeat(2000) }).subarray(0, 1024)],
    ['it ends between two members', 'ARCHIVE_TRUNCATED', member({ name: 'a', body: 'x' })],
    ['it ends after a member of zeros', 'ARCHIVE_TRUNCATED', member({ name: 'a', body: new Uint8Array(4096) })],
    ['it is shorter than a header', 'ARCHIVE_TRUNCATED', new Uint8Array(100)],
    ['it is empty', 'ARCHIVE_TRUNCATED', new Uint8Array()],
    [
      'a header is damaged',
      'ARCHIVE_CORRUPT',
      Buffer.concat([member({ name: 'a' }), damaged(member({ name: 'b' })), END]),
    ],
    ['it is no archive', 'ARCHIVE_CORRUPT', new Uint8Array(2000).fill(0x41)],
    ['its gzip stream is damaged', 'ARCHIVE_CORRUPT', gzipDamaged()],
    ['its gzip stream is cut', 'ARCHIVE_TRUNCATED', gzipSync(tar({ name: 'a', body: 'x' })).subarray(0, 40)],
    [
      'its gzip stream lacks its last byte',
      'ARCHIVE_TRUNCATED',
      gzipSync(tar({ name: 'a', body: 'x' })).subarray(0, -1),
    ],
  ]

  test.each(evil)('%s: %s', async (_why, expected, data) => {
    expect(await code(data)).toBe(expected)
    if (data[0] !== 0x1f && data.length > 1) expect(await code(gzipSync(data))).toBe(expected)
  })

  test('it grows without measure: a gzip bomb is left long before it is whole', async () => {
    const bomb = gzipSync(
      tar(...Array.from({ length: 64 }, (_, i) => ({ name: `${i}`, body: new Uint8Array(1 << 20) }))),
    )
    expect(bomb.length).toBeLessThan(100_000)
    expect(await code(bomb, { totalBytes: 8 << 20 })).toBe('ARCHIVE_TOO_LARGE')
  })

  test('a pax header is the bomb', async () => {
    const bomb = tar({ type: 'x', body: new Uint8Array(9 << 20) })
    expect(await code(gzipSync(bomb), { totalBytes: 8 << 20 })).toBe('ARCHIVE_TOO_LARGE')
  })

  test('it has too many members, or too many folders that only paths imply', async () => {
    const members = Array.from({ length: 60 }, (_, i) => ({ name: `f${i}` }))
    expect(await code(tar(...members), { members: 50 })).toBe('ARCHIVE_TOO_MANY_MEMBERS')
    const deep = Array.from({ length: 10 }, (_, i) => ({ name: `${i}/a/b/c/d/e` }))
    expect(await code(tar(...deep), { members: 50 })).toBe('ARCHIVE_TOO_MANY_MEMBERS')
    expect(await code(tar(...deep), { members: 60 })).toMatch(/^read/)
  })
})

function binarySize(size: bigint): Uint8Array {
  const field = new Uint8Array(12)
  for (let i = 11, rest = size; i > 0; i--, rest >>= 8n) field[i] = Number(rest & 0xffn)
  field[0] = 0x80
  return field
}

function damaged(data: Uint8Array): Uint8Array {
  const copy = data.slice()
  copy[10] = 0x7a
  return copy
}

function gzipDamaged(): Uint8Array {
  const data = gzipSync(tar({ name: 'a', body: 'some text that is compressed' }))
  data.fill(0xff, 20, 40)
  return data
}

describe('on disk', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorbell-archive-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('an archive is read as from memory; one that is missing is a fault', async () => {
    await writeFile(join(folder, 'a.tar'), tar({ name: 'x', body: 'y' }))
    const read = await readArchive(join(folder, 'a.tar'))
    expect(read.ok && [...read.value.keys()]).toEqual(['x'])
    const missing = await readArchive(join(folder, 'b.tar'), {}, 'b.tar')
    expect(missing.ok ? 'read' : missing.error).toMatchObject({ code: 'FILE_NOT_FOUND', file: 'b.tar' })
    const large = await readArchive(join(folder, 'a.tar'), { totalBytes: 1000 })
    expect(large.ok ? 'read' : large.error.code).toBe('FILE_TOO_LARGE')
    const notAFile = await readArchive(folder)
    expect(notAFile.ok ? 'read' : notAFile.error.code).toBe('FILE_UNREADABLE')
  })

  test('a folder gives the same tree as its archive', async () => {
    await mkdir(join(folder, 'capture/sys/a:b'), { recursive: true })
    await writeFile(join(folder, 'capture/sys/a:b/vendor'), '0x8086\n')
    await symlink('sys/a:b', join(folder, 'capture/link'))
    const read = await readDirectory(folder)
    const same = await readArchive(
      tar({ name: 'capture/sys/a:b/vendor', body: '0x8086\n' }, { name: 'capture/link', type: '2', target: 'sys/a:b' }),
    )
    if (!read.ok || !same.ok) throw new Error('not read')
    const sorted = (tree: ReadonlyMap<string, { kind: string }>) =>
      [...tree].map(([path, entry]) => [
        path,
        'bytes' in entry ? Buffer.from(entry.bytes as Uint8Array).toString() : entry,
      ])
    expect(new Map(sorted(read.value) as [string, unknown][])).toEqual(
      new Map(sorted(same.value) as [string, unknown][]),
    )
  })

  test('a folder is refused for a link that leads out, and nothing behind the link is read', async () => {
    await symlink('/etc', join(folder, 'etc'))
    const read = await readDirectory(folder)
    expect(read.ok ? 'read' : read.error.code).toBe('ARCHIVE_UNSAFE_LINK')
  })

  test('a folder has the limits of an archive', async () => {
    await writeFile(join(folder, 'big'), 'x'.repeat(5000))
    await writeFile(join(folder, 'small'), 'x')
    const read = async (limits: object) => {
      const result = await readDirectory(folder, limits)
      return result.ok ? 'read' : result.error.code
    }
    expect(await read({ memberBytes: 4999 })).toBe('ARCHIVE_MEMBER_TOO_LARGE')
    expect(await read({ totalBytes: 5000 })).toBe('ARCHIVE_TOO_LARGE')
    expect(await read({ members: 1 })).toBe('ARCHIVE_TOO_MANY_MEMBERS')
    expect(await read({})).toBe('read')
    const missing = await readDirectory(join(folder, 'none'))
    expect(missing.ok ? 'read' : missing.error.code).toBe('FILE_NOT_FOUND')
  })
})
