/** `doorbell window SCENARIO`: the race window by Monte Carlo, in this thread, stopped by Ctrl-C. */
import type { WindowOptions } from '../../../preload/contract'
import { nodeClock } from '../../worker/clock'
import { studyInSlices } from '../../worker/windowing'
import { EXIT, fail } from '../exit'
import { formatWindow, formatWindowProgress } from '../format/window'
import type { Outputs } from '../output'
import { inFile, readScenarioArgument } from '../scenario'
import type { CommandContext } from './context'

export async function window(argument: string, options: WindowOptions, context: CommandContext): Promise<number> {
  const { io, json } = context
  const simulator = await context.simulator()
  const scenario = await readScenarioArgument(argument, simulator, context.workspace)
  if (!scenario.ok) return fail(io, json, [scenario.error])
  const study = simulator.window(scenario.value, scenario.value.resources, options)
  if (!study.ok) return fail(io, json, [inFile(scenario.value, study.error)])
  const interrupt = new AbortController()
  const stopListening = io.onInterrupt(() => interrupt.abort())
  let shown = false
  const result: Outputs['window'] = await studyInSlices(study.value, nodeClock, interrupt.signal, (progress) => {
    if (io.errIsTerminal) io.err(`\r\x1b[K${formatWindowProgress(progress)}`)
    shown = io.errIsTerminal
  })
  if (shown) io.err('\r\x1b[K')
  stopListening()
  io.out(json ? JSON.stringify(result) + '\n' : formatWindow(result, argument))
  return result.complete ? EXIT.ok : EXIT.undecided
}
