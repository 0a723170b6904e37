/** `doorbell domain-type INPUT --group-of BDF --write TYPE`: what a write to the group's type file answers. */
import { fault } from '../../simulator/faults'
import { reasons } from '../../simulator/linux/report'
import { typeWords, writeType } from '../../simulator/linux/type-file'
import { EXIT, fail } from '../exit'
import { formatTypeWrite } from '../format/plan'
import { withSourceList, withSources } from '../format/sources'
import type { Outputs } from '../output'
import { findGroup, planMachine, readMachine, type PlanOptions, type VirtualFunctions } from '../planning'
import type { CommandContext } from './context'

export interface DomainTypeFlags extends PlanOptions {
  readonly groupOf: string
  readonly write: string
  readonly from?: string | undefined
  readonly unbound: boolean
  readonly owned: boolean
  readonly unprivileged: boolean
  readonly sriov: readonly VirtualFunctions[]
}

export async function domainType(
  files: readonly string[],
  flags: DomainTypeFlags,
  { io, json }: CommandContext,
): Promise<number> {
  const machine = await readMachine(files, flags.sriov, io)
  if (!machine.ok) return fail(io, json, [machine.error])
  const planned = planMachine(machine.value.platform, flags)
  if (!planned.ok) return fail(io, json, [planned.error])
  const group = findGroup(planned.value, flags.groupOf)
  if (!group.ok) return fail(io, json, [group.error])
  const words: string[] = [...typeWords(planned.value.policy), 'unknown']
  if (flags.from !== undefined && !words.includes(flags.from))
    return fail(io, json, [
      fault('USAGE', `${flags.from} is no type that this kernel's file says`, { hint: words.join(', ') }),
    ])
  const r = writeType(planned.value, group.value, flags.write, {
    ...(flags.from === undefined ? {} : { from: flags.from }),
    unbound: flags.unbound,
    owned: flags.owned,
    unprivileged: flags.unprivileged,
  })
  const output: Outputs['domain-type'] = withSources({
    before: r.before,
    after: r.after,
    ok: r.ok,
    ...(r.errno ? { errno: r.errno } : {}),
    because: reasons(r.because),
  })
  io.out(json ? JSON.stringify(output) + '\n' : withSourceList(formatTypeWrite(output, flags.write)))
  return EXIT.ok
}
