import fc from 'fast-check'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { z } from 'zod'
import { err, ok } from '../../main/simulator/faults'
import type { Carrier } from './carrier'
import { createClient } from './client'
import { RpcError, wireError } from './errors'
import { decodeFrame, encodeFrame } from './frame'
import { memoryPair } from './memory'
import { CHUNK_WINDOW, PROGRESS_WINDOW } from './messages'
import { portCarrier } from './port'
import { createServer } from './server'

const calls = {
  add: { req: z.object({ a: z.number(), b: z.number().default(1) }), res: z.object({ sum: z.number() }) },
  words: { req: z.object({ n: z.number() }), res: z.instanceof(Int32Array) },
  fails: { req: z.object({}), res: z.object({}) },
  throws: { req: z.object({}), res: z.object({}) },
  lies: { req: z.object({}), res: z.object({ n: z.number() }) },
  hangs: { req: z.object({}), res: z.object({}) },
  partial: { req: z.object({}), res: z.object({ stopped: z.boolean() }) },
  counts: {
    req: z.object({ to: z.number() }),
    progress: z.object({ at: z.number() }),
    res: z.object({ done: z.number() }),
  },
  streams: {
    req: z.object({ n: z.number() }),
    chunk: z.object({ bytes: z.instanceof(Uint8Array) }),
    res: z.object({ sent: z.number() }),
  },
  put: { req: z.object({ value: z.string() }), res: z.object({}) },
} as const
const events = { changed: z.object({ to: z.string() }) } as const

function host(carriers: () => [Carrier, Carrier] = () => memoryPair()) {
  const log = vi.fn()
  const state = { value: 'initial', writes: 0 }
  const seen: AbortSignal[] = []
  const server = createServer(calls, events)(
    {
      add: ({ a, b }) => Promise.resolve(ok({ sum: a + b })),
      words: ({ n }) => Promise.resolve(ok(Int32Array.from({ length: n }, (_, i) => -i))),
      fails: () => Promise.resolve(err(wireError('SCENARIO_SHAPE', 'no', { line: 3, column: 7 }))),
      throws: () => Promise.reject(new Error('ENOENT /home/someone/secret')),
      lies: () => Promise.resolve(ok({ n: 'x' } as unknown as { n: number })),
      hangs: (_request, { signal }) => {
        seen.push(signal)
        return new Promise(() => undefined)
      },
      partial: (_request, { signal }) =>
        new Promise((done) => signal.addEventListener('abort', () => done(ok({ stopped: true })))),
      async counts({ to }, { progress }) {
        for (let at = 1; at <= to; at++) {
          progress({ at })
          await Promise.resolve()
        }
        return ok({ done: to })
      },
      async streams({ n }, { chunk }) {
        let sent = 0
        for (let i = 0; i < n; i++) if (await chunk({ bytes: Uint8Array.of(i) })) sent++
        return ok({ sent })
      },
      put({ value }) {
        state.value = value
        state.writes++
        return Promise.resolve(ok({}))
      },
    },
    { cancelGraceMs: 20, log },
  )
  const [theirs, ours] = carriers()
  server.connect(theirs)
  return { server, carrier: ours, log, state, seen }
}
const connect = (carrier: Carrier) => createClient(calls, events)(carrier, { log: () => undefined })

describe.each([
  ['memory', () => memoryPair()],
  ['frames', () => memoryPair((m) => unwrap(decodeFrame(encodeFrame(m))))],
  ['message ports', portPair],
] as const)('calls over %s', (_name, pair) => {
  it('answer with the promised type, defaults filled in, typed arrays whole', async () => {
    const client = connect(host(pair).carrier)
    const answer = await client.call('add', { a: 41 })
    expectTypeOf(answer).toEqualTypeOf<{ sum: number }>()
    expect(answer).toEqual({ sum: 42 })
    expect(await client.call('words', { n: 3 })).toEqual(Int32Array.of(0, -1, -2))
  })

  it('deliver events to every connection until one unsubscribes', async () => {
    const { server, carrier } = host(pair)
    const client = connect(carrier)
    const heard: string[] = []
    const off = client.on('changed', ({ to }) => heard.push(to))
    server.publish('changed', { to: 'one' })
    await client.call('add', { a: 1 })
    off()
    server.publish('changed', { to: 'two' })
    await client.call('add', { a: 1 })
    expect(heard).toEqual(['one'])
  })

  it('stream chunks in order, no faster than they are taken', async () => {
    const client = connect(host(pair).carrier)
    const got: number[] = []
    let taking = 0
    const answer = await client.call(
      'streams',
      { n: 20 },
      {
        async onChunk({ bytes }) {
          expect(++taking).toBeLessThanOrEqual(CHUNK_WINDOW)
          await new Promise((later) => setImmediate(later))
          got.push(bytes[0] ?? -1)
          taking--
        },
      },
    )
    expect(answer).toEqual({ sent: 20 })
    expect(got.length).toBeGreaterThanOrEqual(20 - CHUNK_WINDOW) // the last window may still be on the way to the listener
    expect(got).toEqual(got.map((_, i) => i))
  })
})

