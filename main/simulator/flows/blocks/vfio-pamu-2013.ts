/**
 * The forms of the 2013 discussion that were never built, over the same container: calls that return what happened, a
 * bank for each call or a file descriptor for all, and the two proposals whose text was not found.
 *
 * Sources: reference 00 S1.3–S1.7, S1.9; 50 §7. Proposals A and B are reconstructions from their summaries (unverified). Errno
 * are those that the discussion or its neighbours in VFIO suggest (unverified), except where the domain returns its own.
 */
import { block, type BlockStep } from '../../hardware/block'
import { BANKS, WINDOWS } from '../../hardware/pamu-words'
import { AT, mib } from './vfio-pamu-text'

const BANK = { index: 'b' }
const windowAt = `((${mib('at')} - container.aperture) / max(1, container.page_size))`
const aligned = `(${mib('at')} - container.aperture) % max(1, container.page_size) == 0`

/** One bank at one window, with the domain’s own errno. */
const mapBank = (bank: string, window: string): BlockStep[] => [
  {
    call: 'domain.window_enable',
    with: { window, page: `msi.page${bank}`, pages: 1, read: false, write: true },
  },
  {
    step: 'record',
    label: `bank ${bank} is mapped`,
    set: {
      [`container.bank_mapped${bank}`]: true,
      [`container.bank_window${bank}`]: window,
      [`container.bank_iova${bank}`]: `container.aperture + ${window} * container.page_size`,
    },
  },
]

/** Every bank of the group, upward from a window. */
const mapAll = (first: string): BlockStep[] => {
  const steps: BlockStep[] = []
  for (let b = 0; b < BANKS; b++) {
    const before = Array.from({ length: b }, (_, k) => ` + (uses${k} ? 1 : 0)`).join('')
    const window = `${first}${before}`
    const [enable, record] = mapBank(String(b), window)
    if (enable && 'call' in enable) steps.push({ ...enable, if: `uses${b}` })
    if (record && 'set' in record)
      steps.push({
        step: `bank${String(b)}`,
        cases: [
          { if: `uses${b}`, label: `bank ${b} is mapped`, set: record.set },
          { label: `bank ${b} is not used`, name: 'unused' },
        ],
      })
  }
  return steps
}

