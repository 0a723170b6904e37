/** `doorbell scenarios`: what comes built in. */
import { assert } from '../../simulator/faults'
import { EXIT } from '../exit'
import { formatScenarios } from '../format/scenarios'
import type { Outputs } from '../output'
import type { CommandContext } from './context'

export async function scenarios({ io, json, workspace, simulator }: CommandContext): Promise<number> {
  const simulate = await simulator()
  const list = (await workspace.builtin.scenarios()).map(({ id, text }) => {
    const read = simulate.summary({ name: id, text })
    assert(read.ok, `the built-in scenario ${id} can be read`)
    return read.value
  })
  const output: Outputs['scenarios'] = list
  io.out(json ? JSON.stringify(output) + '\n' : formatScenarios(list))
  return EXIT.ok
}
