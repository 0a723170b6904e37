import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PciFunction } from '../../preload/contract'
import { Platform } from '../../preload/contract'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { acsBitsOf, capabilitiesOf, TYPED, type Change } from './capabilities'

const read = (name: string): PciFunction[] =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../resources/platforms/${name}.yaml`), 'utf8')))
    .functions
const functions = [...read('q35-vtd'), ...read('spr-dsa'), ...read('p4080-pamu')]
/** As an edit of the board does: null takes a field away. */
function applied(fn: PciFunction, { fields }: Change): PciFunction {
  const next = { ...fn, ...fields } as Record<string, unknown>
  for (const [name, value] of Object.entries(fields)) if (value === null) delete next[name]
  return next as PciFunction
}

describe('a capability of a function on a board', () => {
  it('is there after it was given, gone after it was taken away, and nothing else is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...functions), fc.nat(20), (fn, at) => {
        const before = capabilitiesOf(fn)
        const chosen = before[at % before.length]!
        const after = capabilitiesOf(applied(fn, chosen.change))
        for (const c of after)
          expect(c.on, c.name).toBe(before.find((b) => b.name === c.name)?.on !== (c.name === chosen.name))
      }),
    )
  })

  it('is never turned on in the ACS control register where the device cannot do it', () => {
    fc.assert(
      fc.property(fc.nat(0x7f), fc.nat(0x7f), fc.nat(13), (cap, on, at) => {
        const fn = { ...functions[0]!, acs: { cap, ctrl: on & cap } }
        const bits = acsBitsOf(fn)
        const bit = bits[at]!
        const { acs } = applied(fn, bit.change)
        expect((acs!.ctrl & ~acs!.cap) >>> 0).toBe(0)
        if (!bit.fixed)
          expect(acsBitsOf({ ...fn, acs }).find((b) => b.register === bit.register && b.name === bit.name)?.on).toBe(
            !bit.on,
          )
      }),
    )
  })

  it('has only sizes that its registers can hold', () => {
    const fn = functions.find((f) => f.msix)!
    for (const wrong of ['', '0', '2049', '3.5', 'x']) expect(TYPED.vectors(fn)?.change(wrong), wrong).toBeNull()
    expect(TYPED.vectors(fn)?.change('2048')?.fields).toMatchObject({ msix: { vectors: 2048 } })
    expect(TYPED.driver(fn).change(' ')?.fields).toEqual({ driver: null })
  })
})
