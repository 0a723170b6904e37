/** Faults of virtio-iommu (viommu_fault_handler; virtio 1.2 §5.13.6.10). */
import { because } from '../../linux/reason'
import { code, refused, type Block } from '../hop'
import { hex64, type FaultLine } from './line'

export const VIRTIO_FAULTS: readonly {
  readonly word: string
  readonly code: number
  readonly name: string
  readonly condition: string
  readonly place: readonly [Block, string, string]
}[] = [
  {
    word: 'domain',
    code: 1,
    name: 'VIRTIO_IOMMU_FAULT_R_DOMAIN',
    condition: 'the endpoint is attached to no domain, and the device does not bypass',
    place: ['domain', 'ATTACH', 'domain'],
  },
  {
    word: 'page',
    code: 2,
    name: 'VIRTIO_IOMMU_FAULT_R_MAPPING',
    condition: 'no mapping, or one without this permission',
    place: ['translation', 'MAP', 'virt_start, flags'],
  },
  {
    word: 'unknown',
    code: 0,
    name: 'VIRTIO_IOMMU_FAULT_R_UNKNOWN',
    condition: 'the device does not say why',
    place: ['iommu', 'Event', 'reason'],
  },
]

export function readVirtio(text: string): FaultLine | undefined {
  const [, word, endpoint, at, access] =
    /\b(domain|page|unknown) fault from EP (\d{1,10})(?: at (0x[0-9a-f]{1,16}|0)(?: \[([RWX]{0,3})\])?)?/.exec(text) ??
    []
  const known = VIRTIO_FAULTS.find((f) => f.word === word)
  if (!known || endpoint === undefined) return undefined
  const address = hex64(at)
  const [block, register, field] = known.place
  return {
    source: 'Linux virtio-iommu',
    device: `endpoint 0x${Number(endpoint).toString(16)}`,
    ...(address === undefined ? {} : { address: `0x${address.toString(16)}` }),
    ...(access === undefined || access === '' ? {} : { access: access.includes('W') ? 'write' : 'read' }),
    hop: refused(
      {
        block,
        at: 'virtio-iommu',
        register,
        value: address === undefined ? '' : `0x${address.toString(16)}`,
        fields: { field, endpoint },
        because: [because(known.condition, 'virtio 1.2 §5.13.6.10', `endpoint ${endpoint}`)],
      },
      { code: code(known.code), name: known.name, condition: known.condition },
    ),
  }
}
