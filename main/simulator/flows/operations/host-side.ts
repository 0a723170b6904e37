/**
 * VMM, host idxd driver with its mediated device, and the IMS interrupt chip.
 * Source: reference 70 §8.1 (VFIO back-end), §9, §10, §11; 00 S4.4–S4.11; 60 §12.1.
 */
import { z } from 'zod'
import { all, constant, not, variable } from '../../model/expr'
import { LATENCY } from '../latency'
import { pasidHex } from '../setup'
import { operation, type Operation } from './operation'

const nothing = z.strictObject({})

export const VMM_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'create_eventfd',
    where: { vmm: ['msix_unmask'] },
    operands: nothing,
    doc: 'Create the eventfd of the vector and route it to the guest as a KVM irqfd.',
    cite: '70 §9 step 4',
    expand(flow, seq, item, args) {
      const v = flow.world.vector(args?.vector ?? 1)
      seq.then({
        id: flow.id(item.id ?? `vmm.create_eventfd(${v.number})`),
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.vmm,
        label: `eventfd and KVM irqfd for vector ${v.number}`,
        set: [flow.set(v.irqfd, true)],
      })
      return null
    },
  }),
  operation({
    name: 'set_irqs',
    where: { vmm: ['msix_unmask'] },
    operands: nothing,
    doc: 'ioctl VFIO_DEVICE_SET_IRQS(MSI-X, trigger, eventfd) on the mediated device.',
    cite: '70 §9 step 5; §11 B4',
    expand(flow, seq, item, args) {
      const n = args?.vector ?? 1
      return flow.call(
        seq,
        'host',
        'set_irqs',
        { vector: n },
        {
          id: flow.id(item.id ?? `vmm.set_irqs(${n})`),
          op: item.op,
          at: item.at,
          cite: this.cite,
          latency: LATENCY.ioctl,
          label: `VFIO_DEVICE_SET_IRQS(MSI-X, vector ${n}, eventfd)`,
        },
        'program-order',
      )
    },
  }),
  operation({
    name: 'region_write',
    where: { vmm: ['msixperm_write'] },
    operands: nothing,
    doc: "Pass the guest's write on to the mediated device (pwrite on its region).",
    cite: '70 §8.2; §11 B6 → B7',
    expand(flow, seq, item, args) {
      const n = args?.vector ?? 1
      return flow.call(
        seq,
        'host',
        'region_write',
        args ?? { vector: n },
        {
          id: flow.id(item.id ?? `vmm.region_write(${n})`),
          op: item.op,
          at: item.at,
          cite: this.cite,
          latency: LATENCY.ioctl,
          label: `write of MSIXPERM[${n}] passed to the mediated device`,
        },
        'program-order',
      )
    },
  }),
]

