/**
 * A posted interrupt descriptor, the unit that posts into it, and the hypervisor that takes from it.
 * Source: VT-d 5.10 §5.2.3, §9.11 (reference 60 §5): set PIR; if (SN=0 or URG=1) and ON=0, set ON and notify; one
 * coherent atomic update. Hypervisor side: Linux arch/x86/kvm/vmx/posted_intr.c (vmx_vcpu_pi_load: SN is cleared before
 * PIR is read, then ON is set again where PIR is not empty) and vmx_sync_pir_to_irr (ON is cleared before PIR is read).
 */
import { block } from '../block'
import { modelled } from '../entry'
import { POSTED_DESCRIPTOR } from '../vtd/entries'

/** Bit 41h of PIR. */
const VECTOR = '0x20000000000000000'

export const VTD_POSTED_DESCRIPTOR = block({
  block: 'vtd-posted-descriptor',
  title: 'Posted interrupt descriptor',
  cite: 'VT-d 5.10 §5.2.3, §9.11 (60 §5)',
  scope:
    'One vector. A notification that the host takes outside the guest does nothing; one that comes with interrupts off waits for the guest.',
  registers: [
    modelled(
      POSTED_DESCRIPTOR,
      {},
      {
        PIR: { values: { empty: 0, v41: VECTOR } },
        NV: { fixed: 0xf2 },
        NDST: { fixed: 0x100 },
      },
    ),
  ],
  state: {
    notified: { initial: false, doc: 'a notification is on its way to the processor' },
    in_guest: { initial: false, doc: 'the vCPU runs' },
    seen: { values: ['empty', 'v41'], doc: 'what the hypervisor read out of PIR' },
    injected: { range: [0, 3], doc: 'interrupts that reached the guest’s IRR' },
  },
  define: { nothing_left: 'PID.PIR == empty' },
  operations: {
    post: {
      doc: 'The unit posts the vector: one atomic update, and a notification where one is due.',
      by: ['device'],
      operands: { urgent: { flag: true, default: false } },
      steps: [
        {
          cases: [
            {
              if: '(!PID.SN || {urgent}) && !PID.ON',
              name: 'notify',
              set: { 'PID.PIR': 'v41', 'PID.ON': true, notified: true },
              label: 'PIR[41h] := 1, ON := 1, notification',
            },
            { set: { 'PID.PIR': 'v41' }, label: 'PIR[41h] := 1' },
          ],
        },
      ],
    },
    suppress: {
      doc: 'Set SN: the vCPU leaves the processor.',
      by: ['host'],
      steps: [{ set: { 'PID.SN': true }, label: 'SN := 1' }],
    },
    clear_sn: {
      doc: 'Clear SN: the vCPU comes back.',
      by: ['host'],
      steps: [{ set: { 'PID.SN': false }, label: 'SN := 0' }],
    },
    recompute_on: {
      doc: 'Set ON where PIR is not empty.',
      by: ['host'],
      steps: [
        {
          cases: [
            { if: 'PID.PIR == v41', set: { 'PID.ON': true }, name: 'set', label: 'PIR is not empty: ON := 1' },
            { label: 'PIR is empty' },
          ],
        },
      ],
    },
    clear_on: {
      doc: 'Clear ON.',
      by: ['host'],
      steps: [{ set: { 'PID.ON': false }, label: 'ON := 0' }],
    },
    read_pir: {
      doc: 'Take PIR: read and clear it in one exchange, into the guest’s IRR.',
      by: ['host'],
      steps: [
        {
          cases: [
            {
              if: 'PID.PIR == v41',
              name: 'taken',
              set: { 'PID.PIR': 'empty', seen: 'v41', injected: 'injected + 1' },
              label: 'PIR taken',
            },
            { label: 'PIR is empty' },
          ],
        },
      ],
    },
    sync: {
      doc: 'Before the guest is entered: where ON is set, clear it and take PIR.',
      cite: 'vmx_sync_pir_to_irr, 6.12',
      by: ['host'],
      steps: [
        {
          step: 'on',
          cases: [
            { if: '!PID.ON', name: 'none', return: true, label: 'ON is 0: PIR is not looked at' },
            { set: { 'PID.ON': false }, label: 'ON := 0' },
          ],
        },
        { call: 'read_pir' },
      ],
    },
    interrupts_off: {
      doc: 'Before the entry: notifications from now on stay pending; the host’s handler took earlier ones for nothing.',
      by: ['host'],
      steps: [{ set: { notified: false }, label: 'interrupts off' }],
    },
    enter: {
      doc: 'Enter the guest.',
      by: ['host'],
      steps: [{ set: { in_guest: true }, label: 'the vCPU enters the guest' }],
    },
  },
  behaviour: [
    {
      agent: 'processor',
      title: 'Posted-interrupt processing in the guest',
      role: 'interrupt',
      steps: [
        {
          step: 'clear_on',
          when: 'notified && in_guest',
          set: { notified: false, 'PID.ON': false },
          label: 'notification taken: ON := 0',
        },
        {
          step: 'take',
          cases: [
            {
              if: 'PID.PIR == v41',
              name: 'taken',
              set: { 'PID.PIR': 'empty', injected: 'injected + 1' },
              label: 'PIR into the IRR',
            },
            { label: 'PIR is empty' },
          ],
        },
      ],
    },
  ],
})
