import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { explored } from '../../../test/support/explored'

const folder = join(import.meta.dirname, '../../../resources/scenarios/2021-ims')

/** A built-in scenario asked for other states than those of its own properties. */
function ask(id: string, properties: Record<string, string>) {
  const { blocks, agents, programs } = parse(readFileSync(join(folder, `${id}.yaml`), 'utf8')) as Record<
    string,
    unknown
  >
  return explored(
    `blocks: ${JSON.stringify(blocks)}\nagents: ${JSON.stringify(agents ?? {})}\nprograms: ${JSON.stringify(programs)}`,
    properties,
  )
}

describe('the registers of the window between request_irq and the late MSIXPERM', () => {
  const r = ask('vsvm-late-send', {
    fires: 'chip.delivered0 == host && sets.spid1 == guest',
    after: 'chip.delivered0 == guest',
    lent: 'dev.CMD.COMMAND == cmd_request_handle && dev.CMDSTS.RESULT == 1',
  })

  it('hold the default PASID, live, while the guest’s table is empty', () => {
    expect(r.register('fires', 'dev IMS[0]', 3)).toBe(0x00010008)
    expect(r.register('fires', 'vdev MSIXPERM[1]')).toBe(0)
  })
  it('and afterwards the host PASID behind the guest’s own', () => {
    expect(r.register('after', 'dev IMS[0]', 3)).toBe(0x0002a008)
    expect(r.register('after', 'vdev MSIXPERM[1]')).toBe(0x00005008)
  })
  it('CMD asks for a handle of the IMS table, CMDSTS holds it', () => {
    expect(r.register('lent', 'dev CMD')).toBe(0x80d10000)
    expect(r.register('lent', 'dev CMDSTS')).toBe(0x00000100)
  })
})

it('a mask that hits the data dword moves the vector by one and leaves Control unmasked', () => {
  const r = ask('mask-data-word', { stray: 'chip.stray0' })
  expect([2, 3].map((dword) => r.register('stray', 'dev IMS[0]', dword))).toEqual([0x23, 0x00010008])
})

it('an unknown guest PASID leaves what stood in an uninitialised variable in the entry', () => {
  const r = ask('vdcm-g4-lookup-ignored', { written: 'dev.IMS0.PASID == garbage && dev.IMS0.PASID_EN' })
  expect(r.register('written', 'dev IMS[0]', 3)).toBe(0xa5a5a008)
})

it('the dedicated queue and the entry of the third generation hold different PASIDs', () => {
  const r = ask('vdcm-g3-dedicated', { refused: 'dev.COMP0.STATUS == invalid_interrupt_handle' })
  expect(r.register('refused', 'dev WQCFG', 2)).toBe(0x10002a01)
  expect(r.register('refused', 'dev IMS[0]', 3)).toBe(0x00010008)
  expect(r.register('refused', 'dev COMP[0]')).toBe(0x19)
})

it('one vector more: the descriptor that ends in the gap is not answered, its interrupt is nowhere', () => {
  const lost = {
    lost: 'never: done(GROW) && dev.COMP0.STATUS == success && dev.empty && !dev.IMS0.PENDING && dev.tc0.empty && !dev.msg0 && chip.delivered0 == nothing && !dev.IMS0.MASK && dev.released',
  }
  expect(ask('vector-grow-lost', lost).verdict('lost')).toBe('violated')
  expect(ask('vector-grow-pending', lost).verdict('lost')).toBe('holds')
})
