import { describe, expect, it } from 'vitest'
import { explore } from '../engine/explore'
import { compile } from '../model/compile'
import { compileScenario } from './compile'
import type { Scale } from './scale'

const KIND = `
kinds:
  - block: box
    title: A box
    cite: none
    parameters: { cells: { default: 1, min: 1, max: 4 } }
    indices: { c: cells }
    state: { full: { per: [c] } }
    operations:
      put: { doc: Put., operands: { cell: { index: c } }, steps: [{ set: { 'full{cell}': true } }] }
`
const text = (more: string, boxes = `box: { kind: box, cells: '{cells}' }`) => `doorbell: 1
title: t
${KIND}
scale: { cells: 2, boards: 1 }
indices: { c: cells }
copies: boards
blocks: { ${boxes} }
${more}
properties:
  - { name: all, sometimes: 'all{c: box.full{c}}' }
  - { name: none, never: 'any{c: box.full{c}}', expected: violated }
`
const FILL = "programs: { host: [{ repeat: { each: c, do: [{ box.put: { cell: '{c}' }, id: 'PUT{c}' }] } }] }"

function built(source: string, scale: Scale = {}) {
  const c = compileScenario('s', source, [], scale)
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  const { model } = c.value
  return { steps: model.steps.map((s) => s.id), agents: model.agents.map((a) => a.id), e: explore(compile(model)) }
}
const wrong = (source: string, scale: Scale = {}) => {
  const c = compileScenario('s', source, [], scale)
  return c.ok ? [] : c.error
}

describe('the numbers of a scenario', () => {
  it('fill parameters, operands and ids, and can be other than they are written', () => {
    expect(built(text(FILL)).steps).toEqual(['PUT0', 'PUT1'])
    expect(built(text(FILL), { cells: 3 }).steps).toEqual(['PUT0', 'PUT1', 'PUT2'])
  })

  it('make copies of the board, each with its own names: n independent machines have the states of one to the n', () => {
    const one = built(text(FILL))
    const three = built(text(FILL), { boards: 3 })
    expect(three.agents).toEqual(['vm1.host', 'vm2.host', 'vm3.host'])
    expect(three.steps).toContain('vm2.PUT1')
    expect(three.e.states).toBe(one.e.states ** 3)
    expect(three.e.findings.slice(0, 2).map((f) => f.verdict)).toEqual(['witnessed', 'violated'])
  })

  it('leave what is there once to be shared', () => {
    const shared = text(FILL, `box: { kind: box, cells: '{cells}', once: true }`)
    const two = built(shared, { boards: 2 })
    expect(two.agents).toEqual(['vm1.host', 'vm2.host'])
    // Both put into the same two cells: each is ahead, behind, or as far.
    expect(two.e.states).toBe(9)
    const agent = built(text(`agents: { host: { once: true } }\n${FILL}`, `box: { kind: box, cells: 2, once: true }`), {
      boards: 2,
    })
    expect(agent.agents).toEqual(['host'])
  })

  it.each([
    [{ cell: 2 }, 'did you mean cells?'],
    [{ cells: 33 }, undefined],
  ])('refuse %j', (scale, hint) => {
    expect(wrong(text(FILL), scale as Scale)[0]).toMatchObject({ code: 'SCENARIO_SCALE', ...(hint ? { hint } : {}) })
  })

  it('are refused with their place where they are written wrongly', () => {
    const at = (source: string) => wrong(source)[0]
    expect(at(text(FILL).replace('copies: boards', 'copies: bords'))).toMatchObject({
      code: 'SCENARIO_SCALE',
      hint: 'did you mean boards?',
      line: expect.any(Number) as number,
    })
    expect(at(text(FILL.replace('each: c', 'each: d')))).toMatchObject({ code: 'SCENARIO_OPERAND' })
    expect(at(text(FILL.replace("'{c}'", "'{x}'")))).toMatchObject({ code: 'BLOCK_TEMPLATE' })
    expect(wrong(text(FILL))).toEqual([])
  })

  it('are said once to be wrong, not for each copy', () => {
    expect(wrong(text(FILL.replace('box.put', 'box.putt')), { boards: 3 }).length).toBe(2)
  })
})
