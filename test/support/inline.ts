/** A small scenario of blocks, compiled and explored: for tests that read as sentences of a manual. */
import { explore } from '../../main/simulator/engine/explore'
import { follow } from '../../main/simulator/engine/path'
import { readRegister } from '../../main/simulator/hardware/registers'
import { compile } from '../../main/simulator/model/compile'
import { compileScenario } from '../../main/simulator/scenario/compile'

/** @param text what stands below `doorbell` and `title`: blocks, programs, properties. */
export function inline(text: string) {
  const c = compileScenario('inline', `doorbell: 1\ntitle: inline\n${text}`, [])
  if (!c.ok) throw new Error(c.error.map((f) => `${f.code}: ${f.message} ${f.hint ?? ''}`).join('\n'))
  const { model, tables } = c.value
  const program = compile(model)
  const e = explore(program)
  const at = (name: string) => model.properties.findIndex((p) => p.name === name)
  const path = (name: string) => {
    const p = follow(program, e.findings[at(name)]?.choices ?? [])
    if ('at' in p) throw new Error(`${name} cannot be followed`)
    return p
  }
  return {
    states: e.states,
    verdict: (name: string) => e.findings[at(name)]?.verdict,
    /** Verdicts of all properties of its own, by name. */
    verdicts: () => Object.fromEntries(model.properties.map((p, i) => [p.name, e.findings[i]?.verdict])),
    steps: (name: string) => path(name).steps.map((s) => model.steps[s]?.id ?? ''),
    /** A register where the property's run ends. */
    register: (row: string, register: string, name: string) => {
      const r = tables
        .flatMap((t) => t.rows)
        .find((x) => x.id === row)
        ?.registers.find((g) => g.spec.name === register)
      if (!r) throw new Error(`no register ${row} ${register}`)
      return readRegister(model, r, program.unpack(path(name).states.at(-1) ?? new Uint32Array()))
    },
  }
}
