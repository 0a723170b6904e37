/** The eras that Doorbell knows, one file each. A real version takes the nearest at or below it. */
import { LINUX_4_9 } from './linux-4.9'
import { LINUX_5_3 } from './linux-5.3'
import { LINUX_6_1 } from './linux-6.1'
import { LINUX_6_12 } from './linux-6.12'
import { atLeast, versionOf, type KernelPolicy } from './policy'

export const ERAS: readonly KernelPolicy[] = [LINUX_4_9, LINUX_5_3, LINUX_6_1, LINUX_6_12]

const DEFAULT = '6.12'

/** By version or by release (`6.12.107+deb13-amd64`); without any, the newest era. Undefined: not understood. */
export function eraFor(wanted: string | undefined): KernelPolicy | undefined {
  if (wanted === undefined) return ERAS.find((p) => p.id === DEFAULT)
  const version = versionOf(wanted)
  const era = version && [...ERAS].reverse().find((p) => atLeast(version, ...p.from))
  return era && { ...era, version }
}
