/** What the planning commands share: the machine of their inputs. The plans themselves are made where the window's are. */
import type { VirtualFunctions } from '../../preload/contract'
import { ok } from '../simulator/faults'
import { withPlanned } from '../worker/planning'
import { importFiles } from '../workspace/import-file'

export type { VirtualFunctions }
export { findDevice, findGroup, planMachine, reportAttach, type PlanOptions } from '../worker/planning'

/** Several inputs are about one machine; `--sriov BDF=N`. Errors: those of `importFiles` and of `withPlanned`. */
export async function readMachine(
  files: readonly string[],
  sriov: readonly VirtualFunctions[] = [],
): ReturnType<typeof importFiles> {
  const read = await importFiles(files.map((file) => ({ source: file, name: file })))
  if (!read.ok) return read
  const platform = withPlanned(read.value.platform, sriov)
  return platform.ok ? ok({ ...read.value, platform: platform.value }) : platform
}
