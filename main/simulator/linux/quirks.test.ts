import { describe, expect, it } from 'vitest'
import { randomBoard } from '../../../test/support/random-board'
import { isolates } from './acs'
import { quirkVerdict } from './acs-quirks'
import { aliasDevfns } from './aliases'
import { boardOf } from './board'
import { readCommandLine } from './cmdline'

/** The first function of a small board, a root port at 00:00.0, under another identity. */
function as(vendor: number, device: number) {
  const platform = randomBoard({ slots: [1] })
  const functions = platform.functions.map((f) => ({ ...f, vendor, device }))
  const board = boardOf({ ...platform, functions }, readCommandLine(''))
  const fn = board.scanOrder[0]
  if (!fn) throw new Error('the board has functions')
  return { fn, board }
}

function aliases(vendor: number, device: number): readonly number[] {
  const { fn, board } = as(vendor, device)
  return aliasDevfns(fn, board)
}

function verdict(vendor: number, device: number): boolean | undefined {
  const { fn, board } = as(vendor, device)
  return quirkVerdict(fn, board.topology, 0x1d, board.ivrs)?.isolated
}

describe('the quirk tables of drivers/pci/quirks.c', () => {
  it('alias function 1 for the Marvell, TTI, JMicron and Lite-On parts that DMA as it', () => {
    for (const [vendor, device] of [
      [0x1b4b, 0x9235],
      [0x1103, 0x0642],
      [0x1103, 0x0645],
      [0x197b, 0x2392],
      [0x1c28, 0x0122],
    ] as const)
      expect(aliases(vendor, device)).toEqual([1])
  })

  it('alias nothing for their neighbours', () => {
    for (const [vendor, device] of [
      [0x11ab, 0x91a0],
      [0x1103, 0x0640],
      [0x1103, 0x0644],
      [0x197b, 0x2362],
    ] as const)
      expect(aliases(vendor, device)).toEqual([])
  })

  it('speak for the NXP root ports that are named, and for no number between them', () => {
    for (const device of [0x8d83, 0x8da1, 0x8db1, 0x8d8b, 0x8da9, 0x8d9b, 0x8db9])
      expect(verdict(0x1957, device)).toBe(true)
    for (const device of [0x8da2, 0x8db2, 0x8daa, 0x8dba]) expect(verdict(0x1957, device)).toBeUndefined()
  })

  it('isolate Wangxun’s network functions, and no other device of that vendor, not even one with ACS enabled', () => {
    for (const device of [0x0100, 0x010f, 0x1001, 0x2001, 0x5010, 0x5140]) expect(verdict(0x8088, device)).toBe(true)
    for (const device of [0x0110, 0x1002, 0x5011, 0xffff]) expect(verdict(0x8088, device)).toBe(false)
    const { fn, board } = as(0x8088, 0x1002)
    const acs = { cap: 0x1d, ctrl: 0x1d }
    expect(isolates({ ...fn, acs }, board).isolated).toBe(false)
    expect(isolates({ ...fn, acs, vendor: 0x8087 }, board).isolated).toBe(true)
  })
})