describe('errors', () => {
  it('come back with their code and position; a thrown one is INTERNAL, logged, and tells no path', async () => {
    const { carrier, log } = host()
    const client = connect(carrier)
    await expect(client.call('fails', {})).rejects.toMatchObject({
      error: { code: 'SCENARIO_SHAPE', line: 3, column: 7 },
    })
    const thrown = await client.call('throws', {}).catch((e: unknown) => e)
    expect(thrown).toBeInstanceOf(RpcError)
    expect(thrown).toMatchObject({ code: 'INTERNAL' })
    expect(String(thrown)).not.toContain('secret')
    expect(log).toHaveBeenCalledWith(
      'call throws',
      expect.objectContaining({ message: expect.stringContaining('secret') as string }),
    )
  })

  it('are BAD_RESPONSE when a handler answers with something else than promised', async () => {
    await expect(connect(host().carrier).call('lies', {})).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
  })

  it('are BAD_REQUEST and NO_SUCH_CALL at the caller already, and again at the host', async () => {
    const { carrier, state } = host()
    const client = connect(carrier)
    // @ts-expect-error wrong type of a field
    await expect(client.call('add', { a: 'x' })).rejects.toMatchObject({ code: 'BAD_REQUEST', message: /a: / })
    // @ts-expect-error no such call
    await expect(client.call('nope', {})).rejects.toMatchObject({ code: 'NO_SUCH_CALL' })
    expect(state).toEqual({ value: 'initial', writes: 0 })
    const raw = recorder(host().carrier)
    expect(await raw.ask({ kind: 'call', id: 1, name: 'put', payload: { value: 3 } })).toMatchObject({
      id: 1,
      error: { code: 'BAD_REQUEST' },
    })
    expect(await raw.ask({ kind: 'call', id: 2, name: 'constructor', payload: {} })).toMatchObject({
      id: 2,
      error: { code: 'NO_SUCH_CALL' },
    })
    expect(await raw.ask({ kind: 'call', id: 'x', name: 'put' })).toMatchObject({
      id: null,
      error: { code: 'BAD_MESSAGE' },
    })
  })

  it('are CONNECTION_LOST for calls under way when the carrier closes, and the handler is told', async () => {
    const { carrier, seen } = host()
    const client = connect(carrier)
    const call = client.call('hangs', {})
    await client.call('add', { a: 1 })
    client.close()
    await expect(call).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(client.call('add', { a: 1 })).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(seen[0]?.aborted).toBe(true)
  })

  it('are BAD_RESPONSE when the host answers, or reports progress, in another shape', async () => {
    const [theirs, ours] = memoryPair()
    const cancelled: unknown[] = []
    theirs.start({
      message(m) {
        const { kind, id, name } = m as { kind: string; id: number; name?: string }
        if (kind === 'cancel') return void cancelled.push(id)
        if (name === 'add') theirs.send({ kind: 'result', id, ok: true, value: { sum: '42' } })
        else theirs.send({ kind: 'progress', id, payload: { at: 'x' } })
      },
      malformed: () => undefined,
      closed: () => undefined,
    })
    const client = connect(ours)
    await expect(client.call('add', { a: 1 })).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    await expect(client.call('counts', { to: 1 })).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
    await new Promise((later) => setImmediate(later))
    expect(cancelled).toEqual([2])
  })
})

