/**
 * Designs that the threads argued for and that were not merged as argued, each on the kernel it was meant for, so that
 * they can be laid beside what Linux does.
 */
import { eraFor, ERAS } from './eras'
import type { KernelPolicy } from './policy'

const on = (version: string, id: string, title: string, change: Partial<KernelPolicy>): KernelPolicy[] => {
  const era = eraFor(version)
  return era ? [{ ...era, id, title, ...change }] : []
}

export const PROPOSALS: readonly KernelPolicy[] = [
  ...on('4.9', 'msi-three-branch', '2016: remapping, else a doorbell that can be mapped (S0.5)', {
    msiVerdict: 'three-branch',
    isolation: 'device',
  }),
  ...on('4.9', 'msi-two-branch', '2016: remapping, else acquiring the MSI remapping resources (S0.5, S0.6)', {
    msiVerdict: 'two-branch',
    isolation: 'device',
  }),
  ...on('4.9', 'whole-group-inspection', '2016: every device of the group is looked at (S0.10)', {
    isolation: 'device',
  }),
  ...on('5.3', 'truncate-relaxable', '2019: relaxable regions are cut where direct ones lie (S2.6)', {
    relaxableOverlap: 'truncate',
  }),
  ...on('5.3', 'identity-own-group', '2019: a device that needs identity gets a group of its own (S3.10)', {
    identity: 'own-group',
  }),
  ...on('5.3', 'private-domains', '2019: a device may ask for a private domain (S3.7, S3.8)', {
    identity: 'private-domain',
  }),
]

export const POLICIES: readonly KernelPolicy[] = [...ERAS, ...PROPOSALS]

/** By policy id, by version or by release; without any, the newest era. Undefined: not understood. */
export function policyFor(wanted: string | undefined): KernelPolicy | undefined {
  return POLICIES.find((p) => p.id === wanted) ?? eraFor(wanted)
}
