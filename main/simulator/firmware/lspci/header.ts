/** The first line of a function: `00:1c.0 PCI bridge [0604]: Intel Corporation Root Port [8086:a33c] (rev f0) (prog-if 00 …)`. */
import { classOf, vendorOf } from './classes'

export interface Header {
  /** As printed: `00:1c.0`, `10000:e0:06.0`, or a path of -P and -PP: `00:1c.0/00.0`, `00:1c.0/02:00.0`. */
  readonly place: string
  readonly name?: string
  readonly vendor?: number
  readonly device?: number
  /** 16 bits. */
  readonly class?: number
  readonly progIf?: number
  readonly revision?: number
}

const PLACE = String.raw`(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7](?:/(?:[0-9a-f]{2}:)?[01][0-9a-f]\.[0-7]){0,40}`
/** What stands before the address in listings of IOMMU groups, and in lists of people. */
const BEFORE = String.raw`[ \t]*(?:[*+•·-] |IOMMU group:? +\d+:? +|\(\d+\) |Group Device: )?[ \t]*`
const LINE = new RegExp(`^${BEFORE}(${PLACE})[ \\t]+(?:- )?(\\S.*)$`, 'i')
const NUMBERS = /^(?:Class )?([0-9a-f]{4}): ([0-9a-f]{4}):([0-9a-f]{4})\b/i
const NAMED = /^([A-Za-z0-9][^:[\]"]{1,70}?)(?: \[([0-9a-f]{4})\])?:(?: (.*))?$/i
const MACHINE = /^"([^"]*)" "([^"]*)" "([^"]*)"/

/** Undefined for every other line; whether it is one is decided by address and class, so that prose is none. */
export function headerOf(line: string): Header | undefined {
  const match = LINE.exec(line)
  const place = match?.[1]?.toLowerCase()
  const rest = match?.[2]
  if (place === undefined || rest === undefined) return undefined
  const numbers = NUMBERS.exec(rest)
  if (numbers)
    return {
      place,
      class: hex(numbers[1]),
      vendor: hex(numbers[2]),
      device: hex(numbers[3]),
      ...trailing(rest),
    }
  const machine = MACHINE.exec(rest)
  if (machine) return machineForm(place, rest, machine)
  const named = NAMED.exec(rest)
  const word = named?.[1]
  if (word === undefined) return undefined
  const code = named?.[2] === undefined ? classOf(word) : hex(named[2])
  // A word that is no class of lspci's, without a number: prose, or the `Class 0c04:` of old versions.
  const old = /^Class ([0-9a-f]{4})$/i.exec(word)?.[1]
  const kind = code ?? (old === undefined ? undefined : hex(old))
  if (kind === undefined) return undefined
  const name = named?.[3] ?? ''
  return { place, class: kind, ...identity(name), ...trailing(name) }
}

/** Continues a header that mail software broke: the rest of the name, with ids and revision. */
export function continueHeader(header: Header, more: string): Header {
  const name = `${header.name ?? ''} ${more}`.trim()
  return { ...header, ...identity(name), ...trailing(more) }
}

/** A function of which only address and name are known, as in the drawing of -t. */
export const drawnHeader = (place: string, name: string): Header => ({ place, ...identity(name), ...trailing(name) })

/** Whether a line can be the broken-off rest of a header: it has ids or a revision, and is no line of its own. */
export const isBrokenHeader = (line: string): boolean =>
  !/^\s/.test(line) && /\[[0-9a-f]{4}:[0-9a-f]{4}\]|\((?:rev|prog-if) [0-9a-f]{2}\b/i.test(line) && !line.includes(': ')

function identity(name: string): Pick<Header, 'name' | 'vendor' | 'device'> {
  const ids = [...name.matchAll(/\[([0-9a-f]{4}):([0-9a-f]{4})\]/gi)].at(-1)
  const plain = /^([0-9a-f]{4}):([0-9a-f]{4})\b/i.exec(name)
  const vendor = hex(ids?.[1] ?? plain?.[1]) ?? vendorOf(name)
  const unnamed = /\bDevice ([0-9a-f]{4})\b/i.exec(name)?.[1]
  const device = hex(ids?.[2] ?? plain?.[2]) ?? (vendor === undefined ? undefined : hex(unnamed))
  const label = name
    .replace(/\s*\((?:rev|prog-if) [^)]*\)/gi, '')
    .replace(/\s*\[[0-9a-f]{4}:[0-9a-f]{4}\]/gi, '')
    .trim()
  return {
    ...(label === '' || plain ? {} : { name: label.slice(0, 200) }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(device === undefined ? {} : { device }),
  }
}

function trailing(rest: string): Pick<Header, 'revision' | 'progIf'> {
  const revision = hex(/\(rev ([0-9a-f]{2})\)/i.exec(rest)?.[1])
  const progIf = hex(/\(prog-if ([0-9a-f]{2})\b/i.exec(rest)?.[1])
  return { ...(revision === undefined ? {} : { revision }), ...(progIf === undefined ? {} : { progIf }) }
}

/** -mm: `00:1f.0 "ISA bridge [0601]" "Intel Corporation [8086]" "LPC [8c4e]" -r05 -p00 …`. */
function machineForm(place: string, rest: string, parts: RegExpExecArray): Header {
  const number = (text = ''): number | undefined => hex(/(?:^|\[)([0-9a-f]{4})\]?$/i.exec(text)?.[1])
  const word = (parts[1] ?? '').replace(/ \[[0-9a-f]{4}\]$/i, '')
  const kind = number(parts[1]) ?? classOf(word)
  const vendor = number(parts[2]) ?? vendorOf(parts[2] ?? '')
  const device = number(parts[3])
  const revision = hex(/ -r([0-9a-f]{2})\b/i.exec(rest)?.[1])
  const progIf = hex(/ -p([0-9a-f]{2})\b/i.exec(rest)?.[1])
  return {
    place,
    name: `${parts[2] ?? ''} ${parts[3] ?? ''}`.trim().slice(0, 200),
    ...(kind === undefined ? {} : { class: kind }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(device === undefined ? {} : { device }),
    ...(revision === undefined ? {} : { revision }),
    ...(progIf === undefined ? {} : { progIf }),
  }
}

const hex = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseInt(text, 16))
