import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBuiltin } from '../workspace/builtin'
import { openWorkspace } from '../workspace/workspace'
import { simulator } from '../worker/plug'
import { putAside } from './commands/put-aside'
import { readCheckpoint } from './checkpoint-file'
import type { Io } from './io'
import { main } from './program'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'doorbell-checkpoint-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)

async function doorbell(args: string[], interrupt = false) {
  let [out, err] = ['', '']
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    errIsTerminal: false,
    columns: undefined,
    onInterrupt(listener) {
      if (interrupt) setTimeout(listener, 60)
      return () => undefined
    },
  }
  const code = await main(args, { io, workspace: openWorkspace(at('home'), createBuiltin()) })
  return { code, out, err, json: () => JSON.parse(out) as Record<string, unknown> }
}

const FAMILY = ['explore', 'ims-family-late', '--scale', 'devices=1,vectors=2,descriptors=1', '--no-reduce', '--json']
/** Without what is of one run and not of the result. */
function lasting({ elapsedMs: _ms, bytesPerState: _bytes, ...rest }: Record<string, unknown>) {
  return rest
}

describe('a checkpoint', () => {
  it('lets an exploration end as in one go, however often a bound stops it', async () => {
    const whole = await doorbell(FAMILY)
    const file = at('bounded')
    for (const bound of [1, 100, 101, 400]) {
      const some = await doorbell([
        ...FAMILY,
        ...['--max-states', String(bound), '--checkpoint', file],
        ...(bound === 1 ? [] : ['--resume', file]),
      ])
      expect(some.json()).toMatchObject({ complete: false, stopped: 'max-states', states: bound, checkpoint: file })
    }
    const rest = await doorbell([...FAMILY, '--resume', file])
    expect(lasting(rest.json())).toEqual(lasting(whole.json()))
    expect(rest.code).toBe(whole.code)
  })

  it('is written at Ctrl-C', async () => {
    const args = [
      'explore',
      'ims-family-late',
      '--scale',
      'devices=1,vectors=3',
      '--no-reduce',
      '--no-symmetry',
      '--json',
    ]
    const file = at('interrupted')
    const first = await doorbell([...args, '--checkpoint', file], true)
    expect(first.json()).toMatchObject({ stopped: 'cancelled', checkpoint: file })
    const rest = await doorbell([...args, '--resume', file])
    expect(rest.json()).toMatchObject({ complete: true, states: 243_449, transitions: 1_022_633, depth: 69 })
  }, 60_000)

  it('is written every few minutes, and taken away when the exploration has come to its end', async () => {
    const file = at('now and then')
    const text = readFileSync('resources/scenarios/2021-ims/ims-family-late.yaml', 'utf8')
    const exploration = simulator.explore({ name: 'f', text }, [], { reduce: false })
    if (!exploration.ok) throw new Error(exploration.error.message)
    const io: Io = {
      out: () => undefined,
      err: (text) => expect.unreachable(text),
      errIsTerminal: false,
      columns: undefined,
      onInterrupt: () => () => undefined,
    }
    const aside = await putAside(file, exploration.value, io, 1000)
    if ('code' in aside) throw new Error(aside.message)
    let now = 5
    let written = 0
    while (!exploration.value.advance(() => true)) {
      const wait = aside.between((now += 400))
      if (!wait) continue
      await wait
      written++
      const kept = await readCheckpoint(file)
      const again = simulator.explore({ name: 'f', text }, [], { reduce: false })
      expect(kept.ok && again.ok && again.value.resume(kept.value)).toBe(null)
    }
    expect(written).toBeGreaterThan(0)
    expect(await aside.end(true)).toBeUndefined()
    expect(existsSync(file)).toBe(false)
  })

  it('is refused by another exploration, with what to do about it', async () => {
    const file = at('mine')
    await doorbell([...FAMILY, '--max-states', '50', '--checkpoint', file])
    const refused = async (args: string[]) => {
      const r = await doorbell(args)
      expect(r.code).toBe(2)
      return r.json()['error']
    }
    const [command = '', id = '', ...rest] = FAMILY
    expect(await refused([command, 'ims-family-safe', ...rest, '--resume', file])).toMatchObject({
      code: 'CHECKPOINT_OTHER',
      message: expect.stringMatching(/another scenario/) as string,
      file,
    })
    expect(await refused([command, id, '--no-reduce', '--json', '--resume', file])).toMatchObject({
      code: 'CHECKPOINT_OTHER',
      hint: expect.stringMatching(/--scale descriptors=1,devices=1,vectors=2/) as string,
    })
    expect(await refused([...FAMILY.filter((a) => a !== '--no-reduce'), '--resume', file])).toMatchObject({
      code: 'CHECKPOINT_OTHER',
      hint: expect.stringMatching(/add --no-reduce/) as string,
    })
    expect(await refused([...FAMILY, '--no-symmetry', '--resume', file])).toMatchObject({ code: 'CHECKPOINT_OTHER' })
    expect(await refused([...FAMILY, '--resume', at('nowhere')])).toMatchObject({ code: 'FILE_NOT_FOUND' })
  })

  it('is refused when it is cut off, changed, or no checkpoint', async () => {
    const file = at('whole')
    await doorbell([...FAMILY, '--max-states', '50', '--checkpoint', file])
    const bytes = readFileSync(file)
    const other = at('other')
    const code = async (contents: Uint8Array) => {
      writeFileSync(other, contents)
      const r = await doorbell([...FAMILY, '--resume', other])
      return (r.json()['error'] as { code: string } | undefined)?.code
    }
    for (let n = 0; n < bytes.length; n += 97) expect(await code(bytes.subarray(0, n))).toBe('CHECKPOINT_DAMAGED')
    for (let n = 0; n < bytes.length; n += 131) {
      const changed = Buffer.from(bytes)
      changed[n] = (changed[n] ?? 0) ^ 4
      expect(await code(changed)).toMatch(/^CHECKPOINT_(DAMAGED|OTHER)$/)
    }
    expect(await code(Buffer.concat([bytes, Buffer.of(0)]))).toBe('CHECKPOINT_DAMAGED')
    expect(await code(Buffer.from('doorbell: 1\n'))).toBe('CHECKPOINT_DAMAGED')
  }, 60_000)

  it('never overwrites what is no checkpoint', async () => {
    const file = at('precious')
    writeFileSync(file, 'thesis')
    const r = await doorbell([...FAMILY, '--max-states', '50', '--checkpoint', file])
    expect([r.code, r.json()['error']]).toMatchObject([2, { code: 'FILE_EXISTS', file }])
    expect(readFileSync(file, 'utf8')).toBe('thesis')
  })
})
