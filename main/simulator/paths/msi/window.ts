/** Message writes that no page table sees. */
import { because } from '../../linux/reason'
import type { MsiController } from '../../platform/schema'
import { accepted, type Hop } from '../hop'
import type { Scene } from '../situation'

export function interruptWindow(scene: Scene, address: bigint, controller: MsiController): Hop {
  const unit = scene.plan.units.served.get(scene.fn)?.unit
  const route = scene.plan.messages.get(scene.fn)
  return accepted({
    block: 'window',
    at: unit?.name ?? 'root complex',
    register: controller.kind === 'gicv3-its' || controller.kind === 'gicv2m' ? 'doorbell page' : '0xFEExxxxx',
    value: `0x${address.toString(16)}`,
    because: route ? route.because.slice(0, 1) : [because('message writes are not translated', '00 S0.2')],
  })
}
