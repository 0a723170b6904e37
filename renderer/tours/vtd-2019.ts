import { scenario, testId, type Tour } from './tour'

const BOARD = 'q35-vtd'
const LIVE = 'swap-live'
const FIRST = 'swap-before-map'
const SILENT = 'ram-over-msi-silent'
const REFUSED = 'ram-over-msi-refused'

export const domains2019: Tour = {
  id: '2019-domains',
  year: '2019',
  title: 'Default domains of VT-d',
  promise: 'Change a machine’s default domains from the command line, then prove when a domain may be swapped.',
  steps: [
    {
      title: 'Plan a machine with VT-d',
      text: 'The plan lists its groups, and the type of default domain that each gets, with the rule behind it.',
      anchor: [testId(`plan-platform-${BOARD}`), testId('finder')],
      done: (f) => f.planned(BOARD),
      show: { command: 'platform.plan', what: `builtin:${BOARD}` },
    },
    {
      title: 'Ask for passthrough',
      text: 'Add iommu=pt to the kernel’s command line and press Enter. What differs from the machine’s own plan is marked.',
      anchor: [testId('plan-cmdline')],
      done: (f) => f.plannedWith('iommu=pt'),
    },
    {
      title: 'Open a swap under way',
      text: 'The driver has mapped a buffer and started its device when the group is moved from the DMA domain to identity.',
      anchor: scenario('2019-domains', LIVE),
      done: (f) => f.opened(LIVE),
      show: { command: 'file.openScenario', what: LIVE },
    },
    {
      title: 'Explore it',
      text: 'Does the device’s DMA go to its buffer alone?',
      anchor: [testId('explore')],
      done: (f) => f.verdict(LIVE, 'only-its-buffer', 'violated'),
      show: { command: 'explore.start' },
    },
    {
      title: 'Open the safe order',
      text: 'Whoever wants another type asks for it before the first mapping. The sibling stands below the verdicts (Alt+S).',
      anchor: [testId('open-sibling'), ...scenario('2019-domains', FIRST)],
      done: (f) => f.opened(FIRST),
      show: { command: 'explore.sibling' },
    },
    {
      title: 'Prove it',
      text: 'Explore: the DMA lands in its buffer in every interleaving.',
      anchor: [testId('explore')],
      done: (f) => f.verdict(FIRST, 'only-its-buffer', 'holds'),
      show: { command: 'explore.start' },
    },
  ],
  end: 'You have planned the machine under another command line, and proved that a domain is swapped safely only before anything is mapped.',
}

export const regions2019: Tour = {
  id: '2019-regions',
  year: '2019',
  title: 'Reserved and relaxable regions',
  promise:
    'Lay a guest’s RAM over a machine’s reserved regions, and prove what cutting out the interrupt window prevents.',
  steps: [
    {
      title: 'Plan a machine with VT-d',
      text: 'Each group’s strip shows its reserved regions: the interrupt window, and the relaxable first 16 MiB of the ISA bridge’s group.',
      anchor: [testId(`plan-platform-${BOARD}`), testId('finder')],
      done: (f) => f.planned(BOARD),
      show: { command: 'platform.plan', what: `builtin:${BOARD}` },
    },
    {
      title: 'Lay a guest over it',
      text: 'Write 8G into Guest RAM and press Enter. Where the RAM meets a relaxable region it maps all the same; a region that cannot be mapped has to be carved out.',
      anchor: [testId('plan-guest')],
      done: (f) => f.plannedGuest(),
    },
    {
      title: 'Open RAM over the interrupt window',
      text: 'In 5.3 MAP_DMA knows no reserved region: guest RAM at 0xfee00000 is mapped without a word.',
      anchor: scenario('2019-regions', SILENT),
      done: (f) => f.opened(SILENT),
      show: { command: 'file.openScenario', what: SILENT },
    },
    {
      title: 'Explore it',
      text: 'Can a write to guest RAM become an interrupt?',
      anchor: [testId('explore')],
      done: (f) => f.verdict(SILENT, 'never-an-interrupt', 'violated'),
      show: { command: 'explore.start' },
    },
    {
      title: 'Open it as 6.1 answers',
      text: 'The interrupt window is cut out of the IOVA ranges. The sibling stands below the verdicts (Alt+S).',
      anchor: [testId('open-sibling'), ...scenario('2019-regions', REFUSED)],
      done: (f) => f.opened(REFUSED),
      show: { command: 'explore.sibling' },
    },
    {
      title: 'Prove it',
      text: 'Explore: MAP_DMA returns −EINVAL, and no write becomes an interrupt.',
      anchor: [testId('explore')],
      done: (f) => f.verdict(REFUSED, 'never-an-interrupt', 'holds'),
      show: { command: 'explore.start' },
    },
  ],
  end: 'You know which of this machine’s regions a guest may lie over, and have proved what the refusal of MAP_DMA prevents.',
}
