/**
 * A PCI function behind a Freescale controller: it carries the controller's LIODN, so that the PAMU checks its DMA
 * against that entry, and its MSIs are DMA writes like any other.
 *
 * Sources: reference 50 §1 (the check), §1.2 (a PCI device has the LIODN of its controller), §1.3 (violations), §3 (an
 * MSI is a write to MSIIR); 60 §10 (MSI capability). The order of the checks in hardware is not documented (unverified).
 */
import { block, type BlockStep, type OperandSpec } from '../block'
import { BANKS, highOf, IRQS, lowOf, numbers, PAGES_PER_MIB, permits } from '../pamu-words'

interface Access {
  /** Page of the bus address. */
  readonly page: string
  /** Byte in it. */
  readonly offset: string
  readonly write: string
  /** What is written; the interrupt that it names, where it meets MSIIR. */
  readonly data: string
  readonly label: string
}

const E = 'iommu.PPAACE{liodn}'

/** A refused access: what the PAMU keeps of it (the first one, while nobody has looked at it). */
const refused = (condition: string, kind: 'LAV' | 'WAV' | 'APV', code: number, a: Access) => ({
  if: condition,
  name: kind,
  label: `${a.label}: access violation (${kind}) of LIODN {liodn}`,
  return: true,
  set: {
    outcome: 'violation',
    refused: true,
    'iommu.fault': 'violation',
    'iommu.PICS.AVS': 'true',
    'iommu.AVS1.AV': 'true',
    'iommu.AVS1.LIODN': 'iommu.PICS.AVS ? iommu.AVS1.LIODN : {liodn}',
    'iommu.AVAH.AVAH': `iommu.PICS.AVS ? iommu.AVAH.AVAH : ${highOf(a.page)}`,
    'iommu.AVAL.AVAL': `iommu.PICS.AVS ? iommu.AVAL.AVAL : ${lowOf(a.page)}`,
    [`iommu.AVS1.${kind}`]: `iommu.PICS.AVS ? iommu.AVS1.${kind} : ${code}`,
  },
})

/** The PAMU's answer, then the transaction where it leads. */
function access(a: Access): BlockStep[] {
  const base = 'iommu.base{liodn}'
  const at = `((${a.page} - ${base}) / iommu.step{liodn})`
  const into = `((${a.page} - ${base}) % iommu.step{liodn})`
  const of = (first: string, each: string): string => `(${at} == 0 ? ${first} : sum{s: ${at} == {s} ? ${each} : 0})`
  const mapped = of('iommu.mapped_first{liodn}', 'iommu.mapped{liodn}_{s}')
  const target = of('iommu.target_first{liodn}', 'iommu.target{liodn}_{s}')
  const valid = `(${at} == 0 || any{s: ${at} == {s} && iommu.SPAACE{liodn}_{s}.V})`
  const allowed = `(${at} == 0 ? ${permits(`${E}.AP`, a.write)} : any{s: ${at} == {s} && ${permits('iommu.SPAACE{liodn}_{s}.AP', a.write)}})`
  return [
    {
      step: 'translate',
      cases: [
        refused(`!${E}.V`, 'LAV', 2, a),
        refused(`${a.page} < ${base} || ${a.page} - ${base} >= iommu.pages{liodn} || !${valid}`, 'WAV', 1, a),
        refused(`!${allowed}`, 'APV', 1, a),
        { ...refused(`${E}.ATM != none && ${into} >= ${mapped}`, 'WAV', 2, a), name: 'size' },
        {
          if: `${E}.ATM == none`,
          name: 'open',
          label: `${a.label}: goes through untranslated`,
          set: { under_way: a.page, stray: true },
        },
        { label: `${a.label}: translated`, set: { under_way: `${target} + ${into}` } },
      ],
    },
    {
      step: 'arrives',
      cases: [
        ...numbers(BANKS).flatMap((b) =>
          numbers(IRQS).map((i) => ({
            if: `${a.write} && under_way == msi.page${b} && ${a.offset} == msi.offset${b} && ${a.data} == ${i} * msi.unit`,
            name: `MSIR${b}.SH${i}`,
            label: `MSIIR of bank ${b} is written: interrupt ${i}`,
            set: {
              outcome: 'interrupt',
              [`msi.MSIR${b}.SH${i}`]: 'true',
              [`msi.writer${b}_${i}`]: '{number}',
              under_way: 0,
            },
          })),
        ),
        { label: `${a.label}: reaches memory`, set: { outcome: 'memory', landed: 'under_way', under_way: 0 } },
      ],
    },
  ]
}

const AT: Record<string, OperandSpec> = {
  at: { integer: [0, 65535], doc: 'bus address, MiB' },
  page: { integer: [0, 0xffff], default: 0, doc: 'pages behind that' },
}
const PAGE = `({at} * ${PAGES_PER_MIB} + {page})`

