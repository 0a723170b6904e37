import { operation, scenario, testId, type Tour } from './tour'

const LATE = 'pamu-message-late'

export const pamu2013: Tour = {
  id: '2013-pamu',
  year: '2013',
  title: 'The PAMU window of an MSI bank',
  promise: 'Watch one early interrupt cost a device its LIODN, close the gap with an ordering, and prove it.',
  steps: [
    {
      title: 'Open the late correction',
      text: 'The PCI core writes the message with the physical address of MSIIR and enables MSI. Only then does VFIO put in the bus address of the bank’s window.',
      anchor: scenario('2013-pamu', LATE),
      done: (f) => f.opened(LATE),
      show: { command: 'file.openScenario', what: LATE },
    },
    {
      title: 'Try every interleaving',
      text: 'Is any access of the device refused? Explore (F5) decides it.',
      anchor: [testId('explore')],
      done: (f) => f.verdict(LATE, 'no-violation', 'violated'),
      show: { command: 'explore.start' },
    },
    {
      title: 'Show the programs side by side',
      text: 'A device that interrupts in between is refused by the PAMU. The Lanes panel (Alt+9) draws what nobody keeps in order as a dashed arrow.',
      anchor: [testId('menu-View')],
      done: (f) => f.shown('lanes'),
      show: { command: 'view.lanes' },
    },
    {
      title: 'Begin an ordering at SET_IRQS',
      text: 'In QEMU’s lane, choose vdev.set_irqs (IRQS), then press O, or the button of that name above the lanes.',
      anchor: [operation('IRQS'), testId('lanes')],
      done: (f) => f.begun('IRQS') || f.ordered('IRQS', 'MSI'),
    },
    {
      title: 'End it at the interrupt',
      text: 'In the device’s lane, choose nic.interrupt (MSI) and press O again: it now waits until the message has its bus address.',
      anchor: [operation('MSI'), testId('lanes')],
      done: (f) => f.ordered('IRQS', 'MSI'),
    },
    {
      title: 'Prove it',
      text: 'Explore again: no access is refused, and the interrupt arrives.',
      anchor: [testId('explore')],
      done: (f) => f.ordered('IRQS', 'MSI') && f.verdict(LATE, 'no-violation', 'holds'),
      show: { command: 'explore.start' },
    },
  ],
  end: 'With the message corrected before MSI is enabled, nothing is refused in any interleaving. Whoever builds this has to keep that order in software: the hardware does not.',
}
