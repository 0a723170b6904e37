/** What the planning commands share: the machine of an input, the kernel's policy, the device that was named. */
import { err, fault, nearest, ok, type Result } from '../simulator/faults'
import { planPlatform, type Plan } from '../simulator/linux/plan'
import { ERAS, policyFor } from '../simulator/linux/policies/eras'
import { formatAddress, parseAddress } from '../simulator/platform/address'
import type { PciFunction, Platform } from '../simulator/platform/schema'
import { importFile } from '../workspace/import-file'

export interface PlanOptions {
  readonly kernel?: string | undefined
  readonly cmdline?: string | undefined
}

export async function readMachine(files: readonly string[]): Promise<Result<Platform>> {
  const [file = '', ...more] = files
  if (more.length > 0) return err(fault('USAGE', `${files.length} inputs were given: one machine is planned at a time`))
  const read = await importFile(file, file)
  return read.ok ? ok(read.value.platform) : read
}

export function planMachine(platform: Platform, o: PlanOptions): Result<Plan> {
  const policy = policyFor(o.kernel ?? platform.kernel.release)
  if (!policy)
    return err(
      fault('USAGE', `no kernel policy is called ${o.kernel ?? platform.kernel.release ?? ''}`, {
        hint: `a version such as 6.1, or one of ${ERAS.map((p) => p.id).join(', ')}`,
      }),
    )
  return ok(planPlatform(platform, policy, o.cmdline))
}

export function findDevice(plan: Plan, text: string): Result<PciFunction> {
  const address = parseAddress(text)
  const found = address && plan.board.topology.find(formatAddress(address))
  if (found) return ok(found)
  const near = nearest(
    text,
    plan.board.platform.functions.map((f) => f.bdf),
  )
  return err(
    fault('PLATFORM_UNKNOWN_BDF', `the machine has no function ${text}`, near ? { hint: `did you mean ${near}?` } : {}),
  )
}
