/** What kind of file somebody gave us, by content first and by name where the content is cut or silent. */
import { err, fault, ok, type Result } from '../faults'

export type FileKind = 'capture' | 'platform'

const TAR_MAGIC_AT = 257

/**
 * `head`: the first bytes of the file (512 are enough for archives; for text, more is better).
 * Fault: FILE_KIND_UNKNOWN.
 */
export function detectKind(head: Uint8Array, name: string): Result<FileKind> {
  if (isGzip(head) || isTar(head)) return ok('capture')
  const lower = name.toLowerCase()
  if (/\.(tar|tar\.gz|tgz)$/.test(lower)) return ok('capture')
  const text = new TextDecoder().decode(head.subarray(0, 65536))
  if (/^\s*["']?doorbellPlatform["']?\s*:/m.test(text) || /^\s*\{[^]{0,2000}?"doorbellPlatform"\s*:/.test(text))
    return ok('platform')
  return err(
    fault('FILE_KIND_UNKNOWN', `${name}: neither a capture (.tar, .tar.gz or a folder) nor a platform file`, {
      file: name,
      hint: 'a platform file is YAML or JSON and has the key doorbellPlatform: 1',
    }),
  )
}

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b

export const isTar = (head: Uint8Array): boolean =>
  head.length >= TAR_MAGIC_AT + 5 && new TextDecoder().decode(head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + 5)) === 'ustar'
