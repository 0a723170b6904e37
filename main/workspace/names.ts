/** Names that a person gives to things in the workspace: they become file names, so only harmless ones are taken. */
import { err, fault, ok, type Result } from '../simulator/faults'

const USABLE = /^[\p{L}\p{N}][\p{L}\p{N} ._+()-]{0,79}$/u
/** Names of devices on Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** The name without `extension` if it was given with it. Errors: FILE_BAD_NAME. */
export function safeName(name: string, extension: RegExp): Result<string> {
  const base = name.replace(extension, '').normalize('NFC')
  if (!USABLE.test(base) || /[. ]$/.test(base) || base.includes('..') || RESERVED.test(base))
    return err(
      fault('FILE_BAD_NAME', `'${name.slice(0, 100)}' cannot be used as a name`, {
        hint: 'letters, digits, space and . _ + ( ) - are fine, up to 80 characters, beginning with a letter or digit',
      }),
    )
  return ok(base)
}

/** A usable name made of any text, for files that come with names of their own. */
export function tameName(text: string, otherwise: string): string {
  const tame = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N} ._+()-]+/gu, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 60)
    .replace(/[. -]+$/, '')
  return safeName(tame, /$^/).ok ? tame : otherwise
}
