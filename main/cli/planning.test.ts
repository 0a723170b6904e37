/** The planning commands from the command line on: options, exit codes, JSON in its shape, text. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { printDmar } from '../simulator/firmware/acpi/print/dmar'
import type { DeviceScope } from '../simulator/platform/tables'
import { createBuiltin } from '../workspace/builtin'
import { openWorkspace } from '../workspace/workspace'
import { outputs } from './output'
import { main } from './program'

const SPR = join(import.meta.dirname, '../../resources/platforms/spr-dsa.yaml')
const CAPTURE = join(import.meta.dirname, '../../test/fixtures/captures/x86-6.12-scalable-q7/capture.tar.gz')
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

describe('the kernel that a plan names', () => {
  const named = async (...args: string[]) => {
    const { kernel, policy } = outputs.plan.parse(JSON.parse((await doorbell('plan', CAPTURE, ...args, '--json')).out))
    return [kernel, policy]
  }

  it('is the machine’s own release, unless another one was asked for', async () => {
    expect(await named()).toEqual(['6.12.107+deb13-amd64', '6.12'])
    expect(await named('--kernel', '6.12')).toEqual(['6.12.107+deb13-amd64', '6.12'])
    expect(await named('--kernel', '5.10')).toEqual(['5.10', '5.3'])
    expect(await named('--kernel', '6.1.0-56-amd64')).toEqual(['6.1', '6.1'])
    expect(await named('--kernel', 'msi-two-branch')).toEqual(['4.9', 'msi-two-branch'])
  })
})

describe('plan --check', () => {
  it('is not asked together with a difference between kernels', async () => {
    const ran = await doorbell('plan', CAPTURE, '--check', '--diff', '6.1', '--json')
    expect([ran.code, JSON.parse(ran.out)]).toMatchObject([2, { error: { code: 'USAGE' } }])
  })
})

describe('several inputs about one machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-planning-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const endpoint: DeviceScope = {
    offset: 0,
    type: 'endpoint',
    code: 1,
    flags: 0,
    enumerationId: 0,
    startBus: 0,
    path: [{ device: 3, function: 0 }],
  }
  const LSPCI = file(
    'lspci.txt',
    `00:00.0 Host bridge [0600]: Example Host [1d05:0000]
\tStatus: Cap-

00:03.0 Ethernet controller [0200]: Example Gigabit [1d05:0001]
\tStatus: Cap+
\tCapabilities: [a0] Express (v2) Root Complex Integrated Endpoint, MSI 00
`,
  )
  const DMAR = file(
    'DMAR',
    printDmar({
      revision: 1,
      hostAddressWidth: 39,
      interruptRemapping: true,
      x2apicOptOut: false,
      dmaControlOptIn: false,
      units: [{ offset: 0, flags: 1, includeAll: true, sizeCode: 0, segment: 0, base: '0xfed90000', scopes: [] }],
      reservedMemory: [{ offset: 0, segment: 0, base: '0x7d000000', limit: '0x7dffffff', scopes: [endpoint] }],
      rootPortAts: [],
      affinity: [],
      namespaceDevices: [],
      soc: [],
      properties: [],
    }),
  )
  const ask = async (command: string, ...args: string[]) =>
    JSON.parse((await doorbell(command, ...args, '--cmdline', 'intel_iommu=on', '--json')).out) as object

  it('are merged for an attach: the table refuses what the list alone would give away', async () => {
    const NIC = ['--device', '0000:00:03.0', '--unsafe']
    expect(await ask('attach', LSPCI, ...NIC)).toMatchObject({ stage: 9 })
    const refused = await ask('attach', LSPCI, DMAR, ...NIC)
    expect(refused).toMatchObject({ stage: 3 })
    expect(JSON.stringify(refused)).toContain('"op":"SET_CONTAINER","ok":false,"errno":"EINVAL"')
  })

  it('that leave something open say so on standard error, whatever is asked', async () => {
    const cut = file('cut.txt', readFileSync(LSPCI, 'utf8').slice(0, -20))
    for (const [command, ...rest] of [['plan'], ['attach', '--device', '0000:00:03.0']] as const) {
      const ran = await doorbell(command, cut, ...rest, '--json')
      expect(ran.err).toMatch(/^warning: the text ends in the middle of a line.*\[LSPCI_TRUNCATED\]$/m)
      expect(() => JSON.parse(ran.out) as unknown).not.toThrow()
    }
    expect((await doorbell('plan', CAPTURE)).err).toBe('')
  })

  it('are merged for a write to the type file, too', async () => {
    const write = ['--group-of', '0000:00:03.0', '--write', 'identity', '--unbound']
    expect(await ask('domain-type', LSPCI, DMAR, ...write)).toMatchObject({ ok: true, after: 'identity' })
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
