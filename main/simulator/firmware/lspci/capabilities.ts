/**
 * The capability lines of -v and -vv → fields of a function (95 §2, pciutils ls-caps.c, ls-ecaps.c).
 * Wording changed over the years (commas between flags, `MSI 00` and `IntMsgNum 0`), so flags are words with + or -.
 * What a line names without showing its contents is `present` and unknown.
 */
import type { CapabilityFields } from '../config-space/fields'

export interface CapabilityText {
  readonly offset: number
  /** Behind `[50]`: `Express (v2) Root Port (Slot+), IntMsgNum 0`. */
  readonly title: string
  /** The lines below it, joined with spaces. */
  readonly body: string
}

export interface CapabilityFacts {
  readonly fields: CapabilityFields
  /** Names that were shown, whatever could be read of them. */
  readonly met: ReadonlySet<string>
  /** Of those, the ones whose contents were not shown. */
  readonly unread: ReadonlySet<string>
  /** lspci gave up: more may follow. */
  readonly looped: boolean
}

type Read = (title: string, body: string, into: CapabilityFields) => boolean

const EXPRESS_TYPES: readonly (readonly [RegExp, NonNullable<CapabilityFields['express']>['type']])[] = [
  [/^Root Complex Integrated Endpoint/, 'rc-integrated-endpoint'],
  [/^Root Complex Event Collector/, 'rc-event-collector'],
  [/^Legacy Endpoint/, 'legacy-endpoint'],
  [/^Endpoint/, 'endpoint'],
  [/^Root Port/, 'root-port'],
  [/^Upstream Port/, 'upstream-port'],
  [/^Downstream Port/, 'downstream-port'],
  [/^PCI\/PCI-X to PCI-Express Bridge/, 'pci-to-pcie-bridge'],
  [/^(?:PCI-Express to )?PCI\/PCI-X Bridge/, 'pcie-to-pci-bridge'],
]

const express: Read = (title, body, into) => {
  const match = /^Express (?:\(v(\d+)\) )?(.*)$/.exec(title)
  const type = EXPRESS_TYPES.find(([pattern]) => pattern.test(match?.[2] ?? ''))?.[1]
  if (!type) return false
  // Without -vv the version is left out; 2 is what every function made since 2008 has.
  // lspci says FLReset of endpoints only, though ports have the bit too.
  const flr = flag(/DevCap:(.*?)(?:DevCtl:|$)/.exec(body)?.[1] ?? '', 'FLReset')
  // The first version of the capability has no second register, so nothing of it can carry a prefix.
  const first = match?.[1] === '1' ? false : undefined
  const tlpPrefix = first ?? flag(/DevCap2:(.*?)(?:DevCtl2:|$)/.exec(body)?.[1] ?? '', 'EETLPPrefix')
  into.express = {
    type,
    version: Number(match?.[1] ?? 2),
    slot: /\(Slot\+\)/.test(title),
    ...(flr === undefined ? {} : { flr }),
    ...(tlpPrefix === undefined ? {} : { tlpPrefix }),
  }
  return true
}

const pm: Read = (_title, body, into) => {
  const noSoftReset = flag(/Status: (D\d.*)$/.exec(body)?.[1] ?? '', 'NoSoftRst')
  if (noSoftReset === undefined) return false
  into.pm = { noSoftReset }
  return true
}

const af: Read = (_title, body, into) => {
  const capability = /AFCap:(.*?)(?:AFCtrl:|$)/.exec(body)?.[1] ?? ''
  const tp = flag(capability, 'TP')
  const flr = flag(capability, 'FLR')
  if (tp === undefined || flr === undefined) return false
  into.af = { tp, flr }
  return true
}