export const HOST_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'aux_get_pasid',
    where: { host: 'program' },
    operands: nothing,
    doc: "Put the PASID of the mediated device's aux domain into its struct device: the default for every entry.",
    cite: '00 S4.8; 70 §10 A1, §11 B1',
    expand(flow, seq, item) {
      const p = flow.world.pasid(flow.setup.device.defaultPasid)
      seq.then({
        id: flow.id(item.id ?? 'host.aux_get_pasid'),
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.hostCode,
        label: `struct device gets the default PASID ${pasidHex(p.host)}`,
        set: [flow.set(flow.world.mdevPasid, p.name)],
      })
      return null
    },
  }),
  operation({
    name: 'alloc_irqs',
    where: { host: ['set_irqs'] },
    operands: nothing,
    doc: 'msi_domain_alloc_irqs: the interrupt chip allocates an IMS entry and programs it, masked, with the PASID of struct device.',
    cite: '70 §10 A4a, §11 B5a',
    expand(flow, seq, item, args) {
      const v = flow.world.vector(args?.vector ?? 1)
      return flow.call(
        seq,
        'irqchip',
        'alloc_irqs',
        { vector: v.number },
        {
          id: flow.id(item.id ?? `host.alloc_irqs(${v.number})`),
          op: item.op,
          at: item.at,
          cite: this.cite,
          latency: LATENCY.hostCode,
          label: `msi_domain_alloc_irqs: IMS[${v.number}]`,
          set: [flow.set(v.irqState, 'allocated')],
        },
        'program-order',
      )
    },
  }),
  operation({
    name: 'store_msixperm',
    where: { host: ['region_write'] },
    operands: nothing,
    doc: "Store the guest's value in the emulated MSIXPERM table.",
    cite: '70 §8.2',
    expand(flow, seq, item, args) {
      if (!args?.pasid) return null
      const v = flow.world.vector(args.vector)
      seq.then({
        id: flow.id(item.id ?? `host.store_msixperm(${v.number},${args.pasid})`),
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.hostCode,
        label: `emulated MSIXPERM[${v.number}] := PASID ${args.pasid}, PASID_EN ${Number(args.enable)}`,
        set: [flow.set(v.permPasid, args.pasid), flow.set(v.permEnable, args.enable ?? true)],
      })
      return null
    },
  }),
  operation({
    name: 'find_by_spid',
    where: { host: ['region_write'] },
    operands: nothing,
    doc: 'ioasid_find_by_spid: translate the guest PASID to the host PASID and make it the PASID of struct device. Not found (-ENOENT): the old PASID stays.',
    cite: '00 S4.7; 70 §8.2, §11 B7',
    expand(flow, seq, item, args) {
      if (!args?.pasid) return null
      const p = flow.world.pasid(args.pasid)
      const spid = flow.world.spid.get(p.name)
      const base = item.id ?? `host.find_by_spid(${p.name})`
      const common = { op: item.op, at: item.at, cite: this.cite, latency: LATENCY.hostCode }
      const back = flow.world.pasid(flow.setup.device.defaultPasid)
      if (!args.enable) {
        seq.then({
          ...common,
          id: flow.id(base),
          label: `PASID_EN clear: struct device gets the default PASID ${pasidHex(back.host)}`,
          set: [flow.set(flow.world.mdevPasid, back.name)],
        })
        return null
      }
      if (spid === undefined) {
        seq.then({
          ...common,
          id: flow.id(base),
          label: `${p.name} is no guest PASID: -ENOENT, the PASID of struct device stays`,
          set: [],
        })
        return null
      }
      seq.branch([
        {
          spec: {
            ...common,
            id: flow.id(base),
            label: `guest PASID ${pasidHex(p.guest ?? 0)} → host PASID ${pasidHex(p.host)}: struct device gets it`,
            when: variable(spid),
            set: [flow.set(flow.world.mdevPasid, p.name)],
          },
        },
        {
          spec: {
            ...common,
            id: flow.id(`${base}.ENOENT`),
            label: `guest PASID ${pasidHex(p.guest ?? 0)} is not recorded: -ENOENT, the old PASID stays`,
            when: not(variable(spid)),
            set: [],
          },
        },
      ])
      return null
    },
  }),
  operation({
    name: 'set_auxdata',
    where: { host: ['region_write'] },
    operands: nothing,
    doc: 'irq_set_auxdata: have the interrupt chip write the new PASID into the entry, when the interrupt exists already.',
    cite: '00 S4.4; 70 §11 B7a',
    expand(flow, seq, item, args) {
      const v = flow.world.vector(args?.vector ?? 1)
      const base = item.id ?? `host.set_auxdata(${v.number})`
      const exists = not(flow.world.is(v.irqState, 'none'))
      const from = seq.location
      const gate = seq.gate()
      const bad = flow.call(
        seq,
        'irqchip',
        'set_auxdata',
        { vector: v.number },
        {
          id: flow.id(base),
          op: item.op,
          at: item.at,
          cite: this.cite,
          latency: LATENCY.hostCode,
          label: `irq_set_auxdata: new PASID for IMS[${v.number}]`,
          when: exists,
        },
        'program-order',
      )
      if (bad) return bad
      // Without an interrupt there is no entry to change: on to the place behind the call, where nobody is waited for.
      seq.agent.step(from, seq.location, {
        id: flow.id(`${base}.none`),
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.hostCode,
        label: `no interrupt behind MSI-X[${v.number}] yet: only stored`,
        when: all([gate, not(exists)]),
        set: [],
      })
      return null
    },
  }),
]

