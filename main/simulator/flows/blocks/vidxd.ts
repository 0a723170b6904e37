/**
 * The emulated idxd device of the VDCM, in the generations that were published and in the two orders of the thread.
 * Source: 70 §8 (G1 … G4), §8.2, §8.3, §11.2; S4.11. A trap is handled by the vCPU's own thread.
 */
import type { z } from 'zod'
import { block, type OperationSpec } from '../../hardware/block'
import { GUEST_PASIDS, PASIDS } from '../../hardware/blocks/pasids'
import { PERMISSION } from './vidxd-permission'

type Operation = z.input<typeof OperationSpec>

const INTERRUPTS: Record<string, Operation> = {
  set_irqs: {
    doc: 'SET_IRQS reaches the VDCM. In the order of the thread (first) it translates the stored guest PASID before VFIO requests the interrupts; a failed look-up fails the ioctl.',
    cite: '70 §8.1, §11.2',
    by: ['vmm', 'host'],
    operands: { start: { integer: [0, 5] }, count: { integer: [0, 5] } },
    steps: [
      { call: 'translate_first', if: 'generation == first && {count} > 0 && MSIXPERM1.PASID_EN' },
      {
        call: 'translate_stored',
        each: 'v',
        if: 'generation == either && {count} > 0 && MSIXPERM{v}.PASID_EN',
        with: { vector: '{v}' },
      },
      { call: 'vfio.set_irqs', with: { start: '{start}', count: '{count}' } },
    ],
  },
  disable_irqs: {
    doc: 'SET_IRQS with count 0 and DATA_NONE.',
    cite: '70 §8.1',
    by: ['vmm', 'host'],
    steps: [{ call: 'vfio.set_irqs', with: { start: 0, count: 0 } }],
  },
  translate_first: {
    doc: 'The stored guest PASID becomes the device’s PASID.',
    cite: '70 §11.2',
    by: ['host'],
    steps: [
      { call: 'ioasid.find_by_spid', with: { spid: 'MSIXPERM1.PASID', own_mm: 'lookup_in == vcpu' } },
      { step: 'keep', label: 'the PASID found is the device’s', set: { 'irqchip.DEVICE.PASID': 'ioasid.found' } },
    ],
  },
  translate_stored: {
    doc: 'The guest PASID stored for a vector, translated before its interrupt is allocated.',
    cite: '70 §11.2',
    by: ['host'],
    operands: { vector: { index: 'v' } },
    steps: [
      { call: 'ioasid.find_by_spid', with: { spid: 'MSIXPERM{vector}.PASID', own_mm: 'lookup_in == vcpu' } },
      { step: 'keep', label: 'struct device gets the host PASID', set: { 'irqchip.DEVICE.PASID': 'ioasid.found' } },
    ],
  },
  write_msix_mask: {
    doc: 'The guest writes the mask bit of its MSI-X entry: stored, Pending injected, and the bit forwarded to the IMS entry.',
    cite: '70 §8 G2, §8.2, §8.3',
    by: ['guest'],
    operands: { vector: { index: 'v' }, masked: { flag: true } },
    steps: [
      {
        step: 'trap',
        trap: true,
        label: 'MSI-X entry {vector}: mask {masked}',
        cases: [
          {
            if: '!{masked} && PBA{vector}',
            name: 'injects',
            label: 'MSI-X entry {vector} unmasked with Pending set: injected',
            set: { 'MSIX{vector}.MASK': false, 'PBA{vector}': false, 'injected{vector}': true },
          },
          { set: { 'MSIX{vector}.MASK': '{masked}' } },
        ],
      },
      {
        call: 'irqchip.rewrite_dword_8',
        if: 'mask_hits_data',
        with: { slot: '{vector-1}', masked: '{masked}' },
      },
      { call: 'irqchip.mask', if: '!mask_hits_data && {masked}', with: { slot: '{vector-1}' } },
      { call: 'irqchip.unmask', if: '!mask_hits_data && !{masked}', with: { slot: '{vector-1}' } },
      { step: 'returns', label: 'the write of the mask returns to the guest' },
    ],
  },
}

