/**
 * The IOMMU domain of the PAMU driver: geometry, then windows, then enable. Every call is one step under the domain's
 * lock, but for the programming of the LIODNs, each of which is a step of the hardware.
 *
 * Sources: reference 50 §2; drivers/iommu/fsl_pamu_domain.c of 4.19 (configure_domain_geometry, fsl_pamu_set_windows,
 * fsl_pamu_window_enable/disable, configure_domain_dma_state, handle_attach_device, remove_device_ref).
 */
import { block, type BlockStep } from '../../hardware/block'
import { apOf, isPowerOfTwo, LIODNS, numbers, pick, WINDOWS } from '../../hardware/pamu-words'

type CallStep = Extract<BlockStep, { call: string }>

/** The same for the LIODN of the domain, while it is attached. */
const program = (call: string, operands: Record<string, string> = {}, only?: string): CallStep => ({
  call: `iommu.${call}`,
  with: { liodn: '{liodn}', ...operands },
  if: only === undefined ? 'attached' : `attached && ${only}`,
})

/** handle_attach_device replays what is mapped; the LIODN stays off until somebody enables the domain again. */
const replay: CallStep[] = numbers(WINDOWS).map((w) => ({
  call: 'iommu.config_spaace',
  with: { liodn: '{liodn}', subwin: w, size: `wsize${w}`, page: `paddr${w}`, prot: `prot${w}` },
  if: `valid${w}`,
}))

