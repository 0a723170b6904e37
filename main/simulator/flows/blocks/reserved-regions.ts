/**
 * Reserved IOVA regions of two devices: which pages each asks for and of which type, by unit, class and era; what a
 * reader of `reserved_regions` sees of them, as merged or as the thread of 2019 wanted it; and the firmware that uses one.
 *
 * Sources: reference 30 §1, §2, §3.1; 05.4 … 05.7; 00 S2.1 … S2.7; 40 §7. The same rules over real ranges are the
 * planner's (linux/regions.ts); here a region is a page or two, so that it can meet DMA that is under way.
 */
import { block } from '../../hardware/block'
import { PAGES } from '../../hardware/blocks/translation-unit'

/** Classes of a device that firmware gave a region; `none`: it has no region. */
const CLASSES = ['none', 'other', 'usb', 'graphics', 'isa']

export const RESERVED_REGIONS = block({
  block: 'reserved-regions',
  title: 'Reserved regions',
  cite: '30; 05.4 … 05.7',
  scope:
    'Pages by name: firmware regions cover `region`, `next` or both, the ISA window is `low`, the x86 interrupt window is `msi`. Every relaxable page inside a direct region is cut by the thread’s rules, whole or part.',
  parameters: {
    pages: { names: PAGES },
    unit: { default: 'vtd', values: ['vtd', 'amd', 'arm'], doc: 'whose driver reports them' },
    era: {
      default: 'v6_12',
      values: ['v3_16', 'v4_19', 'v5_3', 'v6_1', 'v6_12'],
      doc: 'kernel; v3_16 stands for those before commit c875d2c1b808 (00 S2.2; release unverified)',
    },
    class0: { default: 'none', values: CLASSES, doc: 'class of device 0, if firmware gave it a region' },
    class1: { default: 'none', values: CLASSES, doc: 'class of device 1, if firmware gave it a region' },
    span0: { default: 'region', values: ['region', 'next', 'both'], doc: 'pages of device 0’s region' },
    span1: { default: 'region', values: ['region', 'next', 'both'], doc: 'pages of device 1’s region' },
    remap0: { default: false, doc: 'Arm RMR of device 0: remapping permitted' },
    remap1: { default: false, doc: 'Arm RMR of device 1: remapping permitted' },
    mid_page: { default: false, doc: 'the region begins in the middle of page `region`' },
    isa_listed: { default: true, doc: 'the ISA bridge’s 16 MiB are in its list (30 §2.1 step 2)' },
    policy: {
      default: 'upstream',
      values: ['upstream', 'thread'],
      doc: 'relaxable inside or across direct (30 §3, §3.1)',
    },
    words: {
      default: 'own',
      values: ['one', 'own'],
      doc: 'sysfs: "direct" for both, or a word for relaxable ones (S2.5)',
    },
  },
  indices: { dev: 2, page: 'pages' },
  state: {
    firmware: { initial: true, label: 'firmware uses the region' },
    word: {
      per: ['page'],
      values: ['unread', 'free', 'direct', 'direct_relaxable', 'both', 'msi_window'],
      label: 'reserved_regions says',
    },
  },
  define: {
    /** The class that firmware’s region may be taken from (30 §2.1 step 1). */
    exempt: { per: ['dev'], is: 'class{dev} == usb || class{dev} == graphics' },
    relaxes: {
      per: ['dev'],
      is: 'unit == vtd ? (exempt{dev} && era != v3_16 && era != v4_19) : unit == arm && remap{dev}',
    },
    covers: {
      per: ['dev', 'page'],
      is: 'class{dev} != none && class{dev} != isa && (({page} == region && span{dev} != next) || ({page} == next && span{dev} != region))',
    },
    direct: { per: ['dev', 'page'], is: 'covers{dev}.{page} && !relaxes{dev}' },
    relaxable: {
      per: ['dev', 'page'],
      is: '(covers{dev}.{page} && relaxes{dev}) || ({page} == low && class{dev} == isa && unit == vtd && isa_listed && era != v3_16 && era != v4_19)',
    },
    /** A region that user space may not have: VT-d’s own test up to 6.1, the core’s on 6.12 (40 §7). */
    locked: {
      per: ['dev'],
      is: 'era == v6_12 ? any{page: direct{dev}.{page}} : unit == vtd && era != v3_16 && !exempt{dev} && any{page: covers{dev}.{page}}',
    },
    /** Excluded from what user space may map: all but relaxable (30 §6). */
    hard: { per: ['dev', 'page'], is: 'direct{dev}.{page} || ({page} == msi && unit != arm)' },
    /** Mapped 1:1 in a DMA domain; a region that begins inside a page loses that page (30 §5 step 3). */
    mapped: {
      per: ['dev', 'page'],
      is: '(direct{dev}.{page} || relaxable{dev}.{page}) && !(mid_page && {page} == region)',
    },
    listed_direct: { per: ['page'], is: 'any{dev: direct{dev}.{page}}' },
    listed_relaxable: {
      per: ['page'],
      is: 'any{dev: relaxable{dev}.{page}} && !(policy == thread && listed_direct.{page})',
    },
  },
  operations: {
    read: {
      doc: 'Read the group’s reserved_regions file, both devices being in the group.',
      cite: '30 §1, §3',
      by: ['vmm', 'host'],
      operands: { page: { names: 'pages' } },
      steps: [
        {
          label: 'what reserved_regions says of {page}',
          set: {
            'word.{page}':
              '{page} == msi && unit != arm ? msi_window : listed_direct.{page} && listed_relaxable.{page} ? (words == one ? direct : both) : listed_direct.{page} ? direct : listed_relaxable.{page} ? (words == one ? direct : direct_relaxable) : free',
          },
        },
      ],
    },
    hand_off: {
      doc: 'The operating system takes the device over from firmware, which leaves its region alone from now on.',
      cite: '00 S2.3',
      by: ['host', 'guest'],
      steps: [{ label: 'firmware gives the device up', set: { firmware: false } }],
    },
  },
})
