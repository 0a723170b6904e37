/** What the planning commands share: the machine of their inputs. The plans themselves are made where the window's are. */
import { ok } from '../simulator/faults'
import { withVirtualFunctions } from '../simulator/linux/sriov'
import { importFiles } from '../workspace/import-file'

export { findDevice, planMachine, reportAttach, type PlanOptions } from '../worker/planning'

/** `--sriov BDF=N`: so many virtual functions of this function are enabled. */
export interface VirtualFunctions {
  readonly bdf: string
  readonly count: number
}

/** Several inputs are about one machine. Errors: those of `importFiles` and of `withVirtualFunctions`. */
export async function readMachine(
  files: readonly string[],
  sriov: readonly VirtualFunctions[] = [],
): ReturnType<typeof importFiles> {
  const read = await importFiles(files.map((file) => ({ source: file, name: file })))
  if (!read.ok) return read
  let { platform } = read.value
  for (const { bdf, count } of sriov) {
    const more = withVirtualFunctions(platform, bdf, count)
    if (!more.ok) return more
    platform = more.value
  }
  return ok({ ...read.value, platform })
}
