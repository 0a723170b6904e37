/**
 * The MSI banks of the MPIC: eight shared registers (MSIR0–7) of 32 interrupts, set by writes to one register, MSIIR,
 * which says nothing about who writes. Whoever reaches the page can set any bit of the bank (S1.12).
 *
 * Sources: reference 50 §3; arch/powerpc/sysdev/fsl_msi.c of 4.19 (hwirq bitmap, fsl_compose_msi_msg, cascade).
 * MSIIR1 of MPIC 4.3 (16 registers, other shifts) differs in how data names the bit: `unit` is the weight of IBS.
 */
import { block } from '../block'
import { BANKS, IRQS, numbers } from '../pamu-words'

/** SH0 … SH31, of which the model moves the first. */
const SHARED = numbers(32).map((i) => ({
  name: `SH${i}`,
  bits: i,
  access: 'RO' as const,
  meaning: `interrupt ${i} of the bank is pending; reading clears all`,
}))

export const MPIC_MSI = block({
  block: 'mpic-msi',
  title: 'MPIC message interrupts',
  cite: '50 §3',
  scope: `${BANKS} banks, of each MSIR0 with its first ${IRQS} interrupts; delivery from MSIR to the core is one step. PIC1 (byte order of MPIC 2.0) and sub-ranges are left out.`,
  parameters: {
    page0: { default: 0xffe044, max: 0xffffff, doc: 'page of MSIIR of bank 0: its alias 0xf_fe04_4140' },
    page1: { default: 0xffe045, max: 0xffffff, doc: 'page of MSIIR of bank 1 (unverified)' },
    page2: { default: 0xffe046, max: 0xffffff, doc: 'page of MSIIR of bank 2 (unverified)' },
    offset0: { default: 0x140, max: 0xffc, doc: 'offset of MSIIR in that page' },
    offset1: { default: 0x140, max: 0xffc },
    offset2: { default: 0x140, max: 0xffc },
    data: {
      default: 'MSIIR',
      values: ['MSIIR', 'MSIIR1'],
      doc: 'MSIIR: SRS << 5 | IBS; MSIIR1 (MPIC 4.3): IBS << 4 | SRS',
    },
  },
  indices: { b: BANKS, i: IRQS },
  registers: [
    {
      name: 'MSIIR',
      title: 'Message Signaled Interrupt Index Register',
      per: ['b'],
      table: 'MSI banks',
      offset: 0x140,
      fields: [
        { name: 'SRS', bits: '31:29', fixed: 0, meaning: 'shared register select; write only' },
        { name: 'IBS', bits: '28:24', fixed: 0, meaning: 'interrupt bit select; write only' },
      ],
      cite: '50 §3 (bits as big-endian software sees them: unverified)',
    },
    {
      name: 'MSIR',
      title: 'Message Shared Interrupt Register 0',
      per: ['b'],
      table: 'MSI banks',
      offset: 0x0,
      fields: SHARED,
    },
  ],
  state: {
    owner: {
      per: ['b', 'i'],
      range: [0, 3],
      doc: 'device that the interrupt was allocated for, by its number; 0: free',
    },
    writer: { per: ['b', 'i'], range: [0, 3], doc: 'device that wrote MSIIR last' },
    taken: { per: ['b', 'i'], range: [0, 2], doc: 'times that the handler ran, at most 2' },
    forged: { per: ['b', 'i'], doc: 'the handler ran although its own device had not written' },
  },
  define: {
    unit: 'data == MSIIR ? 1 : 16',
    free: { per: ['b'], is: 'any{i: owner{b}_{i} == 0}' },
    any_forged: 'any{b: any{i: forged{b}_{i}}}',
    pending: {
      per: ['b'],
      is: `${numbers(IRQS)
        .map((i) => `MSIR{b}.SH${i}`)
        .join(' || ')}`,
    },
  },
  operations: {
    allocate: {
      doc: 'fsl_setup_msi_irqs: the lowest free interrupt of the bank.',
      by: ['host', 'vmm', 'guest'],
      operands: {
        bank: { index: 'b' },
        device: { integer: [1, 3], doc: 'number of the device that it is for' },
      },
      steps: [
        {
          cases: [
            { if: '!free{bank}', errno: 'ENOMEM', label: 'no interrupt of bank {bank} is free' },
            {
              per: ['i'],
              if: 'owner{bank}_{i} == 0',
              label: 'hwirq {i} of bank {bank} is allocated',
              set: { 'owner{bank}_{i}': '{device}' },
            },
          ],
        },
      ],
    },
  },
  behaviour: [
    {
      agent: 'cascade',
      title: 'MSI handler of bank',
      role: 'host',
      per: ['b'],
      steps: [
        {
          when: 'pending{b}',
          label: 'the host reads MSIR0 of bank {b} and runs the handlers',
          set: Object.fromEntries(
            numbers(IRQS).flatMap((i) => [
              [`MSIR{b}.SH${i}`, 'false'],
              [`taken{b}_${i}`, `MSIR{b}.SH${i} ? min(2, taken{b}_${i} + 1) : taken{b}_${i}`],
              [`forged{b}_${i}`, `forged{b}_${i} || (MSIR{b}.SH${i} && writer{b}_${i} != owner{b}_${i})`],
            ]),
          ),
        },
      ],
    },
  ],
})
