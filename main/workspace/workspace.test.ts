import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Platform } from '../simulator/platform/schema'
import { createBuiltin } from './builtin'
import { writeWhole } from './files'
import { workspaceFolder } from './home'
import { stableJson } from './json'
import { safeName, tameName } from './names'
import { wishedName } from './platforms'
import type { Observations } from '../simulator/platform/observations'
import { openWorkspace, type Workspace } from './workspace'

let folder: string
let workspace: Workspace
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorbell-workspace-'))
  workspace = openWorkspace(join(folder, 'home'), createBuiltin(join(folder, 'resources')))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const platform = (name: string) =>
  Platform.parse({
    doorbellPlatform: 1,
    name,
    arch: 'x86',
    source: 'test',
    roots: [],
    functions: [],
    iommus: [],
    msiControllers: [],
  })

describe('documents', () => {
  it('come back as they were written, newest first, and nothing else lies beside them', async () => {
    expect(await workspace.documents.list()).toEqual([])
    expect((await workspace.documents.write('first race', 'doorbell: 1\n')).ok).toBe(true)
    expect((await workspace.documents.write('first race.yaml', 'doorbell: 1 # again\n')).ok).toBe(true)
    expect(await workspace.documents.read('first race')).toEqual({
      ok: true,
      value: { name: 'first race.yaml', text: 'doorbell: 1 # again\n' },
    })
    expect((await workspace.documents.list()).map(({ name }) => name)).toEqual(['first race.yaml'])
    expect(await readdir(join(folder, 'home', 'documents'))).toEqual(['first race.yaml'])
  })

  it('keep the old text when writing the new one fails', async () => {
    await workspace.documents.write('a', 'old')
    const path = join(folder, 'home', 'documents', 'a.yaml')
    const failing = Object.defineProperty(new Uint8Array(4), 'byteLength', {
      get: () => {
        throw new Error('the disk is full')
      },
    })
    expect(await writeWhole(path, failing)).toMatchObject({ ok: false, error: { code: 'FILE_UNWRITABLE' } })
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(join(folder, 'home', 'documents'))).toEqual(['a.yaml'])
  })

  it('are never read or written outside their folder, whatever the name', async () => {
    await writeFile(join(folder, 'secret.yaml'), 'secret')
    const odd = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('..', '/', '\\', 'secret', '.yaml', '\0', 'C:', '%2e', ' '), { maxLength: 6 })
        .map((a) => a.join('')),
    )
    await fc.assert(
      fc.asyncProperty(odd, async (name) => {
        const read = await workspace.documents.read(name)
        expect(read.ok).toBe(false)
        await workspace.documents.write(name, 'x')
        await rm(join(folder, 'home'), { recursive: true, force: true })
        expect(await readdir(folder)).toEqual(['secret.yaml'])
      }),
    )
  })

  it('say what is wrong: no such document, a bad name, bytes that are no text', async () => {
    expect(await workspace.documents.read('nope')).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } })
    expect(await workspace.documents.write('../x', '')).toMatchObject({ error: { code: 'FILE_BAD_NAME' } })
    await workspace.documents.write('bytes', '')
    await writeFile(join(folder, 'home', 'documents', 'bytes.yaml'), Uint8Array.of(0xff, 0xfe, 0))
    expect(await workspace.documents.read('bytes')).toMatchObject({
      error: { code: 'FILE_UNREADABLE', message: /UTF-8/ },
    })
  })
})

describe('imported platforms', () => {
  it('are kept once, and a different one of the same name beside the first', async () => {
    expect(await workspace.platforms.keep('lab box', platform('a'))).toEqual({ ok: true, value: 'lab box' })
    expect(await workspace.platforms.keep('lab box', platform('a'))).toEqual({ ok: true, value: 'lab box' })
    expect(await workspace.platforms.keep('lab box', platform('b'))).toEqual({ ok: true, value: 'lab box-2' })
    expect(await workspace.platforms.list()).toEqual(['lab box', 'lab box-2'])
    expect(await workspace.platforms.read('lab box-2')).toEqual({ ok: true, value: platform('b') })
    expect(await workspace.platforms.read('other')).toMatchObject({ error: { code: 'PLATFORM_UNKNOWN' } })
  })

  it('keep beside them what the last import says that a kernel did', async () => {
    const { platforms } = workspace
    const seen: Observations = {
      groups: [{ id: 0, devices: ['0000:00:01.0'], type: 'DMA' }],
      units: [],
      loose: [],
      resets: [],
      warnings: [],
    }
    await platforms.keep('seen', platform('seen'), seen)
    expect(await platforms.observations('seen')).toEqual(seen)
    expect(await platforms.list()).not.toContain('seen.observed')
    await platforms.keep('seen', platform('seen'), { ...seen, groups: [] })
    expect(await platforms.observations('seen')).toBeNull()
    await platforms.keep('seen', platform('seen'), seen)
    await writeFile(join(folder, 'home', 'platforms', 'seen.observed.json'), '{"groups":[{}]}')
    expect(await platforms.observations('seen')).toBeNull()
    expect(await platforms.observations('../seen')).toBeNull()
    expect(await platforms.observe('seen', seen)).toEqual({ ok: true, value: 'seen' })
    expect(await platforms.observations('seen')).toEqual(seen)
    expect(await platforms.observe('nobody', seen)).toMatchObject({ error: { code: 'PLATFORM_UNKNOWN' } })
    expect(await platforms.observe('../seen', seen)).toMatchObject({ error: { code: 'FILE_BAD_NAME' } })
  })

  it('that were damaged are refused with the place', async () => {
    await workspace.platforms.keep('x', platform('x'))
    const file = join(folder, 'home', 'platforms', 'x.platform.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('"x86"', '"z80"'))
    expect(await workspace.platforms.read('x')).toMatchObject({ error: { code: 'PLATFORM_INVALID', message: /arch/ } })
  })

  it('get a name from their file, or from its folder where the file is just a capture', () => {
    expect(wishedName('/lab/box-7/capture.tar.gz')).toBe('box-7')
    expect(wishedName('server.tgz')).toBe('server')
    expect(wishedName('capture.tar.gz')).toBe('capture')
    expect(wishedName('C.platform.json')).toBe('C')
  })
})

it('stable JSON does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (o) => {
      const turned = Object.fromEntries(Object.entries(o).reverse())
      expect(stableJson(turned)).toBe(stableJson(o))
      expect(JSON.parse(stableJson(o))).toEqual(JSON.parse(JSON.stringify(o)))
    }),
  )
})

it('any text can be tamed into a safe name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(safeName(tameName(text, 'platform'), /$^/).ok).toBe(true)
    }),
  )
})

describe('the workspace folder', () => {
  it('is DOORBELL_HOME, else the platform’s place for application data', () => {
    expect(workspaceFolder({ DOORBELL_HOME: '/srv/d' }, 'linux', '/home/u')).toBe('/srv/d')
    expect(workspaceFolder({ XDG_DATA_HOME: '/data' }, 'linux', '/home/u')).toBe('/data/doorbell')
    expect(workspaceFolder({ XDG_DATA_HOME: 'relative' }, 'linux', '/home/u')).toBe('/home/u/.local/share/doorbell')
    expect(workspaceFolder({}, 'darwin', '/Users/u')).toBe('/Users/u/Library/Application Support/Doorbell')
  })
})
