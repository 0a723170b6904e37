import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

const OPEN = ['group.set_container', 'group.set_iommu']
const READY = [...OPEN, 'c.set_attr_geometry: { start: 0, size: 256 }', 'c.set_attr_windows: { count: 4 }']
const mapDma = (at: number, size = 64, more = ''): string => `c.map_dma: { at: ${at}, size: ${size}${more} }`
const ERRNOS = ['OK', 'EINVAL', 'EBUSY', 'ENODEV', 'ENOMEM', 'EFAULT', 'ENOSPC', 'EBADF']

/** What the program last got, and which conditions are true at the end. */
function run(calls: readonly string[], conditions: readonly string[] = [], parameters = ''): (string | boolean)[] {
  const r = verdicts(`
blocks:
  pamu: { kind: pamu }
  mpic: { kind: mpic-msi }
  dev: { kind: pamu-endpoint }
  domain: { kind: fsl-pamu-domain }
  group: { kind: vfio-pamu-group }
  c: { kind: vfio-pamu${parameters} }
  api: { kind: vfio-pamu-2013 }
  vdev: { kind: vfio-pamu-device }
programs:
  user:${calls.map((c) => `\n    - ${c.includes(':') ? c : `${c}:`}\n      on_error: continue`).join('')}
properties:
${ERRNOS.map((e) => `  - { name: ${e}, end: user.errno == ${e} }`).join('\n')}
${conditions.map((c, i) => `  - { name: p${i}, end: "${c}" }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return [ERRNOS.find((e) => r[e] === 'holds') ?? '', ...conditions.map((_, i) => r[`p${i}`] === 'holds')]
}

describe('SET_ATTR of the SDK (50 §6.1)', () => {
  it.each([
    ['more than 256 windows', ['c.set_attr_windows: { count: 512 }'], 'c.page_size == 16384 && domain.count == 4'],
    ['three windows', ['c.set_attr_windows: { count: 3 }'], 'c.page_size == 21845 && domain.count == 4'],
    ['an aperture of 192 MiB', ['c.set_attr_geometry: { start: 0, size: 192 }'], '!c.right_aperture'],
    [
      'a change while the domain is enabled',
      [mapDma(0), 'c.set_attr_geometry: { start: 256, size: 256 }'],
      '!c.right_aperture && domain.start == 0',
    ],
  ])('%s: 0 is returned and nothing is done', (_, calls, condition) => {
    expect(run([...READY, ...calls], [condition])).toEqual(['OK', true])
  })
  it('zero windows divide by zero', () => {
    expect(run([...READY, 'c.set_attr_windows: { count: 0 }'], ['c.fault == division_by_zero'])).toEqual(['OK', true])
  })
  it('GET_ATTR tells the domain’s own geometry: 64 GiB before one is set', () => {
    expect(run([...OPEN, 'c.get_attr_geometry'], ['c.returned == 0x1000000'])).toEqual(['OK', true])
    expect(run([...READY, 'c.get_attr_geometry'], ['c.returned == 0x10000'])).toEqual(['OK', true])
  })
  it('without a back-end every ioctl is -EINVAL', () => {
    for (const call of ['c.set_attr_windows: { count: 4 }', 'c.get_msi_bank_count', mapDma(0)])
      expect(run([call])).toEqual(['EINVAL'])
  })
  it('GET_MSI_BANK_COUNT counts the whole system', () => {
    expect(run([...OPEN, 'c.get_msi_bank_count'], ['c.bank_count == 3'])).toEqual(['OK', true])
  })
})

describe('MAP_DMA of the SDK (50 §6)', () => {
  it.each([
    ['no permission', [mapDma(0, 64, ', read: false, write: false')], 'EINVAL'],
    ['nothing', [mapDma(0, 0)], 'EINVAL'],
    ['over another record', [mapDma(0), mapDma(0)], 'EBUSY'],
    ['half a window from the last record', [mapDma(0), mapDma(32)], 'EBUSY'],
    ['not at a window', [mapDma(32)], 'EINVAL'],
    ['pages that are not contiguous', [mapDma(0, 64, ', contiguous: false')], 'EFAULT'],
    ['behind the aperture', [mapDma(256)], 'EINVAL'],
    ['a good window', [mapDma(64)], 'OK'],
  ])('%s', (_, calls, errno) => {
    expect(run([...READY, ...calls])).toEqual([errno])
  })
  it('checks RLIMIT_MEMLOCK with the pages and then counts one', () => {
    expect(
      run([...READY, mapDma(0), mapDma(64)], ['c.locked_vm == 2 && c.pinned == 32768'], ', memlock: 20000'),
    ).toEqual(['OK', true])
    expect(run([...READY, mapDma(0), mapDma(64)], [], ', memlock: 20000, accounting: pages')).toEqual(['ENOMEM'])
  })
  it('of less than a window returns 0 and maps nothing', () => {
    expect(run([...READY, mapDma(0, 32)], ['!domain.any_valid && c.fault == nothing_mapped'])).toEqual(['OK', true])
  })
  it('releases only the first page of a window that cannot be enabled', () => {
    const busy = [...READY, 'c.map_msi_bank: { bank: 0, at: 0 }', mapDma(0)]
    expect(run(busy, ['c.pinned == 16383 && c.fault == page_leaked && !c.any_dma'])).toEqual(['EBUSY', true])
  })
  it('enables DMA; taking the last record away disables it although a bank is mapped', () => {
    const bank = [...READY, 'c.map_msi_bank: { bank: 0, at: 192 }', mapDma(0)]
    expect(run(bank, ['pamu.PPAACE0.V'])).toEqual(['OK', true])
    expect(run([...bank, 'c.unmap_dma: { at: 0 }'], ['!pamu.PPAACE0.V && domain.valid3'])).toEqual(['OK', true])
    expect(run([...bank, 'c.unmap_dma: { at: 0 }'], ['pamu.PPAACE0.V'], ', disable_when: nothing_mapped')).toEqual([
      'OK',
      true,
    ])
  })
  it('UNMAP_DMA where there is no record does nothing', () => {
    expect(run([...READY, mapDma(0), 'c.unmap_dma: { at: 64 }'], ['pamu.PPAACE0.V && c.dma0'])).toEqual(['OK', true])
  })
})

describe('MAP_MSI_BANK and UNMAP_MSI_BANK of the SDK (50 §6.1, §6.2)', () => {
  const bank = (at: number, more = ''): string => `c.map_msi_bank: { bank: 1, at: ${at}${more} }`
  it.each([
    ['without permission', [bank(0, ', write: false')], '!domain.any_valid'],
    ['at a busy window', [mapDma(0), bank(0)], '!c.bank_mapped1 && domain.paddr0 == 0x10000'],
    ['in the middle of a window', [bank(96)], 'c.bank_mapped1 && domain.valid1 && domain.paddr1 == 0xffe045'],
    ['behind the aperture', [bank(512)], '!c.bank_mapped1 && !domain.any_valid'],
    ['alone leaves DMA off', [bank(0)], 'domain.valid0 && !pamu.PPAACE0.V'],
    ['never mapped and unmapped', ['c.unmap_msi_bank: { bank: 1 }'], '!domain.any_valid'],
    ['mapped and unmapped', [bank(64), 'c.unmap_msi_bank: { bank: 1 }'], '!domain.any_valid && c.bank_window1 == 8'],
  ])('%s: 0 is returned', (_, calls, condition) => {
    expect(run([...READY, ...calls], [condition])).toEqual(['OK', true])
  })
})

describe('banks on demand (00 S1.8)', () => {
  const FD = 'vdev.get_fd'
  const demand = ', placement: on_demand'
  it('the bank gets the highest free window', () => {
    expect(run([...READY, mapDma(192), FD, 'vdev.set_irqs'], ['c.bank_window0 == 2 && vdev.ready'], demand)).toEqual([
      'OK',
      true,
    ])
  })
  it('a full aperture is -ENOSPC', () => {
    expect(run([...READY, ...[0, 64, 128, 192].map((at) => mapDma(at)), FD, 'vdev.set_irqs'], [], demand)).toEqual([
      'ENOSPC',
    ])
  })
})

describe('order of the file descriptors (40 §1)', () => {
  it.each([
    ['SET_IOMMU without a group in the container', ['group.set_iommu'], 'EINVAL'],
    ['SET_IOMMU twice', [...OPEN, 'group.set_iommu'], 'EINVAL'],
    ['SET_CONTAINER twice', ['group.set_container', 'group.set_container'], 'EINVAL'],
    ['GET_DEVICE_FD without a container', ['vdev.get_fd'], 'EINVAL'],
    ['GET_DEVICE_FD without SET_IOMMU', ['group.set_container', 'vdev.get_fd'], 'EINVAL'],
    ['GET_DEVICE_FD after SET_IOMMU', [...OPEN, 'vdev.get_fd'], 'OK'],
    ['UNSET_CONTAINER with a device fd', [...OPEN, 'vdev.get_fd', 'group.unset_container'], 'EBUSY'],
    ['UNSET_CONTAINER of nothing', ['group.unset_container'], 'EINVAL'],
    ['UNSET_CONTAINER after the last', [...OPEN, 'vdev.get_fd', 'group.close_device', 'group.unset_container'], 'OK'],
    ['SET_IRQS without a device fd', ['vdev.set_irqs'], 'EBADF'],
    ['GET_IRQ_INFO without a device fd', ['vdev.get_irq_info'], 'EBADF'],
  ])('%s', (_, calls, errno) => {
    expect(run(calls)).toEqual([errno])
  })
  it('a bank without a free interrupt ends SET_IRQS with -ENOMEM', () => {
    expect(run([...READY, 'vdev.get_fd', 'vdev.set_irqs', 'vdev.set_irqs', 'vdev.set_irqs'])).toEqual(['ENOMEM'])
  })
})

describe('forms of the discussion (00 S1.4–S1.9)', () => {
  const GOOD = [...OPEN, 'api.set_geometry: { start: 0, size: 256 }', 'api.set_windows: { count: 4 }']
  const mapMsi = (bank: number, at: number): string => `api.map_msi: { bank: ${bank}, at: ${at} }`
  it.each([
    ['a refused geometry is told', [...OPEN, 'api.set_geometry: { start: 64, size: 256 }'], 'EINVAL'],
    ['a refused number of windows is told', [...OPEN, 'api.set_windows: { count: 4 }'], 'EINVAL'],
    ['a bank of nobody in the group', [...GOOD, mapMsi(2, 192)], 'EINVAL'],
    ['not at a window', [...GOOD, mapMsi(0, 100)], 'EINVAL'],
    ['a busy window', [...GOOD, mapDma(192), mapMsi(0, 192)], 'EBUSY'],
    ['a free window', [...GOOD, mapMsi(0, 192)], 'OK'],
    ['unmap of what is not mapped', [...GOOD, 'api.unmap_msi: { bank: 0 }'], 'EINVAL'],
    ['unmap of what is mapped', [...GOOD, mapMsi(0, 192), 'api.unmap_msi: { bank: 0 }'], 'OK'],
    ['proposal C without a group', ['api.group_get_msi_fd'], 'EINVAL'],
    ['proposal C: mmap without the fd', [...GOOD, 'api.mmap_msi_fd: { pages: 1 }'], 'EBADF'],
    [
      'proposal C: map without mmap',
      [...GOOD, 'api.group_get_msi_fd', 'api.map_dma_msi: { bank: 0, at: 0 }'],
      'EFAULT',
    ],
    [
      'proposal C: not at a window',
      [...GOOD, 'api.group_get_msi_fd', 'api.mmap_msi_fd: { pages: 1 }', 'api.map_dma_msi: { bank: 0, at: 1 }'],
      'EINVAL',
    ],
  ])('%s', (_, calls, errno) => {
    expect(run(calls)).toEqual([errno])
  })
  it('T7: the count follows a device that is plugged in, what the user was told does not', () => {
    const r = verdicts(`
blocks:
  pamu: { kind: pamu }
  mpic: { kind: mpic-msi }
  domain: { kind: fsl-pamu-domain }
  group: { kind: vfio-pamu-group }
  c: { kind: vfio-pamu }
  api: { kind: vfio-pamu-2013 }
programs:
  user: [api.get_msi_count]
  hotplug: [{ api.device_joins: { bank: 1 } }]
properties:
  - { name: follows, end: api.banks == 2 }
  - { name: old, sometimes: api.banks == 2 && api.count == 1 }
`)
    expect(r).toMatchObject({ follows: 'holds', old: 'witnessed' })
  })
})