const msi: Read = (title, _body, into) => {
  const count = /\bCount=\d+\/(\d+)/.exec(title)?.[1]
  const queue = /\bQueue=\d+\/(\d)/.exec(title)?.[1] // up to pciutils 3.0: exponents
  const enabled = flag(title, 'Enable')
  const address64 = flag(title, '64bit')
  if ((count === undefined && queue === undefined) || enabled === undefined || address64 === undefined) return false
  const vectors = count === undefined ? 1 << Number(queue) : Number(count)
  into.msi = { vectors, enabled, maskable: flag(title, 'Maskable') ?? flag(title, 'Mask') ?? false, address64 }
  return true
}

const msix: Read = (title, body, into) => {
  const vectors = /\b(?:Count|TabSize)=(\d+)/.exec(title)?.[1]
  const enabled = flag(title, 'Enable')
  const table = /Vector table: BAR=(\d) offset=([0-9a-f]+)/i.exec(body)
  const pba = /PBA: BAR=(\d) offset=([0-9a-f]+)/i.exec(body)
  if (vectors === undefined || enabled === undefined || !table || !pba) return false
  into.msix = {
    vectors: Number(vectors),
    enabled,
    tableBir: Number(table[1]),
    tableOffset: parseInt(table[2] ?? '', 16),
    pbaBir: Number(pba[1]),
    pbaOffset: parseInt(pba[2] ?? '', 16),
  }
  return true
}

/** In order of bits 0 … 6. */
const ACS_WORDS = ['SrcValid', 'TransBlk', 'ReqRedir', 'CmpltRedir', 'UpstreamFwd', 'EgressCtrl', 'DirectTrans']
/** Mail software breaks the line behind UpstreamFwd; bits 0–4 decide groups. */
const ACS_ENOUGH = 5

const acs: Read = (_title, body, into) => {
  const cap = acsWord(/ACSCap:(.*?)(?:ACSCtl:|$)/.exec(body)?.[1])
  const ctrl = acsWord(/ACSCtl:(.*)$/.exec(body)?.[1])
  if (cap === undefined || ctrl === undefined) return false
  into.acs = { cap, ctrl }
  return true
}

function acsWord(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  let word = 0
  let shown = 0
  for (const [bit, name] of ACS_WORDS.entries()) {
    const on = flag(text, name)
    if (on === undefined) break
    shown++
    if (on) word |= 1 << bit
  }
  return shown >= ACS_ENOUGH ? word : undefined
}

const ari: Read = (_title, _body, into) => {
  into.ari = true
  return true
}

const ats: Read = (_title, body, into) => {
  const depth = /Invalidate Queue Depth: ([0-9a-f]{2})/i.exec(body)?.[1]
  const control = /ATSCtl:(.*)$/.exec(body)?.[1] ?? ''
  const enabled = flag(control, 'Enable')
  const stu = /Smallest Translation Unit: ([0-9a-f]{2})/i.exec(control)?.[1]
  if (depth === undefined || enabled === undefined || stu === undefined) return false
  into.ats = { enabled, stu: parseInt(stu, 16), queueDepth: parseInt(depth, 16) || 32 } // 0 stands for 32
  return true
}

const pri: Read = (_title, body, into) => {
  const enabled = flag(/PRICtl:(.*?)(?:PRISta:|$)/.exec(body)?.[1] ?? '', 'Enable')
  if (enabled === undefined) return false
  into.pri = { enabled }
  return true
}

const pasid: Read = (_title, body, into) => {
  const capability = /PASIDCap:(.*?)(?:PASIDCtl:|$)/.exec(body)?.[1] ?? ''
  const width = /Max PASID Width: ([0-9a-f]{1,2})/i.exec(capability)?.[1] // hexadecimal
  const exec = flag(capability, 'Exec')
  const priv = flag(capability, 'Priv')
  const enabled = flag(/PASIDCtl:(.*)$/.exec(body)?.[1] ?? '', 'Enable')
  if (width === undefined || exec === undefined || priv === undefined || enabled === undefined) return false
  into.pasid = { width: parseInt(width, 16), exec, priv, enabled }
  return true
}

