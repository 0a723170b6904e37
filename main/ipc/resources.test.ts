import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { simulator } from '../worker/plug'
import { openWorkspace } from '../workspace/workspace'
import { readResources } from './resources'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'doorbell-resources-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const scenario = (ref: string) =>
  `doorbell: 1\ntitle: t\nkinds: [${ref}]\nblocks: { nic: { kind: own-idxd } }\nproperties: [{ name: p, never: nic.lost1 }]\n`

describe('a block file that a scenario in the window names', () => {
  const check = async (ref: string) => {
    const workspace = openWorkspace(folder)
    const text = scenario(ref)
    return simulator.check({ name: 's', text }, await readResources(simulator.needs(text), workspace))
  }

  it('comes with Doorbell, or is a document of the workspace', async () => {
    expect((await check('{ builtin: own-idxd }')).problems).toEqual([])
    const { documents, builtin } = openWorkspace(folder)
    const block = await builtin.block('own-idxd')
    await documents.write('mine.block', block.ok ? block.value : '')
    expect((await check('{ file: ./mine.block.yaml }')).problems).toEqual([])
  })

  it.each([
    ['{ builtin: own-idx }', "did you mean 'own-idxd'?"],
    ['{ file: ./none.block.yaml }', undefined],
    ['{ file: ../../etc/passwd }', undefined],
    ['{ file: /etc/passwd }', undefined],
  ])('%s is a fault at the line that names it: no path leads out of the workspace', async (ref, hint) => {
    const [problem] = (await check(ref)).problems
    expect([problem?.code, problem?.line, problem?.file]).toEqual(['BLOCK_UNKNOWN', 3, undefined])
    if (hint !== undefined) expect(problem?.hint).toBe(hint)
  })
})
