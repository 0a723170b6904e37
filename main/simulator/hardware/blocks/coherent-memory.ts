/**
 * Coherent memory and the CPUs in front of it, with the order in which one CPU's accesses become visible to others:
 * x86-TSO (a FIFO store buffer with forwarding: only a later load may pass an earlier store to another address) or arm64
 * (stores leave the buffer in any order that keeps one address and the barriers; a load may have been done early). A
 * write to a device register is an entry of the same buffer and leaves it into a posted channel.
 *
 * Sources: reference 85 §3 (writel orders earlier memory writes before the MMIO write but not its arrival, writel_relaxed
 * does not, readl returns behind every posted write). (unverified, not run here:) Linux asm/io.h and asm/barrier.h of x86 and
 * arm64; Sewell et al., "x86-TSO"; the Arm memory model (other-multi-copy atomic).
 */
import { block } from '../block'

/** What stands behind entry `{slot}` moves up; written for a buffer of three. */
const moveUp = {
  'sb{cpu}_0': '{slot} <= 0 ? sb{cpu}_1 : sb{cpu}_0',
  'sb{cpu}_1': '{slot} <= 1 ? sb{cpu}_2 : sb{cpu}_1',
  'sb{cpu}_2': 'empty',
  'sbv{cpu}_0': '{slot} <= 0 ? sbv{cpu}_1 : sbv{cpu}_0',
  'sbv{cpu}_1': '{slot} <= 1 ? sbv{cpu}_2 : sbv{cpu}_1',
  'sbv{cpu}_2': '0',
}

/** Entry `{slot}` is this, and nothing before it has to leave first. */
const mayLeave = (what: string): string =>
  [
    `sb{cpu}_{slot} == ${what}`,
    '({slot} == 0 || order == arm64)',
    `({slot} <= 0 || (sb{cpu}_0 != ${what} && sb{cpu}_0 != barrier))`,
    `({slot} <= 1 || (sb{cpu}_1 != ${what} && sb{cpu}_1 != barrier))`,
  ].join(' && ')

/** One more entry behind the last. */
const append = (what: string, value: string): Record<string, string> => ({
  'sb{cpu}_0': `sb{cpu}_0 == empty ? ${what} : sb{cpu}_0`,
  'sb{cpu}_1': `sb{cpu}_0 != empty && sb{cpu}_1 == empty ? ${what} : sb{cpu}_1`,
  'sb{cpu}_2': `sb{cpu}_1 != empty && sb{cpu}_2 == empty ? ${what} : sb{cpu}_2`,
  'sbv{cpu}_0': `sb{cpu}_0 == empty ? ${value} : sbv{cpu}_0`,
  'sbv{cpu}_1': `sb{cpu}_0 != empty && sb{cpu}_1 == empty ? ${value} : sbv{cpu}_1`,
  'sbv{cpu}_2': `sb{cpu}_1 != empty && sb{cpu}_2 == empty ? ${value} : sbv{cpu}_2`,
})

const ROOM = 'sb{cpu}_2 == empty'
const DRAINED = 'sb{cpu}_0 == empty'
const OWN = (loc: string): string =>
  `(sb{cpu}_2 == ${loc} ? sbv{cpu}_2 : sb{cpu}_1 == ${loc} ? sbv{cpu}_1 : sbv{cpu}_0)`
const HAS_OWN = (loc: string): string => `(sb{cpu}_0 == ${loc} || sb{cpu}_1 == ${loc} || sb{cpu}_2 == ${loc})`

const NO_MMIO = 'sb{cpu}_0 != mmio && sb{cpu}_1 != mmio && sb{cpu}_2 != mmio'

/** Whatever is read from now on is read anew. */
const READ_ANEW = { 'early{cpu}.{*loc}': 'false', 'earlyv{cpu}.{*loc}': '0' }

const fillSlot = (set: Record<string, string>, slot: number): Record<string, string> =>
  Object.fromEntries(Object.entries(set).map(([k, v]) => [k, v.replaceAll('{slot}', String(slot))]))

const CPU = { index: 'cpu', doc: 'which CPU' } as const
const VALUE = { expression: 'int', default: 1, doc: 'a number, or a register such as memory.r0_0' } as const

