/** The lines below a header → what they tell, and how much of the function's configuration space lspci could see. */
import { flag, readCapabilities, type CapabilityFacts, type CapabilityText } from './capabilities'

export interface BodyFacts {
  readonly capabilities: CapabilityFacts
  /**
   * `none`: a listing without them. `denied`: the reader had no right. `cut`: fewer than the status register promises.
   * `shown`: all that lspci could read, `extended` if some of them lie beyond byte 255.
   */
  readonly seen: 'none' | 'denied' | 'cut' | 'shown' | 'extended'
  readonly bridge?: { primary: number; secondary: number; subordinate: number }
  readonly busMaster?: boolean
  /** 0 where a verbose listing of a function names none. */
  readonly interruptPin?: number
  readonly subsystem?: { vendor: number; device: number }
  readonly numaNode?: number
  readonly driver?: string
  readonly iommuGroup?: number
  /** The address of an enabled MSI, as printed: tells the architecture. */
  readonly msiAddress?: bigint
}

const CAPABILITY = /^\s*Capabilities: \[([0-9a-f]{2,3})(?: v\d+)?\] ?(.*)$/i
/** Lines that belong to the function itself, and end what a capability says. */
const OWN = /^\s*(?:Kernel driver in use|Kernel modules|Capabilities):/
const DEPTH_LIMIT = 400

export function readBody(body: readonly string[]): BodyFacts {
  const { own, capabilities, denied } = split(body)
  const facts = readCapabilities(capabilities)
  const text = own.join('\n')
  const flags = /^\s*Flags: (.*(?:\n\s*(?!\w[\w ]*:).*)?)/m.exec(text)?.[1]
  const control = /^\s*Control: (.*)/m.exec(text)?.[1]
  const status = /^\s*Status: (.*)/m.exec(text)?.[1]
  return {
    capabilities: facts,
    seen: seenOf(
      capabilities,
      denied,
      flags !== undefined || control !== undefined || status !== undefined,
      status,
      /^\s*!!! Unknown header type/m.test(text), // powered down or gone: its registers read as all ones
    ),
    ...bridgeOf(text),
    ...busMasterOf(flags, control),
    ...interruptPinOf(text, control !== undefined && !('bridge' in bridgeOf(text))),
    ...subsystemOf(text),
    ...numberAt('numaNode', /\bNUMA node:? (\d{1,5})\b/.exec(text)?.[1]),
    ...numberAt('iommuGroup', /\bIOMMU group:?\s+(\d{1,7})\b/i.exec(text)?.[1]),
    ...driverOf(text),
    ...msiAddressOf(capabilities),
  }
}

function split(body: readonly string[]): { own: string[]; capabilities: CapabilityText[]; denied: boolean } {
  const own: string[] = []
  const capabilities: { offset: number; title: string; parts: string[] }[] = []
  let denied = false
  let open: string[] | undefined
  for (const line of body) {
    const start = CAPABILITY.exec(line)
    if (start) {
      const offset = parseInt(start[1] ?? '', 16)
      open = []
      if (capabilities.length < DEPTH_LIMIT) capabilities.push({ offset, title: start[2] ?? '', parts: open })
    } else if (OWN.test(line)) {
      if (/Capabilities: <access denied>/i.test(line)) denied = true
      else own.push(line)
      open = undefined
    } else if (open) open.push(line.trim())
    else own.push(line)
  }
  return {
    own,
    capabilities: capabilities.map(({ offset, title, parts }) => ({ offset, title, body: parts.join(' ') })),
    denied,
  }
}

function seenOf(
  capabilities: readonly CapabilityText[],
  denied: boolean,
  verbose: boolean,
  status: string | undefined,
  dead: boolean,
): BodyFacts['seen'] {
  if (denied) return 'denied'
  if (capabilities.length === 0 && dead) return 'cut'
  if (capabilities.some((capability) => capability.offset >= 0x100)) return 'extended'
  if (capabilities.length > 0) return 'shown'
  if (!verbose) return 'none'
  return status !== undefined && flag(status, 'Cap') === true ? 'cut' : 'shown'
}

function bridgeOf(text: string): Pick<BodyFacts, 'bridge'> {
  const match = /^\s*Bus: primary=([0-9a-f]{2}), secondary=([0-9a-f]{2}), subordinate=([0-9a-f]{2})/im.exec(text)
  if (!match) return {}
  const [primary = 0, secondary = 0, subordinate = 0] = match.slice(1, 4).map((digits) => parseInt(digits, 16))
  return { bridge: { primary, secondary, subordinate } }
}

function busMasterOf(flags: string | undefined, control: string | undefined): Pick<BodyFacts, 'busMaster'> {
  const bit = control === undefined ? undefined : flag(control, 'BusMaster')
  if (bit !== undefined) return { busMaster: bit }
  return flags === undefined ? {} : { busMaster: /\bbus master\b/.test(flags) }
}

/**
 * `Interrupt: pin B routed to IRQ 17`: printed by -vv of every function that has a pin or an interrupt line; of bridges
 * only by newer versions, so there its absence tells nothing.
 */
function interruptPinOf(text: string, always: boolean): Pick<BodyFacts, 'interruptPin'> {
  const pin = /^\s*Interrupt: pin ([A-D?])/m.exec(text)?.[1]
  if (pin === '?') return { interruptPin: 0 }
  if (pin !== undefined) return { interruptPin: 'ABCD'.indexOf(pin) + 1 }
  return always ? { interruptPin: 0 } : {}
}

function subsystemOf(text: string): Pick<BodyFacts, 'subsystem'> {
  const match = /^\s*Subsystem: (?:.*\[)?([0-9a-f]{4}):([0-9a-f]{4})\b/im.exec(text)
  return match ? { subsystem: { vendor: parseInt(match[1] ?? '', 16), device: parseInt(match[2] ?? '', 16) } } : {}
}

function driverOf(text: string): Pick<BodyFacts, 'driver'> {
  const driver = /^\s*Kernel driver in use: (\S+)/m.exec(text)?.[1]
  return driver === undefined ? {} : { driver: driver.slice(0, 100) }
}

function msiAddressOf(capabilities: readonly CapabilityText[]): Pick<BodyFacts, 'msiAddress'> {
  for (const { title, body } of capabilities) {
    const address = title.startsWith('MSI:') && flag(title, 'Enable') ? /Address: ([0-9a-f]{8,16})\b/i.exec(body) : null
    if (address) return { msiAddress: BigInt(`0x${address[1]}`) }
  }
  return {}
}

const numberAt = <K extends string>(key: K, digits: string | undefined): { readonly [P in K]?: number } =>
  digits === undefined ? {} : ({ [key]: Number(digits) } as { readonly [P in K]: number })
