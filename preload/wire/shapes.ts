/**
 * Types drawn from a contract: a record of calls (request, response, and perhaps progress and chunks) and one of events.
 * A schema used on the wire must accept its own output (defaults are fine, transforms are not): it is applied at both ends.
 */
import type { z } from 'zod'
import type { Result } from '../../main/simulator/faults'
import type { WireError } from '../contract'

export interface CallShape {
  readonly req: z.ZodType
  readonly res: z.ZodType
  /** Lossy news of a call under way: when the caller is slow, only the latest is kept. */
  readonly progress?: z.ZodType
  /** Lossless pieces of a long answer, in order, sent only as fast as the caller takes them. */
  readonly chunk?: z.ZodType
}
export type Calls = Readonly<Record<string, CallShape>>
export type Events = Readonly<Record<string, z.ZodType>>

type Input<S> = S extends z.ZodType ? z.input<S> : never
type Output<S> = S extends z.ZodType ? z.output<S> : never

/** What a caller passes: keys with defaults may be left out. */
export type RequestOf<S extends CallShape> = z.input<S['req']>
/** What a handler gets: defaults filled in. */
export type ParsedRequestOf<S extends CallShape> = z.output<S['req']>
/** What a handler answers. */
export type AnswerOf<S extends CallShape> = z.input<S['res']>
/** What a caller gets. */
export type ResponseOf<S extends CallShape> = z.output<S['res']>
export type ProgressOf<S extends CallShape> = Output<S['progress']>
export type ChunkOf<S extends CallShape> = Output<S['chunk']>
export type EventOf<E extends Events, K extends keyof E> = Output<E[K]>
export type EventInput<E extends Events, K extends keyof E> = Input<E[K]>

export interface CallOptions<S extends CallShape> {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ProgressOf<S>) => void
  /** The next chunk is asked for when this has returned (or its promise has settled). */
  readonly onChunk?: (chunk: ChunkOf<S>) => void | Promise<void>
}

/** What a handler may do besides answering. */
export interface Context<S extends CallShape> {
  /** Aborted when the caller cancels or goes away. */
  readonly signal: AbortSignal
  readonly progress: (progress: ProgressOf<S>) => void
  /** Resolves when the chunk was sent: true, or false when nobody wants it any more. */
  readonly chunk: (chunk: ChunkOf<S>) => Promise<boolean>
  /** Who calls: `id` is unique in this server, `closed` is aborted when the caller is gone. */
  readonly connection: { readonly id: number; readonly closed: AbortSignal }
}

export type Handler<S extends CallShape> = (
  request: ParsedRequestOf<S>,
  context: Context<S>,
) => Promise<Result<AnswerOf<S>, WireError>>

export type Handlers<C extends Calls> = { readonly [K in keyof C]: Handler<C[K]> }
