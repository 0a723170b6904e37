/**
 * Registers of a VT-d unit, its invalidation queue and its fault recording.
 * Source: VT-d 5.10 §11 (offsets and bits of GSTS, RTADDR, FSTS, IRTA, FRCD), §6.5 (queue), §7 (recording; reference 80
 * §5–§6). Numbers of the faults: reasons.ts beside the decision procedure.
 */
import { block } from '../block'
import { modelled } from '../entry'
import { FAULT_RECORD } from '../vtd/entries'

/** The numbers that the blocks of the unit can record, as names: `h59` is reason 59h. */
const CODES = [0x22, 0x25, 0x26, 0x41, 0x44, 0x45, 0x48, 0x59, 0x71]
const REASONS = Object.fromEntries([['none', 0], ...CODES.map((c) => [`h${c.toString(16)}`, c])]) as Record<
  string,
  number
>
/** Names for "no fault" and every number, for the blocks that ask the unit to record one. */
export const REASON_NAMES: readonly string[] = Object.keys(REASONS)

const next = (r: number, field: string, value: string): [string, string] => [
  `FRCD${r}.${field}`,
  `next_record == ${r} ? ${value} : FRCD${r}.${field}`,
]

export const VTD_UNIT = block({
  block: 'vtd-unit',
  title: 'VT-d unit',
  cite: 'VT-d 5.10 §6.5, §7, §11 (80 §5–§6)',
  scope:
    'Descriptors of the invalidation queue are executed one after the other, in the order of submission, so that a fence (FN of a wait descriptor) has nothing to add; waits are polled, without a completion interrupt. The queue’s own head and tail registers are not kept. Two fault recording registers, no compression by requester.',
  indices: { r: 2 },
  registers: [
    {
      name: 'GSTS',
      title: 'Global Status',
      offset: 0x1c,
      fields: [
        { name: 'TES', bits: 31, access: 'RO', reset: 1, meaning: 'translation enabled' },
        { name: 'RTPS', bits: 30, access: 'RO', reset: 1, meaning: 'root table pointer set' },
        { name: 'QIES', bits: 26, access: 'RO', reset: 1, meaning: 'queued invalidation enabled' },
        { name: 'IRES', bits: 25, access: 'RO', reset: 1, meaning: 'interrupt remapping enabled' },
        { name: 'IRTPS', bits: 24, access: 'RO', reset: 1, meaning: 'interrupt remapping table pointer set' },
        { name: 'CFIS', bits: 23, access: 'RO', meaning: 'compatibility format interrupts pass' },
      ],
    },
    {
      name: 'RTADDR',
      title: 'Root Table Address',
      offset: 0x20,
      width: 64,
      fields: [
        { name: 'TTM', bits: '11:10', values: { legacy: 0, scalable: 1, abort: 3 }, reset: 'scalable' },
        { name: 'RTA', bits: '63:12', fixed: 0x1, meaning: 'root table' },
      ],
    },
    {
      name: 'FSTS',
      title: 'Fault Status',
      offset: 0x34,
      fields: [
        { name: 'PFO', bits: 0, access: 'W1C', meaning: 'fault overflow: further faults are lost until it is cleared' },
        { name: 'PPF', bits: 1, access: 'RO', meaning: 'a recording register holds a fault' },
        { name: 'IQE', bits: 4, access: 'W1C', meaning: 'invalidation queue error' },
        { name: 'ICE', bits: 5, access: 'W1C', meaning: 'invalidation completion error' },
        { name: 'ITE', bits: 6, access: 'W1C', meaning: 'invalidation time-out' },
        { name: 'FRI', bits: '15:8', access: 'RO', meaning: 'index of the first pending record' },
      ],
    },
    {
      name: 'IRTA',
      title: 'Interrupt Remapping Table Address',
      offset: 0xb8,
      width: 64,
      fields: [
        { name: 'S', bits: '3:0', reset: 15, meaning: 'the table has 2^(S+1) entries' },
        { name: 'EIME', bits: 11, meaning: 'extended interrupt mode (x2APIC)' },
        { name: 'IRTA', bits: '63:12', fixed: 0x2, meaning: 'interrupt remapping table' },
      ],
    },
    modelled(FAULT_RECORD, { per: ['r'], table: 'Fault recording registers' }, { FR: { values: REASONS } }),
  ],
  state: { next_record: { range: [0, 1], doc: 'the recording register that takes the next fault' } },
  define: { queue_empty: 'iq.empty' },
  channels: { iq: { capacity: 4 } },
  operations: {
    wait: {
      doc: 'Submit an invalidation wait descriptor and poll its status: everything before it has been executed.',
      by: ['host'],
      steps: [{ when: 'iq.empty', label: 'invalidation wait completes' }],
    },
    allow_compatibility: {
      doc: 'Let compatibility format interrupts pass (GCMD.CFI).',
      by: ['host'],
      steps: [{ set: { 'GSTS.CFIS': true }, label: 'GSTS.CFIS := 1' }],
    },
    record: {
      doc: 'Record a fault: dropped while PFO is set, PFO set where the next register is full.',
      operands: { reason: { expression: 'name' }, quiet: { expression: 'bool', default: false } },
      steps: [
        {
          label: 'record a fault',
          cases: [
            { if: 'quiet', name: 'quiet', label: 'not recorded: FPD' },
            { if: 'FSTS.PFO', name: 'lost', label: 'lost: PFO is set' },
            {
              if: '(next_record == 0 && FRCD0.F) || (next_record == 1 && FRCD1.F)',
              name: 'overflow',
              set: { 'FSTS.PFO': true },
              label: 'no room: FSTS.PFO := 1',
            },
            {
              set: {
                ...Object.fromEntries([0, 1].flatMap((r) => [next(r, 'F', 'true'), next(r, 'FR', 'reason')])),
                next_record: '1 - next_record',
                'FSTS.PPF': true,
                'FSTS.FRI': 'FSTS.PPF ? FSTS.FRI : next_record',
              },
              label: 'fault recorded',
            },
          ],
        },
      ],
    },
    clear_record: {
      doc: 'Clear F of a recording register (write one).',
      by: ['host'],
      operands: { record: { index: 'r' } },
      steps: [
        {
          set: { 'FRCD{record}.F': false, 'FSTS.PPF': 'FRCD{1-record}.F', 'FSTS.FRI': '{1-record}' },
          label: 'FRCD[{record}].F cleared',
        },
      ],
    },
    clear_overflow: {
      doc: 'Clear FSTS.PFO (write one).',
      by: ['host'],
      steps: [{ set: { 'FSTS.PFO': false }, label: 'FSTS.PFO cleared' }],
    },
  },
})
