import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { nextTick } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FieldView } from '../../preload/contract'
import { lateCounterexample, lateView } from '../testing/late'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { useRuns } from '../stores/runs'
import ProgrammingPanel from './ProgrammingPanel.vue'
import { strips } from './strips'
import { decodeRegister, decodeTable } from '../model/registers'
import { titleOf } from '../commands/command'
import { commandById, runCommand } from '../commands/table'
import { fieldWord, placeWord } from '../model/place-of-register'
import { useChecks } from '../stores/checks'
import { useDocuments } from '../stores/documents'
import { usePoking } from '../stores/poking'
import { choicesOf, codeOf, writtenBack } from './values'

beforeEach(() => void freshWorkbench())

const show = (key: string, at: number) =>
  useRuns().show({ key, view: lateView, trace: lateCounterexample, kind: 'counterexample', title: 'x' }, at)

describe('the register tables', () => {
  it('show the initial state before any run', async () => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ProgrammingPanel)
    expect(panel.get(testId('register-table-ims')).text()).toContain('0x00000001')
    expect(panel.findAll('.changed')).toHaveLength(0)
    panel.unmount()
  })

  it('follow the selected step, forwards and backwards, and say what it changed from and to', async () => {
    const key = await openDocument('idxd-vsvm-late')
    show(key, 7)
    const panel = mountPanel(ProgrammingPanel)
    const ims = () => panel.get(testId('register-table-ims'))
    expect(ims().findAll('.cell.changed')).toHaveLength(0)
    useRuns().next()
    await nextTick()
    expect(ims().text()).toContain('0x00003008')
    expect(
      ims()
        .findAll('.cell.changed [data-cell]')
        .map((c) => c.attributes('aria-label')),
    ).toEqual(['PASID 0x00003, changed: none → d', 'PASID_EN 1, changed: 0 → 1', 'MASK 0, changed: 1 → 0'])
    expect(ims().text()).toContain('3 changes')
    useRuns().previous()
    await nextTick()
    expect(ims().text()).not.toContain('0x00003008')
    panel.unmount()
  })

  it('say of each field where it is, how it can be accessed and what it means', async () => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ProgrammingPanel)
    const titles = panel.findAll('td.cell [data-cell]').map((c) => c.attributes('title'))
    expect(titles).toContain('IMS CONTROL.PASID [31:12], read and write. Compared with the descriptor’s PASID (70 §3)')
    panel.unmount()
  })

  it('draw a register as manuals do: the highest bit on the left, so that fields and hex read alike', () => {
    const width = (f: FieldView): number => f.msb - f.lsb + 1
    let whole = 0
    for (const table of lateView.registers) {
      for (const strip of strips(decodeTable(table, lateView.variables, lateCounterexample.states, 12), true)) {
        if (strip.name === '') continue
        const lsbs = strip.fields.map((f) => f.lsb)
        expect(lsbs).toEqual([...lsbs].sort((a, b) => b - a))
        for (const row of strip.rows) {
          expect(row.cells.map((c) => c.field.lsb)).toEqual(lsbs)
          const read = row.cells.reduce((word, c) => word * 2n ** BigInt(width(c.field)) + BigInt(c.now.value), 0n)
          if (row.cells.reduce((bits, c) => bits + width(c.field), 0) !== 32) continue
          expect(`0x${read.toString(16).padStart(8, '0')}`).toBe(row.hex)
          whole++
        }
      }
    }
    expect(whole).toBeGreaterThan(0)
  })

  it('hide reserved bits until asked', async () => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ProgrammingPanel)
    expect(panel.findAll('th.reserved')).toHaveLength(0)
    await panel.get('[aria-label="Show reserved bits"]').trigger('click')
    expect(panel.findAll('th.reserved').length).toBeGreaterThan(0)
    panel.unmount()
  })

  it('show what is in no register as other state', async () => {
    const key = await openDocument('idxd-vsvm-late')
    show(key, 1)
    const panel = mountPanel(ProgrammingPanel)
    expect(panel.get(testId('register-table-state')).text()).toContain('false → true')
    panel.unmount()
  })
})

