/**
 * Which functions `pci=disable_acs_redir=` and `pci=config_acs=` name, and which bits they force.
 * Source: drivers/pci/pci.c __pci_config_acs, pci_dev_str_match, pci_dev_str_match_path (reference 10 §5; 05.15).
 */
import type { PciFunction } from '../platform/schema'
import type { Topology } from '../platform/topology'

/** What a write makes of each bit of the control register: 1 in `set`, 0 in `clear`, what it was in neither. */
export interface Write {
  readonly set: number
  readonly clear: number
}

/** SV, TB, RR, CR, UF, EC, DT */
const KNOWN_BITS = 0x7f

/** `RR|CR|EC` off where the list (entries separated by `;`) names the function. */
export const namedBy = (list: string, fn: PciFunction, topology: Topology): boolean =>
  read(list, fn, topology, { set: 0, clear: 0 }) !== undefined

/** The bits of the first entry `FLAGS@NAME` that names the function. A list that cannot be read is ignored from there on. */
export const configuredBy = (list: string, fn: PciFunction, topology: Topology): Write | undefined =>
  read(list, fn, topology, undefined)

function read(list: string, fn: PciFunction, topology: Topology, fixed: Write | undefined): Write | undefined {
  let rest = list
  while (rest !== '') {
    let write = fixed
    if (!write) {
      const at = rest.indexOf('@')
      write = at < 0 ? undefined : flags(rest.slice(0, at))
      if (!write) return undefined
      rest = rest.slice(at + 1)
    }
    const found = match(rest, fn, topology)
    if (!found) return undefined
    if (found.same) return write
    if (!found.rest.startsWith(';')) return undefined
    rest = found.rest.slice(1)
  }
  return undefined
}

/** Bit 0 is the last character: 0 off, 1 on, x as the firmware left it. */
function flags(text: string): Write | undefined {
  let set = 0
  let clear = 0
  for (const [bit, c] of [...text].reverse().entries()) {
    if (c === '1') set |= 1 << bit
    else if (c === '0') clear |= 1 << bit
    else if (c !== 'x' && c !== 'X') return undefined
  }
  return ((set | clear) & ~KNOWN_BITS) === 0 ? { set, clear } : undefined
}

interface Match {
  readonly same: boolean
  readonly rest: string
}

const hex = (s: string | undefined): number => parseInt(s ?? '0', 16)

function match(text: string, fn: PciFunction, topology: Topology): Match | undefined {
  if (text.startsWith('pci:')) return matchIds(text, fn)
  const end = text.indexOf(';')
  const path = end < 0 ? text : text.slice(0, end)
  const same = matchPath(path, fn, topology)
  return same === undefined ? undefined : { same, rest: text.slice(path.length) }
}

/** `pci:VENDOR:DEVICE[:SUBVENDOR:SUBDEVICE]`; 0 stands for any. */
function matchIds(text: string, fn: PciFunction): Match | undefined {
  const m = /^pci:([0-9a-f]+):([0-9a-f]+)(?::([0-9a-f]+):([0-9a-f]+))?/i.exec(text)
  if (!m) return undefined
  const wanted = m.slice(1).map((s: string | undefined) => hex(s) & 0xffff)
  const have = [fn.vendor, fn.device, fn.subsystem?.vendor ?? 0, fn.subsystem?.device ?? 0]
  return { same: wanted.every((w, i) => w === 0 || w === have[i]), rest: text.slice(m[0].length) }
}

/** `[SEGMENT:]BUS:DEVICE.FUNCTION[/DEVICE.FUNCTION …]`: the bridges on the way by number, so that bus numbers below do not matter. */
function matchPath(path: string, fn: PciFunction, topology: Topology): boolean | undefined {
  const [head = '', ...hops] = path.split('/')
  const line = [fn, ...topology.bridgesAbove(fn)]
  // The kernel reads from the last hop upwards, and stops at the first that differs before it has read what stands left of it.
  for (const hop of hops.reverse()) {
    const m = /^([0-9a-f]+)\.([0-9a-f]+)$/i.exec(hop)
    const here = line.shift()
    if (!m) return undefined
    if (!here || line.length === 0) return false
    const { device, function: f } = topology.address(here)
    if (device !== hex(m[1]) || f !== hex(m[2])) return false
  }
  const m = /^(?:([0-9a-f]+):)?([0-9a-f]+):([0-9a-f]+)\.([0-9a-f]+)$/i.exec(head)
  const [top] = line
  if (!m || !top) return undefined
  const a = topology.address(top)
  return a.segment === hex(m[1]) && a.bus === hex(m[2]) && a.device === hex(m[3]) && a.function === hex(m[4])
}