const COMMANDS: Record<string, Operation> = {
  request_handle: {
    doc: 'Virtual command 13: the handle of the IMS entry behind a virtual vector.',
    cite: '70 §8.3',
    by: ['guest'],
    operands: { vector: { integer: [0, 5] }, ims: { flag: true, default: false } },
    steps: [
      {
        step: 'check',
        label: 'request handle of virtual vector {vector}',
        cases: [
          { if: '{ims}', name: 'no_ims', errno: 'ENXIO', fault: 'no_handle' },
          { if: '{vector} < 1 || {vector} > vectors', name: 'no_entry', errno: 'ENXIO', fault: 'invalid_index' },
          { label: 'virtual vector {vector} has an IMS entry' },
        ],
      },
      { call: 'dev.request_ims_handle', with: { entry: '{vector-1}' } },
      { step: 'result', label: 'handle of virtual vector {vector}', set: { handle: 'dev.CMDSTS.RESULT' } },
    ],
  },
  enable_wq: {
    doc: 'Virtual command 6 for a dedicated queue: guest PASID translated, or the default; then the physical queue with PASID enable always 1.',
    cite: '70 §8.3',
    by: ['guest'],
    operands: { spid: { names: 'spids' } },
    steps: [
      {
        call: 'ioasid.find_by_spid',
        if: '{spid} != no_spid',
        with: { spid: '{spid}', own_mm: 'lookup_in == vcpu' },
      },
      {
        step: 'program',
        label: 'physical WQCFG: host PASID, PASID_EN 1',
        set: {
          'dev.WQCFG.PASID': '{spid} == no_spid ? irqchip.dev_pasid : ioasid.found',
          'dev.WQCFG.PASID_EN': true,
        },
      },
      { call: 'dev.enable_wq' },
    ],
  },
}

const LIFE: Record<string, Operation> = {
  open: {
    doc: 'The mediated device is opened: its default PASID, from the aux domain, goes into struct device (A1, B1).',
    cite: 'S4.8, S4.9; 70 §8.2',
    by: ['host', 'vmm'],
    operands: { pasid: { names: 'pasids' } },
    steps: [
      {
        label: 'default PASID of the mediated device: {pasid}',
        cases: [{ if: '{pasid} == invalid', errno: 'ENODEV' }, { set: { 'irqchip.DEVICE.PASID': '{pasid}' } }],
      },
    ],
  },
  close_2022: {
    doc: 'Close as in the public code: a dedicated queue is disabled, the device’s PASID made invalid, the irqs freed, the PASID released. No drain of the PASID, and nothing for a shared queue.',
    cite: '70 §8.2',
    by: ['host', 'vmm'],
    steps: [
      { call: 'dev.disable_wq', if: 'dev.WQCFG.MODE == dedicated && dev.WQCFG.STATE == enabled', discard: true },
      { step: 'forget', label: 'device PASID := invalid', set: { 'irqchip.DEVICE.PASID': 'invalid' } },
      { call: 'vfio.disable' },
      { call: 'ioasid.free' },
    ],
  },
  close_spec: {
    doc: 'Close as the specification has it: no more submissions, abort PASID, PASID enable of the entries cleared, irqs freed, PASID freed.',
    cite: '70 §8',
    by: ['host', 'vmm'],
    operands: { pasid: { names: 'pasids' } },
    steps: [
      { step: 'stop', label: 'the portal is unmapped', set: { portal_mapped: false } },
      { call: 'dev.abort_pasid', with: { pasid: '{pasid}' } },
      {
        call: 'irqchip.set_auxdata',
        each: 'v',
        with: { slot: '{v-1}', pasid: '{pasid}', enable: false },
        discard: true,
      },
      { call: 'vfio.disable' },
      { call: 'ioasid.free' },
    ],
  },
}

