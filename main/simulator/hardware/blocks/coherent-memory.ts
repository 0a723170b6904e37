/**
 * Coherent memory and the CPUs in front of it, with the order in which one CPU's accesses become visible to others:
 * x86-TSO (a FIFO store buffer with forwarding: only a later load may pass an earlier store to another address) or arm64
 * (stores leave the buffer in any order that keeps one address and the barriers; a load may have been done early, or be
 * done late, behind stores that come after it). Whoever reads the register of a load waits until it is done: so a data or
 * control dependency orders, and no value comes out of thin air. A write to a device register is an entry of the same
 * buffer and leaves it into a posted channel.
 *
 * Sources: reference 85 §3 (writel orders earlier memory writes before the MMIO write but not its arrival, writel_relaxed
 * does not, readl returns behind every posted write). (unverified, not run here:) Linux asm/io.h and asm/barrier.h of x86 and
 * arm64; Sewell et al., "x86-TSO"; the Arm memory model (other-multi-copy atomic).
 */
import { block } from '../block'
import {
  ADDRESS_KNOWN,
  ALL_LOADED,
  append,
  appendRelease,
  BEHAVIOUR,
  DRAINED,
  HAS_OWN,
  NO_MMIO,
  NO_RELEASE,
  NONE_LATE,
  OWN,
  READ_ANEW,
  ROOM,
} from './coherent-memory-order'

const CPU = { index: 'cpu', doc: 'which CPU' } as const
const ADDRESS = {
  integer: [-1, 1] as [number, number],
  default: -1,
  doc: 'the register of a load that the address was computed from: 0 or 1; −1 for none',
}
const VALUE = { expression: 'int', default: 1, doc: 'a number, or a register such as memory.r0_0' } as const

