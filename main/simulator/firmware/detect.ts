/** What kind of file somebody gave us, by content first and by name where the content is cut or silent. */
import { err, fault, ok, type Result } from '../faults'
import { isEmpty } from '../platform/observations'
import { looksLikeTable, tablesInText } from './acpi/dump'
import { headerOf } from './lspci/header'
import { forestOf } from './lspci/forest'
import { unfolded } from './lspci/vertical'
import { observedIn } from './observed/text'
import { kernelIn } from './observed/kernel'
import { decodeText, pastedLines, type PastedLine } from './pasted'

/** `groups`: pasted observations (group listings, boot logs, reserved regions); `acpi`: tables, binary or as hex text. */
export type FileKind = 'capture' | 'platform' | 'lspci' | 'groups' | 'acpi' | 'devicetree'

const TAR_MAGIC_AT = 257
const FDT_MAGIC = [0xd0, 0x0d, 0xfe, 0xed]
/** Of a text. A boot log that begins with something else has its lines on IOMMUs within this. */
const TEXT_HEAD = 8 * 1024 * 1024

/**
 * `head`: the first bytes of the file (512 are enough for archives; for text, give all of it).
 * Fault: FILE_KIND_UNKNOWN.
 */
export function detectKind(head: Uint8Array, name: string): Result<FileKind> {
  if (isGzip(head) || isTar(head)) return ok('capture')
  if (FDT_MAGIC.every((byte, i) => head[i] === byte)) return ok('devicetree')
  if (looksLikeTable(head)) return ok('acpi')
  const lower = name.toLowerCase()
  if (/\.(tar|tar\.gz|tgz)$/.test(lower)) return ok('capture')
  if (/\.dtb$/.test(lower)) return ok('devicetree')
  const kind = textKind(decodeText(head.subarray(0, TEXT_HEAD)))
  if (kind) return ok(kind)
  return err(
    fault(
      'FILE_KIND_UNKNOWN',
      head.length === 0
        ? `${name} is empty`
        : `${name}: no capture (.tar, .tar.gz or a folder), lspci text, group listing, boot log, ACPI table, device tree or platform file`,
      {
        file: name,
        hint: 'make a capture with resources/capture.sh, or paste what `sudo lspci -vvvnn -xxxx` prints',
      },
    ),
  )
}

function textKind(text: string): FileKind | undefined {
  const head = text.slice(0, 65536)
  if (/^\s*["']?doorbellPlatform["']?\s*:/m.test(head) || /^\s*\{[^]{0,2000}?"doorbellPlatform"\s*:/.test(head))
    return 'platform'
  if (/^\s*\/dts-v1\/\s*;/m.test(head) || /^\s*\/\s*\{\s*$/m.test(head)) return 'devicetree'
  const lines = pastedLines(text)
  if (hasListing(lines) || forestOf(lines)) return 'lspci'
  if (tablesInText(lines, []).length > 0) return 'acpi'
  const seen = observedIn(lines)
  const kernel = kernelIn(lines)
  return !isEmpty(seen) || kernel.release !== undefined ? 'groups' : undefined
}

/** Lines of lspci that do not merely name the members of groups. */
function hasListing(lines: readonly PastedLine[]): boolean {
  let named = false
  let inGroup = false
  for (const { text } of unfolded(lines)) {
    if (/^[\s*]*(?:IOMMU\s+)?group:?\s*\d+\b/i.test(text)) inGroup = !named || !/^\s*IOMMU group: \d+$/.test(text)
    else if (headerOf(text)) {
      if (!inGroup) named = true
    } else if (named && /^\s*(?:Capabilities|Flags|Control|Subsystem|Kernel driver in use):/.test(text)) return true
    else if (text.trim() === '') inGroup = false
  }
  return named
}

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b

export const isTar = (head: Uint8Array): boolean =>
  head.length >= TAR_MAGIC_AT + 5 && new TextDecoder().decode(head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + 5)) === 'ustar'
