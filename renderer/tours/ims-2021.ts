import { command, operation, scenario, testId, type Tour } from './tour'

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
      title: 'See the programs side by side',
      text: 'The Lanes panel shows them as a litmus test does, one column an agent. Its key is Alt+9.',
      anchor: [testId('menu-View')],
      done: (f) => f.shown('lanes'),
      show: { command: 'view.lanes' },
    },
    {
      title: 'Choose the late write',
      text: 'In the guest driver’s lane, choose write_msixperm (B6): it comes after request_irq (B3).',
      anchor: [operation('B6'), testId('lanes')],
      done: (f) => f.selected('B6') || f.inOrder('B6', 'B3'),
    },
    {
      title: 'Move it before request_irq',
      text: 'The guest knows its PASID by then, so it can store it first. Move it up (Alt+↑), or drag it; the text changes with it.',
      anchor: [command('lanes.up', testId('lanes')), testId('lanes')],
      done: (f) => f.inOrder('B6', 'B3'),
    },
    {
      title: 'Prove the repair',
      text: 'Explore once more. Now the property has to hold in every interleaving.',
      anchor: [testId('explore')],
      done: (f) => f.inOrder('B6', 'B3') && f.verdict(LATE, 'host-pasid', 'holds'),
      show: { command: 'explore.start' },
    },
  ],
  end: 'No interleaving delivers an interrupt with the host’s PASID, and the witness shows that the guest’s own really is delivered. Your change can be undone (Ctrl+Z) or saved as a document of your own.',
}
