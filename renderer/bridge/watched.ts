/** A host that lets others know what is asked of it: when it begins, and what came of it. */
import type { WireError } from '../../preload/contract'
import type { Answer, CallName, CallOptions, Host, Request, Response } from './host'

export interface Asked {
  readonly id: number
  readonly name: CallName
  readonly request: unknown
  /** Null while it goes on. */
  readonly answer:
    { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: WireError } | null
}
export type Listener = (asked: Asked) => void

export interface Watched {
  readonly host: Host
  watch(listener: Listener): () => void
}

export function watched(host: Host): Watched {
  const listeners = new Set<Listener>()
  const tell = (asked: Asked): void => listeners.forEach((listener) => listener(asked))
  let last = 0
  return {
    host: {
      async call<K extends CallName>(
        name: K,
        request: Request<K>,
        options?: CallOptions<K>,
      ): Promise<Answer<Response<K>>> {
        const id = ++last
        tell({ id, name, request, answer: null })
        const answer = await host.call(name, request, options)
        tell({ id, name, request, answer })
        return answer
      },
      on: (event, listener) => host.on(event, listener),
      onConnection: (listener) => host.onConnection(listener),
    },
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
