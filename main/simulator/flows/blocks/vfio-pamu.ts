/**
 * The container's ioctls of the Freescale SDK (VFIO_FSL_PAMU_IOMMU), as its driver has them: several return 0 whatever
 * happened. What the calling program sees is its errno; what really happened is the state.
 *
 * Sources: reference 50 §6 (vfio_iommu_fsl_pamu.c of the SDK), error surface §6.1, bugs §6.2. Where the file and §6
 * differ the file counts: a MAP_DMA smaller than a window maps nothing and returns 0.
 */
import { block } from '../../hardware/block'
import { BANKS, pick, WINDOWS } from '../../hardware/pamu-words'
import { BANK_OPERATIONS } from './vfio-pamu-banks'
import { AT, enter, mib, windowOf } from './vfio-pamu-text'

export const VFIO_PAMU = block({
  block: 'vfio-pamu',
  title: 'VFIO container, Freescale SDK',
  cite: '50 §6',
  scope: `A MAP_DMA is of one window or less; guest RAM lies in one contiguous piece at \`ram\` for the whole aperture. The stash attribute and records that merge or split are left out. Ioctl numbers 15 and 16 collide with VFIO_IOMMU_ENABLE and DISABLE.`,
  parameters: {
    ram: {
      default: 0x10000,
      max: 0xffffff,
      doc: 'first physical page of the memory behind bus address 0 (huge pages)',
    },
    memlock: { default: 0x1000000, max: 0x1000000, doc: 'RLIMIT_MEMLOCK in pages' },
    accounting: {
      default: 'window',
      values: ['window', 'pages'],
      doc: 'what MAP_DMA adds to locked_vm: one page for each window (SDK), or the pages that it pins',
    },
    disable_when: {
      default: 'no_dma',
      values: ['no_dma', 'nothing_mapped'],
      doc: 'UNMAP_DMA disables DMA when the last DMA record is gone (SDK), or when no window is mapped at all',
    },
    placement: {
      default: 'user',
      values: ['user', 'on_demand'],
      doc: 'who maps banks: the user (SDK), or SET_IRQS on demand, from the top of the aperture down (S1.8, never built)',
    },
    enable_on: {
      default: 'map_dma',
      values: ['map_dma', 'any_map'],
      doc: 'which map enables DMA: MAP_DMA alone (SDK), or MAP_MSI_BANK too',
    },
  },
  indices: { w: WINDOWS, b: BANKS },
  ports: { group: 'vfio-pamu-group', domain: 'fsl-pamu-domain', msi: 'mpic-msi' },
  state: {
    aperture: { range: [0, 0xffffff], doc: 'aperture_start as the container remembers it, page' },
    aperture_pages: { range: [0, 0x1000000], doc: 'its size as the container remembers it' },
    page_size: { range: [0, 0x1000000], doc: 'window size as the container remembers it, pages' },
    lock: { doc: 'iommu->lock' },
    dma: { per: ['w'], doc: 'a DMA record begins in this window' },
    bank_window: { per: ['b'], range: [0, WINDOWS], initial: WINDOWS, doc: `window of the bank; ${WINDOWS}: none` },
    bank_mapped: { per: ['b'], doc: 'a record of MAP_MSI_BANK' },
    bank_iova: { per: ['b'], range: [0, 0xffffff], doc: 'bus address that the user gave, page' },
    locked_vm: { range: [-0x1000000, 0x1000000], initial: 0, doc: 'pages that count against the limit' },
    pinned: { range: [0, 0x1000000], doc: 'pages that really are pinned' },
    dma_window: { range: [0, 256], doc: 'window of the MAP_DMA or UNMAP_DMA that has the lock' },
    msi_window: { range: [0, 256], doc: 'window of the MAP_MSI_BANK that is under way' },
    place: { range: [0, WINDOWS - 1], doc: 'window that is chosen for a bank on demand' },
    bank_count: { range: [0, BANKS], doc: 'what GET_MSI_BANK_COUNT returned' },
    returned: { range: [0, 0x1000000], doc: 'pages that GET_ATTR of the geometry returned' },
  },
  define: {
    any_dma: 'any{w: dma{w}}',
    dma_mapped: { per: ['w'], is: 'dma{w} && domain.valid{w}' },
    over_limit: 'pinned > {memlock}',
    right_aperture: 'aperture == domain.start && aperture_pages == domain.size',
  },
  faults: {
    division_by_zero: 'SET_ATTR of zero windows divides by zero',
    nothing_mapped: 'MAP_DMA of less than a window returned 0 and mapped nothing',
    page_leaked: 'only the first page of a window that could not be enabled was released',
  },
  operations: {
    set_attr_geometry: {
      doc: 'VFIO_IOMMU_PAMU_SET_ATTR, geometry: remembered before the driver has said yes; returns 0 whatever it says. No lock.',
      by: ['vmm'],
      operands: { start: AT, size: AT },
      steps: [
        enter('SET_ATTR geometry'),
        {
          step: 'cache',
          label: 'the container remembers {start} MiB + {size} MiB',
          set: { aperture: mib('start'), aperture_pages: mib('size') },
        },
        { call: 'domain.set_geometry', with: { first: mib('start'), pages: mib('size') }, discard: true },
        { step: 'return', label: 'SET_ATTR returns 0' },
      ],
    },
    set_attr_windows: {
      doc: 'VFIO_IOMMU_PAMU_SET_ATTR, windows: returns 0 whatever happens. No lock.',
      by: ['vmm'],
      operands: { count: { integer: [0, 512] } },
      steps: [
        enter('SET_ATTR windows', [
          {
            if: '{count} > 256',
            label: 'more than 256: nothing is done, 0 is returned',
            return: true,
            name: 'ignored',
          },
        ]),
        {
          step: 'cache',
          cases: [
            { if: '{count} == 0', fault: 'division_by_zero', label: 'division by zero', return: true },
            {
              label: 'the container divides its aperture by {count}',
              set: { page_size: 'aperture_pages / max(1, {count})' },
            },
          ],
        },
        { call: 'domain.set_windows', with: { n: '{count}' }, discard: true },
        { step: 'return', label: 'SET_ATTR returns 0' },
      ],
    },
    get_attr_geometry: {
      doc: 'VFIO_IOMMU_PAMU_GET_ATTR, geometry: what the domain has (64 GiB before one is set).',
      by: ['vmm'],
      steps: [
        enter('GET_ATTR geometry'),
        {
          step: 'get',
          label: 'GET_ATTR geometry',
          set: { returned: 'domain.size == 0 ? 0x1000000 : domain.size' },
        },
      ],
    },
    get_msi_bank_count: {
      doc: 'VFIO_IOMMU_PAMU_GET_MSI_BANK_COUNT: of the whole system, not of the group.',
      by: ['vmm'],
      steps: [
        enter('GET_MSI_BANK_COUNT'),
        { step: 'get', label: `GET_MSI_BANK_COUNT: ${BANKS}`, set: { bank_count: BANKS } },
      ],
    },
    map_dma: {
      doc: 'VFIO_IOMMU_MAP_DMA of one window of guest RAM. Enables DMA each time, and ignores whether that worked.',
      by: ['vmm'],
      operands: {
        at: AT,
        size: AT,
        read: { flag: true, default: true },
        write: { flag: true, default: true },
        contiguous: { flag: true, default: true, doc: 'the pages behind the window lie in one piece' },
      },
      steps: [
        enter('MAP_DMA at {at} MiB', [{ if: '(!{read} && !{write}) || {size} == 0', errno: 'EINVAL' }]),
        {
          step: 'check',
          when: '!lock',
          cases: [
            {
              if: `any{w: dma{w} && ${mib('at')} < aperture + ({w} + 1) * page_size && ${mib('at')} + ${mib('size')} > aperture + {w} * page_size}`,
              errno: 'EBUSY',
              label: 'overlaps a DMA record',
            },
            { if: `locked_vm + ${mib('size')} > {memlock}`, errno: 'ENOMEM', label: 'RLIMIT_MEMLOCK' },
            {
              if: `${mib('size')} < page_size`,
              fault: 'nothing_mapped',
              label: 'no whole window: nothing is mapped, 0 is returned',
              name: 'nothing',
              return: true,
            },
            {
              if: `(${mib('at')} - aperture) % max(1, page_size) != 0`,
              errno: 'EINVAL',
              label: 'does not begin at a window',
            },
            { if: '!{contiguous}', errno: 'EFAULT', label: 'the pages are not contiguous' },
            {
              label: 'the pages of the window are pinned',
              set: { lock: true, dma_window: windowOf(mib('at')), pinned: 'pinned + page_size', 'me.errno': 'OK' },
            },
          ],
        },
        {
          call: 'domain.window_enable',
          with: {
            window: 'dma_window',
            page: `{ram} + ${mib('at')}`,
            pages: 'page_size',
            read: '{read}',
            write: '{write}',
          },
          swallow: true,
        },
        {
          step: 'record',
          cases: [
            ...['ENODEV', 'EINVAL', 'EBUSY'].map((errno) => ({
              if: `me.errno == ${errno}`,
              errno,
              fault: 'page_leaked',
              label: 'the window cannot be enabled: only its first page is released',
              set: { lock: false, pinned: 'pinned - 1' },
            })),
            {
              label: 'the record is kept',
              set: {
                'dma{*w}': 'dma_window == {w} ? true : dma{w}',
                locked_vm: 'accounting == window ? locked_vm + 1 : locked_vm + page_size',
              },
            },
          ],
        },
        { call: 'domain.enable', discard: true },
        { step: 'return', label: 'MAP_DMA returns 0', set: { lock: false } },
      ],
    },
    unmap_dma: {
      doc: 'VFIO_IOMMU_UNMAP_DMA of one window. Its errno says nothing of "disable".',
      by: ['vmm'],
      operands: { at: AT },
      steps: [
        enter('UNMAP_DMA at {at} MiB'),
        {
          step: 'find',
          when: '!lock',
          cases: [
            {
              if: `!${pick('dma', windowOf(mib('at')))}`,
              label: 'no record there',
              name: 'none',
              return: true,
            },
            {
              label: 'the pages are released',
              set: {
                lock: true,
                dma_window: windowOf(mib('at')),
                pinned: 'max(0, pinned - page_size)',
                locked_vm: 'locked_vm - page_size',
              },
            },
          ],
        },
        { call: 'domain.window_disable', with: { window: 'dma_window' } },
        {
          step: 'remove',
          label: 'the record is removed',
          set: { 'dma{*w}': 'dma_window == {w} ? false : dma{w}' },
        },
        {
          call: 'domain.disable',
          if: '!any_dma && (disable_when == no_dma || domain.mapped == 0)',
        },
        { step: 'return', label: 'UNMAP_DMA returns 0', set: { lock: false } },
      ],
    },
    ...BANK_OPERATIONS,
  },
})
