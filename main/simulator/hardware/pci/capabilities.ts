/**
 * Registers of a PCI function's configuration space that matter to DMA and interrupts, each offset from the start of its
 * capability. Source: Linux 6.12 include/uapi/linux/pci_regs.h (reference 60 §10–§11, 95 §3, 10 §1).
 */
import type { BlockRegister } from '../block'
import { register } from '../entry'

const RSVD = 'RSVD'
const RO = 'RO'

export const COMMAND = register({
  name: 'COMMAND',
  title: 'Command',
  table: 'Header',
  offset: 0x04,
  width: 16,
  fields: [
    { name: 'IO', bits: 0, meaning: 'responds in I/O space' },
    { name: 'MEMORY', bits: 1, reset: 1, meaning: 'responds in memory space' },
    { name: 'MASTER', bits: 2, meaning: 'bus master: may issue memory requests, and so MSI' },
    { name: 'Reserved', bits: '9:3', access: RSVD },
    { name: 'INTX_DISABLE', bits: 10, meaning: 'INTx assertion disabled' },
    { name: 'Reserved1', bits: '15:11', access: RSVD },
  ],
})

export const EXPRESS: readonly BlockRegister[] = [
  register({
    name: 'DEVCTL',
    title: 'Device Control',
    table: 'PCI Express capability (id 10)',
    offset: 0x08,
    width: 16,
    fields: [
      { name: 'CERE', bits: 0, meaning: 'correctable error reporting' },
      { name: 'NFERE', bits: 1, meaning: 'non-fatal error reporting' },
      { name: 'FERE', bits: 2, meaning: 'fatal error reporting' },
      { name: 'URRE', bits: 3, meaning: 'unsupported request reporting' },
      { name: 'RELAX_EN', bits: 4, reset: 1, meaning: 'relaxed ordering may be used' },
      { name: 'PAYLOAD', bits: '7:5', meaning: 'maximum payload size' },
      { name: 'EXT_TAG', bits: 8, meaning: 'extended tags' },
      { name: 'PHANTOM', bits: 9, meaning: 'phantom functions' },
      { name: 'AUX_PME', bits: 10, meaning: 'auxiliary power' },
      { name: 'NOSNOOP_EN', bits: 11, reset: 1, meaning: 'no-snoop may be used' },
      { name: 'READRQ', bits: '14:12', reset: 2, meaning: 'maximum read request size' },
      { name: 'BCR_FLR', bits: 15, meaning: 'Initiate Function Level Reset; reads 0' },
    ],
  }),
  register({
    name: 'DEVSTA',
    title: 'Device Status',
    table: 'PCI Express capability (id 10)',
    offset: 0x0a,
    width: 16,
    fields: [
      { name: 'CED', bits: 0, access: 'W1C', meaning: 'correctable error detected' },
      { name: 'NFED', bits: 1, access: 'W1C', meaning: 'non-fatal error detected' },
      { name: 'FED', bits: 2, access: 'W1C', meaning: 'fatal error detected' },
      { name: 'URD', bits: 3, access: 'W1C', meaning: 'unsupported request detected' },
      { name: 'AUXPD', bits: 4, access: RO, meaning: 'auxiliary power detected' },
      { name: 'TRPND', bits: 5, access: RO, meaning: 'transactions pending: non-posted requests without completion' },
      { name: 'Reserved', bits: '15:6', access: RSVD },
    ],
  }),
]

export const MSI = register({
  name: 'MSI_FLAGS',
  title: 'Message Control',
  table: 'MSI capability (id 05)',
  offset: 0x02,
  width: 16,
  fields: [
    { name: 'ENABLE', bits: 0, meaning: 'MSI enabled' },
    { name: 'QMASK', bits: '3:1', access: RO, meaning: 'messages capable, log2' },
    { name: 'QSIZE', bits: '6:4', meaning: 'messages enabled, log2' },
    { name: '64BIT', bits: 7, access: RO, reset: 1, as: 'A64BIT', meaning: '64-bit address' },
    { name: 'MASKBIT', bits: 8, access: RO, meaning: 'per-vector masking' },
    { name: 'Reserved', bits: '15:9', access: RSVD },
  ],
})

export const MSIX: readonly BlockRegister[] = [
  register({
    name: 'MSIX_FLAGS',
    title: 'Message Control',
    table: 'MSI-X capability (id 11)',
    offset: 0x02,
    width: 16,
    fields: [
      { name: 'QSIZE', bits: '10:0', access: RO, meaning: 'table size − 1' },
      { name: 'Reserved', bits: '13:11', access: RSVD },
      { name: 'MASKALL', bits: 14, meaning: 'function mask: every entry counts as masked' },
      { name: 'ENABLE', bits: 15, meaning: 'MSI-X enabled' },
    ],
  }),
  register({
    name: 'MSIX_TABLE',
    title: 'Table',
    table: 'MSI-X capability (id 11)',
    offset: 0x04,
    fields: [
      { name: 'BIR', bits: '2:0', access: RO, meaning: 'BAR that holds the table' },
      { name: 'OFFSET', bits: '31:3', access: RO, meaning: 'offset 31:3 in that BAR' },
    ],
  }),
  register({
    name: 'MSIX_PBA',
    title: 'Pending Bit Array',
    table: 'MSI-X capability (id 11)',
    offset: 0x08,
    fields: [
      { name: 'BIR', bits: '2:0', access: RO, meaning: 'BAR that holds the array' },
      { name: 'OFFSET', bits: '31:3', access: RO, meaning: 'offset 31:3 in that BAR' },
    ],
  }),
]

