/** The planning commands from the command line on: options, exit codes, JSON in its shape, text. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createBuiltin } from '../workspace/builtin'
import { openWorkspace } from '../workspace/workspace'
import { outputs } from './output'
import { main } from './program'

const SPR = join(import.meta.dirname, '../../resources/platforms/spr-dsa.yaml')
const DSA = '0000:6a:01.0'

async function doorbell(...args: string[]) {
  const ran = { code: -1, out: '', err: '' }
  ran.code = await main(args, {
    workspace: openWorkspace('', createBuiltin()),
    io: {
      out: (text) => void (ran.out += text),
      err: (text) => void (ran.err += text),
      errIsTerminal: false,
      columns: undefined,
      onInterrupt: () => () => undefined,
    },
  })
  return ran
}

describe('plan --kdump', () => {
  const line = ['--cmdline', 'intel_iommu=on'] as const

  it('says of each group what its devices use until they are attached, and of each unit what becomes of its tables', async () => {
    const ran = await doorbell('plan', SPR, ...line, '--kdump', '--json')
    const plan = outputs.plan.parse(JSON.parse(ran.out))
    expect(ran.code).toBe(0)
    expect(plan.kdump?.units.map((u) => u.tables)).toEqual(plan.kdump?.units.map(() => 'kept'))
    for (const g of plan.groups) expect(g.deferred?.devices).toEqual(g.devices)
    const text = (await doorbell('plan', SPR, ...line, '--kdump')).out
    expect(text).toContain('translation on, tables kept')
    expect(text).toContain('until: first DMA-API call')
  })

  it('is what elfcorehdr= on the command line says too, and neither says anything without', async () => {
    const flag = await doorbell('plan', SPR, ...line, '--kdump', '--json')
    const option = await doorbell('plan', SPR, '--cmdline', 'intel_iommu=on elfcorehdr=0x7f000000', '--json')
    expect(option.out).toBe(flag.out)
    const plain = outputs.plan.parse(JSON.parse((await doorbell('plan', SPR, ...line, '--json')).out))
    expect([plain.kdump, plain.groups.filter((g) => g.deferred)]).toEqual([undefined, []])
  })

  it('is a difference beside a kernel that was not started so', async () => {
    const ran = await doorbell('plan', SPR, ...line, '--diff-cmdline', 'intel_iommu=on elfcorehdr=0x1', '--json')
    const { changes } = outputs['plan-diff'].parse(JSON.parse(ran.out))
    expect([...new Set(changes.map((c) => c.what))]).toEqual(['deferred'])
  })
})

describe('domain-type', () => {
  const write = async (...args: string[]) => {
    const ran = await doorbell('domain-type', SPR, '--group-of', DSA, '--cmdline', 'intel_iommu=on', ...args, '--json')
    return { code: ran.code, ...(JSON.parse(ran.out) as object) }
  }

  it('answers by the release, the owner and the rights of the writer', async () => {
    const identity = ['--write', 'identity', '--unbound']
    expect(await write(...identity, '--kernel', '5.10')).toMatchObject({ code: 0, ok: false, errno: 'EACCES' })
    expect(await write(...identity, '--kernel', '5.11')).toMatchObject({ code: 0, ok: true, after: 'identity' })
    expect(await write(...identity, '--owned')).toMatchObject({ code: 0, ok: false, errno: 'EPERM' })
    expect(await write(...identity, '--unprivileged')).toMatchObject({ code: 0, ok: false, errno: 'EACCES' })
  })

  it('refuses a type before that the kernel’s file never says', async () => {
    const auto = ['--write', 'auto', '--unbound']
    expect(await write(...auto, '--from', 'lazy')).toMatchObject({ code: 2, error: { code: 'USAGE' } })
    expect(await write(...auto, '--from', 'DMA-FQ', '--kernel', '5.14')).toMatchObject({ code: 2 })
    expect(await write(...auto, '--from', 'identity')).toMatchObject({ code: 0, before: 'identity' })
  })
})
