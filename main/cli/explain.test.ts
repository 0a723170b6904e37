/** `doorbell explain` from the command line on: options, exit codes, JSON in its shape, text. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBuiltin } from '../workspace/builtin'
import { openWorkspace } from '../workspace/workspace'
import { outputs } from './output'
import { main } from './program'

const SPR = join(import.meta.dirname, '../../resources/platforms/spr-dsa.yaml')
const DSA = '0000:6a:01.0'
let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'doorbell-explain-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function doorbell(...args: string[]) {
  const ran = { code: -1, out: '', err: '' }
  ran.code = await main(args, {
    workspace: openWorkspace(folder, createBuiltin()),
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
const explain = async (...args: string[]) => {
  const ran = await doorbell('explain', ...args, '--json')
  return { code: ran.code, ...outputs.explain.parse(JSON.parse(ran.out)) }
}
const msi = ['--vector', '1'] as const

describe('explain msi', () => {
  it('of a scenario without a platform says what to give instead', async () => {
    const { code, out } = await doorbell(
      'explain',
      'msi',
      'posted-on-then-pir',
      '--device',
      DSA,
      '--vector',
      '0',
      '--json',
    )
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'PLATFORM_UNKNOWN', hint: expect.stringContaining('a scenario with `platform:`') as string },
    })
  })

  it('exits 0 for an accepted message and for a refused one, each hop with its reasons', async () => {
    const good = await explain('msi', SPR, '--device', DSA, ...msi)
    expect([good.code, good.accepted, good.fix]).toEqual([0, true, undefined])
    expect(good.hops.every((h) => h.because.length > 0 && h.because.every((b) => b.cite !== ''))).toBe(true)
    const bad = await explain('msi', SPR, '--device', DSA, '--vector', '99')
    expect([bad.code, bad.accepted, bad.hops.at(-1)?.decision]).toEqual([0, false, 'refused'])
  })

  it('says in text which numbers are examples', async () => {
    const { out } = await doorbell('explain', 'msi', SPR, '--device', DSA, ...msi)
    expect(out).toMatch(/V=0x22\*/)
    expect(out).toContain('a number that the kernel may choose')
  })

  it('refuses a function that is not there, an option that is no number, and a missing one, with exit 2', async () => {
    for (const args of [
      ['--device', '0000:7f:00.0', ...msi],
      ['--device', DSA, '--vector', 'x'],
      ['--device', DSA],
    ]) {
      const ran = await doorbell('explain', 'msi', SPR, ...args, '--json')
      expect([ran.code, outputs.error.safeParse(JSON.parse(ran.out)).success]).toEqual([2, true])
    }
  })
})

describe('explain dma', () => {
  it('names the reason code of the mode, and what would let it through', async () => {
    const dma = (...more: string[]) => explain('dma', SPR, '--device', DSA, '--iova', '0x1000', '--cmdline', ...more)
    const refusal = async (...more: string[]) => (await dma(...more)).hops.at(-1)?.refusal?.code
    expect(await refusal('intel_iommu=on,sm_off')).toBe('0x06')
    expect(await refusal('intel_iommu=on,sm_off', '--write')).toBe('0x05')
    expect(await refusal('intel_iommu=on,sm_on')).toBe('0x71')
    expect(await refusal('intel_iommu=on,sm_off', '--pasid', '0x10')).toBe('0x31')
    expect((await dma('iommu=pt')).accepted).toBe(true)
    expect((await dma('intel_iommu=on', '--map', '0x1000:0x1000')).accepted).toBe(true)
    expect((await dma('intel_iommu=on')).fix).toBe('map the page at 0x1000 (DMA API)')
  })
})

describe('explain of a scenario', () => {
  const vdev = (...more: string[]) => explain('msi', 'idxd-vsvm-late', '--device', 'vdev0', ...msi, ...more)

  it('reads the entry of the message store as the scenario begins: masked, and without the PASID_EN of its queue', async () => {
    const path = await vdev()
    expect([path.accepted, path.hops.at(-1)?.refusal]).toEqual([
      false,
      {
        code: '0x19',
        name: 'invalid interrupt handle',
        condition: 'PASID_EN of the entry is not that of the work queue',
      },
    ])
    expect(path.fix).toMatch(/request_irq and set_auxdata program IMS\[0\]/)
  })

  it('follows the run of a token: live with the host’s PASID, then with the guest’s', async () => {
    const ran = JSON.parse((await doorbell('explore', 'idxd-vsvm-late', '--json')).out) as {
      properties: { counterexample?: { token: string; length: number } }[]
    }
    const run = ran.properties.find((p) => p.counterexample)?.counterexample
    if (!run) throw new Error('it is violated')
    const after = (...more: string[]) => vdev('--replay', run.token, ...more)
    expect((await after('--step', '0')).accepted).toBe(false)
    const host = await after('--pasid', '0x10')
    expect([host.accepted, host.hops.map((h) => h.block)]).toEqual([
      true,
      expect.arrayContaining(['permission', 'remapping', 'cpu']),
    ])
    const guest = await after('--pasid', '0x2a')
    expect([guest.accepted, guest.hops.at(-1)?.refusal]).toEqual([false, expect.objectContaining({ code: '0x19' })])
    expect(guest.fix).toBe('write PASID 0x2a into IMS[0] with PASID_EN')
  })

  it('takes functions of its platform too, and refuses what is neither file nor scenario', async () => {
    expect((await explain('dma', 'idxd-vsvm-late', '--device', DSA, '--iova', '0x1000')).accepted).toBe(false)
    const none = await doorbell('explain', 'msi', 'no-such-scenario', '--device', DSA, ...msi, '--json')
    expect([none.code, JSON.parse(none.out)]).toMatchObject([2, { error: { code: 'SCENARIO_UNKNOWN' } }])
    const broken = join(folder, 'broken.yaml')
    writeFileSync(broken, 'doorbell: 1\ntitle: [')
    expect((await doorbell('explain', 'msi', broken, '--device', 'vdev0', ...msi)).code).toBe(2)
  })
})

describe('explain fault', () => {
  it('names hop, field and reason of a pasted line', async () => {
    const line =
      'DMAR: [DMA Write NO_PASID] Request device [01:00.0] fault addr 0xfffff000 [fault reason 0x05] PTE Write access is not set'
    const ran = await doorbell('explain', 'fault', line, '--json')
    const { hops, fault } = outputs['explain-fault'].parse(JSON.parse(ran.out))
    expect([ran.code, fault]).toEqual([
      0,
      { source: 'Linux intel-iommu', device: '01:00.0', address: '0xfffff000', access: 'write' },
    ])
    expect(hops[0]).toMatchObject({
      decision: 'refused',
      fields: { field: 'W' },
      refusal: { code: '0x05', name: 'LGN.2' },
    })
    expect((await doorbell('explain', 'fault', line)).out).toContain('LGN.2 (0x05)')
  })

  it('exits 2 with a hint for anything else', async () => {
    const ran = await doorbell('explain', 'fault', 'all is well', '--json')
    expect([ran.code, JSON.parse(ran.out)]).toMatchObject([
      2,
      { error: { code: 'FAULT_LINE_UNKNOWN', hint: expect.stringContaining('Event logged') as string } },
    ])
  })
})
