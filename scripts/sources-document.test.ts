import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { sourcesDocument } from './sources-document'

const root = resolve(import.meta.dirname, '..')

it('the committed list of sources is what the data says now', () => {
  expect(readFileSync(join(root, 'docs/sources.md'), 'utf8')).toBe(sourcesDocument())
})
