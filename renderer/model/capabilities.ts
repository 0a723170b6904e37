/** What a function on a board can have: each given or taken away as one change of its record, with the words for it. */
import type { PciFunction } from '../../preload/contract'
import { ACS_BITS } from './board'

export interface Change {
  /** Null takes a field away. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly mark: string
}

export interface Capability {
  readonly name: string
  readonly words: string
  readonly on: boolean
  /** Gives it, or takes it away where it is there. */
  readonly change: Change
}

/** As ports of PCIe 3 and later have it, turned on as Linux does. */
const ACS_GIVEN = { cap: 0x5f, ctrl: 0x1d }

export const isBridge = (fn: PciFunction): boolean => fn.headerType !== 0

export function capabilitiesOf(fn: PciFunction): readonly Capability[] {
  const of = (field: keyof PciFunction, name: string, words: string, given: unknown, away: unknown = null) => {
    const on = fn[field] !== undefined && fn[field] !== false
    return { name, words, on, change: { fields: { [field]: on ? away : given }, mark: markOf(name, on) } }
  }
  const all = [
    of('msi', 'MSI', 'Message Signalled Interrupts', { vectors: 1, enabled: true, maskable: true, address64: true }),
    of('msix', 'MSI-X', 'MSI-X', {
      vectors: 16,
      enabled: true,
      tableBir: 0,
      tableOffset: 0,
      pbaBir: 0,
      pbaOffset: 2048,
    }),
  ]
  const endpoint = [
    of('ats', 'ATS', 'Address Translation Services', { enabled: true, stu: 0, queueDepth: 32 }),
    of('pri', 'PRI', 'Page Request Interface', { enabled: true }),
    of('pasid', 'PASID', 'Process Address Space ID, 20 bits', { width: 20, exec: false, priv: true, enabled: true }),
    of('siov', 'IMS', 'Scalable I/O Virtualisation with an interrupt message store', { ims: true }),
    of('sriov', 'SR-IOV', 'Single Root I/O Virtualisation', {
      total: 8,
      initial: 8,
      enabled: 0,
      firstOffset: 128,
      stride: 2,
      vfDevice: fn.device,
    }),
    of('pm', 'PM', 'Power management', { noSoftReset: false }),
  ]
  const bridge = [of('externalFacing', 'External', 'Firmware says ExternalFacingPort', true)]
  const { express } = fn
  const flr = express?.flr === true
  return [
    ...all,
    ...(isBridge(fn) ? bridge : endpoint),
    of('multifunction', 'Multifunction', 'Header Type bit 7', true, false),
    ...(express && !isBridge(fn)
      ? [
          {
            name: 'FLR',
            words: 'Device Capabilities bit 28, Function Level Reset',
            on: flr,
            change: { fields: { express: { ...express, flr: !flr } }, mark: markOf('FLR', flr) },
          },
        ]
      : []),
    ...(express ? [of('acs', 'ACS', 'Access Control Services', ACS_GIVEN)] : []),
  ]
}
const markOf = (name: string, on: boolean): string => `${name} ${on ? 'taken away' : 'given'}`

export interface AcsBit {
  readonly register: 'cap' | 'ctrl'
  readonly name: string
  readonly words: string
  readonly on: boolean
  /** A bit that the device lacks reads as 0 in its control register. */
  readonly fixed: boolean
  readonly change: Change
}

/** Each bit of the capability and of the control register; none where the function has no ACS. */
export function acsBitsOf({ acs }: PciFunction): readonly AcsBit[] {
  if (!acs) return []
  return (['cap', 'ctrl'] as const).flatMap((register) =>
    ACS_BITS.map(({ bit, name, words }) => {
      const flipped = { ...acs, [register]: acs[register] ^ (1 << bit) }
      return {
        register,
        name,
        words,
        on: ((acs[register] >> bit) & 1) === 1,
        fixed: register === 'ctrl' && ((acs.cap >> bit) & 1) === 0,
        change: {
          fields: { acs: { cap: flipped.cap, ctrl: flipped.ctrl & flipped.cap } },
          mark: `ACS ${register} ${name}`,
        },
      }
    }),
  )
}

/** What is typed as a whole number from `least` to `most`; null: it is none. */
const wholeNumber = (text: string, least: number, most: number): number | null => {
  const n = Number(text)
  return text.trim() !== '' && Number.isInteger(n) && n >= least && n <= most ? n : null
}

export interface Typed {
  readonly value: string
  readonly limits: string
  /** Null: what was typed cannot stand there. */
  change(text: string): Change | null
}

/** Table Size of MSI-X has eleven bits (PCIe Base 6.0 §7.7.2.2), TotalVFs sixteen (§9.3.3.6). */
export const TYPED = {
  driver: (fn: PciFunction): Typed => ({
    value: fn.driver ?? '',
    limits: '',
    change: (text) => {
      const driver = text.trim()
      return { fields: { driver: driver === '' ? null : driver }, mark: `driver ${driver === '' ? 'none' : driver}` }
    },
  }),
  vectors: (fn: PciFunction): Typed | null =>
    fn.msix
      ? {
          value: String(fn.msix.vectors),
          limits: 'A whole number from 1 to 2048.',
          change: (text) => {
            const vectors = wholeNumber(text, 1, 2048)
            return vectors === null
              ? null
              : { fields: { msix: { ...fn.msix, vectors } }, mark: `MSI-X ${vectors} vectors` }
          },
        }
      : null,
  vfs: (fn: PciFunction): Typed | null =>
    fn.sriov
      ? {
          value: String(fn.sriov.total),
          limits: 'A whole number from 1 to 65535.',
          change: (text) => {
            const total = wholeNumber(text, 1, 65535)
            return total === null
              ? null
              : {
                  fields: { sriov: { ...fn.sriov, total, initial: total } },
                  mark: `${total} virtual functions at most`,
                }
          },
        }
      : null,
} as const
