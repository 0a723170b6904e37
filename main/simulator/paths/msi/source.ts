/** The function's own part: which capability, its enable bit, the entry of the vector and its mask (reference 60 §10–§12). */
import { isScalable, supportsPasid } from '../dma/vtd-tables'
import { because } from '../../linux/reason'
import type { PciFunction } from '../../platform/schema'
import { accepted, refused, type Hop, type Said } from '../hop'
import type { Scene } from '../situation'
import type { Message } from './message'

export type Capability = 'MSI-X' | 'MSI'

/** The one that is enabled; else MSI-X before MSI, as pci_alloc_irq_vectors tries them. Undefined: it has neither. */
export function capabilityOf(fn: PciFunction): Capability | undefined {
  if (fn.msi?.enabled && !fn.msix?.enabled) return 'MSI'
  if (fn.msix || fn.unknown.includes('msix')) return 'MSI-X'
  return fn.msi || fn.unknown.includes('msi') ? 'MSI' : undefined
}

export function enabling({ fn, situation }: Scene, capability: Capability | undefined): Hop {
  const name = capability ?? 'MSI-X'
  const read = name === 'MSI-X' ? fn.msix : fn.msi
  const on = situation.messages ?? (situation.assigned ? true : read?.enabled)
  const enabled = on ?? true
  const said: Said = {
    block: 'device',
    at: fn.bdf,
    register: name === 'MSI-X' ? 'MSI-X Message Control' : 'MSI Message Control',
    value: `0x${(name === 'MSI-X' ? ((read?.vectors ?? 1) - 1) | (enabled ? 0x8000 : 0) : enabled ? 1 : 0).toString(16).padStart(4, '0')}`,
    fields: { Enable: enabled ? '1' : '0', ...(read ? { vectors: `${read.vectors}` } : {}) },
    because: [
      because(
        'with the enable bit clear the function sends no messages',
        '60 §10–§11; 85 §5',
        capability === undefined
          ? 'neither MSI nor MSI-X capability'
          : !read
            ? 'the input could not show the capability: taken as enabled'
            : situation.assigned && situation.messages === undefined
              ? 'VFIO_DEVICE_SET_IRQS enables it'
              : `Enable is ${enabled ? 1 : 0}`,
      ),
    ],
  }
  if (capability === undefined)
    return refused(said, {
      name: 'no message capability',
      condition: 'the function has neither MSI nor MSI-X: INTx is no message',
    })
  return enabled ? accepted(said) : refused(said, { name: `${name} Enable=0`, condition: `${name} is not enabled` })
}

/** The entry of the vector: within the table, and unmasked since request_irq. */
export function entryOf(scene: Scene, capability: Capability, vector: number, message: Message): Hop {
  const { fn } = scene
  const read = capability === 'MSI-X' ? fn.msix : fn.msi
  const msix = capability === 'MSI-X'
  const said: Said = {
    block: 'device',
    at: fn.bdf,
    register: msix ? `MSI-X table entry ${vector}` : `MSI Message, vector ${vector}`,
    value: `0x${message.address.toString(16)}`,
    fields: {
      'Message Address': `0x${message.address.toString(16)}`,
      'Message Data': `0x${message.data.toString(16)}`,
      ...(msix ? { 'Vector Control': '0x0', Mask: '0' } : {}),
    },
    chosen: message.chosen,
    because: [
      because(
        msix
          ? 'written while masked, then unmasked by request_irq'
          : 'one address and data: the function puts the vector into the low data bits',
        '60 §10–§11; pci_msi_update_mask',
        read ? `${read.vectors} vectors` : 'the size of the table is not known',
      ),
      ...message.because,
    ],
  }
  if (read && vector >= read.vectors)
    return refused(said, { name: 'no such entry', condition: `vectors go from 0 to ${read.vectors - 1}` })
  if (message.refusal) return refused(said, message.refusal)
  return accepted(said)
}

/** idxd checks the entry's PASID when a descriptor is dispatched; entry 0 is for the device's own causes. */
export function permission(scene: Scene, vector: number): Hop[] {
  const { fn, situation, plan } = scene
  if (fn.driver !== 'idxd' || situation.assigned || vector === 0) return []
  const unit = plan.units.served.get(fn)?.unit
  const checked = unit?.kind === 'vt-d' && isScalable(scene, unit).on && supportsPasid(scene)
  const pasid = checked ? 1 : 0
  return [
    accepted({
      block: 'permission',
      at: fn.bdf,
      register: `MSIXPERM[${vector}]`,
      value: `0x${((pasid << 12) | (checked ? 8 : 0)).toString(16)}`,
      fields: { PASID_EN: checked ? '1' : '0', PASID: `0x${pasid.toString(16)}`, Ignore: '0' },
      ...(checked ? { chosen: ['PASID'] } : {}),
      because: [
        because(
          "PASID_EN and PASID are those of the kernel's work queue: both are set from the system PASID",
          '70 §2, §4.1; idxd_device_set_perm_entry',
          checked ? 'scalable mode with PASID: the first global PASID' : 'no system PASID: neither has PASID_EN',
        ),
      ],
    }),
  ]
}
