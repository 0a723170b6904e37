/**
 * An interrupt out of the device's own message store: the entry's permission, Ignore and Mask, then the way of every
 * message of the function. Source: DSA 3.0 (reference 70 §3, §4.1): the PASID is checked when the work is dispatched (or,
 * where the device is of another make, when the message is sent), Ignore and Mask when it completes.
 */
import { because } from '../linux/reason'
import { masters, onBus } from './bus'
import { accepted, refused, type Hop, type Path, type Said } from './hop'
import { cpu } from './msi/cpu'
import { interruptWindow } from './msi/window'
import { throughRemapping } from './msi/remapping'
import { sceneOf, type Situation } from './situation'

export interface Slot {
  /** Register and place: `IMS[1]`. */
  readonly name: string
  readonly address: bigint
  readonly data: number
  readonly control: {
    readonly pasid: number
    readonly pasidEnable: boolean
    readonly ignore: boolean
    readonly mask: boolean
  }
}

export interface Queue {
  readonly pasidEnable: boolean
}

export interface Work {
  readonly slot: Slot
  readonly queue: Queue | undefined
  /** PASID under which the work was submitted; undefined: the entry's own, where it has one. */
  readonly pasid: number | undefined
  readonly when: 'dispatch' | 'send' | 'none'
}

const HANDLE = { code: '0x19', name: 'invalid interrupt handle' } as const

export function slotPath(situation: Situation, work: Work): Path {
  const scene = sceneOf(situation)
  const { slot } = work
  const hops: Hop[] = []
  const refusedBy = (...more: readonly Hop[]): boolean => {
    hops.push(...more)
    return hops.at(-1)?.decision === 'refused'
  }
  const end = (): Path => ({ accepted: hops.at(-1)?.decision === 'accepted', hops })
  if (refusedBy(...masters(scene)) || refusedBy(entry(scene.fn.bdf, slot)) || refusedBy(permission(scene.fn.bdf, work)))
    return end()
  if (refusedBy(completion(scene.fn.bdf, slot))) return end()
  const message = { address: slot.address, data: slot.data, chosen: ['handle'], because: [] }
  hops.push(
    onBus(
      scene,
      'write',
      slot.address,
      { data: `0x${slot.data.toString(16)}`, size: 'DWORD', RO: '0', AT: '0b00' },
      message.chosen,
    ),
  )
  const controller = scene.plan.messages.get(scene.fn)?.controller
  if (!controller) return end()
  hops.push(interruptWindow(scene, slot.address, controller))
  if (refusedBy(...throughRemapping(scene, controller, message, 0))) return end()
  hops.push(...cpu(scene, controller, message, 0))
  return end()
}

function entry(at: string, { name, address, data }: Slot): Hop {
  const said: Said = {
    block: 'device',
    at,
    register: `${name} Message`,
    value: `0x${address.toString(16)}`,
    fields: { 'Message Address': `0x${address.toString(16)}`, 'Message Data': `0x${data.toString(16)}` },
    because: [because('address bits 63:20 must be 0x00000000FEE', '70 §3', name)],
  }
  return address >> 20n === 0xfeen
    ? accepted(said)
    : refused(said, {
        name: 'no message',
        condition: 'the entry holds no message for 0xFEExxxxx: nobody has programmed it',
      })
}

function permission(at: string, { slot, queue, pasid, when }: Work): Hop {
  const { control, name } = slot
  const word =
    ((control.pasid << 12) >>> 0) + (control.pasidEnable ? 8 : 0) + (control.ignore ? 4 : 0) + (control.mask ? 1 : 0)
  const said: Said = {
    block: 'permission',
    at,
    register: `${name} Control`,
    value: `0x${word.toString(16).padStart(8, '0')}`,
    fields: {
      PASID: `0x${control.pasid.toString(16)}`,
      PASID_EN: control.pasidEnable ? '1' : '0',
      ...(queue ? { 'WQCFG.PASID_EN': queue.pasidEnable ? '1' : '0' } : {}),
    },
    because: [
      because(
        when === 'none'
          ? 'this device checks no PASID'
          : `checked when the ${when === 'dispatch' ? 'work is dispatched' : 'message is sent'}`,
        '70 §4.1',
        pasid === undefined
          ? 'the work is taken to carry the PASID of the entry'
          : `the work carries PASID 0x${pasid.toString(16)}`,
      ),
    ],
  }
  if (when === 'none') return accepted(said)
  if (queue && queue.pasidEnable !== control.pasidEnable)
    return refused(said, { ...HANDLE, condition: 'PASID_EN of the entry is not that of the work queue' })
  if (control.pasidEnable && pasid !== undefined && pasid !== control.pasid)
    return refused(said, { ...HANDLE, condition: 'PASID of the entry is not that of the work' })
  return accepted(said)
}

function completion(at: string, { name, control }: Slot): Hop {
  const said: Said = {
    block: 'device',
    at,
    register: `${name} Control`,
    value: `Ignore=${control.ignore ? 1 : 0} Mask=${control.mask ? 1 : 0}`,
    fields: { Ignore: control.ignore ? '1' : '0', Mask: control.mask ? '1' : '0' },
    because: [because('evaluated when the work completes', '70 §4.1 step 5', name)],
  }
  if (control.ignore)
    return refused(said, { name: 'Ignore=1', condition: 'no completion interrupt is sent for this entry' })
  if (control.mask)
    return refused(said, {
      name: 'Mask=1',
      condition: 'the interrupt is held: Pending is set until the entry is unmasked',
    })
  return accepted(said)
}

/** Single changes of the entry, smallest first. */
export function* slotChanges(work: Work): Generator<{ words: string; work: Work }> {
  const { slot, queue, pasid } = work
  const control = (words: string, change: Partial<Slot['control']>) => ({
    words,
    work: { ...work, slot: { ...slot, control: { ...slot.control, ...change } } },
  })
  yield control(`unmask ${slot.name}`, { mask: false })
  yield control(`clear Ignore of ${slot.name}`, { ignore: false })
  if (pasid !== undefined)
    yield control(`write PASID 0x${pasid.toString(16)} into ${slot.name} with PASID_EN`, { pasid, pasidEnable: true })
  if (queue) yield control(`set PASID_EN of ${slot.name} as in the work queue`, { pasidEnable: queue.pasidEnable })
  const message = { ...slot, address: 0xfee00038n, data: 0 }
  yield {
    words: `allocate and unmask the interrupt: request_irq programs ${slot.name}`,
    work: { ...work, slot: { ...message, control: { ...slot.control, mask: false } } },
  }
  if (queue)
    yield {
      words: `allocate the interrupt with the PASID of the work: request_irq and set_auxdata program ${slot.name}`,
      work: {
        ...work,
        slot: {
          ...message,
          control: { ...slot.control, mask: false, pasidEnable: queue.pasidEnable, pasid: pasid ?? slot.control.pasid },
        },
      },
    }
}
