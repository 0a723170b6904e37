import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { digestOf } from '../../preload/records'
import type { Result } from '../simulator/faults'
import { createBuiltin } from './builtin'
import { createJournals, readLines, type Journals } from './journals'
import { lockWorkspace } from './lock'
import { createWatcher } from './watch'
import { openWorkspace, type Workspace } from './workspace'

let folder: string
let workspace: Workspace
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorbell-state-'))
  workspace = openWorkspace(join(folder, 'home'), createBuiltin(join(folder, 'resources')))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

describe('a journal', () => {
  const journals = (): Journals => createJournals(join(folder, 'journals'))

  it('gives back its lines, whatever is in them, in another run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.array(fc.string()), async (key, texts) => {
        const lines = texts.map((t) => JSON.stringify(t))
        const first = journals()
        const { writer } = value(await first.open(key))
        value(await first.reset(key, writer, []))
        for (const line of lines) value(await first.append(key, writer, [line]))
        await first.close()
        const second = journals()
        expect(value(await second.open(key))).toMatchObject({ lines, torn: false })
        await second.close()
      }),
      { numRuns: 30 },
    )
  })

  it('keeps every whole line before a torn end, and can be written on', async () => {
    const lines = ['"a"', '"b, and more"', '"c"']
    const first = journals()
    const { writer } = value(await first.open('k'))
    value(await first.append('k', writer, lines))
    await first.close()
    const [name = ''] = await readdir(join(folder, 'journals'))
    const path = join(folder, 'journals', name)
    const whole = await readFile(path)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length }), fc.uint8Array({ maxLength: 8 }), async (cut, rubbish) => {
        await writeFile(path, whole)
        await truncate(path, cut)
        await appendFile(path, rubbish)
        const there = readLines(whole.subarray(0, cut)).lines.slice(1)
        const again = journals()
        const opened = value(await again.open('k'))
        expect(opened.lines.slice(0, there.length)).toEqual(there)
        value(await again.append('k', opened.writer, ['"d"']))
        await again.close()
        const last = journals()
        expect(value(await last.open('k'))).toMatchObject({ lines: [...opened.lines, '"d"'], torn: false })
        await last.close()
      }),
      { numRuns: 60 },
    )
  })

  it('ends at a line whose bytes have changed', async () => {
    const first = journals()
    const { writer } = value(await first.open('k'))
    value(await first.append('k', writer, ['"one"', '"two"', '"three"']))
    await first.close()
    const [name = ''] = await readdir(join(folder, 'journals'))
    const path = join(folder, 'journals', name)
    await writeFile(path, (await readFile(path, 'utf8')).replace('two', 'tow'))
    expect(value(await journals().open('k'))).toMatchObject({ lines: ['"one"'], torn: true })
  })

  it('has one writer: the one that opened it last', async () => {
    const j = journals()
    const old = value(await j.open('k')).writer
    const now = value(await j.open('k')).writer
    expect(await j.append('k', old, ['"lost"'])).toMatchObject({ error: { code: 'JOURNAL_TAKEN' } })
    expect(await j.reset('k', old, ['"lost"'])).toMatchObject({ error: { code: 'JOURNAL_TAKEN' } })
    expect(await j.drop('k', old)).toMatchObject({ error: { code: 'JOURNAL_TAKEN' } })
    value(await j.append('k', now, ['"kept"']))
    expect(value(await j.open('k')).lines).toEqual(['"kept"'])
    await j.close()
  })

  it('is listed by its document until it is dropped', async () => {
    const j = journals()
    for (const key of ['file:a.yaml', 'new:b.yaml'])
      value(await j.append(key, value(await j.open(key)).writer, ['"x"']))
    expect((await j.list()).map(({ key }) => key).sort()).toEqual(['file:a.yaml', 'new:b.yaml'])
    value(await j.drop('new:b.yaml', value(await j.open('new:b.yaml')).writer))
    expect((await j.list()).map(({ key }) => key)).toEqual(['file:a.yaml'])
    await j.close()
  })
})

