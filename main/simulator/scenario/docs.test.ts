import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explore } from '../engine/explore'
import { compile } from '../model/compile'
import { compileScenario } from './compile'
import type { BlockResource } from './kinds'

const text = ['blocks', 'litmus']
  .map((name) => readFileSync(join(import.meta.dirname, `../../../docs/${name}.md`), 'utf8'))
  .join('\n')
const examples = [...text.matchAll(/<!-- example: (\S+) -->\s*```yaml\n([^]*?)```/g)].map((m) => [
  m[1] ?? '',
  m[2] ?? '',
])

const blocks: BlockResource[] = [...text.matchAll(/<!-- block: (\S+) -->\s*```yaml\n([^]*?)```/g)].map((m) => ({
  block: { file: `./${m[1] ?? ''}.block.yaml` },
  text: m[2] ?? '',
}))

describe('the examples in docs/blocks.md and docs/litmus.md', () => {
  it.each(examples)('%s compiles and has the verdicts that it states', (name, yaml) => {
    const c = compileScenario(name, yaml, blocks)
    if (!c.ok) throw new Error(JSON.stringify(c.error))
    const e = explore(compile(c.value.model))
    expect(c.value.model.properties.map((p) => p.expected)).toEqual(e.findings.map((f) => f.verdict))
  })
  it('repair the own device as the text says: owner first, and nothing is lost', () => {
    const late = examples.find(([name]) => name === 'owner-late')?.[1] ?? ''
    const first = late
      .replace(/host: \[(\{.*?\} \}), (\{.*\})\]\n/, 'host: [$2, $1]\n')
      .replace('expected: violated', 'expected: holds')
    expect(first).not.toBe(late)
    const c = compileScenario('owner-first', first, blocks)
    if (!c.ok) throw new Error(JSON.stringify(c.error))
    expect(c.value.model.properties.map((p) => p.expected)).toEqual(
      explore(compile(c.value.model)).findings.map((f) => f.verdict),
    )
  })
  it('are there', () => expect([examples.length, blocks.length]).toEqual([5, 1]))
})
