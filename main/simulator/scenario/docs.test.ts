import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explore } from '../engine/explore'
import { compile } from '../model/compile'
import { compileScenario } from './compile'

const text = readFileSync(join(import.meta.dirname, '../../../docs/blocks.md'), 'utf8')
const examples = [...text.matchAll(/<!-- example: (\S+) -->\s*```yaml\n([^]*?)```/g)].map((m) => [
  m[1] ?? '',
  m[2] ?? '',
])

describe('the examples in docs/blocks.md', () => {
  it.each(examples)('%s compiles and has the verdicts that it states', (name, yaml) => {
    const c = compileScenario(name, yaml, [])
    if (!c.ok) throw new Error(JSON.stringify(c.error))
    const e = explore(compile(c.value.model))
    expect(c.value.model.properties.map((p) => p.expected)).toEqual(e.findings.map((f) => f.verdict))
  })
  it('are there', () => expect(examples.length).toBeGreaterThan(0))
})