export const IRQCHIP_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'write_control',
    where: { irqchip: ['alloc_irqs', 'set_auxdata'] },
    operands: nothing,
    doc: 'Post a write of the control dword: PASID of struct device, PASID_EN, and the mask bit as it is.',
    cite: '70 §3, §11.2 step 5; 60 §12.1',
    expand(flow, seq, item, args) {
      const v = flow.world.vector(args?.vector ?? 1)
      const id = flow.id(item.id ?? `irqchip.write_control(${v.number})`)
      const pasid = flow.world.mdevPasid
      const masked = flow.controlKindOf(v.number, pasid, true, id)
      const unmasked = flow.controlKindOf(v.number, pasid, false, id)
      seq.then({
        id,
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.mmioPost,
        posted: 'mmio',
        label: `post IMS[${v.number}] control: PASID of struct device, PASID_EN ${Number(flow.setup.device.validatePasid)}`,
        when: flow.mmio.room(),
        set: [
          ...flow.mmio.post({ k: 'if', c: variable(v.shadowMask), a: masked, b: unmasked }),
          { variable: v.shadowPasid, value: variable(pasid) },
        ],
      })
      return null
    },
  }),
  operation({
    name: 'write_message',
    where: { irqchip: ['alloc_irqs'] },
    operands: nothing,
    doc: "Post writes of the host's message: address low, address high, data.",
    cite: '70 §3; 60 §12.1',
    expand(flow, seq, item, args) {
      const v = flow.world.vector(args?.vector ?? 1)
      const id = flow.id(item.id ?? `irqchip.write_message(${v.number})`)
      const kind = flow.messageKind(v.number, id)
      seq.then({
        id,
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.mmioPost,
        posted: 'mmio',
        label: `post IMS[${v.number}] message address and data`,
        when: flow.mmio.room(),
        set: flow.mmio.post(constant(kind)),
      })
      return null
    },
  }),
  operation({
    name: 'unmask',
    where: { irqchip: ['startup'] },
    operands: nothing,
    doc: 'Post a write of the control dword with the mask bit clear: from its arrival on the interrupt is live.',
    cite: '70 §11 B5b; 60 §12.1',
    expand(flow, seq, item, args) {
      const v = flow.world.vector(args?.vector ?? 1)
      const id = flow.id(item.id ?? `irqchip.unmask(${v.number})`)
      seq.then({
        id,
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.mmioPost,
        posted: 'mmio',
        label: `post IMS[${v.number}] control with Mask 0`,
        when: flow.mmio.room(),
        set: [...flow.mmio.post(flow.controlKindOf(v.number, v.shadowPasid, false, id)), flow.set(v.shadowMask, false)],
      })
      return null
    },
  }),
  operation({
    name: 'read_back',
    where: { irqchip: ['alloc_irqs', 'startup', 'set_auxdata'] },
    operands: nothing,
    doc: 'Read the entry: the completion comes back only behind every posted write, so all of them have arrived.',
    cite: '85 §3; 70 §10 "reach of the slot write"',
    expand(flow, seq, item, args) {
      const n = args?.vector ?? 1
      const id = flow.id(item.id ?? `irqchip.read_back(${n})`)
      seq.then({
        id,
        op: item.op,
        at: item.at,
        cite: this.cite,
        latency: LATENCY.mmioRead,
        label: `read IMS[${n}] back: every posted write has arrived`,
        when: all([flow.mmio.empty()]),
        set: [],
      })
      flow.readBacks.push({ step: id, vector: n })
      return null
    },
  }),
]
