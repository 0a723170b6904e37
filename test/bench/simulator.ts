/** The parts of the simulator that scripts/bench measures from inside, in one module. */
import { readResources } from '../../main/ipc/resources'
import { compileScenario } from '../../main/simulator/scenario/compile'
import type { Model } from '../../main/simulator/model/model'
import { simulator } from '../../main/worker/plug'
import { createBuiltin } from '../../main/workspace/builtin'
import { openWorkspace } from '../../main/workspace/workspace'

export { simulator }
export { TimedEngine } from '../../main/simulator/engine/timed'
export { eventQueue } from '../../main/simulator/engine/queue/queue'
export { seedOf, Trials } from '../../main/simulator/engine/trials/trials'
export { chains } from '../support/timed-model'

/** The model of a scenario's text. */
export async function modelOf(name: string, text: string): Promise<Model> {
  const resources = await readResources(simulator.needs(text), openWorkspace())
  const known = resources.map((r) =>
    'block' in r ? { block: r.block, text: r.text } : { ref: r.ref, platform: r.platform },
  )
  const c = compileScenario(name, text, known)
  if (!c.ok) throw new Error(JSON.stringify(c.error))
  return c.value.model
}

/** The text of a built-in scenario. */
export async function builtinText(id: string): Promise<string> {
  const found = await createBuiltin().scenario(id)
  if (!found.ok) throw new Error(found.error.message)
  return found.value.text
}
