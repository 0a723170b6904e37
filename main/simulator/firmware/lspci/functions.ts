/** Records → functions of a platform. Bytes win over text; what neither shows is unknown, never absent. */
import { formatAddress, requesterId, addressOfRequester } from '../../platform/address'
import type { PciFunction, PlatformWarning } from '../../platform/schema'
import { hasWideAcs } from '../../platform/wide-acs'
import { decodeConfigSpace, type ConfigSpace } from '../config-space/decode'
import type { CapabilityFields } from '../config-space/fields'
import { warning } from '../warnings'
import type { Record } from './records'

const STANDARD = ['af', 'express', 'msi', 'msix', 'pm'] as const
const EXTENDED = ['acs', 'ari', 'ats', 'pasid', 'pri', 'siov', 'sriov'] as const
const ALL = [...STANDARD, ...EXTENDED]

/** Without parents: those are found when all functions are known. */
export function functionsOf(
  records: readonly Record[],
  cut: string | undefined,
  warnings: PlatformWarning[],
): PciFunction[] {
  const extended = extendedVisible(records)
  const functions = records.map((record) => functionOf(record, extended, record.bdf === cut, warnings))
  markMultifunction(functions, records)
  markVirtual(functions)
  tell(records, functions, extended, warnings)
  return functions
}

/** Where not one PCIe function shows an extended capability, the kernel could not read that space (no MCFG, or a filter). */
function extendedVisible(records: readonly Record[]): boolean {
  const shown = records.filter(({ body }) => body.seen === 'shown' || body.seen === 'extended')
  return shown.some(({ body }) => body.seen === 'extended') || !shown.some(isExpress)
}

const isExpress = ({ body }: Record): boolean => body.capabilities.met.has('express')

interface Capabilities {
  readonly fields: CapabilityFields
  readonly unknown: ReadonlySet<string>
  readonly present: ReadonlySet<string>
}

function functionOf(record: Record, extended: boolean, cut: boolean, warnings: PlatformWarning[]): PciFunction {
  const { bdf, header, body, bytes } = record
  const file = `line ${record.line}`
  const decoded = bytes.length >= 64 ? decodeConfigSpace(bytes, bdf) : undefined
  // Dumps with -x end where they end: what is missing is listed as unknown and needs no warning.
  warnings.push(...(decoded?.warnings ?? []).filter(({ code }) => code !== 'CONFIG_SPACE_TRUNCATED'))
  const space = decoded?.space.vendor === undefined ? undefined : decoded.space
  const text = textCapabilities(record, extended, cut, space, warnings, file)
  const capabilities = space ? filledIn(space, text) : text
  const kind = space?.class ?? (header.class === undefined ? undefined : (header.class << 8) | (header.progIf ?? 0))
  const layout = space?.headerType ?? headerFromText(record, kind ?? 0)
  const vendor = space?.vendor ?? header.vendor
  const device = space?.device ?? header.device
  const unknown = new Set(capabilities.unknown)
  if (vendor === undefined) unknown.add('vendor')
  if (device === undefined) unknown.add('device')
  if (kind === undefined) unknown.add('class')
  const bridge = space?.bridge ?? body.bridge
  if (layout !== 0 && !bridge) unknown.add('bridge')
  const present = [...capabilities.present].filter((name) => unknown.has(name)).sort()
  const subsystem = space?.subsystem ?? body.subsystem
  const revision = space?.revision ?? header.revision
  const busMaster = space?.busMaster ?? body.busMaster
  const interruptPin = space?.interruptPin ?? body.interruptPin
  return {
    bdf,
    parent: '',
    vendor: vendor ?? 0xffff,
    device: device ?? 0xffff,
    class: kind ?? 0xff0000, // "unassigned class"
    ...(revision === undefined ? {} : { revision }),
    ...(subsystem ? { subsystem } : {}),
    headerType: layout,
    multifunction: space?.multifunction ?? false,
    configSize: Math.max(space?.size ?? 0, sizeSeen(record)),
    ...(layout !== 0 && bridge ? { bridge } : {}),
    ...(busMaster === undefined ? {} : { busMaster }),
    ...(interruptPin === undefined ? {} : { interruptPin }),
    ...capabilities.fields,
    ...(body.driver === undefined ? {} : { driver: body.driver }),
    ...(body.numaNode === undefined ? {} : { numaNode: body.numaNode }),
    ...(header.name === undefined ? {} : { name: header.name }),
    unknown: [...unknown].sort(),
    ...(present.length > 0 ? { present } : {}),
  }
}

function headerFromText({ body }: Record, kind: number): 0 | 1 | 2 {
  if (kind >>> 8 === 0x0607) return 2
  return body.bridge || kind >>> 8 === 0x0604 || kind >>> 8 === 0x0609 ? 1 : 0
}

/** How much of configuration space lspci must have had to print what it printed. */
function sizeSeen({ body }: Record): 0 | 64 | 256 | 4096 {
  switch (body.seen) {
    case 'none':
      return 0
    case 'denied':
    case 'cut':
      return 64
    case 'shown':
      return 256
    case 'extended':
      return 4096
  }
}

