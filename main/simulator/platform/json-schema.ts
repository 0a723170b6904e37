/** The JSON Schema of platform files, for completion and hover in an editor. */
import { z } from 'zod'
import { Platform } from './schema'

/** A file that is a platform, not a scenario: its version is a key of its own level. */
export const isPlatformText = (text: string): boolean =>
  /^["']?doorbellPlatform["']?\s*:/m.test(text) || /^\s*\{\s*"doorbellPlatform"\s*:/.test(text)

export const platformJsonSchema = (): Record<string, unknown> =>
  z.toJSONSchema(Platform, { io: 'input', target: 'draft-7' })
