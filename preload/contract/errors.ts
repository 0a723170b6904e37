/** What can go wrong on the way between window and host: the faults of a user's input, and the protocol's own. */
import { z } from 'zod'
import { FAULT_CODES } from '../../main/simulator/faults'

export const ERROR_CODES = [
  ...FAULT_CODES,
  // the protocol
  'NO_SUCH_CALL',
  'BAD_REQUEST',
  'BAD_RESPONSE',
  'BAD_MESSAGE',
  'CANCELLED',
  'CONNECTION_LOST',
  'WORKER_DIED',
  'INTERNAL',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export const WireError = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
  endLine: z.number().optional(),
  endColumn: z.number().optional(),
  offset: z.number().optional(),
  hint: z.string().optional(),
})
export type WireError = z.infer<typeof WireError>
