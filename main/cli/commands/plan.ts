/** `doorbell plan INPUT`: what Linux decides about this machine's DMA and interrupts, and why. */
import { fault } from '../../simulator/faults'
import { compareWith } from '../../simulator/linux/check'
import { planChanges } from '../../simulator/linux/changes'
import { reportPlan, type GuestRequest } from '../../simulator/linux/report'
import { isEmpty } from '../../simulator/platform/observations'
import { EXIT, fail } from '../exit'
import { formatChanges, formatDifferences, formatPlan } from '../format/plan'
import { withSourceList, withSources } from '../format/sources'
import type { Outputs } from '../output'
import { planMachine, readMachine, type PlanOptions, type VirtualFunctions } from '../planning'
import type { CommandContext } from './context'

export interface PlanFlags extends PlanOptions {
  /** Another kernel, or another command line, to lay beside. */
  readonly diff?: string | undefined
  readonly diffCmdline?: string | undefined
  /** Compare with what the input says that a kernel did. */
  readonly check: boolean
  readonly guestRam?: GuestRequest | undefined
  readonly sriov: readonly VirtualFunctions[]
}

export async function plan(files: readonly string[], flags: PlanFlags, { io, json }: CommandContext): Promise<number> {
  const machine = await readMachine(files, flags.sriov, io)
  if (!machine.ok) return fail(io, json, [machine.error])
  const planned = planMachine(machine.value.platform, flags)
  if (!planned.ok) return fail(io, json, [planned.error])
  const report = reportPlan(planned.value, flags.guestRam)
  if (flags.check) {
    if (isEmpty(machine.value.observations)) {
      return fail(io, json, [
        fault('USAGE', 'the input has no observations to check against', {
          hint: 'add a listing of /sys/kernel/iommu_groups, or a capture that has it',
        }),
      ])
    }
    const differences = compareWith(report, machine.value.observations)
    io.out(json ? JSON.stringify({ differences }) + '\n' : formatDifferences(differences))
    return differences.length > 0 ? EXIT.violated : EXIT.ok
  }
  if (flags.diff === undefined && flags.diffCmdline === undefined) {
    const output: Outputs['plan'] = withSources(report)
    io.out(json ? JSON.stringify(output) + '\n' : withSourceList(formatPlan(report)))
    return EXIT.ok
  }
  const other = planMachine(machine.value.platform, {
    kernel: flags.diff ?? flags.kernel,
    cmdline: flags.diffCmdline ?? flags.cmdline,
    kdump: flags.kdump,
  })
  if (!other.ok) return fail(io, json, [other.error])
  const changes = planChanges(report, reportPlan(other.value))
  io.out(json ? JSON.stringify({ changes }) + '\n' : formatChanges(changes))
  return EXIT.ok
}
