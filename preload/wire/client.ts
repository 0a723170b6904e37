/** The caller's end: `createClient(calls, events)(carrier)`. Answers, progress and events are validated here too. */
import type { Carrier } from './carrier'
import { describeIssues, RpcError, wireError } from './errors'
import { ToCaller, type ToHost } from './messages'
import type { CallOptions, CallShape, Calls, EventOf, Events, RequestOf, ResponseOf } from './shapes'

export interface ClientOptions {
  /** Messages from the host that make no sense (never expected). */
  readonly log?: (message: string) => void
}

export interface Client<C extends Calls, E extends Events> {
  /** Rejects with an RpcError, and with nothing else. */
  call<K extends keyof C & string>(
    name: K,
    payload: RequestOf<C[K]>,
    options?: CallOptions<C[K]>,
  ): Promise<ResponseOf<C[K]>>
  /** Returns the way to unsubscribe. */
  on<K extends keyof E & string>(name: K, listener: (payload: EventOf<E, K>) => void): () => void
  /** Resolves, with the reason, when the carrier has closed. */
  readonly closed: Promise<string>
  close(): void
}

interface Pending {
  readonly shape: CallShape
  readonly name: string
  readonly options: CallOptions<CallShape>
  /** Next chunk's number. */
  seq: number
  settle(outcome: { value: unknown } | { error: RpcError }): void
}

export const createClient =
  <const C extends Calls, const E extends Events>(calls: C, events: E) =>
  (
    carrier: Carrier,
    { log = (message) => console.error(`doorbell: ${message}`) }: ClientOptions = {},
  ): Client<C, E> => {
    const pending = new Map<number, Pending>()
    const listeners = new Map<string, Set<(payload: unknown) => void>>()
    let nextId = 1
    let lost: string | undefined
    let tellClosed: (why: string) => void
    const closed = new Promise<string>((resolve) => (tellClosed = resolve))
    const send = (message: ToHost) => carrier.send(message)

    function call(name: string, payload: unknown, options: CallOptions<CallShape> = {}): Promise<unknown> {
      const failed = (code: 'NO_SUCH_CALL' | 'BAD_REQUEST' | 'CANCELLED' | 'CONNECTION_LOST', message: string) =>
        Promise.reject(new RpcError(wireError(code, message)))
      const shape = Object.hasOwn(calls, name) ? calls[name] : undefined
      if (!shape) return failed('NO_SUCH_CALL', `there is no call named '${name}'`)
      if (options.signal?.aborted) return failed('CANCELLED', 'cancelled')
      if (lost !== undefined) return failed('CONNECTION_LOST', lost)
      const request = shape.req.safeParse(payload)
      if (!request.success) return failed('BAD_REQUEST', `${name}: ${describeIssues(request.error)}`)
      const id = nextId++
      return new Promise((resolve, reject) => {
        // The answer to a cancel is still the host's to give: some calls answer with what they had so far.
        const cancel = () => void (pending.has(id) && send({ kind: 'cancel', id }))
        pending.set(id, {
          shape,
          name,
          options,
          seq: 0,
          settle(outcome) {
            if (!pending.delete(id)) return
            options.signal?.removeEventListener('abort', cancel)
            if ('error' in outcome) reject(outcome.error)
            else resolve(outcome.value)
          },
        })
        options.signal?.addEventListener('abort', cancel)
        try {
          send({ kind: 'call', id, name, payload: request.data })
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error)
          pending.get(id)?.settle({ error: new RpcError(wireError('BAD_REQUEST', `${name}: ${why}`)) })
        }
      })
    }

    function broken(id: number, entry: Pending, what: string, detail: string) {
      log(`${what} of ${entry.name} has the wrong shape: ${detail}`)
      entry.settle({
        error: new RpcError(wireError('BAD_RESPONSE', `${what} of ${entry.name} is not what was promised: ${detail}`)),
      })
      if (what !== 'answer') send({ kind: 'cancel', id })
    }

    function tell(entry: Pending, listener: () => void | Promise<void>): Promise<void> {
      return Promise.resolve()
        .then(listener)
        .catch((error: unknown) => log(`listener of ${entry.name} failed: ${String(error)}`))
    }

    function receive(raw: unknown) {
      const parsed = ToCaller.safeParse(raw)
      if (!parsed.success) return log(`not a message of the protocol: ${describeIssues(parsed.error)}`)
      const message = parsed.data
      if (message.kind === 'event') return event(message.name, message.payload)
      const { id } = message
      const entry = id === null ? undefined : pending.get(id)
      if (message.kind === 'result' && !message.ok && id === null)
        return log(`the host refused a message: ${message.error.message} [${message.error.code}]`)
      if (id === null || !entry) return // settled already
      switch (message.kind) {
        case 'result': {
          if (!message.ok) return entry.settle({ error: new RpcError(message.error) })
          const value = entry.shape.res.safeParse(message.value)
          return value.success
            ? entry.settle({ value: value.data })
            : broken(id, entry, 'answer', describeIssues(value.error))
        }
        case 'progress': {
          const progress = entry.shape.progress?.safeParse(message.payload)
          if (!progress?.success)
            return broken(id, entry, 'progress', progress ? describeIssues(progress.error) : 'none was promised')
          return void tell(entry, () => entry.options.onProgress?.(progress.data as never)).then(() =>
            credit(id, 'progress'),
          )
        }
        case 'chunk': {
          const chunk = entry.shape.chunk?.safeParse(message.payload)
          if (!chunk?.success)
            return broken(id, entry, 'chunk', chunk ? describeIssues(chunk.error) : 'none was promised')
          if (message.seq !== entry.seq++) return broken(id, entry, 'chunk', `number ${message.seq} is out of order`)
          return void tell(entry, () => entry.options.onChunk?.(chunk.data as never)).then(() => credit(id, 'chunk'))
        }
      }
    }

    const credit = (id: number, of: 'progress' | 'chunk') => {
      if (pending.has(id)) send({ kind: 'credit', id, of, n: 1 })
    }

    function event(name: string, payload: unknown) {
      const schema = Object.hasOwn(events, name) ? events[name] : undefined
      const parsed = schema?.safeParse(payload)
      if (!parsed?.success) return log(`event ${name} has the wrong shape`)
      for (const listener of [...(listeners.get(name) ?? [])]) listener(parsed.data)
    }

    carrier.start({
      message: receive,
      malformed: (why) => log(`damaged message: ${why}`),
      closed(why) {
        lost = why
        for (const entry of [...pending.values()])
          entry.settle({ error: new RpcError(wireError('CONNECTION_LOST', why)) })
        tellClosed(why)
      },
    })

    return {
      call,
      on(name: string, listener: (payload: never) => void) {
        const set = listeners.get(name) ?? new Set()
        listeners.set(name, set.add(listener as (payload: unknown) => void))
        return () => void set.delete(listener as (payload: unknown) => void)
      },
      closed,
      close: () => carrier.close(),
    } as Client<C, E>
  }
