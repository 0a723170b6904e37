/** `doorbell check-all`: every built-in scenario explored completely, its verdicts and edges beside those that it states. */
import { assert } from '../../simulator/faults'
import { nodeClock } from '../../worker/clock'
import { runInSlices } from '../../worker/slices'
import { EXIT, fail } from '../exit'
import { formatCheckAll, formatChecked } from '../format/check-all'
import { inFile, readScenarioArgument, warningsOf } from '../scenario'
import type { Outputs } from '../output'
import type { CommandContext } from './context'

export type Checked = Outputs['check-all']['scenarios'][number]

export async function checkAll({ maxStates }: { maxStates?: number }, context: CommandContext): Promise<number> {
  const { io, json, workspace } = context
  const simulator = await context.simulator()
  const interrupt = new AbortController()
  const stopListening = io.onInterrupt(() => interrupt.abort())
  const list: Checked[] = []
  let undecided = false
  const ids = (await workspace.builtin.scenarios()).map(({ id }) => id)
  for (const [i, id] of ids.entries()) {
    if (interrupt.signal.aborted) break
    const scenario = await readScenarioArgument(id, simulator, workspace)
    assert(scenario.ok, `the built-in scenario ${id} can be read`)
    const exploration = simulator.explore(scenario.value, scenario.value.resources, { maxStates, critical: false })
    if (!exploration.ok) return fail(io, json, [inFile(scenario.value, exploration.error)])
    const { complete, properties, states, elapsedMs } = await runInSlices(
      exploration.value,
      nodeClock,
      interrupt.signal,
      () => undefined,
    )
    // Where the bound left verdicts open, the edges are left open, too.
    const edges = complete ? warningsOf(simulator, scenario.value).filter(({ code }) => code === 'SCENARIO_EDGE') : []
    const checked: Checked = {
      id,
      ok: complete && properties.every((p) => p.verdict === p.expected) && edges.length === 0,
      ...(edges.length > 0 ? { edges } : {}),
      properties: properties.map(({ name, expected, verdict }) => ({ name, expected, verdict })),
      states,
      elapsedMs,
    }
    undecided ||= !complete
    list.push(checked)
    if (!json) io.out(formatChecked(checked))
    if (io.errIsTerminal) io.err(`\r\x1b[K${i + 1} of ${ids.length}`)
  }
  if (io.errIsTerminal) io.err('\r\x1b[K')
  stopListening()
  const all = list.length === ids.length
  const output: Outputs['check-all'] = { ok: all && list.every((s) => s.ok), scenarios: list }
  io.out(json ? JSON.stringify(output) + '\n' : formatCheckAll(list, ids.length))
  const differs = list.some(
    (s) => s.edges || s.properties.some((p) => p.verdict !== 'undecided' && p.verdict !== p.expected),
  )
  return differs ? EXIT.violated : undecided || !all ? EXIT.undecided : EXIT.ok
}