export const COHERENT_MEMORY = block({
  block: 'coherent-memory',
  title: 'Coherent memory and CPUs',
  cite: '85 §3; x86-TSO; Arm memory model (unverified)',
  scope:
    'Small integers as values, two locations or more, one device register, two registers for loads. A load that Arm lets pass a later store without a dependency does (load buffering, LB); reading its register is the dependency. A store whose value is still being loaded holds the later stores of its CPU back, which Arm does not ask for. So does a store-release with loads before it. An access whose address was computed from a load is done after it (`address`). Devices read and write memory coherently.',
  parameters: {
    cpus: { default: 2, min: 1, max: 4 },
    order: {
      default: 'tso',
      values: ['tso', 'arm64'],
      by_arch: { x86: 'tso', arm64: 'arm64' },
      doc: "whose rules the CPUs follow; the platform's, where the scenario does not say it",
    },
    locations: { names: { data: 0, flag: 1 }, doc: 'addresses in coherent memory' },
    top: { default: 1, min: 1, max: 7, doc: 'largest value' },
  },
  indices: { cpu: 'cpus', loc: 'locations', slot: 3, reg: 2 },
  state: {
    value: { per: ['loc'], range: [0, 'top'], label: 'memory' },
    sb: { per: ['cpu', 'slot'], names: 'locations', and: ['empty', 'barrier', 'mmio'], label: 'store buffer' },
    sbv: { per: ['cpu', 'slot'], range: [0, 'top'], label: 'store buffer value' },
    sbr: { per: ['cpu', 'slot'], doc: 'it is a store-release', label: 'store buffer, release' },
    early: { per: ['cpu', 'loc'], doc: 'it has been read early', label: 'read early' },
    earlyv: { per: ['cpu', 'loc'], range: [0, 'top'], label: 'value read early' },
    late: {
      per: ['cpu', 'reg'],
      names: 'locations',
      and: ['nothing'],
      doc: 'the load into this register is issued and not done: of this address',
      label: 'load under way',
    },
    r: {
      per: ['cpu', 'reg'],
      range: [0, 'top'],
      doc: 'registers that loads go to',
      settled: 'order == tso || late{cpu}_{reg} == nothing',
    },
    doorbell: { range: [0, 'top'], doc: 'the device register' },
    rung: { doc: 'a write of the device register has arrived' },
    fetched: { per: ['loc'], range: [0, 'top'], doc: 'what the device read last' },
    locked: { doc: 'a spinlock' },
  },
  define: {
    /** No write is under way, neither in a CPU nor on the link. */
    quiet: 'all{cpu: sb{cpu}_0 == empty} && link.empty',
  },
  channels: { link: { capacity: 2 } },
  operations: {
    store: {
      doc: 'Store to memory: visible to this CPU at once, to others when it leaves the store buffer.',
      operands: { cpu: CPU, to: { names: 'locations' }, value: VALUE, address: ADDRESS },
      steps: [
        {
          label: 'CPU {cpu} stores to {to}',
          when: `${ROOM} && ${NONE_LATE('{to}')} && ${ADDRESS_KNOWN}`,
          set: { ...append('{to}', 'value'), 'early{cpu}.{to}': 'false', 'earlyv{cpu}.{to}': '0' },
        },
      ],
    },
    store_release: {
      doc: 'smp_store_release: everything before it is visible and done before it. stlr on arm64, a plain store on x86.',
      cite: 'Linux include/asm-generic/barrier.h; Arm ARM B2.3 (unverified)',
      operands: { cpu: CPU, to: { names: 'locations' }, value: VALUE },
      steps: [
        {
          label: 'CPU {cpu} stores to {to}, release',
          when: `${ROOM} && ${ALL_LOADED}`,
          set: { ...appendRelease('{to}', 'value'), 'early{cpu}.{to}': 'false', 'earlyv{cpu}.{to}': '0' },
        },
      ],
    },
    load_acquire: {
      doc: 'smp_load_acquire: everything behind it is done after it. ldar on arm64 (which waits for store-releases before it, too), a plain load on x86.',
      cite: 'Linux include/asm-generic/barrier.h; Arm ARM B2.3 (unverified)',
      operands: { cpu: CPU, from: { names: 'locations' }, into: { index: 'reg', default: 0 }, address: ADDRESS },
      steps: [
        {
          when: `${NONE_LATE('{from}')} && (order == tso || late{cpu}_{into} == nothing && ${NO_RELEASE}) && ${ADDRESS_KNOWN}`,
          cases: [
            {
              if: HAS_OWN('{from}'),
              name: 'forwarded',
              label: 'CPU {cpu} loads {from}, acquire: its own store',
              set: { 'r{cpu}_{into}': OWN('{from}'), ...READ_ANEW },
            },
            { label: 'CPU {cpu} loads {from}, acquire', set: { 'r{cpu}_{into}': 'value.{from}', ...READ_ANEW } },
          ],
        },
      ],
    },
    load: {
      doc: 'Load from memory: its own newest store, what it has read early, or memory, now or late (arm64).',
      operands: { cpu: CPU, from: { names: 'locations' }, into: { index: 'reg', default: 0 }, address: ADDRESS },
      steps: [
        {
          any: true,
          when: `${NONE_LATE('{from}')} && (order == tso || late{cpu}_{into} == nothing) && ${ADDRESS_KNOWN}`,
          cases: [
            {
              if: HAS_OWN('{from}'),
              name: 'forwarded',
              label: 'CPU {cpu} loads {from}: its own store',
              set: { 'r{cpu}_{into}': OWN('{from}') },
            },
            {
              if: `!${HAS_OWN('{from}')}`,
              label: 'CPU {cpu} loads {from}',
              set: { 'r{cpu}_{into}': 'value.{from}', 'early{cpu}.{from}': 'false', 'earlyv{cpu}.{from}': '0' },
            },
            {
              if: `order == arm64 && {address} < 0 && early{cpu}.{from} && !${HAS_OWN('{from}')}`,
              name: 'early',
              label: 'CPU {cpu} loads {from}: the value that it read early',
              set: { 'r{cpu}_{into}': 'earlyv{cpu}.{from}', 'early{cpu}.{from}': 'false', 'earlyv{cpu}.{from}': '0' },
            },
            {
              if: 'order == arm64',
              name: 'late',
              label: 'CPU {cpu} loads {from}: issued, to be done later',
              set: { 'late{cpu}_{into}': '{from}' },
            },
          ],
        },
      ],
    },
    dma_wmb: {
      doc: 'Stores before it become visible before stores after it: dmb oshst on arm64, nothing on x86.',
      operands: { cpu: CPU },
      steps: [
        {
          when: ROOM,
          cases: [
            { if: `order == tso || ${DRAINED}`, label: 'CPU {cpu}, dma_wmb: nothing is under way' },
            { name: 'fence', label: 'CPU {cpu}, dma_wmb: later stores wait', set: append('barrier', '0') },
          ],
        },
      ],
    },
    dma_rmb: {
      doc: 'Loads and stores after it are done after loads before it: dmb oshld on arm64, nothing on x86.',
      operands: { cpu: CPU },
      steps: [{ label: 'CPU {cpu}, dma_rmb', when: ALL_LOADED, set: READ_ANEW }],
    },
    dsb: {
      doc: 'Everything before it is visible before anything after it: dsb sy on arm64, mfence on x86.',
      operands: { cpu: CPU },
      steps: [{ label: 'CPU {cpu}, full barrier', when: `${DRAINED} && ${ALL_LOADED}`, set: READ_ANEW }],
    },
    writel: {
      doc: 'Write the device register, behind every earlier store of this CPU; it is posted, not arrived.',
      operands: { cpu: CPU, value: VALUE },
      steps: [
        { call: 'dma_wmb', with: { cpu: '{cpu}' } },
        { step: 'write', label: 'CPU {cpu}, writel', when: ROOM, set: append('mmio', 'value') },
      ],
    },
    writel_relaxed: {
      doc: 'Write the device register without ordering it behind earlier stores to memory.',
      operands: { cpu: CPU, value: VALUE },
      steps: [{ label: 'CPU {cpu}, writel_relaxed', when: ROOM, set: append('mmio', 'value') }],
    },
    readl: {
      doc: 'Read the device register: the completion comes back behind every posted write; later loads are done after it.',
      operands: { cpu: CPU, into: { index: 'reg', default: 0 } },
      steps: [
        {
          label: 'CPU {cpu}, readl: every posted write has arrived',
          when: `link.empty && ${NO_MMIO} && (order == arm64 || ${DRAINED}) && ${ALL_LOADED}`,
          set: { 'r{cpu}_{into}': 'doorbell', ...READ_ANEW },
        },
      ],
    },
    lock: {
      doc: 'Take a spinlock (acquire).',
      operands: { cpu: CPU },
      steps: [{ label: 'CPU {cpu} takes the lock', when: '!locked', set: { locked: 'true', ...READ_ANEW } }],
    },
    unlock: {
      doc: 'Give a spinlock back (release): earlier stores are visible and earlier loads done by then.',
      operands: { cpu: CPU },
      steps: [
        { label: 'CPU {cpu} gives the lock back', when: `${DRAINED} && ${ALL_LOADED}`, set: { locked: 'false' } },
      ],
    },
    dma_read: {
      doc: 'The device reads memory.',
      by: ['device'],
      operands: { from: { names: 'locations' } },
      steps: [{ label: 'the device reads {from}', set: { 'fetched.{from}': 'value.{from}' } }],
    },
    dma_write: {
      doc: 'The device writes memory.',
      by: ['device'],
      operands: { to: { names: 'locations' }, value: VALUE },
      steps: [{ label: 'the device writes {to}', set: { 'value.{to}': 'value' } }],
    },
  },
  behaviour: BEHAVIOUR,
})