export const VFIO_PAMU_2013 = block({
  block: 'vfio-pamu-2013',
  title: 'Forms of the 2013 discussion',
  cite: '00 S1.3–S1.9',
  scope: 'One MSI page a bank. Lifetime of the file descriptor of proposal C is left out.',
  parameters: {
    uses0: { default: true, doc: 'the group has a device with MSIs in bank 0' },
    uses1: { default: false },
    uses2: { default: false },
    kernel_window: { default: 1, max: WINDOWS - 1, doc: 'proposal B: the window that the kernel picks first' },
  },
  indices: { b: BANKS },
  ports: { container: 'vfio-pamu', group: 'vfio-pamu-group', domain: 'fsl-pamu-domain', msi: 'mpic-msi' },
  state: {
    joined: { per: ['b'], doc: 'a device with MSIs in this bank was plugged in later' },
    count: { range: [0, BANKS], doc: 'banks of the group, as the user was told' },
    msi_fd: { doc: 'the user has the fd of the banks' },
    mapping: { range: [0, BANKS], doc: 'pages of it that the user has mapped' },
    told: {
      range: [0, WINDOWS],
      initial: WINDOWS,
      doc: `first bank window as the user was told; ${WINDOWS}: not told`,
    },
  },
  define: {
    in_use: { per: ['b'], is: 'uses{b} || joined{b}' },
    banks: 'sum{b: in_use{b} ? 1 : 0}',
  },
  operations: {
    set_geometry: {
      doc: 'Geometry, with its errno returned and remembered only where the domain took it.',
      by: ['vmm'],
      operands: { start: AT, size: AT },
      steps: [
        { call: 'domain.set_geometry', with: { first: mib('start'), pages: mib('size') } },
        {
          step: 'cache',
          label: 'the aperture is {start} MiB + {size} MiB',
          set: { 'container.aperture': mib('start'), 'container.aperture_pages': mib('size') },
        },
      ],
    },
    set_windows: {
      doc: 'Number of windows, with its errno returned.',
      by: ['vmm'],
      operands: { count: { integer: [0, 512] } },
      steps: [
        { call: 'domain.set_windows', with: { n: '{count}' } },
        {
          step: 'cache',
          label: 'the aperture has {count} windows',
          set: { 'container.page_size': 'container.aperture_pages / max(1, {count})' },
        },
      ],
    },
    get_msi_count: {
      doc: 'VFIO_IOMMU_GET_MSI_COUNT: banks of the whole group, all its devices (S1.7).',
      by: ['vmm'],
      steps: [{ label: 'VFIO_IOMMU_GET_MSI_COUNT', set: { count: 'banks' } }],
    },
    map_msi: {
      doc: 'VFIO_IOMMU_MAP_MSI: one bank for each call, of the group only, at the beginning of a window.',
      by: ['vmm'],
      operands: { bank: BANK, at: AT },
      steps: [
        {
          step: 'check',
          label: 'VFIO_IOMMU_MAP_MSI bank {bank} at {at} MiB',
          cases: [
            { if: '!in_use{bank}', errno: 'EINVAL', label: 'no device of the group uses bank {bank}' },
            { if: `!(${aligned})`, errno: 'EINVAL', name: 'unaligned', label: 'not the beginning of a window' },
            { label: 'the bank is the group’s and the address a window’s' },
          ],
        },
        ...mapBank('{bank}', windowAt),
        { call: 'domain.enable', discard: true },
      ],
    },
    unmap_msi: {
      doc: 'The bank loses its window.',
      by: ['vmm'],
      operands: { bank: BANK },
      steps: [
        {
          step: 'check',
          cases: [
            { if: '!container.bank_mapped{bank}', errno: 'EINVAL', label: 'bank {bank} is not mapped' },
            { label: 'bank {bank} is mapped' },
          ],
        },
        { call: 'domain.window_disable', with: { window: 'container.bank_window{bank}' } },
        { step: 'record', label: 'bank {bank} has no window', set: { 'container.bank_mapped{bank}': false } },
      ],
    },
    group_get_msi_fd: {
      doc: 'VFIO_GROUP_GET_MSI_FD (proposal C): a descriptor for the banks of the group.',
      by: ['vmm'],
      steps: [
        {
          label: 'VFIO_GROUP_GET_MSI_FD',
          cases: [
            { if: '!group.container || !group.viable', errno: 'EINVAL', label: 'the group is not viable' },
            { set: { msi_fd: true, count: 'banks' } },
          ],
        },
      ],
    },
    mmap_msi_fd: {
      doc: 'mmap of that descriptor: exactly one page a bank, a token without access (proposal C).',
      by: ['vmm'],
      operands: { pages: { integer: [0, 8] } },
      steps: [
        {
          label: 'mmap of the MSI fd',
          cases: [
            { if: '!msi_fd', errno: 'EBADF', label: 'no fd' },
            { if: '{pages} != count || {pages} == 0', errno: 'EINVAL', label: 'not one page for each bank' },
            { set: { mapping: '{pages}' } },
          ],
        },
      ],
    },
    map_dma_msi: {
      doc: 'The ordinary MAP_DMA with an address in that mapping (proposal C).',
      by: ['vmm'],
      operands: { bank: BANK, at: AT },
      steps: [
        {
          step: 'check',
          label: 'MAP_DMA of bank {bank} at {at} MiB',
          cases: [
            { if: 'mapping == 0 || !in_use{bank}', errno: 'EFAULT', label: 'no such page is mapped' },
            { if: `!(${aligned})`, errno: 'EINVAL', name: 'unaligned', label: 'not the beginning of a window' },
            { label: 'the page is one of the banks' },
          ],
        },
        ...mapBank('{bank}', windowAt),
        { call: 'domain.enable', discard: true },
      ],
    },
    set_attr_msi_windows: {
      doc: 'Proposal A (reconstruction): the user names the first window, the kernel fills in every bank of the group.',
      by: ['vmm'],
      operands: { first: { integer: [0, WINDOWS - 1] } },
      steps: [...mapAll('{first}'), { call: 'domain.enable', discard: true }],
    },
    place_by_kernel: {
      doc: 'Proposal B (reconstruction): the kernel maps the banks at windows of its own choice.',
      by: ['vmm'],
      steps: [...mapAll('{kernel_window}'), { call: 'domain.enable', discard: true }],
    },
    get_msi_windows: {
      doc: 'Proposal B (reconstruction): the user reads back where they are.',
      by: ['vmm'],
      steps: [
        { label: 'the user is told that banks begin at window {kernel_window}', set: { told: '{kernel_window}' } },
      ],
    },
    device_joins: {
      doc: 'A device with MSIs in this bank joins the group by hot-plug: the count that was given is old (S1.9).',
      by: ['host'],
      operands: { bank: BANK },
      steps: [{ label: 'the group now uses bank {bank} too', set: { 'joined{bank}': true } }],
    },
  },
})
