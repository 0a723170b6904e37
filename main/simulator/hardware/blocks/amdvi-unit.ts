/**
 * An AMD IOMMU: device table, the interrupt table of each function, the cache of interrupt entries and the command buffer.
 * Isolation is by table: the requester selects its device table entry, and with it its own interrupt table.
 * Source: Linux 6.12 drivers/iommu/amd/amd_iommu_types.h (bits, event and command numbers; reference 60 §6) and iommu.c,
 * which changes an entry and then sends INVALIDATE_INTERRUPT_TABLE and COMPLETION_WAIT (iommu_flush_irt_and_complete);
 * the order of the checks is that of amdvi/decide.ts.
 */
import { DTE, IRTE32 } from '../amdvi/entries'
import { EVENTS } from '../amdvi/decide'
import { block, type CaseSpec } from '../block'
import { modelled } from '../entry'

const CONTROL = { abort: 0, forward: 1, remap: 2, reserved: 3 }
const OUTCOMES = ['nothing', 'forwarded', 'translated', 'remapped', 'aborted']

const refuse = (name: string, event: keyof typeof EVENTS, condition: string, logged: string | boolean): CaseSpec => ({
  ...(condition ? { if: condition } : {}),
  name,
  fault: event,
  set: { 'outcome{function}': 'aborted', 'logged{function}': logged },
  label: `target abort: ${event}`,
})
const pass = (name: string, condition: string, label: string, outcome = 'forwarded'): CaseSpec => ({
  ...(condition ? { if: condition } : {}),
  name,
  set: { 'outcome{function}': outcome, 'logged{function}': false },
  label,
})
const arrive = (cpu: string, more: CaseSpec['set'] = {}): CaseSpec['set'] => ({
  'outcome{function}': 'remapped',
  'logged{function}': false,
  'delivered{function}_{entry}': cpu,
  late: `late || (${cpu} == old_cpu && vector_freed)`,
  ...more,
})

const LOUD = '!DTE{function}.SA'
const NOT_IGNORED = '!DTE{function}.IG'
const NOT_SUPPRESSED = '!IRTE{function}_{entry}.SupIOPF && !DTE{function}.IG'

