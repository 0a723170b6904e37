/**
 * The guest driver's operations, and those of a second guest CPU or user thread that has the portal mapped.
 * Source: reference 70 §9 (how a guest's request_irq reaches the host), §10, §11; 00 S4.9–S4.12.
 */
import { z } from 'zod'
import { all, equal, not, variable } from '../../model/expr'
import { LATENCY } from '../latency'
import { pasidHex } from '../setup'
import { operation, Pasid, VectorOperand, type Operation } from './operation'

const IN_GUESTS = { guest: 'program', guest2: 'program' } as const

export const GUEST_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'bind_pasid',
    where: IN_GUESTS,
    operands: z.strictObject({ pasid: Pasid }),
    doc: 'Bind a supervisor PASID: the guest PASID is recorded with the host PASID behind it (SPID).',
    cite: '70 §11 B2',
    expand(flow, seq, item, _args, _desc, o) {
      const p = flow.world.pasid(String(o.pasid))
      const spid = flow.world.spid.get(p.name)
      if (spid === undefined || p.guest === undefined) return null
      seq.then({
        id: flow.id(item.id ?? `${item.op}(${p.name})`),
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.guestCode,
        label: `bind supervisor PASID ${pasidHex(p.guest)} (host ${pasidHex(p.host)})`,
        set: [flow.set(spid, true)],
      })
      return null
    },
  }),
  operation({
    name: 'unbind_pasid',
    where: IN_GUESTS,
    operands: z.strictObject({ pasid: Pasid }),
    doc: 'Unbind the PASID: the record of guest and host PASID is dropped. Nothing touches the IMS entry.',
    cite: '70 §11 "PASID unbind (g) → slot still h"',
    expand(flow, seq, item, _args, _desc, o) {
      const p = flow.world.pasid(String(o.pasid))
      const spid = flow.world.spid.get(p.name)
      if (spid === undefined || p.guest === undefined) return null
      seq.then({
        id: flow.id(item.id ?? `${item.op}(${p.name})`),
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.guestCode,
        label: `unbind PASID ${pasidHex(p.guest)}`,
        set: [flow.set(spid, false)],
      })
      return null
    },
  }),
  operation({
    name: 'request_irq',
    where: { ...IN_GUESTS, host: ['set_irqs'] },
    operands: z.strictObject({ vector: VectorOperand.optional() }),
    doc: "In the guest: unmask the vector's MSI-X entry, which traps into the VMM. In the host's set_irqs: install the handler that signals the eventfd and start the IMS interrupt.",
    cite: '70 §9 steps 1–3; §11 B3, B5b',
    expand(flow, seq, item, args, _desc, o) {
      if (args) {
        const v = flow.world.vector(args.vector)
        return flow.call(
          seq,
          'irqchip',
          'startup',
          args,
          {
            id: flow.id(item.id ?? `host.request_irq(${v.number})`),
            op: item.op,
            at: item.at,
            cite: '70 §11 B5b',
            latency: LATENCY.hostCode,
            label: `host request_irq for IMS[${v.number}]: handler signals the eventfd`,
            set: [flow.set(v.irqState, 'requested')],
          },
          'program-order',
        )
      }
      const n = Number(o.vector ?? 1)
      const v = flow.world.vector(n)
      return flow.call(
        seq,
        'vmm',
        'msix_unmask',
        { vector: n },
        {
          id: flow.id(item.id ?? `${seq.agent.id}.request_irq(${n})`),
          op: item.op,
          at: item.at,
          cite: '70 §9 step 3; §11 B3',
          latency: LATENCY.trap,
          label: `request_irq: unmask MSI-X[${n}], trapped`,
          set: [flow.set(v.msixMask, false)],
        },
        'trap',
      )
    },
  }),
  operation({
    name: 'write_msixperm',
    where: IN_GUESTS,
    operands: z.strictObject({
      vector: VectorOperand,
      pasid: Pasid,
      enable: z.boolean().default(true).describe('PASID_EN'),
    }),
    doc: "Write the emulated MSIXPERM entry of a vector with the guest's own PASID; the write traps.",
    cite: '70 §11 B6; 00 S4.11',
    expand(flow, seq, item, _args, _desc, o) {
      const n = Number(o.vector)
      const p = flow.world.pasid(String(o.pasid))
      return flow.call(
        seq,
        'vmm',
        'msixperm_write',
        { vector: n, pasid: p.name, enable: o.enable },
        {
          id: flow.id(item.id ?? `${seq.agent.id}.write_msixperm(${n},${p.name})`),
          op: item.op,
          at: item.at,
          cite: this.cite,
          latency: LATENCY.trap,
          label: `write MSIXPERM[${n}]: PASID ${pasidHex(p.guest ?? p.host)}, PASID_EN ${Number(o.enable)}, trapped`,
        },
        'trap',
      )
    },
  }),
  operation({
    name: 'submit',
    where: IN_GUESTS,
    operands: z.strictObject({
      as: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .describe('a name for the descriptor: properties read NAME.status'),
      vector: VectorOperand,
      pasid: Pasid.describe('the PASID under which the work is submitted; the wire carries its host value'),
    }),
    doc: 'Write a descriptor with Request Completion Interrupt to the IMS portal: a posted write to the device.',
    cite: '70 §7, §10 A5',
    expand(flow, seq, item, _args, _desc, o) {
      const d = flow.descriptors.find((x) => x.name === (item.operands['as'] as string) && x.submitStep === '')
      if (!d) return null
      const p = flow.world.pasid(d.pasid)
      const id = flow.id(item.id ?? `${seq.agent.id}.submit(${o.as})`)
      d.submitStep = id
      seq.then({
        id,
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.guestCode,
        posted: `portal of ${seq.agent.id}`,
        label: `submit ${d.name}: handle ${d.vector}, RCI, PASID ${pasidHex(p.host)} on the wire`,
        set: [flow.set(d.status, 'posted')],
      })
      const arrive = flow.id(`link.portal(${d.name})`)
      const earlier = flow.descriptors.filter(
        (x) =>
          x !== d &&
          x.agent === d.agent &&
          x.submitStep !== '' &&
          flow.descriptors.indexOf(x) < flow.descriptors.indexOf(d),
      )
      flow.link.step(0, 0, {
        id: arrive,
        op: 'arrive',
        cite: '85 §3',
        latency: LATENCY.portalArrive,
        label: `descriptor ${d.name} reaches the work queue`,
        when: all([
          equal(variable(d.status), flow.b.nameExpr('posted')),
          ...earlier.map((x) => not(equal(variable(x.status), flow.b.nameExpr('posted')))),
        ]),
        set: [flow.set(d.status, 'queued')],
      })
      flow.edges.add({
        before: id,
        after: arrive,
        enforcedBy: 'pcie',
        why: 'a posted write arrives after it was sent',
        cite: '85 §3',
      })
      d.arrivalStep = arrive
      return null
    },
  }),
  operation({
    name: 'wait',
    where: IN_GUESTS,
    operands: z.strictObject({ until: z.string().describe('an expression over the variables of the scenario') }),
    doc: 'Wait in software until something is true (a flag in shared memory, a completion).',
    cite: 'software of the guest',
    expand(flow, seq, item, _args, _desc, o) {
      seq.then({
        id: flow.id(item.id ?? `${seq.agent.id}.wait`),
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.guestCode,
        label: `wait until ${o.until}`,
        when: flow.later(o.until, item.whenAt ?? item.at),
        set: [],
      })
      return null
    },
  }),
]
