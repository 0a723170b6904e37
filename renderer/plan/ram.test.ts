import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ramWords, readRam } from './ram'

describe('an amount of RAM', () => {
  it('is read as QEMU reads it, and with the units that people write', () => {
    expect(readRam('512')).toBe(512 * 2 ** 20)
    expect(readRam(' 8G ')).toBe(8 * 2 ** 30)
    expect(readRam('8 GiB')).toBe(8 * 2 ** 30)
    expect(readRam('1.5t')).toBe(1.5 * 2 ** 40)
    expect(ramWords(8 * 2 ** 30)).toBe('8\u202fGiB')
  })

  it('is nothing when it is no amount, none at all, or more than any guest has', () => {
    for (const text of ['', 'much', '-1G', '8X', '0', '0.001M', '9999999T', '1e3', '8G8'])
      expect(readRam(text)).toBeNull()
  })

  it('comes back from what is written of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1023 }), fc.constantFrom('M', 'G', 'T'), (n, unit) => {
        expect(readRam(ramWords(readRam(`${n}${unit}`) ?? 0))).toBe(readRam(`${n}${unit}`))
      }),
    )
  })
})
