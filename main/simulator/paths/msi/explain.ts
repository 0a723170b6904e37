/** An interrupt message of a function, hop by hop, to a CPU or to the hop that refuses it. */
import { because } from '../../linux/reason'
import type { MsiController } from '../../platform/schema'
import { handedOver } from '../assignment'
import { masters, onBus } from '../bus'
import { translated } from '../dma/unit'
import { refused, type Hop, type Path } from '../hop'
import { sceneOf, type Scene, type Situation } from '../situation'
import { ownInterrupt } from './own'
import { throughController } from './controller'
import { cpu } from './cpu'
import { compose } from './message'
import { throughRemapping } from './remapping'
import { interruptWindow } from './window'
import { capabilityOf, enabling, entryOf, permission } from './source'

export function msiPath(situation: Situation, vector: number): Path {
  const scene = sceneOf(situation)
  const hops: Hop[] = []
  const refusedBy = (...more: readonly Hop[]): boolean => {
    hops.push(...more)
    return hops.at(-1)?.decision === 'refused'
  }
  const end = (): Path => ({ accepted: hops.at(-1)?.decision === 'accepted', hops })
  if (refusedBy(...handedOver(scene))) return end()
  const own = ownInterrupt(scene, vector)
  if (own) {
    hops.push(...own)
    return end()
  }
  const capability = capabilityOf(scene.fn)
  if (refusedBy(...masters(scene)) || refusedBy(enabling(scene, capability))) return end()
  const controller = scene.plan.messages.get(scene.fn)?.controller
  const orphan = controller === undefined ? noController(scene) : outsideRemapping(scene, controller)
  if (!controller || !capability || orphan) {
    if (orphan) hops.push(orphan)
    return end()
  }
  const message = compose(scene, controller, capability, vector)
  if (refusedBy(entryOf(scene, capability, vector, message)) || refusedBy(...permission(scene, vector))) return end()
  hops.push(
    onBus(
      scene,
      'write',
      message.address,
      { data: `0x${message.data.toString(16)}`, size: 'DWORD', RO: '0', AT: '0b00' },
      message.chosen,
    ),
  )
  const x86 = controller.kind === 'x86-apic' || controller.kind === 'vt-d-ir' || controller.kind === 'amd-ir'
  if (x86) {
    hops.push(interruptWindow(scene, message.address, controller))
    if (refusedBy(...throughRemapping(scene, controller, message, vector))) return end()
  } else {
    const route = scene.plan.messages.get(scene.fn)
    if (route?.mustMap) {
      const request = { kind: 'untranslated', access: 'write', address: message.address } as const
      if (refusedBy(...translated(scene, request, message.doorbell).hops)) return end()
    } else hops.push(interruptWindow(scene, message.address, controller))
    if (refusedBy(...throughController(scene, controller, message, vector))) return end()
  }
  hops.push(...cpu(scene, controller, message, vector))
  return end()
}

function noController({ fn, plan }: Scene): Hop {
  return refused(
    {
      block: 'controller',
      at: 'none',
      register: 'MSI irq domain',
      value: 'none',
      because: [
        because(
          'no MSI controller takes its messages: pci_alloc_irq_vectors fails',
          '05.9; 40 §6.1',
          fn.bdf,
          `${plan.board.platform.msiControllers.length} controllers on the board`,
        ),
      ],
    },
    { name: 'no MSI domain', condition: 'no MSI controller takes its messages' },
  )
}

/** With remapping on, a function that no remapping unit names can't have its messages set up (05.16). */
function outsideRemapping({ plan, fn }: Scene, controller: MsiController): Hop | undefined {
  if (controller.kind !== 'x86-apic' || !plan.cmdline.interruptRemapping) return undefined
  const units = plan.board.platform.iommus
  const live = plan.board.platform.msiControllers.find(
    (m) =>
      (m.kind === 'vt-d-ir' || m.kind === 'amd-ir') &&
      units.find((u) => m.name === `${u.name}-ir`)?.interruptRemapping !== false,
  )
  if (!live || live.serves.includes(fn.bdf)) return undefined
  return refused(
    {
      block: 'remapping',
      at: 'none',
      register: 'MSI irq domain',
      value: 'none',
      because: [
        because(
          'with interrupt remapping on, a function outside every scope gets no MSI domain',
          '05.16',
          fn.bdf,
          `${live.name} remaps for others`,
        ),
      ],
    },
    { name: 'no remapping domain', condition: 'interrupt remapping is on, and no unit names the function' },
  )
}