export const AMDVI_UNIT = block({
  block: 'amdvi-unit',
  title: 'AMD IOMMU',
  cite: 'amd_iommu_types.h, 6.12 (60 §6)',
  scope:
    'Entries of 32 bits, fixed and arbitrated interrupts, host page tables of one page for each function; entries of 128 bits, the guest virtual APIC, guest page tables and requests with PASID are left out (explain follows the first two). An interrupt entry that was used stays cached until its table is invalidated, which is the worst that hardware may do. Device table entries and translations are read anew by every request; every structure can be read. Commands are executed in the order of submission.',
  parameters: {
    functions: { default: 1, min: 1, max: 2, doc: 'functions with a device table entry' },
  },
  indices: { f: 'functions', e: 2 },
  registers: [
    modelled(
      DTE,
      { per: ['f'], table: 'Device table' },
      {
        Mode: { reset: 3 },
        Root: { fixed: 0x10 },
        IntTabLen: { reset: 1 },
        IntCtl: { values: CONTROL },
        IntTabRoot: { fixed: 0x200 },
      },
    ),
    modelled(
      IRTE32,
      { per: ['f', 'e'], table: 'Interrupt remapping tables' },
      { Vector: { fixed: 0x41 }, Destination: { values: { old_cpu: 1, new_cpu: 2 } } },
    ),
  ],
  state: {
    mapped: { per: ['f'], initial: true, doc: 'the page is mapped in the page table of the function' },
    cached: { per: ['f', 'e'], doc: 'the entry is in the interrupt cache', label: 'cache valid' },
    cached_cpu: { per: ['f', 'e'], values: ['old_cpu', 'new_cpu'], label: 'cache Destination' },
    delivered: { per: ['f', 'e'], values: ['nobody', 'old_cpu', 'new_cpu'], doc: 'who got the last interrupt' },
    outcome: { per: ['f'], values: OUTCOMES, doc: 'what became of the last request' },
    logged: { per: ['f'], doc: 'the last request wrote an event to the event log' },
    vector_freed: { initial: false, doc: 'the vector on the old CPU has been given back' },
    late: { initial: false, doc: 'an interrupt reached the old CPU after its vector was given back' },
  },
  faults: {
    ILLEGAL_DEV_TABLE_ENTRY: 'a reserved value in the device table entry (event 1)',
    IO_PAGE_FAULT: 'no permission, no mapping or no interrupt entry (event 2)',
    INVALID_DEVICE_REQUEST: 'translation request or translated request while I=0 (event 8)',
  },
  channels: { commands: { capacity: 4 } },
  operations: {
    write_dte: {
      doc: 'Write a device table entry as a whole.',
      by: ['host'],
      operands: {
        function: { index: 'f' },
        V: { flag: true, default: true },
        TV: { flag: true, default: true },
        Mode: { integer: [0, 7], default: 3 },
        IR: { flag: true, default: true },
        IW: { flag: true, default: true },
        I: { flag: true, default: false },
        SA: { flag: true, default: false },
        IV: { flag: true, default: true },
        IntTabLen: { integer: [0, 15], default: 1 },
        IG: { flag: true, default: false },
        IntCtl: { values: Object.keys(CONTROL), default: 'remap' },
      },
      steps: [
        {
          set: Object.fromEntries(
            ['V', 'TV', 'Mode', 'IR', 'IW', 'I', 'SA', 'IV', 'IntTabLen', 'IG', 'IntCtl'].map((name) => [
              `DTE{function}.${name}`,
              `{${name}}`,
            ]),
          ),
          label: 'DTE[{function}]: V={V}, TV={TV}, IV={IV}, IntCtl {IntCtl}',
        },
      ],
    },
    write_irte: {
      doc: 'Write an entry of the function’s interrupt table as a whole.',
      by: ['host'],
      operands: {
        function: { index: 'f' },
        entry: { index: 'e', default: 0 },
        RemapEn: { flag: true, default: true },
        cpu: { values: ['old_cpu', 'new_cpu'] },
        IntType: { integer: [0, 7], default: 0 },
        GuestMode: { flag: true, default: false },
        SupIOPF: { flag: true, default: false },
      },
      steps: [
        {
          set: {
            'IRTE{function}_{entry}.RemapEn': '{RemapEn}',
            'IRTE{function}_{entry}.Destination': '{cpu}',
            'IRTE{function}_{entry}.IntType': '{IntType}',
            'IRTE{function}_{entry}.GuestMode': '{GuestMode}',
            'IRTE{function}_{entry}.SupIOPF': '{SupIOPF}',
          },
          label: 'IRTE[{function}][{entry}]: RemapEn={RemapEn}, to {cpu}',
        },
      ],
    },
    invalidate_interrupt_table: {
      doc: 'Submit INVALIDATE_INTERRUPT_TABLE (command 5): every cached entry of the function’s table.',
      by: ['host'],
      operands: { function: { index: 'f' } },
      steps: [
        {
          posted: 'commands',
          set: { 'cached{function}_0': false, 'cached{function}_1': false },
          label: 'INVALIDATE_INTERRUPT_TABLE {function}',
        },
      ],
    },
    completion_wait: {
      doc: 'Submit COMPLETION_WAIT (command 1) and poll its store: every command before it is complete.',
      by: ['host'],
      steps: [{ when: 'commands.empty', label: 'COMPLETION_WAIT completes' }],
    },
    unmap: {
      doc: 'Clear the page table entry of the function’s page.',
      by: ['host'],
      operands: { function: { index: 'f' } },
      steps: [{ set: { 'mapped{function}': false }, label: 'page of function {function} unmapped' }],
    },
    free_vector: {
      doc: 'Give the vector on the old CPU back.',
      by: ['host'],
      steps: [{ set: { vector_freed: true }, label: 'vector on the old CPU freed' }],
    },
    message: {
      doc: 'An interrupt request of a function: its data names the entry of the function’s own table.',
      by: ['device'],
      operands: { function: { index: 'f' }, entry: { index: 'e', default: 0 } },
      steps: [
        {
          cases: [
            pass('unmapped', '!DTE{function}.IV', 'IV=0: interrupts pass unmapped'),
            pass('forward', 'DTE{function}.IntCtl == forward', 'IntCtl=1: forwarded unmapped'),
            refuse('control', 'ILLEGAL_DEV_TABLE_ENTRY', 'DTE{function}.IntCtl == reserved', true),
            refuse('abort', 'IO_PAGE_FAULT', 'DTE{function}.IntCtl == abort', NOT_IGNORED),
            refuse('length', 'ILLEGAL_DEV_TABLE_ENTRY', 'DTE{function}.IntTabLen > 11', true),
            // Two entries are kept: the index is beyond the table where it has 2^0 of them.
            refuse('beyond', 'IO_PAGE_FAULT', '{entry} >= 1 && DTE{function}.IntTabLen == 0', NOT_IGNORED),
            {
              if: 'cached{function}_{entry}',
              name: 'cached',
              set: arrive('cached_cpu{function}_{entry}'),
              label: 'remapped by the interrupt cache',
            },
            refuse('absent', 'IO_PAGE_FAULT', '!IRTE{function}_{entry}.RemapEn', NOT_SUPPRESSED),
            refuse('guest', 'IO_PAGE_FAULT', 'IRTE{function}_{entry}.GuestMode', NOT_SUPPRESSED),
            refuse('type', 'IO_PAGE_FAULT', 'IRTE{function}_{entry}.IntType > 1', NOT_SUPPRESSED),
            {
              name: 'entry',
              set: arrive('IRTE{function}_{entry}.Destination', {
                'cached{function}_{entry}': true,
                'cached_cpu{function}_{entry}': 'IRTE{function}_{entry}.Destination',
              }),
              label: 'remapped by IRTE[{function}][{entry}]',
            },
          ],
          label: 'interrupt request of function {function}, data {entry}',
        },
      ],
    },
    dma: {
      doc: 'A request of a function, without PASID, to its page.',
      by: ['device'],
      operands: {
        function: { index: 'f' },
        AT: { integer: [0, 2], default: 0, doc: '0 untranslated, 1 translation request, 2 translated' },
        write: { flag: true, default: false },
      },
      steps: [
        {
          cases: [
            pass('untranslated', '!DTE{function}.V', 'V=0: forwarded untranslated'),
            refuse('mode', 'ILLEGAL_DEV_TABLE_ENTRY', 'DTE{function}.Mode == 7', true),
            refuse('ats', 'INVALID_DEVICE_REQUEST', '{AT} != 0 && !DTE{function}.I', true),
            pass('translated', '{AT} == 2', 'translated by the device’s own TLB'),
            refuse('invalid', 'IO_PAGE_FAULT', '!DTE{function}.TV', LOUD),
            refuse('permission', 'IO_PAGE_FAULT', '{write} ? !DTE{function}.IW : !DTE{function}.IR', LOUD),
            pass('none', 'DTE{function}.Mode == 0', 'paging mode 0: permissions only'),
            pass('walk', 'mapped{function}', 'translated by the page table', 'translated'),
            refuse('absent', 'IO_PAGE_FAULT', '', LOUD),
          ],
          label: 'request of function {function}, AT={AT}',
        },
      ],
    },
  },
})