describe('a register written by hand', () => {
  const PASID = placeWord({ table: 'ims', row: 'ims1', register: 'CONTROL', field: 'PASID' })
  const input = (panel: VueWrapper) => panel.get<HTMLInputElement>(testId('register-input'))
  const begin = async (panel: VueWrapper): Promise<void> => {
    await panel.get(`[data-cell='${PASID}']`).trigger('click')
    await flushPromises()
  }

  it('is sent with the steps up to the state that is shown, and becomes a change that undo names', async () => {
    const key = await openDocument('idxd-vsvm-late')
    show(key, 3)
    const host = useDocuments().open.get(key)!
    const panel = mountPanel(ProgrammingPanel)
    await begin(panel)
    await input(panel).setValue('0x2a')
    await panel.get('form').trigger('submit')
    await flushPromises()
    expect(useDocuments().active?.text).toBe(`${host.text}# CONTROL PASID 0x2a\n`)
    expect(titleOf(commandById('edit.undo'))).toBe('Undo Write CONTROL.PASID = 0x2a')
    expect(useRuns().run?.kind).toBe('hand')
    expect(useRuns().steps).toBe(4)
    await runCommand('edit.undo')
    await flushPromises()
    expect([useRuns().run?.kind, useRuns().step]).toEqual(['counterexample', 3])
    await runCommand('edit.redo')
    await flushPromises()
    expect([useRuns().run?.kind, useRuns().steps]).toEqual(['hand', 4])
    panel.unmount()
  })

  it('that is refused says why and how to mend it, and stays to be mended; Esc gives it up', async () => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ProgrammingPanel)
    await begin(panel)
    expect(input(panel).element.value).toBe('0x00000')
    await input(panel).setValue('0x77')
    await panel.get('form').trigger('submit')
    await flushPromises()
    expect(panel.get(testId('register-refused')).text()).toContain('the model has no 0x77values: 0x2a')
    expect(input(panel).attributes('aria-invalid')).toBe('true')
    await input(panel).trigger('keydown', { key: 'Escape' })
    expect(panel.find('form').exists()).toBe(false)
    expect(useDocuments().active?.state.history.done).toEqual([])
    panel.unmount()
  })

  it('that no write changes is refused before one types', async () => {
    await openDocument('idxd-vsvm-late')
    const poking = usePoking()
    const field = poking.view?.registers[0]?.rows[1]?.registers[2]?.fields.find((f) => f.access === 'RSVD')
    field!.guard = 'bits 11:4 of CONTROL: reserved, must be 0 (70 §3)'
    const panel = mountPanel(ProgrammingPanel)
    await panel.get('[aria-label="Show reserved bits"]').trigger('click')
    const place = placeWord({ table: 'ims', row: 'ims1', register: 'CONTROL', field: fieldWord(field!) })
    await panel.get(`[data-cell='${place}']`).trigger('click')
    expect(panel.find('form').exists()).toBe(false)
    expect(panel.get(testId('register-refused')).text()).toContain('bits 11:4 of CONTROL: reserved')
    delete field!.guard
    panel.unmount()
  })

  it('can be chosen by name from the palette, and takes the model’s own words', async () => {
    await openDocument('idxd-vsvm-late')
    const choices = commandById('registers.edit').choices?.() ?? []
    expect(choices.map((c) => c.title)).toContain('ims1: CONTROL.PASID')
    expect(
      codeOf(
        'h',
        choicesOf(useChecks().view!.registers[0]!.rows[1]!.registers[2]!.fields[0]!, useChecks().view!.variables),
      ),
    ).toBe('0x00009')
  })

  it('begins with 0 where writing back a one would clear', () => {
    const field = (name: string, lsb: number, access: 'RW' | 'W1C') => ({
      name,
      msb: lsb,
      lsb,
      access,
      meaning: '',
      source: { constant: 1 },
    })
    const register = { name: 'FSTS', offset: 0, width: 8, fields: [field('A', 0, 'RW'), field('B', 4, 'W1C')] }
    expect(writtenBack(decodeRegister(register, [], []))).toBe('0x01')
  })
})

describe('strips', () => {
  it('put the columns of a software table side by side', () => {
    const plain = (name: string, value: number) => ({
      name,
      offset: 0,
      width: 20,
      fields: [{ name, msb: 19, lsb: 0, access: 'RO' as const, meaning: '', source: { constant: value } }],
    })
    const table = {
      id: 'p',
      block: 'PASID',
      title: '',
      where: '',
      cite: '',
      rows: [{ id: 'r', label: 'g', registers: [plain('Guest', 5), plain('Host', 9)] }],
    }
    const [only, ...others] = strips(decodeTable(table, [], new Int32Array(), 0), false)
    expect(others).toEqual([])
    expect(only?.fields.map((f) => f.name)).toEqual(['Guest', 'Host'])
    expect(only?.rows[0]?.cells.map((c) => c.now.text)).toEqual(['0x00005', '0x00009'])
  })
})
