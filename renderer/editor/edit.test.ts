import fc from 'fast-check'
import { expect, it } from 'vitest'
import { replacement } from './edit'

const apply = (before: string, after: string): string => {
  const change = replacement(before, after)
  return change ? before.slice(0, change.start) + change.text + before.slice(change.end) : before
}

it('turns any text into any other', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 40 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(apply(a, b)).toBe(b)
    }),
  )
})

it('touches only the line that is different', () => {
  const before = 'a: 1\nunder: 0000:00:01.0\n# kept\n'
  expect(replacement(before, before.replace('00:01.0', '6a:01.0'))).toEqual({ start: 17, end: 19, text: '6a' })
})

it('is nothing for equal texts', () => {
  expect(replacement('same', 'same')).toBeNull()
})
