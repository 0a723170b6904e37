/** Faults of virtio-iommu (viommu_fault_handler; virtio 1.2 §5.13.6.10). */
import { hex64, type FaultLine } from './line'
import { faultLine, reason, type FaultReason } from './reason'

/** By the word in the line. */
export const VIRTIO_FAULTS: Readonly<Record<string, FaultReason>> = {
  domain: reason(
    1,
    'VIRTIO_IOMMU_FAULT_R_DOMAIN',
    'the endpoint is attached to no domain, and the device does not bypass',
    ['domain', 'ATTACH', 'domain'],
  ),
  page: reason(2, 'VIRTIO_IOMMU_FAULT_R_MAPPING', 'no mapping, or one without this permission', [
    'translation',
    'MAP',
    'virt_start, flags',
  ]),
  unknown: reason(0, 'VIRTIO_IOMMU_FAULT_R_UNKNOWN', 'the device does not say why', ['iommu', 'Event', 'reason']),
}

export function readVirtio(text: string): FaultLine | undefined {
  const [, word = '', endpoint, at, access] =
    /\b(domain|page|unknown) fault from EP (\d{1,10})(?: at (0x[0-9a-f]{1,16}|0)(?: \[([RWX]{0,3})\])?)?/.exec(text) ??
    []
  const known = VIRTIO_FAULTS[word]
  if (!known || endpoint === undefined) return undefined
  return faultLine(known, {
    source: 'Linux virtio-iommu',
    device: `endpoint 0x${Number(endpoint).toString(16)}`,
    address: hex64(at),
    ...(access === undefined || access === '' ? {} : { access: access.includes('W') ? 'write' : 'read' }),
    at: 'virtio-iommu',
    fields: { endpoint },
    cite: 'virtio 1.2 §5.13.6.10',
    facts: [`endpoint ${endpoint}`],
  })
}
