/** The JSON Schema of platform files, for completion and hover in an editor. */
import { z } from 'zod'
import { Platform } from './schema'

export const platformJsonSchema = (): Record<string, unknown> =>
  z.toJSONSchema(Platform, { io: 'input', target: 'draft-7' })
