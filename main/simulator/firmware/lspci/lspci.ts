/** Text of lspci, however it was printed and pasted → PCI functions of a platform and what the kernel made of them. */
import { err, fault, ok, type Result } from '../../faults'
import type { Platform, PlatformWarning } from '../../platform/schema'
import { pastedLines, type PastedLine } from '../pasted'
import type { PciTree } from '../sysfs/functions'
import { warning } from '../warnings'
import { formatAddress, parseAddress } from '../../platform/address'
import { forestOf, type Forest } from './forest'
import { drawnHeader } from './header'
import { functionsOf } from './functions'
import { placed } from './place'
import { recordsOf, type Record } from './records'
import { sectionsOf, type Section } from './sections'
import { unfolded } from './vertical'

export interface Lspci {
  readonly pci: PciTree
  readonly arch: Platform['arch']
  readonly warnings: PlatformWarning[]
}

/** Fault: LSPCI_EMPTY, where no line is the first line of a function. Everything else is a warning and `unknown`. */
export function parseLspci(text: string): Result<Lspci> {
  return parseLspciLines(pastedLines(text), /(?:^|[\r\n])[ \r\n>`]*$/.test(text.slice(-4096)))
}

/** `whole`: the text ends with the end of a line. */
export function parseLspciLines(pasted: readonly PastedLine[], whole = true): Result<Lspci> {
  const warnings: PlatformWarning[] = []
  const lines = unfolded(pasted)
  const printed = sectionsOf(lines, warnings)
  const forest = forestOf(pasted)
  const sections = [...printed, ...drawnOnly(printed, forest)]
  if (sections.length === 0)
    return err(
      fault('LSPCI_EMPTY', 'no line of lspci in it: a function starts with its address and class', {
        hint: 'paste what `sudo lspci -vvvnn -xxxx` prints',
      }),
    )
  const records = recordsOf(sections, warnings)
  const cut = whole ? undefined : cutRecord(printed.at(-1), records)
  if (cut !== undefined)
    warnings.push(warning('LSPCI_TRUNCATED', `the text ends in the middle of a line: what else ${cut} has is unknown`))
  const functions = functionsOf(records, cut, warnings)
  const paths = new Map(records.flatMap(({ bdf, above }) => (above === undefined ? [] : [[bdf, above] as const])))
  return ok({ pci: placed(functions, paths, forest, warnings), arch: archOf(records), warnings })
}

/** The last function, unless its last line is one that lspci prints last. */
function cutRecord(section: Section | undefined, records: readonly Record[]): string | undefined {
  const last = section?.body.at(-1) ?? ''
  if (!section || /^\s*Kernel (?:driver in use|modules): /.test(last)) return undefined
  return records.find((record) => record.line === section.line)?.bdf
}

/** Functions that the drawing of -t has and no listing. */
function drawnOnly(printed: readonly Section[], forest: Forest | undefined): Section[] {
  const known = new Set(
    printed.flatMap(({ header }) => {
      const address = parseAddress(header.place.split('/').at(-1) ?? '')
      return address ? [formatAddress(address)] : []
    }),
  )
  return [...(forest?.above.keys() ?? [])]
    .filter((bdf) => !known.has(bdf))
    .map((bdf) => ({
      header: drawnHeader(bdf, forest?.names.get(bdf) ?? ''),
      line: 0,
      body: [],
      bytes: new Uint8Array(),
    }))
}

/** By the vendor of a host bridge, or by where an enabled MSI goes: 0xfeexxxxx is a local APIC. */
function archOf(records: readonly Record[]): Platform['arch'] {
  const x86 = records.some(
    ({ header, body }) =>
      (header.class === 0x0600 && (header.vendor === 0x8086 || header.vendor === 0x1022)) ||
      (body.msiAddress !== undefined && body.msiAddress >> 20n === 0xfeen),
  )
  return x86 ? 'x86' : 'unknown'
}
