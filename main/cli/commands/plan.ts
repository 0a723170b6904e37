/** `doorbell plan INPUT`: what Linux decides about this machine's DMA and interrupts, and why. */
import { planChanges, reportPlan } from '../../simulator/linux/report'
import { EXIT, fail } from '../exit'
import { formatChanges, formatPlan } from '../format/plan'
import type { Outputs } from '../output'
import { planMachine, readMachine, type PlanOptions } from '../planning'
import type { CommandContext } from './context'

export interface PlanFlags extends PlanOptions {
  /** Another kernel, or another command line, to lay beside. */
  readonly diff?: string | undefined
  readonly diffCmdline?: string | undefined
}

export async function plan(files: readonly string[], flags: PlanFlags, { io, json }: CommandContext): Promise<number> {
  const machine = await readMachine(files)
  if (!machine.ok) return fail(io, json, [machine.error])
  const planned = planMachine(machine.value, flags)
  if (!planned.ok) return fail(io, json, [planned.error])
  const report = reportPlan(planned.value)
  if (flags.diff === undefined && flags.diffCmdline === undefined) {
    const output: Outputs['plan'] = report
    io.out(json ? JSON.stringify(output) + '\n' : formatPlan(report))
    return EXIT.ok
  }
  const other = planMachine(machine.value, {
    kernel: flags.diff ?? flags.kernel,
    cmdline: flags.diffCmdline ?? flags.cmdline,
  })
  if (!other.ok) return fail(io, json, [other.error])
  const changes = planChanges(report, reportPlan(other.value))
  io.out(json ? JSON.stringify({ changes }) + '\n' : formatChanges(changes))
  return EXIT.ok
}
