/** `doorbell attach INPUT --device BDF`: the steps of handing functions to user space, with the errno of the one that fails. */
import { attach as attempt } from '../../simulator/linux/attach'
import { reasons } from '../../simulator/linux/report'
import { EXIT, fail } from '../exit'
import { formatAttach } from '../format/plan'
import type { Outputs } from '../output'
import { findDevice, planMachine, readMachine, type PlanOptions } from '../planning'
import type { CommandContext } from './context'

export interface AttachFlags extends PlanOptions {
  readonly device: string
  readonly with: readonly string[]
  readonly bindGroup: 0 | 1 | 2
  readonly unsafe: boolean
  readonly map: readonly { readonly iova: bigint; readonly size: bigint }[]
}

export async function attach(file: string, flags: AttachFlags, { io, json }: CommandContext): Promise<number> {
  const machine = await readMachine([file])
  if (!machine.ok) return fail(io, json, [machine.error])
  const planned = planMachine(machine.value, flags)
  if (!planned.ok) return fail(io, json, [planned.error])
  const devices = []
  for (const text of [flags.device, ...flags.with]) {
    const found = findDevice(planned.value, text)
    if (!found.ok) return fail(io, json, [found.error])
    devices.push(found.value)
  }
  const unsafe = flags.unsafe || planned.value.cmdline.unsafeInterrupts
  const result = attempt(planned.value, { devices, bindGroup: flags.bindGroup, unsafe, maps: flags.map })
  const output: Outputs['attach'] = {
    stage: result.stage,
    steps: result.steps.map((s) => ({ ...s, iovaRanges: s.iovaRanges && [...s.iovaRanges] })),
    because: reasons(result.because),
  }
  io.out(json ? JSON.stringify(output) + '\n' : formatAttach(output))
  return EXIT.ok
}