export const VIDXD = block({
  block: 'vidxd',
  title: 'Emulated idxd device (VDCM)',
  cite: 'VDCM generations 2019–2022 (70 §8); S4.11',
  scope:
    'One work queue; virtual vector 0 is emulated and not shown. Locks of the VDCM are left out. Pending is only ever set while the entry is masked, so that it is the same whether it is injected at every unmasked write (2022) or at a change only (2021).',
  parameters: {
    vectors: { default: 1, min: 1, max: 4 },
    generation: {
      default: 'G4',
      values: ['G1', 'G2', 'G3', 'G4', 'mail', 'first', 'either'],
      doc: 'G1 … G4 as published; mail: the seven steps of June 2021; first: MSIXPERM is only stored and read at SET_IRQS; either: whichever order the guest has, stored while there is no interrupt yet, written into the entry once there is',
    },
    guest_pasid_ignored: { default: true, doc: 'G1: the entry always gets the device’s own PASID' },
    mask_hits_data: { default: true, doc: 'G2, still in 2022: the mask bit is rewritten at +8, the data dword' },
    helper_uncalled: { default: true, doc: 'G3: the function that translates and programs has no caller' },
    lookup_ignored: { default: true, doc: 'G4: a failed look-up leaves an uninitialised PASID that is used' },
    cookie_ignored: { default: true, doc: 'G4: the result of the cookie call is ignored' },
    per_vector: {
      default: false,
      doc: 'the PASID is kept for each vector; in 2022 the last one written counts for all',
    },
    lookup_in: {
      default: 'vcpu',
      values: ['vcpu', 'worker'],
      doc: 'whose mm selects the set: the vCPU’s thread, or a work item',
    },
    pasids: { names: PASIDS },
    spids: { names: GUEST_PASIDS },
  },
  indices: { v: [1, 'vectors'] },
  ports: { vfio: 'vfio-ims', ioasid: 'ioasid', irqchip: 'ims-irqchip', dev: 'dsa' },
  registers: [
    {
      name: 'MSIXPERM',
      per: ['v'],
      table: 'Virtual MSI-X permission table (8 bytes each)',
      cite: '70 §2, §8',
      fields: [
        { name: 'Reserved1', as: 'LOW', bits: '1:0', meaning: 'early emulations: 1 pending, 0 mask' },
        { name: 'IGNORE', bits: 2 },
        { name: 'PASID_EN', bits: 3 },
        { name: 'Reserved', bits: '11:4', access: 'RSVD' },
        { name: 'PASID', bits: '31:12', names: 'spids', meaning: 'the guest’s own number' },
      ],
    },
    {
      name: 'MSIX',
      per: ['v'],
      table: 'Virtual MSI-X table, vector control (BAR0 + 0x600)',
      offset: 12,
      cite: '70 §8.2',
      fields: [{ name: 'Mask Bit', as: 'MASK', bits: 0, reset: true }],
    },
  ],
  state: {
    PBA: { per: ['v'], doc: 'virtual Pending bit' },
    injected: { per: ['v'], doc: 'the guest has got the interrupt' },
    handle: { range: [0, 11], doc: 'handle that the guest’s driver was given' },
    portal_mapped: { initial: true, doc: 'the guest has the portal mapped' },
  },
  faults: {
    invalid_index: 'request handle: virtual index below 1 or beyond the vectors: 0x41',
    no_handle: 'request handle with the IMS flag: 0x42',
  },
  operations: { ...LIFE, ...INTERRUPTS, ...PERMISSION, ...COMMANDS },
  behaviour: [
    {
      agent: 'inject',
      title: 'KVM, virtual vector {v}',
      role: 'vmm',
      per: ['v'],
      steps: [
        {
          when: 'irqchip.signalled{v-1}',
          cases: [
            {
              if: 'MSIX{v}.MASK',
              name: 'pending',
              label: 'virtual vector {v} is masked: Pending',
              set: { 'irqchip.signalled{v-1}': false, 'PBA{v}': true },
            },
            {
              label: 'virtual vector {v} is injected',
              set: { 'irqchip.signalled{v-1}': false, 'injected{v}': true },
            },
          ],
        },
      ],
    },
  ],
})
