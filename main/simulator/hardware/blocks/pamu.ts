/**
 * The Freescale/NXP Peripheral Access Management Unit: one primary window a LIODN, cut into sub-windows of one size,
 * each mapped to one contiguous block. No page table.
 *
 * Sources: reference 50 §1–§1.3; drivers/iommu/fsl_pamu.c of 4.19 (pamu_config_ppaace, pamu_config_spaace,
 * pamu_enable_liodn, pamu_disable_liodn, pamu_disable_spaace, pamu_av_isr). What a transaction meets in the entries is
 * in `access` (pamu-access.ts), which the devices use.
 */
import { block, type BlockStep } from '../block'
import { codeOf, countOf, highOf, joined, LIODNS, lowOf, pagesOf, wceOf, WINDOWS } from '../pamu-words'
import { PAMU_REGISTERS } from './pamu-registers'

const LIODN = { liodn: { index: 'l', doc: 'logical I/O device number' } } as const

const config: BlockStep[] = [
  {
    label: 'PPAACE[{liodn}] takes the aperture',
    cases: [
      {
        if: 'count > 1 && (count - 1 > spaaces_left || count > {windows})',
        errno: 'EINVAL',
        fault: 'spaace_exhausted',
        label: 'no {windows} secondary entries are left',
      },
      {
        set: {
          'PPAACE{liodn}.WBAH': highOf('start'),
          'PPAACE{liodn}.WBAL': lowOf('start'),
          'PPAACE{liodn}.WSE': codeOf('size'),
          'PPAACE{liodn}.MW': 'count > 1',
          'PPAACE{liodn}.WCE': wceOf('count'),
          'PPAACE{liodn}.ATM': 'window',
          'PPAACE{liodn}.AP': 'denied',
          'PPAACE{liodn}.SWSE': codeOf('(size / count)'),
          'SPAACE{liodn}_{*s}.V': 'false',
          spaaces_left: 'count > 1 ? spaaces_left - (count - 1) : spaaces_left',
        },
      },
    ],
  },
]

/** `pamu_config_spaace`: sub-window 0 is in the primary entry and keeps its V. */
const configWindow: BlockStep[] = [
  {
    label: 'LIODN {liodn}: the window is mapped',
    set: {
      'PPAACE{liodn}.ATM': 'window',
      'PPAACE{liodn}.AP': 'subwin == 0 ? prot : PPAACE{liodn}.AP',
      'PPAACE{liodn}.SWSE': `subwin == 0 ? ${codeOf('size')} : PPAACE{liodn}.SWSE`,
      'PPAACE{liodn}.TWBAH': `subwin == 0 ? ${highOf('page')} : PPAACE{liodn}.TWBAH`,
      'PPAACE{liodn}.TWBAL': `subwin == 0 ? ${lowOf('page')} : PPAACE{liodn}.TWBAL`,
      'SPAACE{liodn}_{*s}.V': 'subwin == {s} ? true : SPAACE{liodn}_{s}.V',
      'SPAACE{liodn}_{*s}.ATM': 'subwin == {s} ? window : SPAACE{liodn}_{s}.ATM',
      'SPAACE{liodn}_{*s}.AP': 'subwin == {s} ? prot : SPAACE{liodn}_{s}.AP',
      'SPAACE{liodn}_{*s}.SWSE': `subwin == {s} ? ${codeOf('size')} : SPAACE{liodn}_{s}.SWSE`,
      'SPAACE{liodn}_{*s}.TWBAH': `subwin == {s} ? ${highOf('page')} : SPAACE{liodn}_{s}.TWBAH`,
      'SPAACE{liodn}_{*s}.TWBAL': `subwin == {s} ? ${lowOf('page')} : SPAACE{liodn}_{s}.TWBAL`,
    },
  },
]

