/** A small board explored, for tests of blocks: verdicts, errnos and registers of the states that were reached. */
import { explore } from '../../main/simulator/engine/explore'
import { follow } from '../../main/simulator/engine/path'
import { readRegister } from '../../main/simulator/hardware/registers'
import { compile } from '../../main/simulator/model/compile'
import { compileScenario } from '../../main/simulator/scenario/compile'

export interface Explored {
  readonly verdict: (property: string) => string | undefined
  /** Step ids of the shortest run that decides a property. */
  readonly steps: (property: string) => readonly (string | undefined)[]
  /** A register at the end of that run: `dev IMS[0]`, `dev SWERROR`, and which dword of it. */
  readonly register: (property: string, row: string, word?: number) => number
}

/** `blocks`, `programs` and so on; properties by name, `sometimes` unless they say `never` or `end`. */
export function explored(text: string, properties: Readonly<Record<string, string>>): Explored {
  const section = Object.entries(properties).map(([name, is]) => {
    const [, kind = 'sometimes', test = is] = /^(never|end|sometimes): (.*)$/.exec(is) ?? []
    return `  - { name: ${name}, ${kind}: ${JSON.stringify(test)} }`
  })
  const c = compileScenario('test', `doorbell: 1\ntitle: test\n${text}\nproperties:\n${section.join('\n')}\n`, [])
  if (!c.ok) throw new Error(JSON.stringify(c.error, null, 1))
  const { model, tables } = c.value
  const program = compile(model)
  const e = explore(program)
  const finding = (name: string) => e.findings[model.properties.findIndex((p) => p.name === name)]
  const path = (name: string) => {
    const p = follow(program, finding(name)?.choices ?? [])
    if ('at' in p) throw new Error(`the run of ${name} cannot be followed`)
    return p
  }
  return {
    verdict: (name) => finding(name)?.verdict,
    steps: (name) => path(name).steps.map((s) => model.steps[s]?.id),
    register: (name, row, word = 0) => {
      const [instance = '', register = ''] = row.split(' ')
      const rows = tables.filter((t) => t.block === instance).flatMap((t) => t.rows)
      const own = rows.find((x) => x.id === row)?.registers
      const among = rows.flatMap((x) => x.registers).filter((g) => g.spec.name.split('[')[0] === register)
      const r = (own ?? among)[word]
      if (!r) throw new Error(`no register ${row}`)
      return readRegister(model, r, program.unpack(path(name).states.at(-1) ?? new Uint32Array()))
    },
  }
}