describe('cancel', () => {
  it('ends a call that does not answer, and lets one answer that has something to say', async () => {
    const client = connect(host().carrier)
    const abort = new AbortController()
    const hanging = client.call('hangs', {}, { signal: abort.signal })
    const partial = client.call('partial', {}, { signal: abort.signal })
    abort.abort()
    expect(await partial).toEqual({ stopped: true })
    await expect(hanging).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(client.call('add', { a: 1 }, { signal: abort.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('always ends a call exactly once, whenever and however often it comes', async () => {
    const name = fc.constantFrom(
      'add' as const,
      'hangs' as const,
      'partial' as const,
      'throws' as const,
      'streams' as const,
    )
    const when = fc.array(fc.nat(6), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, when), { minLength: 1, maxLength: 8 }), async (plan) => {
        const { carrier, server } = host()
        const raw = recorder(carrier)
        const payload = { a: 1, n: 9 }
        plan.forEach(([call], i) => carrier.send({ kind: 'call', id: i + 1, name: call, payload }))
        for (let turn = 0; turn <= 6; turn++) {
          plan.forEach(([, turns], i) => {
            for (const t of turns) if (t === turn) carrier.send({ kind: 'cancel', id: i + 1 })
          })
          await Promise.resolve()
        }
        await vi.waitFor(() => expect(raw.results().length).toBe(plan.length), { timeout: 1000, interval: 2 })
        await new Promise((later) => setTimeout(later, 25))
        expect(
          raw
            .results()
            .map((r) => r.id)
            .sort((a, b) => a - b),
        ).toEqual(plan.map((_, i) => i + 1))
        server.close()
      }),
      { numRuns: 30 },
    )
  })
})

describe('progress', () => {
  it('is held back to a window while it is not acknowledged; the latest wins', async () => {
    const { carrier } = host()
    const raw = recorder(carrier)
    carrier.send({ kind: 'call', id: 7, name: 'counts', payload: { to: 1000 } })
    await vi.waitFor(() => expect(raw.results()).toHaveLength(1))
    const at = raw.messages.filter((m) => m.kind === 'progress').map((m) => m.payload)
    expect(at).toEqual([{ at: 1 }, { at: 2 }].slice(0, PROGRESS_WINDOW))
  })

  it('reaches a caller who keeps up', async () => {
    const got: number[] = []
    const client = connect(host().carrier)
    await client.call('counts', { to: 200 }, { onProgress: ({ at }) => got.push(at) })
    expect(got.length).toBeGreaterThan(10)
    expect(got).toEqual([...got].sort((a, b) => a - b))
  })
})

describe('garbage', () => {
  afterEach(() => vi.restoreAllMocks())
  const kinds = fc.constantFrom('call', 'cancel', 'credit', 'result', 'progress', 'event', 'chunk', '', 'toString')
  const garbage = fc.oneof(
    fc.anything(),
    fc.record(
      {
        kind: fc.oneof(kinds, fc.anything()),
        id: fc.oneof(fc.integer({ min: -2, max: 9 }), fc.anything()),
        name: fc.oneof(fc.constantFrom('put', '__proto__', 'constructor', 'hasOwnProperty'), fc.string()),
        payload: fc.oneof(fc.record({ value: fc.oneof(fc.integer(), fc.constant(null)) }), fc.anything()),
        of: fc.constantFrom('progress', 'chunk', 'x'),
        n: fc.integer({ min: -5, max: 5000 }),
        ok: fc.boolean(),
        error: fc.anything(),
        seq: fc.integer(),
      },
      { requiredKeys: [] },
    ),
  )

  it('sent to the host never crashes it and never changes anything; the next call works', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(garbage, { maxLength: 20 }), async (messages) => {
        const { carrier, state, server } = host(() => memoryPair((m) => m))
        const raw = recorder(carrier)
        for (const message of messages) carrier.send(message)
        const value = 'from a good call'
        expect(await raw.ask({ kind: 'call', id: 4711, name: 'add', payload: { a: 1 } })).toMatchObject({
          value: { sum: 2 },
        })
        expect(state).toEqual({ value: 'initial', writes: 0 })
        await raw.ask({ kind: 'call', id: 4712, name: 'put', payload: { value } })
        expect(state).toEqual({ value, writes: 1 })
        server.close()
      }),
      { numRuns: 300 },
    )
  })

  it('sent to the caller never crashes it, and never settles another call', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(garbage, { maxLength: 20 }), async (messages) => {
        const [theirs, ours] = memoryPair((m) => m)
        theirs.start({ message: () => undefined, malformed: () => undefined, closed: () => undefined })
        const client = connect(ours)
        const calls = Array.from({ length: 11 }, () => client.call('add', { a: 1 })) // ids 1 to 11; garbage reaches to 9
        const outcome = Promise.race(
          calls.slice(9).map((call) =>
            call.then(
              () => 'settled',
              () => 'settled',
            ),
          ),
        )
        for (const call of calls) call.catch(() => undefined)
        for (const message of messages) theirs.send(message)
        expect(await Promise.race([outcome, new Promise((later) => setImmediate(() => later('waiting')))])).toBe(
          'waiting',
        )
      }),
      { numRuns: 200 },
    )
  })
})

interface Message {
  kind: string
  id: number
  payload?: unknown
}

/** Speaks the protocol by hand. */
function recorder(carrier: Carrier) {
  const messages: Message[] = []
  const waiting: ((message: Message) => void)[] = []
  carrier.start({
    message(m) {
      const message = m as Message
      messages.push(message)
      if (message.kind === 'result') for (const tell of [...waiting]) tell(message)
    },
    malformed: () => undefined,
    closed: () => undefined,
  })
  return {
    messages,
    results: () => messages.filter((m) => m.kind === 'result'),
    /** The result with the message's id, or the next one without an id. */
    ask: (message: { id: unknown } & Record<string, unknown>) =>
      new Promise<Message>((done) => {
        const tell = (got: Message) => {
          if (got.id !== (typeof message.id === 'number' ? message.id : null)) return
          waiting.splice(waiting.indexOf(tell), 1)
          done(got)
        }
        waiting.push(tell)
        carrier.send(message)
      }),
  }
}

function portPair(): [Carrier, Carrier] {
  const { port1, port2 } = new MessageChannel()
  port1.unref()
  return [portCarrier(port1, () => port1.close()), portCarrier(port2, () => port2.close())]
}

function unwrap<T>(result: { ok: true; value: T } | { ok: false; error: string }): T {
  if (!result.ok) throw new Error(result.error)
  return result.value
}
