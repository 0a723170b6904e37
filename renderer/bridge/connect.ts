/** The real host: the wire's client, with rejections turned into values. */
import { asWireError, connectHost, type HostConnection } from '../../preload/wire'
import type { Answer, CallName, CallOptions, EventName, EventPayload, Host, Request, Response } from './host'

/** The client's own generics are over the whole contract; here each call is typed by its name alone. */
type LooseCall = (name: string, request: unknown, options?: unknown) => Promise<unknown>

export function connect(connection: HostConnection = connectHost()): Host {
  const call = connection.call as LooseCall
  return {
    async call<K extends CallName>(
      name: K,
      request: Request<K>,
      options?: CallOptions<K>,
    ): Promise<Answer<Response<K>>> {
      try {
        return { ok: true, value: (await call(name, request, options)) as Response<K> }
      } catch (reason) {
        return { ok: false, error: asWireError(reason) }
      }
    },
    on: <E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void) => connection.on(event, listener),
    onConnection: (listener) => connection.onConnection(listener),
  }
}
