/**
 * The interrupt address range of x86, 0xFEEx_xxxx, with VT-d behind it: a write there is an interrupt request and never
 * reaches the page tables, unless it carries a PASID. With interrupt remapping the request is checked against its
 * entry's requester; without, it is delivered as it stands.
 *
 * Sources: 60 §1–§4 (formats, order of checks, fault reasons: VT-d 5.10 §3.15, §5.1), 00 S0.2; 40 §10 and 05.8 (maps).
 */
import { block } from '../block'
import { ADDRESSES, FRAMES, INPUT, STREAMS } from '../upstream'

const DONE = { in_valid: 'false' }
const FEE = '(in_address == fee0 || in_address == fee1)'
const HANDLE = '(in_address == irte0 || in_address == irte1)'
/** SHV is set: handle and sub-handle together are the index. */
const INDEX = '((in_address == irte1 ? 1 : 0) + in_data)'
const REMAPPED = `!in_pasid && remapping && ${HANDLE}`
/** With remapping off, bit 4 of the address means nothing. */
const COMPATIBLE = `(${FEE} || (!remapping && ${HANDLE}))`
/** Bits 19:12 of the address. */
const DESTINATION = '(in_address == fee1 ? 1 : 0)'

export const X86_MSI_WINDOW = block({
  block: 'x86-msi-window',
  title: 'Interrupt window and VT-d',
  cite: '60 §1–§4; 00 S0.2',
  scope:
    'Two APICs, two interrupt remapping table entries, one second-stage page table for all functions. Messages have the size that an interrupt request must have.',
  parameters: {
    addresses: { names: ADDRESSES, doc: 'pages of the input address space' },
    frames: { names: FRAMES, doc: 'page frame numbers behind them' },
    remapping: {
      default: false,
      doc: 'interrupt remapping is on (GSTS.IRES), and compatibility format is blocked (CFIS=0)',
    },
  },
  indices: { a: 2, i: 2, s: STREAMS, iova: 'addresses' },
  registers: [
    {
      name: 'IRTE',
      title: 'Interrupt remapping table entry',
      table: 'Interrupt remapping table',
      per: ['i'],
      width: 128,
      fields: [
        { name: 'P', bits: 0, meaning: 'present' },
        { name: 'FPD', bits: 1, fixed: 0, meaning: 'do not log faults' },
        { name: 'DM', bits: 2, fixed: 0, meaning: 'physical destination' },
        { name: 'RH', bits: 3, fixed: 0 },
        { name: 'TM', bits: 4, fixed: 0, meaning: 'edge' },
        { name: 'DLM', bits: '7:5', fixed: 0, meaning: 'fixed' },
        { name: 'AVAIL', bits: '11:8', fixed: 0 },
        { name: 'IM', bits: 15, fixed: 0, meaning: 'remapped, not posted' },
        { name: 'V', bits: '23:16', meaning: 'vector' },
        { name: 'DST', bits: '63:32', values: { apic0: 0, apic1: 0x100 }, meaning: 'destination, xAPIC in bits 15:8' },
        { name: 'SID', bits: '79:64', values: { f0: 0x100, f1: 0x108, f2: 0x110 }, meaning: 'requester ID' },
        { name: 'SQ', bits: '81:80', fixed: 0, meaning: 'all 16 bits of the requester ID' },
        { name: 'SVT', bits: '83:82', fixed: 1, meaning: 'compare with SID' },
      ],
    },
    {
      name: 'SSPTE',
      title: 'Second-stage page table entry',
      table: 'Second-stage page table',
      per: ['iova'],
      width: 64,
      fields: [
        { name: 'R', bits: 0, meaning: 'read' },
        { name: 'W', bits: 1, meaning: 'write' },
        { name: 'ADDR', bits: '51:12', names: 'frames', meaning: 'page' },
      ],
    },
  ],
  state: {
    ...INPUT,
    vector: { per: ['a'], range: [0, 255], doc: 'last vector that the local APIC took' },
    from: { per: ['a'], range: [0, STREAMS], initial: STREAMS, doc: `whose request it was, ${STREAMS} nobody's` },
    guest_written: { doc: 'memory of the guest has been written' },
    as_interrupt: { doc: 'a write to a page that user space mapped was taken as an interrupt request' },
  },
  faults: {
    reason_21h: 'the index is not below the size of the interrupt remapping table',
    reason_22h: 'the present bit of the interrupt remapping table entry is clear',
    reason_25h: 'a request in compatibility format is blocked',
    reason_26h: 'the requester ID is not the one of the entry',
    reason_29h: 'a request to the interrupt range that is no interrupt request',
    illegal_vector: 'the vector is below 16 or above 254',
    reason_05h: 'no permission to write: the page is not mapped',
  },
  operations: {
    map: {
      doc: 'Map a page. Nothing in the page tables refuses the interrupt range.',
      by: ['host', 'vmm'],
      operands: {
        domain: { values: ['domain0'], default: 'domain0' },
        iova: { names: 'addresses' },
        frame: { names: 'frames' },
      },
      steps: [
        {
          label: '{domain}: {iova} → {frame}',
          cases: [
            { if: 'SSPTE.{iova}.W', errno: 'EEXIST' },
            { set: { 'SSPTE.{iova}.R': 'true', 'SSPTE.{iova}.W': 'true', 'SSPTE.{iova}.ADDR': '{frame}' } },
          ],
        },
      ],
    },
    program_irte: {
      doc: 'Write an interrupt remapping table entry.',
      by: ['host'],
      operands: {
        entry: { index: 'i' },
        vector: { integer: [16, 254] },
        destination: { values: ['apic0', 'apic1'] },
        sid: { values: ['f0', 'f1', 'f2'] },
      },
      steps: [
        {
          label: 'IRTE[{entry}] := vector {vector}, {destination}, requester {sid}',
          set: {
            'IRTE{entry}.P': 'true',
            'IRTE{entry}.V': '{vector}',
            'IRTE{entry}.DST': '{destination}',
            'IRTE{entry}.SID': '{sid}',
          },
        },
      ],
    },
    read: {
      doc: 'A function reads the interrupt range, without a PASID.',
      by: ['device'],
      operands: { address: { values: ['fee0', 'fee1'] } },
      steps: [{ label: 'read of {address}: no interrupt request', fault: 'reason_29h' }],
    },
  },
  behaviour: [
    {
      agent: 'request',
      title: 'VT-d',
      role: 'fabric',
      steps: [
        {
          when: 'in_valid',
          cases: [
            {
              if: `!in_pasid && ${FEE} && remapping`,
              fault: 'reason_25h',
              label: 'compatibility format is blocked',
              set: DONE,
            },
            {
              if: `!in_pasid && ${COMPATIBLE} && (in_data < 16 || in_data > 254)`,
              fault: 'illegal_vector',
              label: 'the vector in the data is none: the local APIC reports an error',
              set: DONE,
            },
            {
              if: `!in_pasid && ${COMPATIBLE} && ${DESTINATION} == {a}`,
              per: ['a'],
              name: 'compatibility',
              label: 'APIC {a} takes the vector in the data, whoever wrote',
              set: {
                ...DONE,
                'vector{a}': 'in_data',
                'from{a}': 'in_stream',
                as_interrupt: 'SSPTE.fee{a}.W || as_interrupt',
              },
            },
            {
              if: `${REMAPPED} && ${INDEX} > 1`,
              fault: 'reason_21h',
              label: 'handle and sub-handle lead behind the table',
              set: DONE,
            },
            {
              if: `${REMAPPED} && ${INDEX} == {i} && !IRTE{i}.P`,
              per: ['i'],
              name: 'absent',
              fault: 'reason_22h',
              label: 'IRTE[{i}] is not present',
              set: DONE,
            },
            {
              if: `${REMAPPED} && ${INDEX} == {i} && !any{s: in_stream == {s} && IRTE{i}.SID == f{s}}`,
              per: ['i'],
              name: 'stranger',
              fault: 'reason_26h',
              label: 'IRTE[{i}] belongs to another requester',
              set: DONE,
            },
            {
              if: `${REMAPPED} && ${INDEX} == {i} && IRTE{i}.DST == apic{a}`,
              per: ['i', 'a'],
              name: 'remapped',
              label: 'APIC {a} takes the vector of IRTE[{i}]',
              set: { ...DONE, 'vector{a}': 'IRTE{i}.V', 'from{a}': 'in_stream' },
            },
            {
              if: 'in_address == {iova} && SSPTE.{iova}.W && SSPTE.{iova}.ADDR == ram',
              per: ['iova'],
              name: 'memory',
              label: 'translated: {iova} lands in the guest’s memory',
              set: { ...DONE, guest_written: 'true' },
            },
            { fault: 'reason_05h', label: 'not mapped: the write goes nowhere', set: DONE },
          ],
        },
      ],
    },
  ],
})
