/**
 * What the window needs of a host: calls that answer with a value or a coded error, and events.
 * Nothing else in the window knows whether Electron or a WebSocket is behind it.
 */
import type { z } from 'zod'
import { watched, type Listener, type Watched } from './watched'
import type { calls, events } from '../../preload/contract'
import type { WireError } from '../../preload/contract'

export type Calls = typeof calls
export type CallName = keyof Calls
export type Request<K extends CallName> = z.input<Calls[K]['req']>
export type Response<K extends CallName> = z.output<Calls[K]['res']>
export type Progress<K extends CallName> = Calls[K] extends { progress: infer P extends z.ZodType }
  ? z.output<P>
  : never
export type Chunk<K extends CallName> = Calls[K] extends { chunk: infer C extends z.ZodType } ? z.output<C> : never
export type EventName = keyof typeof events
export type EventPayload<E extends EventName> = z.output<(typeof events)[E]>

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError }

export interface CallOptions<K extends CallName> {
  signal?: AbortSignal
  onProgress?: (progress: Progress<K>) => void
  /** The next piece comes when this has returned. */
  onChunk?: (chunk: Chunk<K>) => void
}

export type Connection = 'connecting' | 'open' | 'lost'

export interface Host {
  call<K extends CallName>(name: K, request: Request<K>, options?: CallOptions<K>): Promise<Answer<Response<K>>>
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void
  onConnection(listener: (state: Connection) => void): () => void
}

let current: Watched | undefined

/** Set once, before the application is mounted (tests set their own). */
export function provideHost(host: Host): void {
  current = watched(host)
}

function theHost(): Watched {
  if (!current) throw new Error('invariant broken: the window has no host')
  return current
}
export const useHost = (): Host => theHost().host
/** Hears of every call. */
export const watchHost = (listener: Listener): (() => void) => theHost().watch(listener)
