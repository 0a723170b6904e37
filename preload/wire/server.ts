/**
 * The host's end: `createServer(calls, events)(handlers)` answers any number of connections, each over its own carrier.
 * It never throws at a peer and never lets one change anything by a malformed message.
 */
import { assert, type Result } from '../../main/simulator/faults'
import { WireError, type ErrorCode } from '../contract'
import type { Carrier } from './carrier'
import { describeIssues, wireError } from './errors'
import { CHUNK_WINDOW, MAX_CALLS, PROGRESS_WINDOW, ToHost, type ToCaller } from './messages'
import type { CallShape, Calls, Context, EventInput, Events, Handlers } from './shapes'
import { createWindow, type FlowWindow } from './window'

export interface ServerOptions {
  /** Milliseconds that a cancelled handler has to answer by itself before the caller is told CANCELLED. */
  readonly cancelGraceMs?: number
  /** Where unexpected errors go, whole; the peer gets INTERNAL without details. */
  readonly log?: (where: string, error: unknown) => void
}

export interface Connection {
  readonly id: number
  close(): void
}

export interface Server<E extends Events> {
  connect(carrier: Carrier): Connection
  /** Send an event to every connection. */
  publish<K extends keyof E & string>(name: K, payload: EventInput<E, K>): void
  readonly connections: number
  close(): void
}

interface Running {
  readonly abort: AbortController
  readonly progress: FlowWindow
  readonly chunks: FlowWindow
  end(answer: Result<unknown, WireError>): void
}

type AnyHandler = (request: unknown, context: Context<CallShape>) => Promise<Result<unknown, WireError>>

export const createServer =
  <const C extends Calls, const E extends Events>(calls: C, events: E) =>
  (handlers: Handlers<C>, options: ServerOptions = {}): Server<E> => {
    const { cancelGraceMs = 3000, log = (where, error) => console.error(`doorbell: ${where}:`, error) } = options
    const open = new Map<number, { carrier: Carrier; close: () => void }>()
    let connections = 0

    function connect(carrier: Carrier): Connection {
      const id = ++connections
      const running = new Map<number, Running>()
      const gone = new AbortController()

      const send = (message: ToCaller): boolean => {
        try {
          carrier.send(message)
          return true
        } catch (error) {
          log(`sending a ${message.kind}`, error)
          return false
        }
      }
      const refuse = (callId: number | null, code: ErrorCode, message: string) =>
        void send({ kind: 'result', id: callId, ok: false, error: wireError(code, message) })

      function begin(callId: number, name: string, payload: unknown) {
        if (running.has(callId)) return refuse(null, 'BAD_MESSAGE', `call ${callId} is already under way`)
        const shape = Object.hasOwn(calls, name) ? calls[name] : undefined
        if (!shape) return refuse(callId, 'NO_SUCH_CALL', `there is no call named '${name}'`)
        if (running.size >= MAX_CALLS) return refuse(callId, 'BAD_REQUEST', `more than ${MAX_CALLS} calls at once`)
        const request = shape.req.safeParse(payload)
        if (!request.success) return refuse(callId, 'BAD_REQUEST', `${name}: ${describeIssues(request.error)}`)
        const call = track(callId, name, shape)
        const handler = handlers[name] as unknown as AnyHandler
        assert(typeof handler === 'function', `a handler for ${name}`)
        void answer(call, name, () => handler(request.data, contextOf(call, shape)))
      }

      function track(callId: number, name: string, shape: CallShape): Running {
        const call: Running = {
          abort: new AbortController(),
          progress: createWindow(PROGRESS_WINDOW, (payload) => void send({ kind: 'progress', id: callId, payload })),
          chunks: createWindow(CHUNK_WINDOW, (payload, seq) => void send({ kind: 'chunk', id: callId, seq, payload })),
          end(result) {
            if (running.get(callId) !== call) return // already ended, or the caller has gone
            running.delete(callId)
            call.progress.close()
            call.chunks.close()
            if (!result.ok)
              return void send({ kind: 'result', id: callId, ok: false, error: checkedError(name, result.error) })
            const value = shape.res.safeParse(result.value)
            if (!value.success) log(`answer of ${name}`, value.error)
            if (!value.success || !send({ kind: 'result', id: callId, ok: true, value: value.data }))
              refuse(callId, 'BAD_RESPONSE', `the answer to ${name} does not have the promised shape`)
          },
        }
        running.set(callId, call)
        return call
      }

      const contextOf = (call: Running, shape: CallShape): Context<CallShape> => ({
        signal: call.abort.signal,
        progress(payload) {
          if (shape.progress) call.progress.latest(shape.progress.parse(payload))
        },
        chunk: (payload) => (shape.chunk ? call.chunks.queue(shape.chunk.parse(payload)) : Promise.resolve(false)),
        connection: { id, closed: gone.signal },
      })

      async function answer(call: Running, name: string, run: () => Promise<Result<unknown, WireError>>) {
        try {
          const result = await run()
          if (result.ok) await call.chunks.drained()
          call.end(result)
        } catch (error) {
          const cancelled = call.abort.signal.aborted
          if (!cancelled) log(`call ${name}`, error)
          const code = cancelled ? 'CANCELLED' : 'INTERNAL'
          const message = cancelled ? 'cancelled' : `${name} failed inside Doorbell; the log says why`
          call.end({ ok: false, error: wireError(code, message) })
        }
      }

      function cancel(call: Running) {
        if (call.abort.signal.aborted) return
        call.abort.abort()
        call.chunks.close()
        const late = setTimeout(
          () => call.end({ ok: false, error: wireError('CANCELLED', 'cancelled') }),
          cancelGraceMs,
        )
        if (typeof late === 'object') late.unref()
      }

      function checkedError(name: string, error: WireError): WireError {
        const parsed = WireError.safeParse(error)
        if (parsed.success) return parsed.data
        log(`error of ${name}`, error)
        return wireError('INTERNAL', `${name} failed inside Doorbell; the log says why`)
      }

      function receive(raw: unknown) {
        const parsed = ToHost.safeParse(raw)
        if (!parsed.success)
          return refuse(null, 'BAD_MESSAGE', `not a message of the protocol: ${describeIssues(parsed.error)}`)
        const message = parsed.data
        switch (message.kind) {
          case 'call':
            return begin(message.id, message.name, message.payload)
          case 'cancel': {
            const call = running.get(message.id) // unknown: its result is already on the way
            return call && cancel(call)
          }
          case 'credit': {
            const call = running.get(message.id)
            return (message.of === 'chunk' ? call?.chunks : call?.progress)?.credit(message.n)
          }
        }
      }

      function leave() {
        if (!open.delete(id)) return
        gone.abort()
        const calls = [...running.values()]
        running.clear()
        for (const call of calls) {
          call.progress.close()
          call.chunks.close()
          call.abort.abort()
        }
      }

      const close = () => {
        leave()
        carrier.close()
      }
      open.set(id, { carrier, close })
      carrier.start({
        message: receive,
        malformed: (why) => refuse(null, 'BAD_MESSAGE', why),
        closed: leave,
      })
      return { id, close }
    }

    return {
      connect,
      publish(name, payload) {
        const schema = events[name]
        assert(schema, `an event named ${name}`)
        const message: ToCaller = { kind: 'event', name, payload: schema.parse(payload) }
        for (const { carrier } of open.values()) {
          try {
            carrier.send(message)
          } catch (error) {
            log(`event ${name}`, error)
          }
        }
      },
      get connections() {
        return open.size
      },
      close() {
        for (const { close } of [...open.values()]) close()
      },
    }
  }