export const PAMU = block({
  block: 'pamu',
  title: 'PAMU',
  cite: '50 §1',
  scope: `${LIODNS} LIODNs (of 0x500) with ${WINDOWS} windows each (of 256), addresses in 4 KiB pages. The SPAACT is a number of free entries: which ones a LIODN has (FSPI) is not modelled, nor are operation mapping, stashing, the caches, and the erratum A-003638 (status set again).`,
  parameters: {
    windows: { default: WINDOWS, min: 1, max: WINDOWS, doc: 'most windows of a LIODN' },
    spaaces: { default: LIODNS * (WINDOWS - 1), max: 64, doc: 'secondary entries in the SPAACT (0x800 on chip)' },
  },
  indices: { l: LIODNS, s: [1, WINDOWS - 1] },
  registers: PAMU_REGISTERS,
  state: {
    spaaces_left: { range: [0, 'spaaces'], initial: '{spaaces}', doc: 'secondary entries that nobody has' },
    disabled: { per: ['l'], doc: 'switched off by the violation handler' },
  },
  define: {
    pages: { per: ['l'], is: pagesOf('PPAACE{l}.WSE') },
    base: { per: ['l'], is: joined('PPAACE{l}.WBAH', 'PPAACE{l}.WBAL') },
    step: { per: ['l'], is: `PPAACE{l}.MW ? pages{l} / ${countOf('PPAACE{l}.WCE')} : pages{l}` },
    mapped: { per: ['l', 's'], is: pagesOf('SPAACE{l}_{s}.SWSE') },
    target: { per: ['l', 's'], is: joined('SPAACE{l}_{s}.TWBAH', 'SPAACE{l}_{s}.TWBAL') },
    mapped_first: { per: ['l'], is: pagesOf('PPAACE{l}.SWSE') },
    target_first: { per: ['l'], is: joined('PPAACE{l}.TWBAH', 'PPAACE{l}.TWBAL') },
    open: { per: ['l'], is: 'PPAACE{l}.V && PPAACE{l}.ATM == none', doc: 'any address goes through as it is' },
  },
  faults: {
    violation: 'an access was refused: AVS1 says why',
    spaace_exhausted: 'no secondary entries are left for so many windows',
  },
  operations: {
    enable_liodn: {
      doc: 'pamu_enable_liodn: V of the primary entry is set.',
      operands: LIODN,
      steps: [{ label: 'PPAACE[{liodn}].V := 1', set: { 'PPAACE{liodn}.V': true, 'disabled{liodn}': false } }],
    },
    disable_liodn: {
      doc: 'pamu_disable_liodn: V of the primary entry is cleared; all DMA of the LIODN is refused.',
      operands: LIODN,
      steps: [{ label: 'PPAACE[{liodn}].V := 0', set: { 'PPAACE{liodn}.V': false } }],
    },
    config_ppaace: {
      doc: 'pamu_config_ppaace and the empty sub-windows of pamu_set_liodn. Earlier secondary entries are not given back.',
      operands: {
        ...LIODN,
        start: { expression: 'int', doc: 'first page' },
        size: { expression: 'int', doc: 'pages, a power of two' },
        count: { expression: 'int', doc: 'windows, a power of two' },
      },
      steps: config,
    },
    config_spaace: {
      doc: 'pamu_config_spaace: map one window (or, with a single window, the primary one).',
      operands: {
        ...LIODN,
        subwin: { expression: 'int' },
        size: { expression: 'int', doc: 'pages' },
        page: { expression: 'int', doc: 'first physical page' },
        prot: { expression: 'name', doc: 'AP: denied, query, update, all' },
      },
      steps: configWindow,
    },
    disable_spaace: {
      doc: 'pamu_disable_spaace: V of a secondary entry is cleared; sub-window 0 is denied instead, for its V is the LIODN’s.',
      operands: { ...LIODN, subwin: { expression: 'int' } },
      steps: [
        {
          label: 'LIODN {liodn}: the window is taken away',
          set: {
            'PPAACE{liodn}.AP': 'subwin == 0 ? denied : PPAACE{liodn}.AP',
            'SPAACE{liodn}_{*s}.V': 'subwin == {s} ? false : SPAACE{liodn}_{s}.V',
          },
        },
      ],
    },
    default_window: {
      doc: 'enable_default_dma_window of the vendor tree: 64 GiB, untranslated, valid: the boot state again.',
      operands: LIODN,
      steps: [
        {
          label: 'LIODN {liodn} gets the default window: open again',
          set: {
            'PPAACE{liodn}.WBAH': 0,
            'PPAACE{liodn}.WBAL': 0,
            'PPAACE{liodn}.WSE': 35,
            'PPAACE{liodn}.ATM': 'none',
            'PPAACE{liodn}.AP': 'all',
            'PPAACE{liodn}.V': true,
          },
        },
      ],
    },
    free_subwins: {
      doc: 'pamu_free_subwins, at detach: the secondary entries go back to the pool.',
      operands: LIODN,
      steps: [
        {
          label: 'the secondary entries of LIODN {liodn} are free',
          set: {
            spaaces_left: `min({spaaces}, PPAACE{liodn}.MW ? spaaces_left + ${countOf('PPAACE{liodn}.WCE')} - 1 : spaaces_left)`,
            'SPAACE{liodn}_{*s}.V': false,
            'PPAACE{liodn}.MW': false,
          },
        },
      ],
    },
  },
  behaviour: [
    {
      agent: 'pamu_av_isr',
      title: 'Violation handler',
      role: 'host',
      steps: [
        {
          when: 'PICS.AVS',
          cite: '50 §1.3',
          cases: [
            {
              per: ['l'],
              if: 'AVS1.LIODN == {l}',
              label: 'pamu_av_isr prints the violation and disables LIODN {l}',
              set: {
                'PPAACE{l}.V': false,
                'disabled{l}': true,
                'PICS.AVS': false,
                'AVS1.AV': false,
                'AVS1.LIODN': 0,
                'AVS1.LAV': 0,
                'AVS1.WAV': 0,
                'AVS1.APV': 0,
                'AVAH.AVAH': 0,
                'AVAL.AVAL': 0,
              },
            },
          ],
        },
      ],
    },
  ],
})
