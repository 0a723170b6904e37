import { scenario, testId, type Tour } from './tour'

const LATE = 'idxd-vsvm-late'

export const ims2021: Tour = {
  id: '2021-ims',
  year: '2021',
  title: 'The race of IMS and PASID',
  promise: 'Find an interrupt that is delivered with the host’s PASID, repair the order, and prove the repair.',
  steps: [
    {
      title: 'Open the flow as it was posted',
      text: 'The guest binds its PASID, requests its interrupt, and writes MSIXPERM only afterwards.',
      anchor: scenario('2021-ims', LATE),
      done: (f) => f.opened(LATE),
      show: { command: 'file.openScenario', what: LATE },
    },
    {
      title: 'Try every interleaving',
      text: 'Can an interrupt be delivered with the host’s PASID once the guest has bound its own? Explore (F5) decides it.',
      anchor: [testId('explore')],
      done: (f) => f.verdict(LATE, 'host-pasid', 'violated'),
      show: { command: 'explore.start' },
    },
    {
      title: 'Go to where it went wrong',
      text: 'It can. The bar names the two steps that nobody keeps in order: choose it, or step back through the shortest run with ←, and watch the IMS entry.',
      anchor: [testId('race'), testId('step-prev')],
      done: (f) => f.lookedBack(LATE),
      show: { command: 'run.previous' },
    },
    {
      title: 'Ask what repairs it',
      text: 'Open the Repairs of the Explorer and choose Find repairs: every weakest order that makes all properties hold, each proved by exploring it.',
      anchor: [testId('find-repairs'), testId('section-repairs')],
      done: (f) => f.repairsFound(LATE),
      show: { command: 'explore.repairs' },
    },
    {
      title: 'Apply one of them, and have it proved',
      text: 'The first moves the guest’s write of MSIXPERM (B6) before request_irq (B3): by then it knows its PASID. Apply writes that into the text and explores it again: now the property has to hold in every interleaving.',
      anchor: [testId('apply-repair-0'), testId('section-repairs')],
      done: (f) => f.repaired(LATE) && f.verdict(LATE, 'host-pasid', 'holds'),
      show: { command: 'explore.apply', what: '0' },
    },
  ],
  end: 'No interleaving delivers an interrupt with the host’s PASID, and the witness shows that the guest’s own really is delivered. Your change can be undone (Ctrl+Z) or saved as a document of your own.',
}
