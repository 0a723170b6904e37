import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { randomModel } from '../../../test/support/random-model'
import { explore } from '../engine/explore'
import { compileScenario } from '../scenario/compile'
import { compile } from './compile'
import type { Model } from './model'
import { promela } from './promela'
import { propertyLabels } from './property-labels'

const here = spawnSync('spin', ['-V']).status === 0 && spawnSync('gcc', ['--version']).status === 0
if (!here) console.log('Spin or gcc is not installed: the comparison with Spin is left out')
const folder = mkdtempSync(join(tmpdir(), 'doorbell-spin-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function pan(text: string, macro?: string): string {
  writeFileSync(join(folder, 'm.pml'), text)
  const o = { cwd: folder, encoding: 'utf8' as const }
  execFileSync('spin', [...(macro ? [`-D${macro}`] : []), '-o1', '-o2', '-o3', '-a', 'm.pml'], o)
  execFileSync('gcc', ['-O0', '-w', '-DSAFETY', '-DNOREDUCE', '-DVECTORSZ=4096', '-o', 'pan', 'pan.c'], o)
  // Spin would clear a table of 2^24 slots for a dozen states.
  return execFileSync('./pan', ['-E', '-m100000', '-w16', ...(macro ? [] : ['-A'])], o)
}

/** Spin's number of states, and for each property whether its assertion fails in some run. */
function spin(model: Model): { states: number; fails: boolean[] } {
  const text = promela(model)
  return {
    states: Number(/(\d+) states, stored/.exec(pan(text))?.[1]),
    fails: propertyLabels(model.properties).map((label) => /errors: [1-9]/.test(pan(text, label))),
  }
}

/** `npm run test:long` takes 500. */
const RUNS = Number(process.env['DOORBELL_SPIN_RUNS'] ?? 8)

const FAMILY = [
  { variant: 'safe', devices: 1, vectors: 2, descriptors: 1 },
  { variant: 'late', devices: 2, vectors: 1, descriptors: 2 },
  { variant: 'nodrain', devices: 1, vectors: 2, descriptors: 1 },
]

describe.skipIf(!here)('the model in Promela', () => {
  it.each(FAMILY)(
    'has the same number of states and the same verdicts in Spin: ims-family-$variant',
    ({ variant, ...scale }) => {
      const text = readFileSync(`resources/scenarios/2021-ims/ims-family-${variant}.yaml`, 'utf8')
      const c = compileScenario(variant, text, [], scale)
      if (!c.ok) throw new Error(JSON.stringify(c.error))
      const program = compile(c.value.model)
      const theirs = spin(c.value.model)
      const shown = (e: ReturnType<typeof explore>): boolean[] =>
        e.findings.map((f) => f.verdict === 'violated' || f.verdict === 'witnessed')
      const whole = explore(program)
      expect([whole.states, shown(whole)]).toEqual([theirs.states, theirs.fails])
      expect(shown(explore(program, { reduce: true, symmetry: true, small: 0 }))).toEqual(theirs.fails)
    },
    240_000,
  )

  it(
    `has the same number of states and the same verdicts in Spin, on ${RUNS} random models`,
    () => {
      fc.assert(
        fc.property(randomModel, (model) => {
          const mine = explore(compile(model))
          const theirs = spin(model)
          expect(theirs.states).toBe(mine.states)
          expect(theirs.fails).toEqual(mine.findings.map((f) => f.verdict === 'violated' || f.verdict === 'witnessed'))
        }),
        { numRuns: RUNS, seed: 4, endOnFailure: true },
      )
    },
    120_000 + RUNS * 15_000,
  )
})