function textCapabilities(
  record: Record,
  extended: boolean,
  cut: boolean,
  space: ConfigSpace | undefined,
  warnings: PlatformWarning[],
  file: string,
): Capabilities {
  const { body, header, bdf } = record
  const { met, unread, looped } = body.capabilities
  const fields = { ...body.capabilities.fields }
  const unknown = new Set(unread)
  const present = new Set(unread)
  const hideRest = body.seen === 'none' || body.seen === 'denied' || body.seen === 'cut' || looped || cut
  const hidden = hideRest ? ALL : body.seen === 'shown' && isExpress(record) && !extended ? EXTENDED : []
  for (const name of hidden) if (!met.has(name)) unknown.add(name)
  const names = { vendor: space?.vendor ?? header.vendor, device: space?.device ?? header.device }
  if (fields.acs && (hasWideAcs(names) || seemsWide(record))) {
    delete fields.acs
    unknown.add('acs')
    present.add('acs')
    if (!space || space.unknown.includes('acs'))
      warnings.push(
        warning(
          'LSPCI_ACS_LAYOUT',
          `${bdf}: this port's ACS registers are 32 bits wide, so lspci shows a wrong control register; only -xxxx tells it`,
          { file },
        ),
      )
  }
  return { fields, unknown, present }
}

/** The same ports by name, in listings without numbers. */
const seemsWide = ({ header, body }: Record): boolean =>
  header.device === undefined &&
  body.capabilities.fields.acs?.ctrl === 0 &&
  /(?:Sunrise Point|100 Series|200 Series).*Root Port/.test(header.name ?? '')

/** Bytes, and for what they do not reach the text. */
function filledIn(space: ConfigSpace, text: Capabilities): Capabilities {
  const fields: CapabilityFields = {}
  const unknown = new Set<string>()
  const present = new Set<string>()
  for (const name of ALL) {
    if (!space.unknown.includes(name)) {
      Object.assign(fields, space[name] === undefined ? {} : { [name]: space[name] })
    } else if (text.unknown.has(name)) {
      unknown.add(name)
      if (text.present.has(name)) present.add(name)
    } else Object.assign(fields, text.fields[name] === undefined ? {} : { [name]: text.fields[name] })
  }
  if (space.headerType === undefined) unknown.add('header-type')
  const cxlPort = space.unknown.includes('siov') ? text.fields.cxlPort : space.cxlPort
  if (cxlPort === true) fields.cxlPort = true
  return { fields, unknown, present }
}

/** The bit is in the bytes only; from a text it follows that a slot with more functions has it in all of them. */
function markMultifunction(functions: PciFunction[], records: readonly Record[]): void {
  const slots = new Map<string, number>()
  const slotOf = (bdf: string): string => bdf.slice(0, bdf.lastIndexOf('.'))
  for (const { bdf } of functions) slots.set(slotOf(bdf), (slots.get(slotOf(bdf)) ?? 0) + 1)
  functions.forEach((fn, i) => {
    if ((records[i]?.bytes.length ?? 0) >= 64) return
    fn.multifunction = (slots.get(slotOf(fn.bdf)) ?? 0) > 1 || !fn.bdf.endsWith('.0')
    if (!fn.multifunction && fn.express?.type === 'upstream-port') fn.unknown.push('multifunction')
  })
}

/** No machine has more; a damaged dump can claim 65,535 for each of its functions. */
const VIRTUAL_LIMIT = 1_000_000

/** Virtual functions by what their physical function says: first offset and stride from its requester ID. */
function markVirtual(functions: readonly PciFunction[]): void {
  const byBdf = new Map(functions.map((fn) => [fn.bdf, fn]))
  let left = VIRTUAL_LIMIT
  for (const pf of functions) {
    if (!pf.sriov || pf.sriov.enabled === 0 || pf.sriov.stride === 0) continue
    const [segment = '', bus = '', rest = ''] = pf.bdf.split(':')
    const [device = '', fn = ''] = rest.split('.')
    const number = (digits: string): number => parseInt(digits, 16)
    const start = requesterId({ segment: 0, bus: number(bus), device: number(device), function: number(fn) })
    for (let i = 0; i < pf.sriov.enabled && left > 0; i++, left--) {
      const rid = start + pf.sriov.firstOffset + i * pf.sriov.stride
      if (rid > 0xffff) break
      const vf = byBdf.get(formatAddress(addressOfRequester(number(segment), rid)))
      if (!vf || vf === pf || vf.headerType !== 0) continue
      vf.physfn = pf.bdf
      vf.multifunction = false // Linux takes virtual functions as single (drivers/pci/iov.c)
      // Their configuration space has no ids of its own.
      if (vf.device === 0xffff && vf.vendor === 0xffff)
        Object.assign(vf, { vendor: pf.vendor, device: pf.sriov.vfDevice })
    }
  }
}

function tell(
  records: readonly Record[],
  functions: readonly PciFunction[],
  extended: boolean,
  warnings: PlatformWarning[],
): void {
  const say = (count: number, code: Parameters<typeof warning>[0], message: string): void => {
    if (count > 0) warnings.push(warning(code, message))
  }
  const poor = records.filter(({ bytes }) => bytes.length < 256)
  const denied = poor.filter(({ body }) => body.seen === 'denied').length
  const cut = poor.filter(({ body }) => body.seen === 'cut').length
  const silent = poor.filter(({ body }) => body.seen === 'none').length
  say(
    denied,
    'LSPCI_ACCESS_DENIED',
    `${denied} functions show no capabilities because lspci did not run as root: their ACS, PASID, MSI … are unknown`,
  )
  say(cut, 'LSPCI_TRUNCATED', `${cut} functions have capabilities that the text does not show`)
  say(
    silent,
    'CAPTURE_INCOMPLETE',
    `${silent} functions are listed without capabilities, which are unknown: run lspci -vvvnn -xxxx as root`,
  )
  say(
    extended ? 0 : 1,
    'LSPCI_NO_EXTENDED',
    'no PCIe function shows an extended capability: that space could not be read, so ACS, ATS, PASID … are unknown',
  )
  const nameless = functions.filter((fn) => fn.unknown.includes('device')).length
  say(
    nameless,
    'LSPCI_NAMES_ONLY',
    `${nameless} functions have names but no device ids, by which Linux knows quirks: run lspci with -nn`,
  )
}
