/**
 * The messages of the protocol. Both ends parse every message with these schemas before they look at it;
 * payloads are then parsed with the contract's.
 *
 *     caller → host   call, cancel, credit
 *     host → caller   result, progress, chunk, event
 *
 * A call gets exactly one result. A result with `id: null` answers a message that could not be read.
 */
import { z } from 'zod'
import { WireError } from '../contract'

const Id = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

/** Messages of progress that may be on their way unacknowledged, per call. Later ones replace each other meanwhile. */
export const PROGRESS_WINDOW = 2
/** Chunks that may be on their way unacknowledged, per call. */
export const CHUNK_WINDOW = 4
/** Calls under way at once, per connection. */
export const MAX_CALLS = 256
/** Bytes of one frame (socket) and, roughly, of one message on the other carriers. */
export const MAX_FRAME = 32 * 1024 * 1024

export const ToHost = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: Id, name: z.string().max(128), payload: z.unknown() }),
  z.object({ kind: z.literal('cancel'), id: Id }),
  z.object({
    kind: z.literal('credit'),
    id: Id,
    of: z.enum(['progress', 'chunk']),
    n: z.number().int().min(1).max(1024),
  }),
])
export type ToHost = z.infer<typeof ToHost>

export const ToCaller = z.union([
  z.object({ kind: z.literal('result'), id: Id, ok: z.literal(true), value: z.unknown() }),
  z.object({ kind: z.literal('result'), id: Id.nullable(), ok: z.literal(false), error: WireError }),
  z.object({ kind: z.literal('progress'), id: Id, payload: z.unknown() }),
  z.object({ kind: z.literal('chunk'), id: Id, seq: z.number().int().min(0), payload: z.unknown() }),
  z.object({ kind: z.literal('event'), name: z.string().max(128), payload: z.unknown() }),
])
export type ToCaller = z.infer<typeof ToCaller>
