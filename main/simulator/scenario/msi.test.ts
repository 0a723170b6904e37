/** The MSI scenarios beside what else knows about them: registers as a person reads them, and the planner. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { explore } from '../engine/explore'
import { follow } from '../engine/path'
import { readRegister } from '../hardware/registers'
import { attach } from '../linux/attach'
import { planPlatform } from '../linux/plan'
import { policyFor } from '../linux/policies/proposals'
import { compile } from '../model/compile'
import { Platform } from '../platform/schema'
import { verdicts } from '../../../test/support/board'
import { compileScenario } from './compile'

const resources = join(import.meta.dirname, '../../../resources')
const folder = join(resources, 'scenarios/2016-msi')

/** The state in which a property is decided, and how it came to it. */
function decided(id: string, property: string) {
  const c = compileScenario(id, readFileSync(join(folder, `${id}.yaml`), 'utf8').replace(/^platform:.*\n/m, ''), [])
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  const { model, tables } = c.value
  const program = compile(model)
  const found = explore(program).findings[model.properties.findIndex((p) => p.name === property)]
  const path = follow(program, found?.choices ?? [])
  if ('at' in path) throw new Error('the run cannot be followed')
  const state = program.unpack(path.states.at(-1) ?? new Uint32Array())
  return {
    steps: path.steps.map((s) => model.steps[s]?.id ?? ''),
    register: (block: string, name: string, row = ''): number | undefined => {
      const rows = tables.filter((t) => t.block === block).flatMap((t) => t.rows)
      const r = rows
        .filter((x) => x.id.endsWith(row))
        .flatMap((x) => x.registers)
        .find((g) => g.spec.name === name)
      return r && readRegister(model, r, state)
    },
  }
}

describe('registers on the way of a message', () => {
  it('a forged SPI: the frame as Linux reads it, the message as the function has it', () => {
    const s = decided('v2m-forged', 'own-interrupt')
    expect(s.register('v2m', 'MSI_TYPER')).toBe((80 << 16) | 2)
    expect(s.register('v2m', 'MSI_IIDR')).toBe(0x05100000)
    const entry = ['[31:0]', '[63:32]', '[95:64]', '[127:96]'].map((w) => s.register('nic', `Table${w}`))
    expect(entry).toEqual([0x08000040, 0, 80, 0])
    expect(s.register('nic', 'Message_Control')).toBe(0x8000)
  })

  it('the doorbell: stream table entry in stage 1, and the page table entry of the window’s first page', () => {
    const s = decided('doorbell-cookie', 'translated')
    expect((s.register('smmu', 'STE[31:0]', '[1]') ?? 0) & 0xf).toBe((5 << 1) | 1)
    expect(s.register('smmu', 'PTE[31:0]', '[domain0][sw0]')).toBe(0x08090003)
    expect(s.register('its', 'LPI', '[0]')).toBe(0xa3)
  })

  it('x86: an entry of the remapping table, and the message with its handle', () => {
    const s = decided('x86-forged-remapped', 'own-interrupt')
    expect([s.register('vtd', 'IRTE[31:0]', '[1]'), s.register('vtd', 'IRTE[63:32]', '[1]')]).toEqual([
      0x00310001, 0x100,
    ])
    expect(s.register('vtd', 'IRTE[95:64]', '[1]')).toBe(0x00040108)
    expect(s.register('nic', 'Table[31:0]')).toBe(0xfee00038)
  })
})

describe('what the shortest run shows', () => {
  it('of CVE-2025-38062: prepare, replace, free, compose', () => {
    const { steps } = decided('cookie-use-after-free', 'pointer-valid')
    const order = [
      'IRQ.allocate.prepared',
      'REPLACE.switch',
      'DESTROY.free',
      'IRQ.allocate.compose.use_after_free(domain0)',
    ]
    expect(order.map((s) => steps.indexOf(s))).toEqual(order.map((s) => steps.indexOf(s)).sort((a, b) => a - b))
    expect(steps).toEqual(expect.arrayContaining(order))
    expect(steps.at(-1)).toBe(order.at(-1))
  })
  it('of MSI moved without a mask: the event falls between the two writes', () => {
    const { steps } = decided('msi-moved-unmasked', 'whole-message')
    expect(steps.indexOf('EVENT')).toBeGreaterThan(steps.indexOf('MOVE.address'))
    expect(steps).not.toContain('MOVE.data')
  })
  it('of unawaited ITS commands: the message is there before MAPTI is carried out', () => {
    const { steps } = decided('its-commands-not-awaited', 'discarded')
    expect(steps.at(-1)).toBe('its.translater.unmapped_event')
    expect(steps).not.toContain('its.commands.MAPTI2(1,0)')
  })
})

describe('the planner and the container of the scenarios attach the same devices', () => {
  /** What the planner calls its policies → what the container does. */
  const POLICIES = {
    '4.9': 'policy: capability, intr_remap: true, doorbells: none',
    '5.3': 'policy: system',
    '6.1': 'policy: system',
    '6.12': 'policy: device',
    'msi-three-branch': 'policy: three_branch',
    'msi-two-branch': 'policy: two_branch',
    'whole-group-inspection': 'policy: device',
  }
  const MACHINES = { 'virt-gicv2m': 'plain', 'virt-smmuv3-its': 'isolating' }

  const planned = (machine: string, policy: string, unsafe: boolean): boolean | undefined => {
    const text = readFileSync(join(resources, 'platforms', `${machine}.yaml`), 'utf8')
    const p = policyFor(policy)
    const plan = p && planPlatform(Platform.parse(parse(text)), p)
    const device = plan?.board.topology.find('0000:01:00.0')
    if (!plan || !device) throw new Error(`${machine}, ${policy}`)
    const { steps } = attach(plan, { devices: [device], bindGroup: 1, unsafe, maps: [] })
    return steps.find((s) => s.op === 'SET_IOMMU')?.ok
  }
  const explored = (kind: string, container: string, unsafe: boolean): boolean => {
    const r = verdicts(`
blocks:
  smmu: { kind: smmu }
  domains: { kind: irq-domains }
  cookie: { kind: msi-cookie }
  vfio: { kind: vfio-type1, ${container}, allow_unsafe_interrupts: ${unsafe} }
programs:
  host: [{ domains.add: { isolates: ${kind === 'isolating'} } }, { domains.assign: { stream: 0, domain: ${kind} }, id: UP }]
  qemu: [{ wait: { until: done(UP) } }, vfio.set_iommu]
properties: [{ name: attached, end: vfio.attached }, { name: refused, end: qemu.errno == EPERM }]
`)
    expect(r['refused']).toBe(r['attached'] === 'holds' ? 'violated' : 'holds')
    return r['attached'] === 'holds'
  }

  it.each(Object.entries(MACHINES))('on %s', (machine, kind) => {
    for (const unsafe of [false, true]) {
      const got = Object.entries(POLICIES).map(([policy, c]) => [policy, unsafe, explored(kind, c, unsafe)])
      expect(got).toEqual(Object.keys(POLICIES).map((policy) => [policy, unsafe, planned(machine, policy, unsafe)]))
    }
  })
})
