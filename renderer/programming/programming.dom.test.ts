import { nextTick } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import { lateCounterexample, lateView } from '../testing/late'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { useRuns } from '../stores/runs'
import ProgrammingPanel from './ProgrammingPanel.vue'
import { strips } from './strips'
import { decodeTable } from '../model/registers'

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
        .findAll('.cell.changed')
        .map((c) => c.attributes('aria-label')),
    ).toEqual(['0x00003, changed: none → d', '1, changed: 0 → 1', '0, changed: 1 → 0'])
    expect(ims().text()).toContain('3 changes')
    useRuns().previous()
    await nextTick()
    expect(ims().text()).not.toContain('0x00003008')
    panel.unmount()
  })

  it('say of each field where it is, how it can be accessed and what it means', async () => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(ProgrammingPanel)
    const titles = panel.findAll('td.cell').map((c) => c.attributes('title'))
    expect(titles).toContain('IMS CONTROL.PASID [31:12], read and write. Compared with the descriptor’s PASID (70 §3)')
    panel.unmount()
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