const sriov: Read = (_title, body, into) => {
  const on = flag(/IOVCtl:(.*?)(?:IOVSta:|$)/.exec(body)?.[1] ?? '', 'Enable')
  const number = (what: string): number | undefined => {
    const found = new RegExp(`${what}: (\\d+)`).exec(body)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const [initial, total, count] = [number('Initial VFs'), number('Total VFs'), number('Number of VFs')]
  const [firstOffset, stride] = [number('VF offset'), number('stride')]
  const id = /Device ID: ([0-9a-f]{4})/i.exec(body)?.[1]
  if (on === undefined || initial === undefined || total === undefined || count === undefined) return false
  if (firstOffset === undefined || stride === undefined || id === undefined) return false
  into.sriov = { total, initial, enabled: on ? count : 0, firstOffset, stride, vfDevice: parseInt(id, 16) }
  return true
}

/** lspci shows neither contents nor, in old versions, vendor and id of these: interrupt message stores need the bytes. */
const siov: Read = () => false

const cxlPort: Read = (_title, _body, into) => {
  into.cxlPort = true
  return true
}

const BY_TITLE: readonly (readonly [RegExp, string, Read])[] = [
  [/^Express\b/, 'express', express],
  [/^(?:MSI:|Message Signalled Interrupts:)/, 'msi', msi],
  [/^MSI-X:/, 'msix', msix],
  [/^Power Management version/, 'pm', pm],
  [/^PCI Advanced Features/, 'af', af],
  [/^Access Control Services/, 'acs', acs],
  [/^Alternative Routing-ID/, 'ari', ari],
  [/^Address Translation Service/, 'ats', ats],
  [/^Page Request Interface/, 'pri', pri],
  [/^Process Address Space ID/, 'pasid', pasid],
  [/^Single Root I\/O Virtualization/, 'sriov', sriov],
  [/^Designated Vendor-Specific: Vendor=8086 ID=0005\b/, 'siov', siov],
  [/^Designated Vendor-Specific: Vendor=1e98 ID=0003\b/, 'cxl-port', cxlPort],
]

/** Versions that do not know a capability print its number. */
const BY_NUMBER: Record<number, readonly [string, Read]> = {
  0x0d: ['acs', acs],
  0x0e: ['ari', ari],
  0x0f: ['ats', ats],
  0x10: ['sriov', sriov],
  0x13: ['pri', pri],
  0x1b: ['pasid', pasid],
  0x23: ['siov', siov],
}

export function readCapabilities(capabilities: readonly CapabilityText[]): CapabilityFacts {
  const fields: CapabilityFields = {}
  const met = new Set<string>()
  const unread = new Set<string>()
  let looped = false
  for (const { offset, title, body } of capabilities) {
    if (/^<(?:chain looped|unreadable)>/.test(title)) looped = true
    const [name, read] = readerOf(title, offset) ?? []
    if (name === undefined || read === undefined || met.has(name)) continue // of several Linux uses the first
    met.add(name)
    if (!read(title, body, fields)) unread.add(name)
  }
  return { fields, met, unread, looped }
}

function readerOf(title: string, offset: number): readonly [string, Read] | undefined {
  const named = BY_TITLE.find(([pattern]) => pattern.test(title))
  if (named) return [named[1], named[2]]
  const number = offset < 0x100 ? undefined : /^(?:Extended Capability ID 0x|#)([0-9a-f]{2})\b/i.exec(title)?.[1]
  return number === undefined ? undefined : BY_NUMBER[parseInt(number, 16)]
}

/** `Name+` → true, `Name-` → false, undefined where the word is missing. */
export function flag(text: string, name: string): boolean | undefined {
  const sign = new RegExp(`(?:^|[\\s,])${name}([+-])`).exec(text)?.[1]
  return sign === undefined ? undefined : sign === '+'
}