export const PAMU_ENDPOINT = block({
  block: 'pamu-endpoint',
  title: 'PCI function behind the PAMU',
  cite: '50 §1, §1.2; 60 §10',
  scope: 'One MSI vector; addresses in 4 KiB pages and a byte in the page.',
  parameters: {
    number: { default: 1, min: 1, max: 3, doc: 'which device this is, where interrupts are traced to their sender' },
    liodn: { default: 0, max: 1, doc: 'LIODN of its controller' },
    present: { default: true, doc: 'there from the start; otherwise `plug` brings it' },
    bank: { default: 0, max: BANKS - 1, doc: 'MSI bank of its controller (fsl,msi)' },
  },
  indices: { s: [1, 7] },
  ports: { iommu: 'pamu', msi: 'mpic-msi' },
  registers: [
    {
      name: 'MSI_CONTROL',
      title: 'MSI Message Control',
      table: 'MSI capability',
      offset: 2,
      width: 16,
      fields: [
        { name: 'MSI Enable', bits: 0, as: 'Enable' },
        { name: 'Multiple Message Capable', bits: '3:1', access: 'RO', fixed: 0 },
        { name: 'Multiple Message Enable', bits: '6:4', fixed: 0 },
        { name: '64 bit Address Capable', bits: 7, access: 'RO', fixed: 1 },
      ],
    },
    {
      name: 'MSI_ADDRESS',
      title: 'MSI Message Address',
      table: 'MSI capability',
      offset: 4,
      fields: [
        { name: 'Message Address 31-12', bits: '31:12', as: 'Low' },
        {
          name: 'Message Address 11-2',
          bits: '11:2',
          as: 'Offset',
          meaning: 'offset of MSIIR in its page, in words',
        },
        { name: 'Reserved', bits: '1:0', access: 'RSVD' },
      ],
    },
    {
      name: 'MSI_UPPER',
      title: 'MSI Message Upper Address',
      table: 'MSI capability',
      offset: 8,
      fields: [
        { name: 'Message Upper Address', bits: '3:0', as: 'High', meaning: 'address 35:32' },
        { name: 'Message Upper Address 31-4', bits: '31:4', fixed: 0 },
      ],
    },
    {
      name: 'MSI_DATA',
      title: 'MSI Message Data',
      table: 'MSI capability',
      offset: 12,
      width: 16,
      fields: [{ name: 'Message Data', bits: '15:0', as: 'Data', meaning: 'the hwirq: register and bit' }],
    },
  ],
  state: {
    under_way: { range: [0, 0xffffff], doc: 'physical page of the transaction that the PAMU has let through' },
    landed: { range: [0, 0xffffff], doc: 'physical page that its last access to memory reached' },
    outcome: { values: ['none', 'violation', 'memory', 'interrupt'], doc: 'how its last access ended' },
    refused: { doc: 'some access of it was refused' },
    stray: { doc: 'some access of it went through untranslated: wherever the device chose' },
    plugged: { initial: '{present}', doc: 'the function is there' },
  },
  define: { message_page: `MSI_UPPER.High * ${0x100000} + MSI_ADDRESS.Low` },
  operations: {
    read: {
      doc: 'DMA read.',
      by: ['device'],
      operands: AT,
      steps: access({
        page: PAGE,
        offset: '0',
        write: 'false',
        data: '0',
        label: 'DMA read at {at} MiB',
      }),
    },
    write: {
      doc: 'DMA write of four bytes: what an MSI is, to an address and with data that the device chooses.',
      by: ['device'],
      operands: {
        ...AT,
        offset: { integer: [0, 0xffc], default: 0, doc: 'byte in the page' },
        data: { integer: [0, 0xffff], default: 0 },
      },
      steps: access({
        page: PAGE,
        offset: '{offset}',
        write: 'true',
        data: '{data}',
        label: 'DMA write at {at} MiB',
      }),
    },
    interrupt: {
      doc: 'The device sends its MSI, where it is enabled.',
      by: ['device'],
      steps: [
        {
          step: 'enabled',
          cases: [
            { if: '!MSI_CONTROL.Enable', name: 'masked', label: 'MSI is not enabled: nothing is sent', return: true },
            { label: 'the device sends its message' },
          ],
        },
        ...access({
          page: 'message_page',
          offset: '(MSI_ADDRESS.Offset * 4)',
          write: 'true',
          data: 'MSI_DATA.Data',
          label: 'MSI',
        }),
      ],
    },
    write_msi_address: {
      doc: 'The host writes the message address.',
      by: ['host', 'vmm'],
      operands: { page: { expression: 'int' }, offset: { expression: 'int', doc: 'byte in the page' } },
      steps: [
        {
          label: 'Message Address is written',
          set: {
            'MSI_ADDRESS.Low': lowOf('page'),
            'MSI_UPPER.High': highOf('page'),
            'MSI_ADDRESS.Offset': 'offset / 4',
          },
        },
      ],
    },
    write_msi_data: {
      doc: 'The host writes the message data.',
      by: ['host', 'vmm'],
      operands: { data: { expression: 'int' } },
      steps: [{ label: 'Message Data is written', set: { 'MSI_DATA.Data': 'data' } }],
    },
    enable_msi: {
      doc: 'MSI Enable is set.',
      by: ['host', 'vmm'],
      steps: [{ label: 'MSI Enable := 1', set: { 'MSI_CONTROL.Enable': true } }],
    },
    plug: {
      doc: 'Hot-plug: the function comes behind its controller, with that controller’s LIODN and MSI bank.',
      by: ['host'],
      steps: [{ label: 'the function is plugged in', set: { plugged: true } }],
    },
  },
})
