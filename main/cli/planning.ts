/** What the planning commands share: the machine of their inputs. The plans themselves are made where the window's are. */
import type { VirtualFunctions } from '../../preload/contract'
import { ok } from '../simulator/faults'
import { withPlanned } from '../worker/planning'
import { importFiles } from '../workspace/import-file'
import type { Io } from './io'

export type { VirtualFunctions }
export { findDevice, findGroup, planMachine, reportAttach, type PlanOptions } from '../worker/planning'

/** Warnings that are said before a plan; the rest is counted. */
const MOST_WARNINGS = 8

/**
 * Several inputs are about one machine; `--sriov BDF=N`. What the inputs left open is said on standard error. Errors:
 * those of `importFiles` and of `withPlanned`.
 */
export async function readMachine(
  files: readonly string[],
  sriov: readonly VirtualFunctions[],
  io: Io,
): ReturnType<typeof importFiles> {
  const read = await importFiles(files.map((file) => ({ source: file, name: file })))
  if (!read.ok) return read
  const { warnings } = read.value.platform
  for (const { code, message } of warnings.slice(0, MOST_WARNINGS)) io.err(`warning: ${message} [${code}]\n`)
  if (warnings.length > MOST_WARNINGS)
    io.err(`warning: and ${warnings.length - MOST_WARNINGS} more, which doorbell import lists\n`)
  const platform = withPlanned(read.value.platform, sriov)
  return platform.ok ? ok({ ...read.value, platform: platform.value }) : platform
}
