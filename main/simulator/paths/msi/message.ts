/**
 * The message that Linux composes for a vector, by the controller that takes it: address and data as the device has them.
 * Sources: x86 __irq_msi_compose_msg, fill_msi_msg of intel and amd irq_remapping, gicv2m_compose_msi_msg,
 * its_irq_compose_msi_msg, fsl_compose_msi_msg (reference 60).
 */
import { encodeCompatibility, encodeRemappable } from '../../hardware/x86/message'
import { SW_MSI } from '../../linux/regions'
import { atLeast } from '../../linux/policies/policy'
import { because, type Reason } from '../../linux/reason'
import type { MsiController } from '../../platform/schema'
import type { Refusal } from '../hop'
import { domainOf, type Target } from '../mapped'
import type { Scene } from '../situation'
import type { Capability } from './source'

export interface Message {
  readonly address: bigint
  readonly data: number
  readonly chosen: readonly string[]
  readonly because: readonly Reason[]
  /** The kernel could not set the vector up. */
  readonly refusal?: Refusal
  /** The page of the doorbell, where the kernel mapped it. */
  readonly doorbell?: Target
}

/** First remapping entry of the function's block. */
export const FIRST_INDEX = 0x20
const FIRST_VECTOR = 0x21
const VECTORS_A_CPU = 0xc0
export const FIRST_LPI = 8192

/** APIC id and vector: the matrix allocator takes what is free, so these are ours. */
export const target = (vector: number) => ({
  destination: Math.floor(vector / VECTORS_A_CPU),
  vector: FIRST_VECTOR + (vector % VECTORS_A_CPU),
})

export function compose(scene: Scene, controller: MsiController, capability: Capability, vector: number): Message {
  switch (controller.kind) {
    case 'x86-apic': {
      const { destination, vector: v } = target(vector)
      const sent = encodeCompatibility({
        destination,
        vector: v,
        logical: false,
        hint: false,
        mode: 'fixed',
        level: false,
      })
      const several = capability === 'MSI' && vector > 0
      return {
        ...sent,
        chosen: ['destination', 'vector'],
        because: [because('compatibility format: the LAPIC’s own', '60 §1', controller.name)],
        ...(several
          ? {
              refusal: {
                name: '-ENOSPC',
                condition:
                  'without interrupt remapping MSI has one vector: the x86 vector domain has no MSI_FLAG_MULTI_PCI_MSI',
              },
            }
          : {}),
      }
    }
    case 'vt-d-ir':
      return {
        ...(capability === 'MSI' ? encodeRemappable(FIRST_INDEX, vector) : encodeRemappable(FIRST_INDEX + vector, 0)),
        chosen: ['handle'],
        because: [
          because(
            capability === 'MSI'
              ? 'remappable format: the block of entries in the handle, the vector in the sub-handle'
              : 'remappable format: an entry for each MSI-X vector in the handle, sub-handle 0',
            '60 §2',
            'SHV is always set',
          ),
        ],
      }
    case 'amd-ir':
      return {
        address: 0xfee00000n,
        data: FIRST_INDEX + vector,
        chosen: ['index'],
        because: [
          because(
            'the index into the interrupt remapping table of the function, in the data',
            '60 §6',
            'MSI data 10:0',
          ),
        ],
      }
    case 'gicv2m':
      return viaDoorbell(scene, controller, spi(controller, vector))
    case 'gicv3-its':
      return viaDoorbell(scene, controller, {
        data: vector,
        chosen: [],
        because: [because('the EventID: events of a function are numbered from 0', '60 §8', `EventID ${vector}`)],
      })
    case 'mpic':
      return viaDoorbell(scene, controller, bank(controller, vector))
  }
}

type Data = Omit<Message, 'address' | 'doorbell'>

function spi({ spis, name }: MsiController, vector: number): Data {
  const data = (spis?.base ?? 32) + vector
  const full = spis !== undefined && vector >= spis.count
  return {
    data,
    chosen: ['SPI'],
    because: [
      because(
        'the SPI number, from the bitmap of the frame',
        '60 §7',
        spis ? `${name}: SPIs ${spis.base} to ${spis.base + spis.count - 1}` : `${name}: range not known`,
      ),
    ],
    ...(full ? { refusal: { name: '-ENOSPC', condition: `the frame has ${spis.count} SPIs` } } : {}),
  }
}

function bank({ interrupts, name }: MsiController, vector: number): Data {
  let left = vector
  for (const { first, count } of interrupts ?? []) {
    if (left < count)
      return {
        data: first + left,
        chosen: ['hwirq'],
        because: [
          because('MSIIR: register select and bit of the interrupt', '50 §3', `${name}: interrupt ${first + left}`),
        ],
      }
    left -= count
  }
  return {
    data: vector,
    chosen: ['hwirq'],
    because: [because('MSIIR: register select and bit of the interrupt', '50 §3', name)],
    ...(interrupts ? { refusal: { name: '-ENOMEM', condition: 'no interrupt of the bank is free' } } : {}),
  }
}

/** Page that the DMA API takes for a doorbell: from the top of the 32-bit space. */
const CHOSEN_IOVA = 0xfffff000n
const PAGE = 0xfffn

/** Where the unit translates message writes, the device gets the address that the page is mapped at. */
function viaDoorbell(scene: Scene, controller: MsiController, data: Data): Message {
  const physical = BigInt(controller.doorbell ?? controller.base ?? 0)
  const route = scene.plan.messages.get(scene.fn)
  const { domain } = domainOf(scene)
  const plain = (...more: Reason[]): Message => ({ ...data, address: physical, because: [...data.because, ...more] })
  if (!route?.mustMap || domain === 'identity' || domain === 'blocked' || domain === 'unknown') return plain()
  const mapped = (page: bigint, chosen: boolean, why: Reason): Message => ({
    ...data,
    address: page | (physical & PAGE),
    chosen: [...data.chosen, ...(chosen ? ['iova of the doorbell'] : [])],
    because: [...data.because, why],
    doorbell: { physical, write: true, chosen: false, why },
  })
  if (domain !== 'UNMANAGED')
    return mapped(
      CHOSEN_IOVA,
      true,
      because(
        'the DMA API maps the doorbell page when the message is composed',
        'iommu_dma_prepare_msi; 00 S0.3',
        controller.name,
      ),
    )
  const pamu = scene.plan.units.served.get(scene.fn)?.unit.kind === 'pamu'
  if (!pamu && atLeast(scene.plan.policy.version, 4, 11))
    return mapped(
      SW_MSI.start,
      false,
      because(
        'the MSI cookie of the domain: doorbell pages from the software window on',
        '30 §2.3; 40 §4 step 10',
        controller.name,
      ),
    )
  if (scene.situation.doorbell)
    return mapped(
      SW_MSI.start,
      true,
      because('user space or the kernel mapped the doorbell page', '00 S0.5', controller.name),
    )
  return plain(
    because(
      pamu
        ? 'no window for the MSI bank was mapped'
        : 'before 4.11 nothing maps the doorbell in a domain of user space',
      pamu ? '50 §5' : '40 §2',
      controller.name,
    ),
  )
}