export const COHERENT_MEMORY = block({
  block: 'coherent-memory',
  title: 'Coherent memory and CPUs',
  cite: '85 §3; x86-TSO; Arm memory model (unverified)',
  scope:
    'Small integers as values, two locations or more, one device register. A load is never delayed past a later store of its CPU: load buffering (LB), which Arm permits without a dependency, is not shown. Devices read and write memory coherently.',
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
    early: { per: ['cpu', 'loc'], doc: 'it has been read early', label: 'read early' },
    earlyv: { per: ['cpu', 'loc'], range: [0, 'top'], label: 'value read early' },
    r: { per: ['cpu', 'reg'], range: [0, 'top'], doc: 'registers that loads go to' },
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
      operands: { cpu: CPU, to: { names: 'locations' }, value: VALUE },
      steps: [
        {
          label: 'CPU {cpu} stores to {to}',
          when: ROOM,
          set: { ...append('{to}', 'value'), 'early{cpu}.{to}': 'false', 'earlyv{cpu}.{to}': '0' },
        },
      ],
    },
    load: {
      doc: 'Load from memory: its own newest store, what it has read early (arm64), or memory.',
      operands: { cpu: CPU, from: { names: 'locations' }, into: { index: 'reg', default: 0 } },
      steps: [
        {
          any: true,
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
              if: `order == arm64 && early{cpu}.{from} && !${HAS_OWN('{from}')}`,
              name: 'early',
              label: 'CPU {cpu} loads {from}: the value that it read early',
              set: { 'r{cpu}_{into}': 'earlyv{cpu}.{from}', 'early{cpu}.{from}': 'false', 'earlyv{cpu}.{from}': '0' },
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
      doc: 'Loads after it are done after loads before it: dmb oshld on arm64, nothing on x86.',
      operands: { cpu: CPU },
      steps: [{ label: 'CPU {cpu}, dma_rmb', set: READ_ANEW }],
    },
    dsb: {
      doc: 'Everything before it is visible before anything after it: dsb sy on arm64, mfence on x86.',
      operands: { cpu: CPU },
      steps: [{ label: 'CPU {cpu}, full barrier', when: DRAINED, set: READ_ANEW }],
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
          when: `link.empty && ${NO_MMIO} && (order == arm64 || ${DRAINED})`,
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
      doc: 'Give a spinlock back (release): earlier stores are visible by then.',
      operands: { cpu: CPU },
      steps: [{ label: 'CPU {cpu} gives the lock back', when: DRAINED, set: { locked: 'false' } }],
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
  behaviour: [
    {
      agent: 'buffer',
      per: ['cpu'],
      title: 'Store buffer of CPU {cpu}',
      role: 'fabric',
      steps: [
        {
          any: true,
          cases: [
            {
              per: ['slot', 'loc'],
              if: mayLeave('{loc}'),
              label: 'the store to {loc} becomes visible',
              set: { 'value.{loc}': 'sbv{cpu}_{slot}', ...moveUp },
            },
            {
              name: 'fence',
              if: 'sb{cpu}_0 == barrier',
              label: 'nothing is before the barrier any more',
              set: fillSlot(moveUp, 0),
            },
          ],
        },
      ],
    },
    ...[0, 1, 2].map((slot) => ({
      agent: `mmio${slot}_`,
      per: ['cpu'],
      title: `Device writes of CPU {cpu}, entry ${slot}`,
      role: 'fabric' as const,
      steps: [
        {
          any: true,
          posted: 'link',
          cases: [
            {
              if: mayLeave('mmio').replaceAll('{slot}', String(slot)),
              label: 'the write of the device register leaves CPU {cpu}',
              set: { doorbell: `sbv{cpu}_${slot}`, rung: 'true' },
              now: fillSlot(moveUp, slot),
            },
          ],
        },
      ],
    })),
    {
      agent: 'ahead',
      per: ['cpu'],
      title: 'Early reads of CPU {cpu}',
      role: 'fabric',
      steps: [
        {
          any: true,
          cases: [
            {
              per: ['loc'],
              if: `order == arm64 && !early{cpu}.{loc} && !${HAS_OWN('{loc}')}`,
              label: 'CPU {cpu} reads {loc} early',
              set: { 'early{cpu}.{loc}': 'true', 'earlyv{cpu}.{loc}': 'value.{loc}' },
            },
          ],
        },
      ],
    },
  ],
})