export const FSL_PAMU_DOMAIN = block({
  block: 'fsl-pamu-domain',
  title: 'IOMMU domain (fsl_pamu)',
  cite: '50 §2',
  scope:
    'Sizes in 4 KiB pages. Stash and operation-mapping attributes are left out. A domain has one LIODN, that of one PCI controller.',
  parameters: {
    liodn: { default: 0, max: LIODNS - 1, doc: 'LIODN of the controller that is attached' },
    attach: {
      default: 'keeps',
      values: ['keeps', 'blocks'],
      doc: 'what a LIODN gets that is attached before there are windows: `keeps` what it had (4.19: the open boot entry), or it is blocked (5.19: DMA ownership)',
    },
    live: {
      default: 'refuses',
      values: ['refuses', 'opens'],
      doc: 'geometry or windows of an enabled domain: -EBUSY (mainline), or what the discussion feared: the LIODN is open while its entry is rewritten (S1.14)',
    },
    detach: {
      default: 'disables',
      values: ['disables', 'opens'],
      doc: 'mainline disables the LIODN; the vendor tree enables the default window of 64 GiB again (enable_default_dma_window, Yocto 4.1)',
    },
  },
  indices: { w: WINDOWS },
  ports: { iommu: 'pamu' },
  state: {
    attached: false,
    start: { range: [0, 0xffffff], doc: 'aperture, first page' },
    size: { range: [0, 0x1000000], doc: 'aperture, pages; 0: no geometry set' },
    configured: { doc: 'win_arr: the number of windows has been set' },
    count: { range: [0, 256], initial: 256, doc: 'win_cnt' },
    enabled: false,
    lock: { doc: 'domain_lock, while windows are mapped and unmapped' },
    mapped: { range: [0, 2 * WINDOWS], doc: 'counter of mapped windows; not reset with the windows' },
    valid: { per: ['w'] },
    paddr: { per: ['w'], range: [0, 0xffffff] },
    wsize: { per: ['w'], range: [0, 0x1000000] },
    prot: { per: ['w'], values: ['denied', 'query', 'update', 'all'] },
  },
  define: {
    any_valid: 'any{w: valid{w}}',
    window_pages: 'size / max(1, count)',
  },
  operations: {
    attach: {
      doc: 'fsl_pamu_attach_device, for one LIODN.',
      steps: [
        { step: 'list', label: 'LIODN {liodn} joins the domain', set: { attached: true } },
        program('disable_liodn', {}, '(configured || attach == blocks)'),
        program('config_ppaace', { start: 'start', size: 'size', count: 'count' }, 'configured'),
        {
          step: 'replay',
          cases: [
            { if: 'mapped == 0', name: 'nothing', label: 'no window is mapped yet', return: true },
            { label: 'what is mapped is programmed for the LIODN' },
          ],
        },
        ...replay,
      ],
    },
    detach: {
      doc: 'remove_device_ref: its secondary entries are freed and the LIODN disabled.',
      steps: [
        program('free_subwins', {}, 'configured && count > 1'),
        program('disable_liodn'),
        program('default_window', {}, 'detach == opens'),
        { step: 'unlist', label: 'LIODN {liodn} leaves the domain', set: { attached: false } },
      ],
    },
    set_geometry: {
      doc: 'DOMAIN_ATTR_GEOMETRY: a power of two, its start aligned to it; not while the domain is enabled.',
      operands: { first: { expression: 'int', doc: 'page' }, pages: { expression: 'int' } },
      steps: [
        {
          cases: [
            {
              if: `!${isPowerOfTwo('pages')} || first % max(1, pages) != 0`,
              errno: 'EINVAL',
              label: 'not a power of two, or not aligned to it',
            },
            { if: 'enabled && live == refuses', errno: 'EBUSY', label: 'the domain is enabled' },
            { label: 'the domain has an aperture', set: { start: 'first', size: 'pages' } },
          ],
        },
      ],
    },
    set_windows: {
      doc: 'fsl_pamu_set_windows: the LIODN is disabled and gets an empty set of sub-windows.',
      operands: { n: { expression: 'int' } },
      steps: [
        {
          step: 'check',
          cases: [
            { if: 'enabled && live == refuses', errno: 'EBUSY', label: 'the domain is enabled' },
            { if: 'size == 0', errno: 'EINVAL', name: 'no_geometry', label: 'no geometry is set' },
            { if: `n > 256 || !${isPowerOfTwo('n')}`, errno: 'EINVAL', label: 'not a power of two up to 256' },
            { label: 'the number of windows is good' },
          ],
        },
        program('default_window', {}, 'live == opens && enabled'),
        program('disable_liodn'),
        program('config_ppaace', { start: 'start', size: 'size', count: 'n' }),
        {
          step: 'array',
          label: 'a new array of windows, all of them empty',
          set: { configured: true, count: 'n', 'valid{*w}': false },
        },
      ],
    },
    window_enable: {
      doc: 'fsl_pamu_window_enable: map one window to physical memory.',
      operands: {
        window: { expression: 'int' },
        page: { expression: 'int', doc: 'physical' },
        pages: { expression: 'int' },
        read: { flag: true },
        write: { flag: true },
      },
      steps: [
        {
          step: 'check',
          when: '!lock',
          cases: [
            { if: '!configured', errno: 'ENODEV', label: 'the windows are not configured' },
            {
              if: 'window >= count || window < 0',
              errno: 'EINVAL',
              name: 'no_window',
              label: 'there is no such window',
            },
            { if: 'pages > window_pages', errno: 'EINVAL', name: 'too_large', label: 'larger than a window' },
            {
              if: 'count == 1 && enabled',
              errno: 'EBUSY',
              name: 'in_use',
              label: 'the only window of an enabled domain',
            },
            {
              if: `count == 1 && (!${isPowerOfTwo('pages')} || start % max(1, pages) != 0)`,
              errno: 'EINVAL',
              name: 'unaligned',
              label: 'the aperture does not begin at a multiple of the size',
            },
            { if: pick('valid', 'window'), errno: 'EBUSY', label: 'the window is mapped already' },
            {
              label: 'the window is free',
              set: {
                lock: true,
                'paddr{*w}': 'window == {w} ? page : paddr{w}',
                'wsize{*w}': 'window == {w} ? pages : wsize{w}',
                'prot{*w}': `window == {w} ? ${apOf('{read}', '{write}')} : prot{w}`,
              },
            },
          ],
        },
        program('config_spaace', {
          subwin: 'window',
          size: 'pages',
          page: 'page',
          prot: apOf('{read}', '{write}'),
        }),
        {
          step: 'done',
          label: 'the window is mapped',
          set: { lock: false, 'valid{*w}': 'window == {w} ? true : valid{w}', mapped: 'mapped + 1' },
        },
      ],
    },
    window_disable: {
      doc: 'fsl_pamu_window_disable: what cannot be done is silently ignored. The only window switches the LIODNs off.',
      operands: { window: { expression: 'int' } },
      steps: [
        {
          step: 'check',
          when: '!lock',
          cases: [
            {
              if: `!configured || window >= count || window < 0 || !${pick('valid', 'window')}`,
              label: 'nothing to disable: ignored',
              return: true,
              name: 'ignored',
            },
            { label: 'the window is mapped', set: { lock: true } },
          ],
        },
        program('disable_liodn', {}, 'count == 1 && enabled'),
        program('disable_spaace', { subwin: 'window' }, '!(count == 1 && enabled)'),
        {
          step: 'done',
          label: 'the window is free again',
          set: {
            lock: false,
            'valid{*w}': 'window == {w} ? false : valid{w}',
            mapped: 'mapped - 1',
            enabled: 'count == 1 ? false : enabled',
          },
        },
      ],
    },
    enable: {
      doc: 'DOMAIN_ATTR_FSL_PAMU_ENABLE = 1: V of the LIODN.',
      steps: [
        {
          step: 'check',
          cases: [
            { if: 'mapped == 0', errno: 'ENODEV', label: 'nothing is mapped' },
            { label: 'the domain is enabled', set: { enabled: true } },
          ],
        },
        program('enable_liodn'),
      ],
    },
    disable: {
      doc: 'DOMAIN_ATTR_FSL_PAMU_ENABLE = 0: V of the LIODN, whatever is mapped.',
      steps: [{ step: 'check', label: 'the domain is disabled', set: { enabled: false } }, program('disable_liodn')],
    },
  },
})
