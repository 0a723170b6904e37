/**
 * AMD-Vi events: `Event logged [NAME key=value …]`, with the function before it, in `device=` or nowhere
 * (iommu_print_event, amd_iommu_report_page_fault; 3.x to 6.12). Events: AMD 48882 §2.5; numbers and flags:
 * drivers/iommu/amd/amd_iommu_types.h.
 */
import { EVENT_CODES, type EventName } from '../../hardware/amdvi/events'
import { BDF, bits, flag, hex64, type FaultLine } from './line'
import { faultLine, hex, reason, type FaultReason } from './reason'

const event = (name: EventName, condition: string, place: Parameters<typeof reason>[3]): FaultReason =>
  reason(EVENT_CODES[name], name, condition, place)

export const AMD_EVENTS: readonly FaultReason[] = [
  event('ILLEGAL_DEV_TABLE_ENTRY', 'reserved bits or an unsupported setting in the device table entry', [
    'domain',
    'DTE',
    'reserved or unsupported bits',
  ]),
  event('IO_PAGE_FAULT', 'no translation, or no permission', ['translation', 'PTE', 'PR, IR, IW']),
  event('DEV_TAB_HARDWARE_ERROR', 'device table unreadable', [
    'domain',
    'Device Table Base Address Register',
    'DevTabBase',
  ]),
  event('PAGE_TAB_HARDWARE_ERROR', 'page table unreadable', ['translation', 'DTE', 'Page Table Root Pointer']),
  event('ILLEGAL_COMMAND_ERROR', 'command with a reserved code or reserved bits', [
    'iommu',
    'Command buffer',
    'command',
  ]),
  event('COMMAND_HARDWARE_ERROR', 'command buffer unreadable', [
    'iommu',
    'Command Buffer Base Address Register',
    'ComBase',
  ]),
  event('IOTLB_INV_TIMEOUT', 'the device did not answer an ATS invalidation in time', [
    'device',
    'ATC',
    'Invalidate Completion',
  ]),
  event('INVALID_DEVICE_REQUEST', 'request that the device is not allowed to make', [
    'window',
    'DTE',
    'IntCtl, SysMgt, IoCtl, I',
  ]),
  event('INVALID_PPR_REQUEST', 'page request that the device is not allowed to make', ['domain', 'DTE', 'PPR']),
  event('RMP_PAGE_FAULT', 'the reverse map table does not allow the access', ['translation', 'RMP', 'entry']),
  event('RMP_HW_ERROR', 'reverse map table check failed in hardware', ['translation', 'RMP', 'entry']),
]

/** Flags as the kernel prints them: the event's second dword from bit 16 on. */
const FLAGS: readonly (readonly [number, string])[] = [
  [0, 'GN (guest address)'],
  [1, 'NX (no execute)'],
  [2, 'US (user)'],
  [3, 'I (interrupt request)'],
  [4, 'PR (entry present)'],
  [5, 'RW (write)'],
  [6, 'PE (permission)'],
  [7, 'RZ (reserved bits)'],
  [8, 'TR (translation request)'],
]

/** Type of an INVALID_DEVICE_REQUEST, flags 11:9. */
export const REQUEST_TYPES: readonly string[] = [
  'read or non-posted write in the interrupt address range',
  'pretranslated request of a device whose DTE has I=0 or V=0',
  'port I/O request of a device whose DTE has IoCtl=00b',
  'posted write to an invalid address of the system management range',
  'read or non-posted write in the system management range',
  'posted write to the interrupt range of a device whose DTE has IntCtl=00b',
  'posted write to a reserved address of the interrupt range',
  'request in the system management range that its DTE does not allow',
]

export function readAmd(text: string): FaultLine | { readonly unknown: string } | undefined {
  const start = /Event logged \[([A-Z][A-Z_]{3,31})\b/.exec(text)
  if (!start) return undefined
  const [, name = ''] = start
  const known = AMD_EVENTS.find((e) => e.name === name)
  if (!known) return { unknown: `AMD-Vi has no event ${name}` }
  const rest = text.slice(start.index, start.index + 400)
  const value = (key: string): bigint | undefined =>
    hex64(new RegExp(`\\b${key}=(0x[0-9a-f]{1,16})\\b`, 'i').exec(rest)?.[1])
  const device =
    new RegExp(`\\bdevice=${BDF}`).exec(rest)?.[1] ?? new RegExp(`${BDF}: `).exec(text.slice(0, start.index))?.[1]
  const flags = value('flags')
  const address = value('address') ?? value('gpa')
  const domain = value('domain')
  const pasid = value('pasid')
  const shown = flags === undefined ? [] : FLAGS.filter(([n]) => flag(flags, n)).map(([, word]) => word)
  const request = known.code === 0x2 || known.code === 0xd
  return faultLine(meaning(known, flags), {
    source: 'Linux AMD-Vi',
    ...(device === undefined ? {} : { device: device.toLowerCase() }),
    address,
    ...(flags !== undefined && request ? { access: flag(flags, 5) ? 'write' : 'read' } : {}),
    pasid: pasid === 0n ? undefined : pasid,
    at: 'AMD IOMMU',
    fields: {
      ...(flags === undefined ? {} : { flags: hex(flags) }),
      ...(domain === undefined ? {} : { DomainID: hex(domain) }),
    },
    cite: 'AMD 48882 §2.5; amd_iommu_types.h',
    facts: [...(device ? [`requester ${device}`] : []), ...shown],
  })
}

/** What the flags make of an event. */
function meaning(known: FaultReason, flags: bigint | undefined): FaultReason {
  if (flags === undefined) return known
  if (known.code === 0x8) return { ...known, condition: REQUEST_TYPES[Number(bits(flags, 11, 9))] ?? known.condition }
  if (known.code !== 0x2) return known
  const [interrupt, present, write, reserved] = [flag(flags, 3), flag(flags, 4), flag(flags, 5), flag(flags, 7)]
  if (interrupt) {
    const irte = { ...known, block: 'remapping', register: 'IRTE' } as const
    return present
      ? {
          ...irte,
          field: 'IntType, reserved bits',
          condition: 'interrupt request whose remapping entry is present, but does not allow it',
        }
      : { ...irte, field: 'RemapEn', condition: 'interrupt request without a valid remapping entry' }
  }
  if (!present) return { ...known, field: 'PR', condition: 'page not present' }
  if (reserved) return { ...known, field: 'reserved bits', condition: 'reserved bits in a page table entry' }
  const condition = `page present, but ${write ? 'write' : 'read'} not allowed`
  return { ...known, field: write ? 'IW' : 'IR', condition }
}
