/** `doorbell repair SCENARIO`: every weakest ordering that makes its properties hold, each proved. */
import { nodeClock } from '../../worker/clock'
import type { RepairOptions } from '../../../preload/contract'
import { repairInSlices } from '../../worker/repairing'
import { EXIT, fail } from '../exit'
import { formatRepair } from '../format/repair'
import { inFile, readScenarioArgument } from '../scenario'
import type { CommandContext } from './context'

export async function repair(argument: string, options: RepairOptions, context: CommandContext): Promise<number> {
  const { io, json } = context
  const simulator = await context.simulator()
  const scenario = await readScenarioArgument(argument, simulator, context.workspace)
  if (!scenario.ok) return fail(io, json, [scenario.error])
  const started = simulator.repair(scenario.value, scenario.value.resources, options)
  if (!started.ok) return fail(io, json, [inFile(scenario.value, started.error)])
  const interrupt = new AbortController()
  const stopListening = io.onInterrupt(() => interrupt.abort())
  const result = await repairInSlices(started.value, nodeClock, interrupt.signal, ({ tried }) => {
    if (io.errIsTerminal) io.err(`\r\x1b[K${tried} sets tried`)
  })
  if (io.errIsTerminal) io.err('\r\x1b[K')
  stopListening()
  io.out(json ? JSON.stringify(result) + '\n' : formatRepair(result))
  if (!result.repairable) return result.complete ? EXIT.violated : EXIT.undecided
  return EXIT.ok
}
