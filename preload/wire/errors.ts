/** Errors on the wire: how they are made from what went wrong, and what a caller catches. */
import type { z } from 'zod'
import type { ErrorCode, WireError } from '../contract'

/** What `client.call` rejects with. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: ErrorCode
  constructor(readonly error: WireError) {
    super(error.message)
    this.code = error.code
  }
}

export const wireError = (
  code: ErrorCode,
  message: string,
  more: Omit<WireError, 'code' | 'message'> = {},
): WireError => ({
  code,
  message,
  ...more,
})

/** Any rejection as a wire error: an RpcError's own, anything else INTERNAL without its details. */
export const asWireError = (reason: unknown): WireError =>
  reason instanceof RpcError
    ? reason.error
    : wireError('INTERNAL', 'something went wrong inside Doorbell; the log says what')

/** The first few issues of a failed parse in one line: `options.scale: expected record, received string; …`. */
export function describeIssues(error: z.ZodError, most = 3): string {
  const lines = error.issues.slice(0, most).map((issue) => {
    const path = issue.path.map(String).join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  const rest = error.issues.length - lines.length
  return lines.join('; ') + (rest > 0 ? `; and ${rest} more` : '')
}
