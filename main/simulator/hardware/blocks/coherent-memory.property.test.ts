import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowed, type Access } from '../../../../test/support/axiomatic'
import { enabledAt } from '../../engine/path'
import { compile } from '../../model/compile'
import { compileScenario } from '../../scenario/compile'

type Program = readonly (readonly Access[])[]

function item(a: Access, cpu: number): string {
  const address = 'address' in a && a.address !== undefined ? `, address: ${a.address}` : ''
  if (a.k === 'W') return `m.store: { cpu: ${cpu}, to: ${a.loc}, value: ${a.value}${address} }`
  if (a.k === 'L') return `m.store_release: { cpu: ${cpu}, to: ${a.loc}, value: ${a.value} }`
  if (a.k === 'D') return `m.store: { cpu: ${cpu}, to: ${a.loc}, value: m.r${cpu}_${a.register} }`
  if (a.k === 'R' || a.k === 'A')
    return `m.load${a.k === 'A' ? '_acquire' : ''}: { cpu: ${cpu}, from: ${a.loc}, into: ${a.register}${address} }`
  return `m.${a.k}: { cpu: ${cpu} }`
}

/** Registers that were loaded and memory, in every state where nothing is left to happen. */
function shown(order: 'tso' | 'arm64', cpus: Program): Set<string> {
  const programs = cpus.map((ops, i) => `  cpu${i}: [${ops.map((a) => `{ ${item(a, i)} }`).join(', ')}]`)
  const locations = [...new Set(cpus.flat().flatMap((a) => ('loc' in a ? [a.loc] : [])))]
  const names = locations.map((x, i) => `${x}: ${i}`).join(', ')
  const text = `doorbell: 1
title: litmus
blocks: { m: { kind: coherent-memory, order: ${order}, cpus: ${cpus.length}, top: 3, locations: { ${names} } } }
programs:
${programs.join('\n')}
`
  const c = compileScenario('litmus', text, [])
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  const { model } = c.value
  const program = compile(model)
  const wanted = [
    ...cpus.flatMap((ops, cpu) => ops.flatMap((a) => (a.k === 'R' || a.k === 'A' ? [`r${cpu}_${a.register}`] : []))),
    ...locations.map((x) => `value.${x}`),
  ].map((name) => ({
    name: name.replace('value.', ''),
    variable: model.variables.findIndex((v) => v.name === `m.${name}`),
  }))
  const seen = new Set([program.initial.join()])
  const open = [program.initial.slice()]
  const out = new Set<string>()
  for (let state = open.pop(); state; state = open.pop()) {
    const ways = enabledAt(program, state)
    if (ways.length === 0) {
      const values = program.unpack(state)
      out.add(
        wanted
          .map(({ name, variable }) => `${name}=${values[variable]}`)
          .sort()
          .join(' '),
      )
    }
    for (const { state: next } of ways) {
      const key = next.join()
      if (seen.has(key)) continue
      seen.add(key)
      open.push(next.slice())
    }
  }
  return out
}

const loc = fc.constantFrom('x', 'y')
const barrier = fc.constantFrom('dma_wmb' as const, 'dma_rmb' as const, 'dsb' as const).map((k): Access => ({ k }))
const store = fc.record({ k: fc.constant('W' as const), loc, value: fc.integer({ min: 1, max: 3 }) })
const address = fc.option(fc.nat(1), { nil: undefined, freq: 2 })
const load = fc.record({ k: fc.constantFrom('R' as const, 'A' as const), loc, register: fc.constant(0), address })
const addressedStore = fc.record({ k: fc.constant('W' as const), loc, value: fc.integer({ min: 1, max: 3 }), address })
const release = fc.record({ k: fc.constant('L' as const), loc, value: fc.integer({ min: 1, max: 3 }) })
const dependent = fc.record({ k: fc.constant('D' as const), loc, register: fc.nat(1) })

/** Each load has a register of its own, of the two that there are; an address comes from one that was loaded. */
const cpu = (dependencies: boolean): fc.Arbitrary<readonly Access[]> =>
  fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.oneof(store, addressedStore) },
        { weight: 4, arbitrary: load },
        barrier,
        ...(dependencies ? [dependent, release] : []),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((ops) => {
      let loaded = 0
      return ops.flatMap((a): Access[] => {
        if ('address' in a && a.address !== undefined && a.address >= loaded) a = { ...a, address: undefined }
        if (a.k === 'R' || a.k === 'A') return loaded < 2 ? [{ ...a, register: loaded++ }] : []
        if (a.k === 'D') return a.register < loaded ? [a] : []
        return [a]
      })
    })
    .filter(
      (ops) => ops.some((a) => 'loc' in a) && ops.filter((a) => a.k === 'W' || a.k === 'D' || a.k === 'L').length <= 3,
    )

describe('what two CPUs may see', () => {
  it.each(['tso', 'arm64'] as const)('is what the axioms of %s allow, no more and no less', (order) => {
    fc.assert(
      fc.property(fc.tuple(cpu(false), cpu(false)), (cpus) => {
        expect([...shown(order, cpus)].sort()).toEqual([...allowed(order, cpus)].sort())
      }),
      { numRuns: 60 },
    )
  })
  it('is no more than the axioms of arm64 allow where a store takes what was loaded, or releases', () => {
    fc.assert(
      fc.property(fc.tuple(cpu(true), cpu(true)), (cpus) => {
        const may = allowed('arm64', cpus)
        for (const outcome of shown('arm64', cpus)) expect(may).toContain(outcome)
      }),
      { numRuns: 60 },
    )
  })
})
