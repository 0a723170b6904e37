/**
 * The irqchip and MSI domain over an IMS array, with the host interrupts behind it.
 * Source: irq-ims-msi.c of the v6-era series (60 §12.1); the thread's ims_array_alloc_msi_store (S4.2) and
 * irq_set_auxdata (S4.4); 70 §3 for the entry.
 */
import { block } from '../../hardware/block'
import { PASIDS } from '../../hardware/blocks/pasids'

export const IMS_IRQCHIP = block({
  block: 'ims-irqchip',
  title: 'Linux irqchip over the IMS array',
  cite: 'irq-ims-msi.c, v6 era (60 §12.1); S4.2–S4.4',
  scope: 'The message stands in compatibility format: its data is the vector. Affinity changes are left out.',
  parameters: {
    slots: { default: 1, max: 4 },
    validate_pasid: { default: true, doc: 'VALIDATE_PASID of the domain: an entry needs a valid PASID' },
    fetches: {
      default: 'no_fetch',
      values: ['no_fetch', 'at_alloc', 'at_startup'],
      doc: 'when the irqchip takes the PASID from struct device (the thread’s design): at allocation, or when the interrupt is started up',
    },
    flush: { default: true, doc: 'the unmask at start-up is read back' },
    pasids: { names: PASIDS },
  },
  indices: { s: 'slots' },
  ports: { store: 'dsa' },
  registers: [
    {
      name: 'DEVICE',
      table: 'PASID of struct device',
      cite: 'S4.3; 70 §8.1 (b)',
      width: 20,
      fields: [
        {
          name: 'PASID',
          bits: '19:0',
          names: 'pasids',
          reset: 'invalid',
          meaning: 'host PASID that the next programming of an entry uses',
        },
      ],
    },
  ],
  define: { dev_pasid: 'DEVICE.PASID' },
  state: {
    allocated: { per: ['s'], doc: 'the entry belongs to a Linux irq' },
    handler: { per: ['s'], doc: 'request_irq has been done' },
    delivered: {
      per: ['s'],
      names: 'pasids',
      and: ['nothing'],
      initial: 'nothing',
      doc: 'PASID under which the last interrupt came',
    },
    signalled: { per: ['s'], doc: 'the eventfd behind the interrupt has been signalled' },
    spurious: { per: ['s'], doc: 'a message came although nobody had requested the interrupt' },
    stray: { per: ['s'], doc: 'a message came with the data of another vector' },
  },
  operations: {
    alloc: {
      doc: 'ims_array_alloc_msi_store: an entry for a Linux irq, written masked, with the host’s message.',
      cite: 'S4.2; 60 §12.1',
      by: ['host'],
      operands: { slot: { index: 's' } },
      steps: [
        {
          step: 'claim',
          label: 'IMS[{slot}] is allocated',
          cases: [
            { if: 'validate_pasid && (dev_pasid == invalid || dev_pasid == nil)', errno: 'EINVAL' },
            { if: 'allocated{slot}', errno: 'ENOSPC' },
            { set: { 'allocated{slot}': true } },
          ],
        },
        {
          step: 'control',
          posted: 'store.mmio',
          label: 'IMS[{slot}].Control: masked',
          set: {
            'store.IMS{slot}.PASID': 'fetches == at_alloc && validate_pasid ? dev_pasid : nil',
            'store.IMS{slot}.PASID_EN': 'fetches == at_alloc && validate_pasid',
            'store.IMS{slot}.IGNORE': false,
            'store.IMS{slot}.MASK': true,
          },
        },
        { call: 'lose_pending', if: '!store.keeps_pending', with: { slot: '{slot}' } },
        {
          step: 'message',
          posted: 'store.mmio',
          label: 'IMS[{slot}]: message of the host’s interrupt',
          set: { 'store.IMS{slot}.ADDRESS': 'address{slot}', 'store.IMS{slot}.DATA': 'irq{slot}' },
        },
      ],
    },
    lose_pending: {
      doc: 'On a device whose Pending bit falls when the entry is written anew.',
      by: ['host'],
      operands: { slot: { index: 's' } },
      steps: [{ posted: 'store.mmio', label: 'IMS[{slot}].Pending falls', set: { 'store.IMS{slot}.PENDING': false } }],
    },
    set_auxdata: {
      doc: 'irq_set_auxdata: the PASID bits of the control word (31:3), then a read-back.',
      cite: 'S4.4; 60 §12.1',
      by: ['host'],
      operands: {
        slot: { index: 's' },
        pasid: { expression: 'name' },
        enable: { flag: true, default: true },
        unknown: { flag: true, default: false, doc: 'the selector is not the control word' },
        foreign: { flag: true, default: false, doc: 'bits outside the auxiliary mask are set in the value' },
      },
      steps: [
        {
          step: 'check',
          label: 'irq_set_auxdata of IMS[{slot}]',
          cases: [
            { if: '{unknown} || {foreign} || !allocated{slot}', errno: 'EINVAL' },
            { label: 'irq_set_auxdata of IMS[{slot}] is allowed' },
          ],
        },
        {
          step: 'write',
          label: 'IMS[{slot}].Control := PASID, PASID_EN {enable}',
          posted: 'store.mmio',
          set: { 'store.IMS{slot}.PASID': 'pasid', 'store.IMS{slot}.PASID_EN': '{enable} && validate_pasid' },
        },
        { step: 'flush', when: 'store.mmio.empty', label: 'read back' },
      ],
    },
    mask: {
      doc: 'Mask bit set, and read back: no message comes after it.',
      by: ['host'],
      operands: { slot: { index: 's' } },
      steps: [
        { step: 'write', posted: 'store.mmio', label: 'IMS[{slot}].Mask := 1', set: { 'store.IMS{slot}.MASK': true } },
        { call: 'store.read_back' },
      ],
    },
    unmask: {
      doc: 'Mask bit cleared; read back where `flush` is set.',
      by: ['host'],
      operands: { slot: { index: 's' } },
      steps: [
        { step: 'write', posted: 'store.mmio', label: 'IMS[{slot}].Mask := 0', set: { 'store.IMS{slot}.MASK': false } },
        { call: 'store.read_back', if: 'flush' },
      ],
    },
    rewrite_dword_8: {
      doc: 'The second generation’s mask: bit 0 of the dword at +8 of the entry is read, changed and written. In this layout that is the message data.',
      cite: '70 §8, G2; §8.2',
      by: ['host'],
      operands: { slot: { index: 's' }, masked: { flag: true } },
      steps: [
        {
          posted: 'store.mmio',
          label: 'IMS[{slot}] dword at +8, bit 0 := {masked}',
          set: {
            'store.IMS{slot}.DATA':
              'store.IMS{slot}.DATA == irq{slot} || store.IMS{slot}.DATA == irq{slot}_odd ? ({masked} ? irq{slot}_odd : irq{slot}) : store.IMS{slot}.DATA',
          },
        },
      ],
    },
    request_irq: {
      doc: 'The handler, then start-up: unmask.',
      by: ['host'],
      operands: { slot: { index: 's' } },
      steps: [
        {
          step: 'setup',
          label: 'request_irq of IMS[{slot}]',
          cases: [{ if: '!allocated{slot}', errno: 'EINVAL' }, { set: { 'handler{slot}': true } }],
        },
        { call: 'fetch', if: 'fetches == at_startup && validate_pasid', with: { slot: '{slot}' } },
        { call: 'unmask', with: { slot: '{slot}' } },
      ],
    },
    fetch: {
      doc: 'The PASID of struct device goes into the entry before it is unmasked.',
      cite: 'LKML 2021-06-10 (S4.3)',
      by: ['host'],
      operands: { slot: { index: 's' } },
      steps: [
        {
          posted: 'store.mmio',
          label: 'IMS[{slot}].Control := PASID of struct device',
          set: { 'store.IMS{slot}.PASID': 'dev_pasid', 'store.IMS{slot}.PASID_EN': true },
        },
      ],
    },
    free_irq: {
      doc: 'Mask, read back, wait for a handler that runs, remove it.',
      by: ['host'],
      operands: { slot: { index: 's' } },
      steps: [
        { call: 'mask', with: { slot: '{slot}' } },
        { step: 'remove', when: '!store.msg{slot}', label: 'free_irq of IMS[{slot}]', set: { 'handler{slot}': false } },
      ],
    },
    free: {
      doc: 'The entry is given back: all zero and masked.',
      by: ['host'],
      operands: { slot: { index: 's' } },
      steps: [
        {
          step: 'clear',
          posted: 'store.mmio',
          label: 'IMS[{slot}] cleared and masked',
          set: {
            'store.IMS{slot}.PASID': 'nil',
            'store.IMS{slot}.PASID_EN': false,
            'store.IMS{slot}.MASK': true,
            'store.IMS{slot}.ADDRESS': 'fee_reset',
            'store.IMS{slot}.DATA': 'no_data',
          },
        },
        { step: 'release', label: 'IMS[{slot}] is free', set: { 'allocated{slot}': false } },
      ],
    },
  },
  behaviour: [
    {
      agent: 'irq',
      title: 'Host interrupt of IMS[{s}]',
      role: 'interrupt',
      per: ['s'],
      steps: [
        {
          step: 'comes',
          when: 'store.msg{s}',
          cases: [
            {
              if: 'store.msg_data{s} != irq{s}',
              name: 'stray',
              label: 'the message of IMS[{s}] has another vector’s data',
              set: { 'store.msg{s}': false, 'stray{s}': true },
            },
            {
              if: '!handler{s}',
              name: 'spurious',
              label: 'the interrupt of IMS[{s}] has no handler',
              set: { 'store.msg{s}': false, 'spurious{s}': true },
            },
            {
              label: 'the handler of IMS[{s}] signals the eventfd',
              set: { 'store.msg{s}': false, 'delivered{s}': 'store.msg_pasid{s}', 'signalled{s}': true },
            },
          ],
        },
      ],
    },
  ],
})
