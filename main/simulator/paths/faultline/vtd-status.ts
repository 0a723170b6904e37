/**
 * FSTS_REG as dmar_fault prints it (`DRHD: handling fault status reg 2`) before the records that it found. Bits: Linux
 * 6.12 drivers/iommu/intel/iommu.h DMA_FSTS_*; AFO and APF (advanced fault logging): VT-d, Fault Status Register.
 */
import { bits, flag, hex64, type FaultLine } from './line'
import { faultLine, hex } from './reason'

interface StatusBit {
  readonly bit: number
  readonly name: string
  readonly condition: string
  /** Where more is told of it. */
  readonly register?: string
}

/** The most severe first: what stops the unit, what is pending, what was lost. */
export const FSTS: readonly StatusBit[] = [
  {
    bit: 4,
    name: 'IQE',
    condition: 'invalidation queue error: a descriptor could not be fetched or is invalid, the queue stands still',
    register: 'IQH_REG and IQERCD_REG',
  },
  { bit: 5, name: 'ICE', condition: 'invalidation completion error: a device-TLB completion was erroneous' },
  { bit: 6, name: 'ITE', condition: 'invalidation time-out error: a device did not answer a device-TLB invalidation' },
  { bit: 1, name: 'PPF', condition: 'a primary fault is pending: a fault recording register is filled' },
  { bit: 3, name: 'APF', condition: 'an advanced fault is pending' },
  { bit: 0, name: 'PFO', condition: 'primary fault overflow: the recording registers were full, faults were lost' },
  { bit: 2, name: 'AFO', condition: 'advanced fault overflow' },
  { bit: 7, name: 'PRO', condition: 'page request overflow: the page request queue was full' },
]

/** Undefined: no such line. */
export function readStatus(text: string): FaultLine | { readonly unknown: string } | undefined {
  const value = hex64(/\bDRHD: handling fault status reg ((?:0x)?[0-9a-f]{1,8})\b/i.exec(text)?.[1])
  if (value === undefined) return undefined
  const set = FSTS.filter(({ bit }) => flag(value, bit))
  const [first] = set
  if (!first) return { unknown: `no status bit is set in FSTS_REG ${hex(value)}` }
  const shown = [...FSTS].sort((a, b) => a.bit - b.bit)
  const index = bits(value, 15, 8)
  return faultLine(
    {
      block: 'iommu',
      register: 'FSTS_REG',
      field: first.name,
      code: first.bit,
      name: first.name,
      condition: first.condition,
    },
    {
      source: 'Linux intel-iommu',
      at: 'VT-d unit',
      value: hex(value),
      code: `bit ${first.bit}`,
      fields: {
        ...Object.fromEntries(shown.map(({ name, bit }) => [name, flag(value, bit) ? '1' : '0'])),
        FRI: index.toString(),
      },
      cite: 'VT-d, Fault Status Register (offset 0x34); Linux 6.12 drivers/iommu/intel/iommu.h DMA_FSTS_*; 80 §5',
      facts: [
        ...set.slice(1).map(({ name, condition }) => `${name}, too: ${condition}`),
        ...(flag(value, 1)
          ? [`FRI: the first pending record is FRCD_REG[${index}], which the kernel prints in the line after this`]
          : ['no fault recording register is pending: no line of a request follows']),
        ...set.flatMap(({ name, register }) => (register === undefined ? [] : [`${name}: see ${register}`])),
      ],
    },
  )
}
