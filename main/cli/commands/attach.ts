/** `doorbell attach INPUT --device BDF`: the steps of handing functions to user space, with the errno of the one that fails. */
import { fault } from '../../simulator/faults'
import { EXIT, fail } from '../exit'
import { formatAttach } from '../format/plan'
import { withSourceList, withSources } from '../format/sources'
import type { Outputs } from '../output'
import { planMachine, readMachine, reportAttach, type PlanOptions, type VirtualFunctions } from '../planning'
import type { CommandContext } from './context'

export interface AttachFlags extends PlanOptions {
  readonly device: string
  readonly with: readonly string[]
  readonly bindGroup: 0 | 1 | 2
  readonly unsafe: boolean
  readonly sriov: readonly VirtualFunctions[]
  readonly map: readonly { readonly iova: bigint; readonly size: bigint }[]
  readonly iommufd: boolean
  readonly mapFirst: readonly { readonly iova: bigint; readonly size: bigint }[]
}

export async function attach(
  files: readonly string[],
  flags: AttachFlags,
  { io, json }: CommandContext,
): Promise<number> {
  if (flags.mapFirst.length > 0 && !flags.iommufd)
    return fail(io, json, [
      fault('USAGE', 'a container cannot be mapped before it has a group', { hint: '--map-first goes with --iommufd' }),
    ])
  const machine = await readMachine(files, flags.sriov, io)
  if (!machine.ok) return fail(io, json, [machine.error])
  const planned = planMachine(machine.value.platform, flags)
  if (!planned.ok) return fail(io, json, [planned.error])
  const result = reportAttach(planned.value, flags)
  if (!result.ok) return fail(io, json, [result.error])
  const output: Outputs['attach'] = withSources(result.value)
  io.out(json ? JSON.stringify(output) + '\n' : withSourceList(formatAttach(output)))
  return EXIT.ok
}
