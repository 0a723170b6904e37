/**
 * What the device does with one descriptor, and with an entry that is unmasked while an interrupt is pending.
 * Source: DSA 3.0 through reference 70 §4.1 (check procedure), §6 (codes), §11.1 (what really happens in the window);
 * 60 §3 and 85 §2 for the message.
 */
import { z } from 'zod'
import { all, choose, not, TRUE, variable, type Expr } from '../../model/expr'
import type { StepSpec } from '../../model/builder'
import type { Flow } from '../flow'
import { LATENCY } from '../latency'
import { pasidHex } from '../setup'
import { NONE, UNTAGGED, type Vector } from '../world'
import { operation, type Operation } from './operation'

const nothing = z.strictObject({})

/** The entry's PASID_EN equals the queue's, and where it is set the PASIDs are equal. */
function matches(flow: Flow, v: Vector, wire: string): Expr {
  if (!flow.setup.device.validatePasid) return not(variable(v.slotEnable))
  return all([variable(v.slotEnable), flow.world.is(v.slotPasid, wire)])
}

/** The PASID under which a message goes out when the entry is read at send time. */
const stampOfEntry = (flow: Flow, v: Vector): Expr =>
  choose(variable(v.slotEnable), variable(v.slotPasid), flow.b.nameExpr(UNTAGGED))

/** Ways in which one interrupt can leave (or not leave) the device through an entry; `under` is the PASID it counts for. */
function sends(
  flow: Flow,
  v: Vector,
  under: Expr,
  common: Omit<StepSpec, 'id' | 'label'>,
  id: string,
  what: string,
): { spec: StepSpec }[] {
  const w = flow.world
  const free = w.is(v.message, NONE)
  const refusesUnvalidated = flow.setup.device.check === 'send' && flow.setup.device.validatePasid
  const allowed = refusesUnvalidated ? variable(v.slotEnable) : TRUE
  const unmasked = not(variable(v.slotMask))
  const out: { spec: StepSpec }[] = [
    {
      spec: {
        ...common,
        id: flow.id(id),
        label: `${what}: message of IMS[${v.number}] is sent`,
        when: all([unmasked, allowed, variable(v.slotMessage), free]),
        set: [...(common.set ?? []), { variable: v.message, value: under }],
      },
    },
    {
      spec: {
        ...common,
        id: flow.id(`${id}.reset_message`),
        label: `${what}: IMS[${v.number}] still holds its reset message, the interrupt goes nowhere`,
        when: all([unmasked, allowed, not(variable(v.slotMessage))]),
        set: [...(common.set ?? []), w.set(v.lost, true)],
      },
    },
  ]
  if (refusesUnvalidated) {
    out.push({
      spec: {
        ...common,
        id: flow.id(`${id}.not_enabled`),
        label: `${what}: PASID_EN of IMS[${v.number}] is clear, the message is not sent`,
        when: all([unmasked, not(variable(v.slotEnable))]),
        set: [...(common.set ?? []), w.set(v.lost, true)],
      },
    })
  }
  return out
}

export const DEVICE_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'check_permission',
    where: { device: ['descriptor'] },
    operands: nothing,
    doc: 'Dispatch. With `check: dispatch` (DSA) the entry is compared now: a mismatch of PASID_EN or PASID refuses the work with 0x19, and no interrupt follows. With `check: send` or `none` nothing is compared here.',
    cite: '70 §4.1, §11.1',
    expand(flow, seq, item, _args, desc) {
      if (!desc) return null
      const v = flow.world.vector(desc.vector)
      const id = item.id ? `${item.id}(${desc.name})` : `device.dispatch(${desc.name})`
      const common = { op: item.op, at: item.at, cite: this.cite, latency: LATENCY.dispatch }
      if (flow.setup.device.check !== 'dispatch') {
        seq.then({
          ...common,
          id: flow.id(id),
          label: `dispatch ${desc.name}: the entry is not compared`,
          set: [flow.set(desc.status, 'accepted')],
        })
        return null
      }
      const good = matches(flow, v, desc.pasid)
      const wire = pasidHex(flow.world.pasid(desc.pasid).host)
      const end = seq.agent.fresh()
      const refused = flow.id(`${id}.0x19`)
      const accepted = flow.id(id)
      seq.branch([
        {
          spec: {
            ...common,
            id: accepted,
            label: `dispatch ${desc.name}: IMS[${v.number}] holds PASID ${wire}, accepted`,
            when: good,
            set: [flow.set(desc.status, 'accepted')],
          },
        },
        {
          spec: {
            ...common,
            id: refused,
            label: `dispatch ${desc.name}: IMS[${v.number}] does not match PASID ${wire}: 0x19, not executed, no interrupt`,
            when: not(good),
            set: [flow.set(desc.status, 'refused')],
          },
          to: end,
        },
      ])
      flow.alsoEndsAt(desc, seq.agent.at(end))
      desc.checks.push(accepted, refused)
      return null
    },
  }),
  operation({
    name: 'write_completion',
    where: { device: ['descriptor'] },
    operands: nothing,
    doc: 'The work is done and its completion record written; on the same traffic class it precedes the interrupt.',
    cite: '70 §12; 85 §2',
    expand(flow, seq, item, _args, desc) {
      if (!desc) return null
      seq.then({
        id: flow.id(item.id ? `${item.id}(${desc.name})` : `device.complete(${desc.name})`),
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.execute,
        label: `completion record of ${desc.name}: 0x01 success`,
        set: [flow.set(desc.status, 'completed')],
      })
      return null
    },
  }),
  operation({
    name: 'send_interrupt',
    where: { device: ['descriptor'] },
    operands: nothing,
    doc: 'Send the completion interrupt through the entry: Mask sets Pending instead. With `check: send` the entry is read now, and the message goes out under the PASID that stands in it.',
    cite: '70 §4.1 step 5, §11.1',
    expand(flow, seq, item, _args, desc) {
      if (!desc) return null
      const w = flow.world
      const v = w.vector(desc.vector)
      const id = item.id ? `${item.id}(${desc.name})` : `device.send(${desc.name})`
      const common = { op: item.op, at: item.at, cite: this.cite, latency: LATENCY.message }
      const atDispatch = flow.setup.device.check === 'dispatch'
      const accepted = flow.setup.device.validatePasid ? flow.b.nameExpr(desc.pasid) : flow.b.nameExpr(UNTAGGED)
      const under = atDispatch ? accepted : stampOfEntry(flow, v)
      const ways = sends(flow, v, under, common, id, `${desc.name} done`)
      const pend: StepSpec = {
        ...common,
        id: flow.id(`${id}.pending`),
        label: `${desc.name} done: IMS[${v.number}] is masked, Pending is set`,
        when: variable(v.slotMask),
        // Several interrupts collapse into one while pending (85 §5): it keeps the PASID of the first.
        set: [
          w.set(v.slotPending, true),
          ...(atDispatch
            ? [
                {
                  variable: v.slotPendingAs,
                  value: choose(variable(v.slotPending), variable(v.slotPendingAs), accepted),
                },
              ]
            : []),
        ],
      }
      seq.branch([...ways, { spec: pend }])
      if (flow.setup.device.check === 'send') desc.checks.push(...ways.map((x) => x.spec.id))
      return null
    },
  }),
]

