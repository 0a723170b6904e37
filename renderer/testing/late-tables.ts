/** Registers of the likeness in ./late. */
import type { RegisterTableView } from '../../preload/contract'
import { variable } from './play'

export const variables = [
  variable('bound', ['false', 'true'], 'guest', 'bound'),
  variable('msixperm', ['0', 'g'], 'MSIXPERM[1]', 'PASID'),
  variable('msixperm_en', ['0', '1'], 'MSIXPERM[1]', 'PASID_EN'),
  variable('slot', ['none', 'd', 'h'], 'IMS[1]', 'PASID'),
  variable('slot_en', ['0', '1'], 'IMS[1]', 'PASID_EN'),
  variable('mask', ['1', '0'], 'IMS[1]', 'MASK'),
  variable('irq', ['free', 'requested'], 'irq', 'state'),
  variable('table', ['empty', 'h'], 'PASID table[0x9]', 'P'),
  variable('delivered', ['none', 'd', 'h'], 'interrupt', 'PASID'),
]
const at = (name: string): number => variables.findIndex((v) => v.name === name)
const from = (name: string, ...encode: number[]): { variable: number; encode: number[] } => ({
  variable: at(name),
  encode,
})

export const tables: RegisterTableView[] = [
  {
    id: 'ims',
    block: 'IMS',
    title: 'Interrupt message store',
    where: 'device dsa0, as the host programs it',
    cite: '70 §3',
    rows: [0, 1].map((i) => ({
      id: `ims${i}`,
      label: `[${i}]${i === 1 ? ' vector 1' : ''}`,
      registers: [
        {
          name: 'ADDR_LO',
          offset: 0,
          width: 32,
          fields: [
            {
              name: 'ADDRESS',
              msb: 31,
              lsb: 2,
              access: 'RW' as const,
              meaning: 'Message address, low part',
              source: { constant: 0xfee00000 >>> 2 },
            },
            { name: '-', msb: 1, lsb: 0, access: 'RSVD' as const, meaning: 'Ignored', source: { constant: 0 } },
          ],
        },
        {
          name: 'DATA',
          offset: 8,
          width: 32,
          fields: [
            {
              name: 'DATA',
              msb: 31,
              lsb: 0,
              access: 'RW' as const,
              meaning: 'Message data',
              source: { constant: i === 1 ? 0x41 : 0 },
            },
          ],
        },
        {
          name: 'CONTROL',
          offset: 12,
          width: 32,
          fields: [
            {
              name: 'PASID',
              msb: 31,
              lsb: 12,
              access: 'RW' as const,
              meaning: 'Compared with the descriptor’s PASID',
              source: i === 1 ? from('slot', 0, 0x3, 0x9) : { constant: 0 },
            },
            { name: '-', msb: 11, lsb: 4, access: 'RSVD' as const, meaning: 'Reserved', source: { constant: 0 } },
            {
              name: 'PASID_EN',
              msb: 3,
              lsb: 3,
              access: 'RW' as const,
              meaning: 'Compare the PASID',
              source: i === 1 ? from('slot_en', 0, 1) : { constant: 0 },
            },
            {
              name: 'IGNORE',
              msb: 2,
              lsb: 2,
              access: 'RW' as const,
              meaning: 'No completion interrupt at all',
              source: { constant: 0 },
            },
            {
              name: 'PENDING',
              msb: 1,
              lsb: 1,
              access: 'RO' as const,
              meaning: 'Waiting for unmask',
              source: { constant: 0 },
            },
            {
              name: 'MASK',
              msb: 0,
              lsb: 0,
              access: 'RW' as const,
              meaning: 'Hold the message back',
              source: i === 1 ? from('mask', 1, 0) : { constant: 1 },
            },
          ],
        },
      ],
    })),
  },
  {
    id: 'msixperm',
    block: 'MSIXPERM',
    title: 'MSI-X permission table',
    where: 'virtual device vdev0, as the guest sees it',
    cite: '70 §2',
    rows: [0, 1].map((i) => ({
      id: `perm${i}`,
      label: `[${i}]`,
      registers: [
        {
          name: 'PERM',
          offset: 0,
          width: 32,
          fields: [
            {
              name: 'PASID',
              msb: 31,
              lsb: 12,
              access: 'RW' as const,
              meaning: 'Guest PASID',
              source: i === 1 ? from('msixperm', 0, 0x5) : { constant: 0 },
            },
            {
              name: 'PASID_EN',
              msb: 3,
              lsb: 3,
              access: 'RW' as const,
              meaning: 'Compare the PASID',
              source: i === 1 ? from('msixperm_en', 0, 1) : { constant: 0 },
            },
            {
              name: 'IGNORE',
              msb: 2,
              lsb: 2,
              access: 'RW' as const,
              meaning: 'Not sent at all',
              source: { constant: 0 },
            },
          ],
        },
      ],
    })),
  },
  {
    id: 'pasid',
    block: 'PASID',
    title: 'Scalable-mode PASID table',
    where: 'IOMMU dmar0, device 6a:01.0',
    cite: '30 §5',
    rows: [
      ['0x3', 1],
      ['0x9', 0],
    ].map(([label]) => ({
      id: `pasid${label}`,
      label: `${label}`,
      registers: [
        {
          name: 'PTE_LO',
          offset: 0,
          width: 32,
          fields: [
            {
              name: 'P',
              msb: 0,
              lsb: 0,
              access: 'RW' as const,
              meaning: 'Present',
              source: label === '0x9' ? from('table', 0, 1) : { constant: 1 },
            },
            {
              name: 'PGTT',
              msb: 8,
              lsb: 6,
              access: 'RW' as const,
              meaning: 'Translation type',
              source: { constant: 2 },
            },
            {
              name: 'SLPTPTR',
              msb: 31,
              lsb: 12,
              access: 'RW' as const,
              meaning: 'Second-stage tables',
              source: { constant: 0x1a3c0 },
            },
          ],
        },
      ],
    })),
  },
]