export const ACS: readonly BlockRegister[] = (['CAP', 'CTRL'] as const).map((which) =>
  register({
    name: `ACS_${which}`,
    title: which === 'CAP' ? 'ACS Capability' : 'ACS Control',
    table: 'ACS extended capability (id 000D)',
    offset: which === 'CAP' ? 0x04 : 0x06,
    width: 16,
    fields: [
      { name: 'SV', bits: 0, meaning: 'source validation' },
      { name: 'TB', bits: 1, meaning: 'translation blocking' },
      { name: 'RR', bits: 2, meaning: 'peer-to-peer request redirect' },
      { name: 'CR', bits: 3, meaning: 'peer-to-peer completion redirect' },
      { name: 'UF', bits: 4, meaning: 'upstream forwarding' },
      { name: 'EC', bits: 5, meaning: 'egress control' },
      { name: 'DT', bits: 6, meaning: 'direct translated peer-to-peer' },
      { name: 'Reserved', bits: '15:7', access: RSVD as 'RSVD' },
    ].map((f) => ({ ...f, ...(which === 'CAP' && f.name !== 'Reserved' ? { access: RO as 'RO' } : {}) })),
  }),
)

export const ATS: readonly BlockRegister[] = [
  register({
    name: 'ATS_CAP',
    title: 'ATS Capability',
    table: 'ATS extended capability (id 000F)',
    offset: 0x04,
    width: 16,
    fields: [
      { name: 'QDEP', bits: '4:0', access: RO, meaning: 'invalidate queue depth; 0 is 32' },
      { name: 'PAGE_ALIGNED', bits: 5, access: RO, reset: 1, meaning: 'page-aligned requests' },
      { name: 'Reserved', bits: '15:6', access: RSVD },
    ],
  }),
  register({
    name: 'ATS_CTRL',
    title: 'ATS Control',
    table: 'ATS extended capability (id 000F)',
    offset: 0x06,
    width: 16,
    fields: [
      { name: 'STU', bits: '4:0', meaning: 'smallest translation unit, log2 − 12' },
      { name: 'Reserved', bits: '14:5', access: RSVD },
      { name: 'ENABLE', bits: 15, meaning: 'ATS enabled' },
    ],
  }),
]

export const PRI: readonly BlockRegister[] = [
  register({
    name: 'PRI_CTRL',
    title: 'PRI Control',
    table: 'PRI extended capability (id 0013)',
    offset: 0x04,
    width: 16,
    fields: [
      { name: 'ENABLE', bits: 0, meaning: 'page requests enabled' },
      { name: 'RESET', bits: 1, meaning: 'clears the counter and pending state; reads 0' },
      { name: 'Reserved', bits: '15:2', access: RSVD },
    ],
  }),
  register({
    name: 'PRI_STATUS',
    title: 'PRI Status',
    table: 'PRI extended capability (id 0013)',
    offset: 0x06,
    width: 16,
    fields: [
      { name: 'RF', bits: 0, access: 'W1C', meaning: 'response failure was received' },
      { name: 'UPRGI', bits: 1, access: 'W1C', meaning: 'unexpected page request group index' },
      { name: 'Reserved', bits: '7:2', access: RSVD },
      { name: 'STOPPED', bits: 8, access: RO, reset: 1, meaning: 'no page requests are outstanding' },
      { name: 'Reserved1', bits: '14:9', access: RSVD },
      { name: 'PASID', bits: 15, access: RO, reset: 1, meaning: 'responses carry a PASID' },
    ],
  }),
]

export const PASID: readonly BlockRegister[] = [
  register({
    name: 'PASID_CAP',
    title: 'PASID Capability',
    table: 'PASID extended capability (id 001B)',
    offset: 0x04,
    width: 16,
    fields: [
      { name: 'Reserved', bits: 0, access: RSVD },
      { name: 'EXEC', bits: 1, access: RO, meaning: 'execute permission supported' },
      { name: 'PRIV', bits: 2, access: RO, reset: 1, meaning: 'privileged mode supported' },
      { name: 'Reserved1', bits: '7:3', access: RSVD },
      { name: 'WIDTH', bits: '12:8', access: RO, reset: 20, meaning: 'PASID width' },
      { name: 'Reserved2', bits: '15:13', access: RSVD },
    ],
  }),
  register({
    name: 'PASID_CTRL',
    title: 'PASID Control',
    table: 'PASID extended capability (id 001B)',
    offset: 0x06,
    width: 16,
    fields: [
      { name: 'ENABLE', bits: 0, meaning: 'requests may carry a PASID' },
      { name: 'EXEC', bits: 1, meaning: 'execute permission enabled' },
      { name: 'PRIV', bits: 2, meaning: 'privileged mode enabled' },
      { name: 'Reserved', bits: '15:3', access: RSVD },
    ],
  }),
]

export const SRIOV = register({
  name: 'SRIOV_CTRL',
  title: 'SR-IOV Control',
  table: 'SR-IOV extended capability (id 0010)',
  offset: 0x08,
  width: 16,
  fields: [
    { name: 'VFE', bits: 0, meaning: 'VF enable' },
    { name: 'VFM', bits: 1, meaning: 'VF migration enable' },
    { name: 'INTR', bits: 2, meaning: 'VF migration interrupt enable' },
    { name: 'MSE', bits: 3, meaning: 'VF memory space enable' },
    { name: 'ARI', bits: 4, meaning: 'ARI capable hierarchy' },
    { name: 'Reserved', bits: '15:5', access: RSVD },
  ],
})
