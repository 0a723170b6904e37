import { describe, expect, it } from 'vitest'
import { answerOf, domainBlocks } from '../../../../test/support/answer'

const SETUP = '{ core.setup_default: { group: 0, domain: dma0 } }'
const JOIN = '{ vfio.set_container: { group: 0 } }'
const SET = '{ vfio.set_iommu: { group: 0 } }'
const MAP = '{ vfio.map_dma: { page: iova } }'
const OPEN = '{ vfio.get_device_fd: { group: 0 } }'

const answer = (call: string, before: readonly string[], end?: string) =>
  answerOf({
    blocks: `${domainBlocks('v6_12')}\n  vfio: { kind: vfio-type1-regions }`,
    kernel: [SETUP],
    agent: 'qemu',
    before,
    call,
    errnos: ['OK', 'EINVAL', 'EBUSY', 'EEXIST'],
    ...(end === undefined ? {} : { end }),
  })

describe('VFIO', () => {
  it('wants a group in the container before a back-end, and a back-end before mappings and device fds', () => {
    expect(answer('vfio.set_iommu: { group: 0 }', [])).toBe('EINVAL')
    expect(answer('vfio.map_dma: { page: iova }', [JOIN])).toBe('EINVAL')
    expect(answer('vfio.get_device_fd: { group: 0 }', [JOIN], '!vfio.opened0')).toBe('EINVAL')
    expect(answer('vfio.get_device_fd: { group: 0 }', [JOIN, SET], 'vfio.opened0')).toBe('OK')
  })
  it('returns EEXIST for a page that is mapped already', () => {
    expect(answer('vfio.map_dma: { page: iova }', [JOIN, SET, MAP])).toBe('EEXIST')
  })
  it('lets no group go while its device is open', () => {
    expect(answer('vfio.unset_container: { group: 0 }', [JOIN, SET, OPEN], 'unit.entry0 == user')).toBe('EBUSY')
    expect(answer('vfio.unset_container: { group: 0 }', [JOIN, SET], 'unit.entry0 == dma0')).toBe('OK')
  })
})
