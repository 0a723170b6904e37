import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { orderDocument } from './idxd-order'

const root = resolve(import.meta.dirname, '..')

it('the committed table of idxd orders is what exploration finds now', () => {
  expect(readFileSync(join(root, 'docs/idxd-order.md'), 'utf8')).toBe(orderDocument(root))
})
