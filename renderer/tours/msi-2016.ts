import { scenario, testId, type Tour } from './tour'

const BOARD = 'virt-gicv2m'
const FUNCTION = '0000:01:00.0'
const LIE = 'intr-remap-lie'
const DROPPED = 'intr-remap-dropped'

export const msi2016: Tour = {
  id: '2016-msi',
  year: '2016',
  title: 'Who isolates an interrupt on ARM?',
  promise:
    'Follow a message to a GICv2m frame, plan it with the kernel that claimed too much, and see what that costs.',
  steps: [
    {
      title: 'Plan a board with a GICv2m frame',
      text: 'An SMMUv3 translates its messages, and nothing checks who sends which interrupt.',
      anchor: [testId(`plan-platform-${BOARD}`), testId('finder')],
      done: (f) => f.planned(BOARD),
      show: { command: 'platform.plan', what: `builtin:${BOARD}` },
    },
    {
      title: 'Follow the interrupt of 01:00.0',
      text: 'The plan refuses it to user space: SET_IOMMU −EPERM. Unfold the function and explain its interrupt, hop by hop.',
      anchor: [
        `${testId(`plan-${FUNCTION}`)} ${testId('explain-its-msi')}`,
        testId(`plan-${FUNCTION}`),
        testId('plan'),
      ],
      done: (f) => f.explainedInterrupt(),
      show: { command: 'explain.msi', what: FUNCTION },
    },
    {
      title: 'Go back to Linux 4.9',
      text: 'In the Plan panel (Alt+7), choose kernel 4.9, where the SMMU driver still claimed IOMMU_CAP_INTR_REMAP. The interrupt is no safer for it.',
      anchor: [testId('plan-kernel')],
      done: (f) => f.plannedKernel('4.9'),
    },
    {
      title: 'Open that claim as a scenario',
      text: 'A function behind the frame is handed out as safe, because the capability is taken at its word.',
      anchor: scenario('2016-msi', LIE),
      done: (f) => f.opened(LIE),
      show: { command: 'file.openScenario', what: LIE },
    },
    {
      title: 'Explore it',
      text: 'Can the function raise the SPI of somebody else?',
      anchor: [testId('explore')],
      done: (f) => f.verdict(LIE, 'no-forged-interrupt', 'violated'),
      show: { command: 'explore.start' },
    },
    {
      title: 'Open it with the claim dropped',
      text: 'The MSI domains are asked instead of the SMMU. The sibling stands below the verdicts (Alt+S).',
      anchor: [testId('open-sibling'), ...scenario('2016-msi', DROPPED)],
      done: (f) => f.opened(DROPPED),
      show: { command: 'explore.sibling' },
    },
    {
      title: 'Prove it',
      text: 'Explore: the attach is refused, and no forged interrupt is possible.',
      anchor: [testId('explore')],
      done: (f) => f.verdict(DROPPED, 'no-forged-interrupt', 'holds'),
      show: { command: 'explore.start' },
    },
  ],
  end: 'You have followed one message from the function to the frame, and proved that asking the MSI controller is what keeps it in its place.',
}
