import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resourcesOf } from '../../../scripts/repairs'
import { crewInTurns } from '../../../test/support/crew-in-turns'
import { randomModel } from '../../../test/support/random-model'
import { packageFolder } from '../../workspace/root'
import { compile, type Program } from '../model/compile'
import { explore as naive } from '../model/naive'
import { compileScenario } from '../scenario/compile'
import type { Crew } from './crew'
import { Explorer, type Exploration, type ExploreOptions } from './explore'
import type { Piece } from './pieces'

const LIMIT = 3000

/** Without what memory tables took, which is a matter of when they were filled. */
const figures = ({ bytesPerState: _bytes, ...rest }: Exploration): Omit<Exploration, 'bytesPerState'> => rest
const hashOf = (e: Exploration): string =>
  createHash('sha256')
    .update(JSON.stringify(figures(e)))
    .digest('hex')

function explored(program: Program, options: ExploreOptions): Exploration {
  const e = new Explorer(program, options)
  e.advance(() => false)
  return e.result()
}

const whole: ExploreOptions = { reduce: false, symmetry: false }

describe('an exploration by several workers', () => {
  it('reports of random models what one worker reports, hash for hash', () => {
    let shared = 0
    fc.assert(
      fc.property(randomModel, fc.nat(), (model, seed) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const program = compile(model)
        const alone = explored(program, whole)
        for (const size of [1, 2]) {
          const crew = crewInTurns(size, seed)
          expect(figures(explored(program, { ...whole, crew }))).toEqual(figures(alone))
          shared += crew.rounds
        }
      }),
      { numRuns: 100 },
    )
    expect(shared).toBeGreaterThan(160)
  }, 120_000)

  it('reports of scenarios of the catalogue what one worker reports, hash for hash', () => {
    const rounds: Record<string, number> = {}
    for (const [id, scale] of [
      ['2021-ims/ims-family-late', { devices: 1, vectors: 2, descriptors: 1 }],
      ['2021-ims/ims-family-nodrain', { devices: 1, vectors: 2, descriptors: 1 }],
      ['2021-ims/ims-family-safe', { devices: 2, vectors: 1, descriptors: 1 }],
      ['2021-ims/idxd-vsvm-late', {}],
      ['2021-ims/idxd-no-vsvm-no-readback', {}],
    ] as const) {
      const program = programOf(id, scale)
      for (const reduce of [false, true]) {
        const alone = hashOf(explored(program, { ...whole, reduce }))
        for (const size of [1, 2]) {
          const crew = crewInTurns(size, size, 20)
          expect(hashOf(explored(program, { ...whole, reduce, crew })), `${id}, ${size + 1} workers`).toBe(alone)
          rounds[id] = (rounds[id] ?? 0) + crew.rounds
        }
      }
    }
    expect(Object.values(rounds).filter((n) => n > 0).length).toBeGreaterThanOrEqual(3)
  }, 120_000)

  it('covers, where a bound is hit, what one worker covers', () => {
    fc.assert(
      fc.property(randomModel, fc.nat(), fc.integer({ min: 1, max: 300 }), (model, seed, maxStates) => {
        fc.pre(naive(model, LIMIT).states <= LIMIT)
        const program = compile(model)
        const bound = { ...whole, maxStates }
        expect(figures(explored(program, { ...bound, crew: crewInTurns(2, seed) }))).toEqual(
          figures(explored(program, bound)),
        )
      }),
      { numRuns: 60 },
    )
  }, 120_000)

  it('ends, put aside and taken up again by any number of workers, as one worker ends', () => {
    const program = programOf('2021-ims/ims-family-late', { devices: 1, vectors: 2, descriptors: 1 })
    const alone = hashOf(explored(program, whole))
    fc.assert(
      fc.property(
        fc.array(fc.record({ slices: fc.nat(60), size: fc.nat(2), cancel: fc.boolean() }), { maxLength: 4 }),
        fc.nat(),
        (turns, seed) => {
          // prettier-ignore
          let aside: Piece[] | undefined
          const crewOf = (size: number): Crew | undefined => (size === 0 ? undefined : crewInTurns(size, seed, 500))
          for (const { slices, size, cancel } of [...turns, { slices: Infinity, size: 1, cancel: false }]) {
            const e = new Explorer(program, { ...whole, crew: crewOf(size) })
            if (aside) expect(e.resume(aside)).toBe(true)
            let left = slices
            if (e.advance(() => left-- <= 0)) {
              expect(hashOf(e.result())).toBe(alone)
              return
            }
            if (cancel) {
              e.cancel()
              e.advance(() => false)
              expect(e.result().stopped).toBe('cancelled')
            }
            aside = e.save().map((p) => p.slice())
          }
        },
      ),
      { numRuns: 20 },
    )
  }, 180_000)
})

const resources = resourcesOf(packageFolder())

function programOf(id: string, scale: Readonly<Record<string, number>>): Program {
  const text = readFileSync(join(packageFolder(), `resources/scenarios/${id}.yaml`), 'utf8')
  const c = compileScenario(id, text, resources, scale)
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  return compile(c.value.model)
}
