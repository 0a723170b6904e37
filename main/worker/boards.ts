/** Boards in the contract's shapes: drafted, checked and edited as texts. */
import type { PlatformEdit } from '../../preload/contract'
import { ok, type Fault, type Result } from '../simulator/faults'
import { editPlatform } from '../simulator/platform/edit/edit'
import { rewritePlatform } from '../simulator/platform/edit/text'
import { parsePlatform } from '../simulator/platform/file'
import type { Platform } from '../simulator/platform/schema'

export interface BoardText {
  readonly name: string
  readonly text: string
}
export interface BoardCheck {
  problems: (Fault & { severity: 'error' | 'warning' })[]
  platform?: Platform
}

/** A board's own warnings are those of the import that it was made from. */
export function checkBoard({ name, text }: BoardText): BoardCheck {
  const platform = parsePlatform(text, name)
  return platform.ok
    ? { problems: [], platform: platform.value }
    : { problems: [{ ...platform.error, severity: 'error' }] }
}

/** Errors: those of `parsePlatform` and `editPlatform`. */
export function editBoard({ name, text }: BoardText, edit: PlatformEdit): Result<{ text: string; selected: string }> {
  const before = parsePlatform(text, name)
  if (!before.ok) return before
  const placed = editPlatform(before.value, edit)
  if (!placed.ok) return placed
  const { platform, id, moved } = placed.value
  return ok({ text: rewritePlatform(text, before.value, platform, moved), selected: id })
}
