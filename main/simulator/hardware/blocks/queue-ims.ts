/**
 * Interrupt message storage in a queue's context: the message stands in memory of the driver, the device reads it when a
 * queued command tells it to. Source: reference 60 §12.2; S4.1 ("queue").
 */
import { block } from '../block'
import { PASIDS } from './pasids'

export const QUEUE_IMS = block({
  block: 'queue-ims',
  title: 'Queue-memory interrupt store',
  cite: '60 §12.2; S4.1',
  scope: 'One queue, whose context holds one message. Work takes the message with it when it is dispatched.',
  parameters: {
    pasids: { names: PASIDS },
    at_send: {
      default: false,
      doc: 'the message is read when it is sent; otherwise work takes it along from its dispatch',
    },
  },
  registers: [
    {
      name: 'CONTEXT',
      table: 'Queue context in memory',
      width: 96,
      fields: [
        { name: 'Message Address', as: 'ADDRESS', bits: '31:0', values: { fee: 0xfee01000 } },
        { name: 'Message Data', as: 'DATA', bits: '63:32', values: { old_vector: 0x41, new_vector: 0x42 } },
        { name: 'MASK', bits: 64 },
        { name: 'PASID', bits: '95:76', names: 'pasids' },
        { name: 'Reserved', bits: '75:65', access: 'RSVD' },
      ],
    },
  ],
  state: {
    held: { values: ['old_vector', 'new_vector'], doc: 'message that the device has read from the context' },
    command: { doc: 'an update command is in the queue' },
    work: { values: ['no_work', 'submitted', 'in_flight'] },
    taken: { values: ['old_vector', 'new_vector'], doc: 'message that the work in flight took with it' },
    old_handler: { initial: true, doc: 'the old vector still has its handler' },
    came: { values: ['none_came', 'old_came', 'new_came'], doc: 'the interrupt that came last' },
    lost: { doc: 'an interrupt came to a vector without a handler' },
  },
  operations: {
    write_context: {
      doc: 'The driver changes the message in memory.',
      by: ['irqchip', 'host'],
      steps: [{ label: 'message in the context := new vector', set: { 'CONTEXT.DATA': 'new_vector' } }],
    },
    post_update: {
      doc: 'A command tells the device to read the context again.',
      by: ['irqchip', 'host'],
      steps: [{ label: 'update command queued', set: { command: true } }],
    },
    wait_update: {
      doc: 'The completion of the command.',
      by: ['irqchip', 'host'],
      steps: [{ when: '!command', label: 'update command completed' }],
    },
    wait_idle: {
      doc: 'Work that may hold the old message is waited for (drain).',
      by: ['irqchip', 'host'],
      steps: [{ when: 'work == no_work', label: 'the queue is drained' }],
    },
    free_old: {
      doc: 'The old vector is given back.',
      by: ['irqchip', 'host'],
      steps: [{ label: 'the old vector has no handler any more', set: { old_handler: false } }],
    },
    submit: {
      doc: 'Work for the queue.',
      steps: [{ when: 'work == no_work', label: 'work submitted', set: { work: 'submitted' } }],
    },
  },
  behaviour: [
    {
      agent: 'fetch',
      title: 'Device, command queue',
      steps: [
        { when: 'command', label: 'the device reads the context', set: { command: false, held: 'CONTEXT.DATA' } },
      ],
    },
    {
      agent: 'engine',
      title: 'Device, work queue',
      steps: [
        {
          step: 'dispatch',
          when: 'work == submitted',
          label: 'work dispatched, with the message of the moment',
          set: { work: 'in_flight', taken: 'held' },
        },
        {
          step: 'send',
          cases: [
            {
              if: '(at_send ? held : taken) == new_vector',
              name: 'new',
              label: 'interrupt of the new vector',
              set: { work: 'no_work', came: 'new_came' },
            },
            {
              name: 'old',
              label: 'interrupt of the old vector',
              set: { work: 'no_work', came: 'old_came', lost: 'lost || !old_handler' },
            },
          ],
        },
      ],
    },
  ],
})
