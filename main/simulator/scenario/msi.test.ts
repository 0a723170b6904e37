/** Registers of the MSI blocks as a person reads them, along runs of the scenarios about them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explore } from '../engine/explore'
import { follow } from '../engine/path'
import { readRegister } from '../hardware/registers'
import { compile } from '../model/compile'
import { compileScenario } from './compile'

const folder = join(import.meta.dirname, '../../../resources/scenarios/2016-msi')

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
