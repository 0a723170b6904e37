import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../../platform/schema'
import { planPlatform, type PlanSettings } from '../plan'
import { policyFor } from '../policies/proposals'
import { svaLadder, type SvaLadder } from './ladder'

const DSA = '0000:6a:01.0'
const SM = 'intel_iommu=on,sm_on'

const load = (id: string): Platform =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../../../resources/platforms/${id}.yaml`), 'utf8')))

interface Asked {
  readonly machine?: Platform
  readonly kernel?: string
  readonly cmdline?: string
  readonly bdf?: string
  readonly settings?: PlanSettings
}

function ladder({
  machine = load('spr-dsa'),
  kernel = '6.12',
  cmdline = SM,
  bdf = DSA,
  settings,
}: Asked = {}): SvaLadder {
  const policy = policyFor(kernel)
  if (!policy) throw new Error('policy')
  const p = planPlatform(machine, policy, cmdline, settings)
  const fn = p.board.topology.find(bdf)
  if (!fn) throw new Error(bdf)
  return svaLadder(p, fn)
}

const use = (l: SvaLadder, name: string) => l.uses.find((u) => u.use === name)
const missing = (l: SvaLadder, name: string) => use(l, name)?.missing
const why = (l: SvaLadder, name: string) => l.rungs.find((r) => r.name === name)?.why

const withFn = (change: Partial<Platform['functions'][number]>, machine = load('spr-dsa'), bdf = DSA): Platform => ({
  ...machine,
  functions: machine.functions.map((f) => (f.bdf === bdf ? { ...f, ...change } : f)),
})
const withRegisters = (registers: Record<string, string>): Platform => {
  const machine = load('spr-dsa')
  return { ...machine, iommus: machine.iommus.map((u) => ({ ...u, registers: { ...u.registers, ...registers } })) }
}
/** CAP_REG of the example: bit 56 is FS1GP, bit 60 FS5LP. */
const CAP = 0x19ed008c40780c66n
const without = (n: bigint): string => `0x${(CAP & ~(1n << n)).toString(16)}`

describe('the ladder that an idxd user climbs', () => {
  it('is climbed by processes and the kernel on a DSA with scalable mode on', () => {
    const l = ladder()
    expect(l.uses.map((u) => [u.use, u.ok])).toEqual([
      ['user', true],
      ['kernel', true],
      ['guest', false],
    ])
    expect(missing(l, 'guest')).toEqual(["a guest's PASIDs through VFIO"])
  })

  it('says that the build decides where scalable mode is not on the command line, and looks at the build', () => {
    expect(use(ladder({ cmdline: 'intel_iommu=on' }), 'user')).toMatchObject({
      ok: null,
      unknown: ['scalable mode switched on'],
    })
    const option = 'CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON'
    const built = (value: string) => ({
      ...load('spr-dsa'),
      kernel: { config: { [option]: value, CONFIG_INTEL_IOMMU_SVM: 'y' } },
    })
    expect(use(ladder({ machine: built('y'), cmdline: 'intel_iommu=on' }), 'user')?.ok).toBe(true)
    expect(missing(ladder({ machine: built('n'), cmdline: 'intel_iommu=on' }), 'user')).toEqual([
      'scalable mode switched on',
    ])
    expect(missing(ladder({ cmdline: 'intel_iommu=on,sm_off' }), 'user')).toEqual(['scalable mode switched on'])
  })

  it('breaks at ATS with pci=noats, and a user work queue then answers -EOPNOTSUPP from 6.1 on', () => {
    const broken = ladder({ cmdline: `${SM} pci=noats` })
    expect(missing(broken, 'user')).toEqual(['ATS capability'])
    expect(use(broken, 'user')?.because[0]?.rule).toContain('-EOPNOTSUPP')
    expect(use(ladder({ kernel: '5.15', cmdline: `${SM} pci=noats` }), 'user')?.because[0]?.rule).toBe(
      'binding a process is refused',
    )
  })

  it('needs page requests: idxd enables them before anything else (6.4), VT-d asked for them before', () => {
    for (const kernel of ['6.1', '6.12'])
      expect(missing(ladder({ machine: withFn({ pri: undefined }), kernel }), 'user')).toEqual(['PRI capability'])
  })

  it('lets another driver than idxd go without page requests from 6.4 on', () => {
    const machine = withFn({ pri: undefined, device: 0x1234, driver: 'other' })
    expect(missing(ladder({ machine, kernel: '6.1' }), 'user')).toEqual(['PRI capability'])
    expect(use(ladder({ machine }), 'user')?.ok).toBe(true)
  })

  it('stops where the function cannot send the prefix that carries a PASID', () => {
    const express = { type: 'rc-integrated-endpoint' as const, version: 2, slot: false }
    const machine = (tlpPrefix?: boolean) =>
      withFn({ express: { ...express, ...(tlpPrefix === undefined ? {} : { tlpPrefix }) } })
    expect(missing(ladder({ machine: machine(false) }), 'user')).toEqual(['TLP prefixes on the path'])
    expect(use(ladder({ machine: machine() }), 'user')?.unknown).toEqual(['TLP prefixes on the path'])
  })

  it('stops where the CPU uses pages or levels that the unit does not walk (intel_svm_check)', () => {
    const giga = withRegisters({ CAP_REG: without(56n) })
    expect(missing(ladder({ machine: giga }), 'user')).toEqual(["the unit walks the CPU's page tables"])
    expect(use(ladder({ machine: { ...giga, cpuFlags: ['movdir64b', 'enqcmd'] } }), 'user')?.ok).toBe(true)
    const five = withRegisters({ CAP_REG: without(60n) })
    expect(why(ladder({ machine: five }), "the unit walks the CPU's page tables")).toContain('CAP.FS5LP is 0')
  })

  it('without MOVDIR64B idxd does not load; without ENQCMD only shared work queues are lost', () => {
    const cpu = (...cpuFlags: string[]) => ({ ...load('spr-dsa'), cpuFlags })
    expect(missing(ladder({ machine: cpu('enqcmd') }), 'user')).toEqual(['MOVDIR64B'])
    const dedicated = ladder({ machine: cpu('movdir64b') })
    expect(use(dedicated, 'user')?.ok).toBe(true)
    expect(why(dedicated, 'ENQCMD')).toContain('no shared work queue')
  })

  it('gives the kernel a PASID to 5.18 and from 6.6 on, and none between', () => {
    const kernels = ['5.10', '5.15', '5.19', '6.1', '6.5', '6.6', '6.12']
    expect(kernels.map((kernel) => use(ladder({ kernel }), 'kernel')?.ok)).toEqual([
      false,
      true,
      false,
      false,
      false,
      true,
      true,
    ])
    const noSupervisor = withRegisters({ ECAP_REG: `0x${(0xc998a4f050dfn & ~(1n << 31n)).toString(16)}` })
    expect(missing(ladder({ machine: noSupervisor, kernel: '5.15' }), 'kernel')).toEqual([
      'supervisor requests in the unit',
    ])
    expect(use(ladder({ machine: noSupervisor }), 'kernel')?.ok).toBe(true)
  })

  it("refuses the kernel's PASID while the crashed kernel's tables are in use, not a process's", () => {
    const dump = ladder({ settings: { kdump: true } })
    expect(missing(dump, 'kernel')).toEqual(['default domain'])
    expect(why(dump, 'default domain')).toContain('-EBUSY')
  })

  it('names nested translation for guests on kernels that let VFIO attach a PASID (6.15)', () => {
    expect(use(ladder({ kernel: '6.15' }), 'guest')?.ok).toBe(true)
    const machine = withRegisters({ ECAP_REG: `0x${(0xc998a4f050dfn & ~(1n << 26n)).toString(16)}` })
    expect(missing(ladder({ machine, kernel: '6.15' }), 'guest')).toEqual(['nested translation in the unit'])
  })

  it('stops at the capability that a plain endpoint does not have', () => {
    const l = ladder({ machine: load('virt-smmuv3-its'), cmdline: '', bdf: '0000:01:00.0' })
    expect(missing(l, 'user')).toContain('PASID capability')
  })
})

describe('ATS below a root port', () => {
  const PORT = '0000:00:0c.0'
  const NVME = '0000:01:00.0'
  const ats = { enabled: false, stu: 0, queueDepth: 32 }
  const dmar = (rootPortAts: unknown[]) => ({
    dmar: {
      revision: 1,
      hostAddressWidth: 52,
      interruptRemapping: true,
      x2apicOptOut: false,
      dmaControlOptIn: false,
      units: [],
      reservedMemory: [],
      rootPortAts,
      affinity: [],
      namespaceDevices: [],
      soc: [],
      properties: [],
    },
  })
  const scope = { offset: 0, type: 'bridge', code: 2, flags: 0, enumerationId: 0, startBus: 0 }
  const at = (rootPortAts?: unknown[]) => {
    const machine = withFn({ ats }, load('spr-dsa'), NVME)
    return ladder({
      machine: rootPortAts ? Platform.parse({ ...machine, tables: dmar(rootPortAts) }) : machine,
      bdf: NVME,
    }).rungs.find((r) => r.name === 'ATS where it sits')
  }

  it('needs an ATSR that names the port or all ports, and is not known without the table', () => {
    expect(at()).toMatchObject({ ok: null })
    expect(at([])).toMatchObject({ ok: false, why: `no ATSR names its root port ${PORT}` })
    expect(at([{ offset: 48, allPorts: true, segment: 0, scopes: [] }])).toMatchObject({ ok: true })
    const named = (device: number) => [
      { offset: 48, allPorts: false, segment: 0, scopes: [{ ...scope, path: [{ device, function: 0 }] }] },
    ]
    expect(at(named(0xc))).toMatchObject({ ok: true, why: `ATSR at 0x30 names ${PORT}` })
    expect(at(named(0xd))).toMatchObject({ ok: false })
  })
})