/** The device's own: an entry that is unmasked while Pending is set sends its message as soon as it can. */
export function layPending(flow: Flow, v: Vector): void {
  const agent = flow.agent('device')
  const w = flow.world
  const atDispatch = flow.setup.device.check === 'dispatch'
  const under = atDispatch ? variable(v.slotPendingAs) : stampOfEntry(flow, v)
  const clear = [w.set(v.slotPending, false), ...(atDispatch ? [w.set(v.slotPendingAs, NONE)] : [])]
  const common = { op: 'send_pending', cite: '70 §4.1 step 5; 85 §5', latency: LATENCY.message, set: clear }
  const ways = sends(flow, v, under, common, `device.send_pending(${v.number})`, 'unmasked with Pending set')
  for (const { spec } of ways) agent.step(0, 0, { ...spec, when: all([variable(v.slotPending), spec.when ?? TRUE]) })
}

/** The way of a message from the device to the guest: remapping and host vector, then eventfd and irqfd. */
export function layInterrupt(flow: Flow, v: Vector): void {
  const w = flow.world
  const agent = flow.b.agent(`${flow.prefix}irq${v.number}`, `${flow.prefix}Interrupt ${v.number}`, 'interrupt')
  const under = not(w.is(v.message, NONE))
  const requested = w.is(v.irqState, 'requested')
  const host = flow.id(`irq${v.number}.host`)
  agent.step(0, 0, {
    id: host,
    op: 'interrupt',
    label: `host takes the interrupt (${flow.setup.device.route.controller}): its handler signals the eventfd`,
    cite: '70 §8.1, §9; 60 §3',
    latency: LATENCY.message,
    when: all([under, requested, w.is(v.signalled, NONE)]),
    set: [{ variable: v.signalled, value: variable(v.message) }, w.set(v.message, NONE)],
  })
  agent.step(0, 0, {
    id: flow.id(`irq${v.number}.spurious`),
    op: 'interrupt',
    label: 'host takes the interrupt: no handler is installed, it is lost',
    cite: '70 §8.1',
    latency: LATENCY.message,
    when: all([under, not(requested)]),
    set: [w.set(v.message, NONE), w.set(v.lost, true)],
  })
  const guest = flow.id(`irq${v.number}.guest`)
  agent.step(0, 0, {
    id: guest,
    op: 'inject',
    label: `irqfd injects vector ${v.number} into the guest`,
    cite: '70 §9 step 4; 85 §6',
    latency: LATENCY.inject,
    when: all([not(w.is(v.signalled, NONE)), variable(v.irqfd)]),
    set: [
      { variable: v.delivered, value: variable(v.signalled) },
      w.set(v.signalled, NONE),
      w.set(v.bound, w.anyBound()),
    ],
  })
  flow.edges.add({
    before: host,
    after: guest,
    enforcedBy: 'program-order',
    why: 'the handler signals, the irqfd injects',
    cite: '85 §6',
  })
  flow.alsoDoneAt(all([w.is(v.message, NONE), w.is(v.signalled, NONE)]))
}
