/** The last hop: a CPU of the host, and for an assigned function the way on to the guest. */
import { because } from '../../linux/reason'
import type { MsiController } from '../../platform/schema'
import { accepted, type Hop } from '../hop'
import type { Scene } from '../situation'
import { FIRST_LPI, target, type Message } from './message'

export function cpu({ situation, fn }: Scene, controller: MsiController, message: Message, vector: number): Hop[] {
  const apic = target(vector)
  const [at, register, value] =
    controller.kind === 'gicv3-its'
      ? ['CPU 0', 'ICC_IAR1_EL1', `${FIRST_LPI + vector}`]
      : controller.kind === 'gicv2m'
        ? ['CPU 0', 'GICC_IAR', `${message.data}`]
        : controller.kind === 'mpic'
          ? ['CPU 0', 'MPIC IACK', `${message.data}`]
          : [`APIC ${apic.destination}`, 'IRR', `0x${apic.vector.toString(16)}`]
  const host: Hop = accepted({
    block: 'cpu',
    at,
    register,
    value,
    chosen: ['CPU'],
    because: [
      because(
        'the interrupt is pending at the CPU; its handler runs',
        '60 §13',
        situation.assigned ? 'vfio_msihandler' : (fn.driver ?? 'no driver'),
      ),
    ],
  })
  if (!situation.assigned) return [host]
  return [
    host,
    accepted({
      block: 'cpu',
      at: 'KVM',
      register: 'irqfd',
      value: `${vector}`,
      because: [
        because(
          'vfio_msihandler signals the eventfd; irqfd injects the message that the guest wrote, into a vCPU of its choice',
          '70 §9; 85 §6',
          `vector ${vector} of ${fn.bdf}`,
        ),
      ],
    }),
  ]
}