describe('a workspace', () => {
  it('has one host: a second is told which process has it, and a dead one’s lock is taken', async () => {
    const state = join(folder, 'state')
    const first = value(await lockWorkspace(state))
    expect(await lockWorkspace(state)).toMatchObject({
      error: { code: 'WORKSPACE_BUSY', message: expect.stringContaining(String(process.pid)) as string },
    })
    await first.release()
    await writeFile(join(state, 'host.lock'), '999999999')
    await value(await lockWorkspace(state)).release()
    await writeFile(join(state, 'host.lock'), 'torn')
    await value(await lockWorkspace(state)).release()
  })
})

describe('saving', () => {
  it('does not write over what somebody else has written, unless that is wanted', async () => {
    const { documents } = workspace
    value(await documents.write('a', 'mine', null))
    expect(await documents.write('a', 'again', null)).toMatchObject({ error: { code: 'FILE_CHANGED' } })
    await writeFile(join(documents.folder, 'a.yaml'), 'theirs')
    expect(await documents.write('a', 'more', digestOf('mine'))).toMatchObject({ error: { code: 'FILE_CHANGED' } })
    expect(value(await documents.read('a')).text).toBe('theirs')
    value(await documents.write('a', 'more', digestOf('theirs')))
    value(await documents.write('a', 'most'))
    await rm(join(documents.folder, 'a.yaml'))
    value(await documents.write('a', 'back', digestOf('most')))
    expect(value(await documents.read('a')).text).toBe('back')
  })
})

describe('a file outside the workspace', () => {
  it('is read and written where it is, by a number that only the host can make', async () => {
    const path = join(folder, 'elsewhere.yaml')
    await writeFile(path, 'doorbell: 1\n')
    const ref = workspace.outside.grant(path)
    expect(value(await workspace.outside.read(ref))).toEqual({
      name: 'elsewhere.yaml',
      text: 'doorbell: 1\n',
      where: folder,
    })
    value(await workspace.outside.write(ref, 'doorbell: 1 # changed\n'))
    expect(await readFile(path, 'utf8')).toBe('doorbell: 1 # changed\n')
    expect(await workspace.outside.read({ outside: 'made up' })).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } })
    expect(await workspace.outside.write({ outside: path }, 'x')).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } })
  })

  it('is among the recent ones in the next run, and one of the workspace goes by its name', async () => {
    const path = join(folder, 'elsewhere.yaml')
    await writeFile(path, 'x')
    await workspace.documents.write('mine', 'y')
    await workspace.outside.used(workspace.outside.grant(join(workspace.documents.folder, 'mine.yaml')))
    await workspace.outside.used(workspace.outside.grant(path))
    await workspace.outside.used({ name: 'mine.yaml' })
    const again = openWorkspace(workspace.folder, workspace.builtin)
    const recent = await again.outside.recent()
    expect(recent.map(({ title, where }) => [title, where])).toEqual([
      ['mine.yaml', ''],
      ['elsewhere.yaml', folder],
    ])
    expect(value(await again.outside.read(recent[1]?.ref ?? { name: '' })).text).toBe('x')
  })
})

describe('runs and layouts', () => {
  it('are kept as JSON whose keys have a stable order', async () => {
    value(await workspace.runs.write('first race', { token: 't', scenario: 's' }))
    expect(await workspace.runs.list()).toEqual(['first race'])
    expect(value(await workspace.runs.read('first race'))).toEqual({ scenario: 's', token: 't' })
    const text = await readFile(join(workspace.folder, 'runs', 'first race.run.json'), 'utf8')
    expect(text).toBe('{\n  "scenario": "s",\n  "token": "t"\n}\n')
    await writeFile(join(workspace.folder, 'runs', 'bad.run.json'), '{')
    expect(await workspace.runs.read('bad')).toMatchObject({ error: { code: 'FILE_UNREADABLE', file: 'bad.run.json' } })
    expect(await workspace.layouts.write('../x', {})).toMatchObject({ error: { code: 'FILE_BAD_NAME' } })
  })
})

describe('a watched folder', () => {
  it('tells once of a file that somebody replaced, however it was written', async () => {
    const home = join(folder, 'watched')
    const watcher = createWatcher()
    const told = vi.fn()
    watcher.folder(home, told) // not there yet
    await mkdir(home)
    watcher.folder(home, told)
    await writeFile(join(home, 'a.yaml'), 'one')
    await vi.waitFor(() => expect(told).toHaveBeenCalledWith('a.yaml'))
    watcher.close()
  })
})
