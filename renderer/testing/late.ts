/** A small likeness of the race of reference 70 §11, enough to draw every panel. The simulator's own is another. */
import type { ScenarioView } from '../../preload/contract'
import { tables, variables } from './late-tables'
import { play, step } from './play'
import { smallPlatform } from './platforms'

const steps = [
  step('guest.bind', 'guest', 'bind a supervisor PASID', { line: 24, trap: true }),
  step('host.table', 'host', 'g ↔ h recorded, PASID entry written'),
  step('guest.request_irq(1)', 'guest', 'request_irq(1)', { line: 25, trap: true }),
  step('vmm.set_irqs', 'vmm', 'VFIO_DEVICE_SET_IRQS', { cite: '70 §9' }),
  step('host.alloc', 'host', 'allocate an IMS entry'),
  step('irqchip.program', 'irqchip', 'write the slot with the default PASID', { posted: 'link' }),
  step('irqchip.unmask', 'irqchip', 'unmask'),
  step('link.deliver(1)', 'link', 'slot write reaches the device'),
  step('guest.msixperm', 'guest', 'write MSIXPERM(g, en)', { line: 27, trap: true }),
  step('host.reprogram', 'host', 'look up g → h, irq_set_auxdata'),
  step('guest.submit', 'guest2', 'submit a descriptor with RCI', { line: 31 }),
  step('device.complete', 'device', 'complete the descriptor, write the record', { cite: '70 §12' }),
  step('device.send', 'device', 'send the interrupt message', { cite: '70 §4.1' }),
  step('irq.deliver', 'irq', 'vector 1 raised in the guest'),
]

export const lateView: ScenarioView = {
  title: 'MSIXPERM after request_irq',
  summary:
    'The guest stores its PASID only after request_irq has returned: until then the slot carries the default PASID.',
  thread: 'IMS for mdev, June 2021',
  covers: ['S4.10'],
  source: '2021-06-10 on the kernel list',
  sibling: 'idxd-vsvm-first',
  platform: smallPlatform,
  devices: [
    {
      id: 'vdev0',
      kind: 'idxd',
      block: 'dev',
      under: '0000:6a:01.0',
      check: 'send',
      route: [
        'IMS entry 1 of 0000:6a:01.0',
        'posted write to 0xfee00000',
        'dmar0: interrupt remapping, IRTE 0x21',
        'host vector, irqfd, guest vector 1',
      ],
    },
  ],
  agents: [
    { id: 'guest', title: 'guest vCPU 0', role: 'guest' },
    { id: 'guest2', title: 'guest vCPU 1', role: 'guest' },
    { id: 'vmm', title: 'VMM', role: 'vmm' },
    { id: 'host', title: 'host driver', role: 'host' },
    { id: 'irqchip', title: 'IMS irqchip', role: 'irqchip' },
    { id: 'link', title: 'link', role: 'fabric' },
    { id: 'device', title: 'vdev0', role: 'device' },
    { id: 'irq', title: 'vector 1', role: 'interrupt' },
  ],
  steps,
  edges: [
    {
      before: 'guest.bind',
      after: 'guest.request_irq(1)',
      enforcedBy: 'program-order',
      why: 'guest driver order',
      cite: '70 §11',
    },
    {
      before: 'guest.request_irq(1)',
      after: 'vmm.set_irqs',
      enforcedBy: 'trap',
      why: 'the unmask write traps into the VMM',
      cite: '70 §9',
    },
    { before: 'vmm.set_irqs', after: 'host.alloc', enforcedBy: 'program-order', why: 'ioctl', cite: '70 §11' },
    {
      before: 'host.alloc',
      after: 'irqchip.program',
      enforcedBy: 'program-order',
      why: 'host driver order under the irq mutex',
      cite: '70 §11',
    },
    {
      before: 'irqchip.program',
      after: 'irqchip.unmask',
      enforcedBy: 'program-order',
      why: 'irqchip order',
      cite: '70 §11',
    },
    {
      before: 'irqchip.program',
      after: 'link.deliver(1)',
      enforcedBy: 'pcie',
      why: 'posted writes stay in order',
      cite: '70 §10',
    },
    {
      before: 'irqchip.unmask',
      after: 'guest.msixperm',
      enforcedBy: 'trap',
      why: 'request_irq returns when the trap has been emulated',
      cite: '70 §11',
    },
    { before: 'guest.msixperm', after: 'host.reprogram', enforcedBy: 'trap', why: 'vCPU halted', cite: '70 §11' },
    {
      before: 'host.reprogram',
      after: 'device.send',
      enforcedBy: 'nobody',
      why: 'Slot carries the default PASID while the interrupt is live: nothing keeps a second vCPU from submitting.',
      cite: '70 §11, window B5b … B7a',
    },
    {
      before: 'guest.submit',
      after: 'device.complete',
      enforcedBy: 'device',
      why: 'the device starts with a descriptor',
      cite: '70 §4',
    },
    {
      before: 'device.complete',
      after: 'device.send',
      enforcedBy: 'device',
      why: 'record before interrupt, same traffic class',
      cite: '70 §12',
    },
    {
      before: 'device.send',
      after: 'irq.deliver',
      enforcedBy: 'pcie',
      why: 'message is a posted write',
      cite: '70 §12',
    },
  ],
  variables,
  registers: tables,
  scale: { vectors: 2, devices: 1 },
  properties: [
    {
      name: 'host-pasid-never-delivered',
      kind: 'never',
      text: 'guest.bound && interrupt.pasid == default',
      title: 'No interrupt is delivered with the host PASID once the guest has bound its own',
      expected: 'violated',
      line: 36,
    },
    {
      name: 'guest-pasid-delivered',
      kind: 'sometimes',
      text: 'interrupt.pasid == guest',
      title: 'An interrupt with the guest’s PASID really is delivered',
      expected: 'witnessed',
      line: 37,
    },
    { name: 'no-deadlock', kind: 'deadlock', text: '', title: 'Somebody can always go on', expected: 'holds' },
  ],
  initial: new Int32Array(variables.length),
  bitsPerState: 14,
  digest: 'f00dfeed',
}

const untilLive = [
  ['guest.bind', { bound: 1 }],
  ['host.table', { table: 1 }],
  ['guest.request_irq(1)'],
  ['vmm.set_irqs'],
  ['host.alloc', { irq: 1 }],
  ['irqchip.program'],
  ['irqchip.unmask'],
  ['link.deliver(1)', { slot: 1, slot_en: 1, mask: 1 }],
] as const

export const lateCounterexample = play(
  lateView,
  [...untilLive, ['guest.submit'], ['device.complete'], ['device.send'], ['irq.deliver', { delivered: 1 }]],
  'db1.f00dfeed.AAECAwQFBgcICQoL',
)
export const lateWitness = play(
  lateView,
  [
    ...untilLive,
    ['guest.msixperm', { msixperm: 1, msixperm_en: 1 }],
    ['host.reprogram', { slot: 2 }],
    ['guest.submit'],
    ['device.complete'],
    ['device.send'],
    ['irq.deliver', { delivered: 2 }],
  ],
  'db1.f00dfeed.AAECAwQFBgcMDQgJCgs',
)
