import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { WorkerState } from '../../preload/contract'
import { createServer, portCarrier } from '../../preload/wire'
import { toySimulator } from '../../test/worker/toy'
import { createWorkerHandlers } from './api'
import { workerCalls, workerEvents } from './calls'
import { createWorkerClient, type WorkerClient, type WorkerThread } from './client'
import { nodeClock } from './clock'

/** The worker's own code behind a real port, but in this thread, so that a test can kill it at a chosen moment. */
class InThread extends EventEmitter implements WorkerThread {
  private readonly port: MessagePort
  deaf = false
  constructor() {
    super()
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    port1.on('message', (message) => this.emit('message', message))
    const handlers = createWorkerHandlers(toySimulator, nodeClock)
    const inside = portCarrier(port2, () => port2.close())
    createServer(
      workerCalls,
      workerEvents,
    )(handlers).connect({
      ...inside,
      start: (receiver) => inside.start({ ...receiver, message: (m) => !this.deaf && receiver.message(m) }),
    })
  }
  postMessage(message: unknown): void {
    this.port.postMessage(message)
  }
  die(error?: Error): void {
    this.port.close()
    if (error) this.emit('error', error)
    this.emit('exit', 1)
  }
  terminate(): Promise<number> {
    this.die()
    return Promise.resolve(1)
  }
}

const open: WorkerClient[] = []
afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
})

function setUp({ broken = 0, ...options }: { broken?: number; hungMs?: number; busyAfterMs?: number } = {}) {
  const threads: InThread[] = []
  const states: WorkerState[] = []
  const client = createWorkerClient({
    spawn() {
      const thread = new InThread()
      threads.push(thread)
      if (threads.length <= broken) {
        thread.deaf = true
        setImmediate(() => thread.die(new Error('out of memory')))
      }
      return thread
    },
    onState: (state) => states.push(state),
    retryMs: [0, 1],
    log: () => undefined,
    ...options,
  })
  open.push(client)
  return { client, threads, states, names: () => states.map(({ state }) => state) }
}
const scenario = { name: 'toy', text: 'bits: 21\n', resources: [] }

describe('the worker', () => {
  it('explores, with progress at least five times a second and numbers that add up', async () => {
    const { client } = setUp()
    const heard: number[] = []
    const result = await client.call('explore.start', scenario, { onProgress: ({ states }) => heard.push(states) })
    expect(result).toMatchObject({ complete: true, states: 2 ** 21, transitions: 21 * 2 ** 20 })
    expect(heard.length).toBeGreaterThanOrEqual(Math.floor(result.elapsedMs / 200) - 1)
    expect(heard).toEqual([...heard].sort((a, b) => a - b))
  })

  it('hears a cancel in the midst of a long exploration and says what was covered', async () => {
    const { client } = setUp()
    const abort = new AbortController()
    const result = await client.call(
      'explore.start',
      { ...scenario, text: 'bits: 25\n' },
      { signal: abort.signal, onProgress: () => abort.abort() },
    )
    expect(result).toMatchObject({ complete: false, stopped: 'cancelled', properties: [{ verdict: 'undecided' }] })
    expect(result.states).toBeLessThan(2 ** 25)
  })

  it('answers short calls while it explores', async () => {
    const { client } = setUp()
    const abort = new AbortController()
    const exploring = client.call('explore.start', { ...scenario, text: 'bits: 25\n' }, { signal: abort.signal })
    const check = await client.call('scenario.check', { name: 'x', text: 'nothing', resources: [] })
    expect(check.problems).toMatchObject([{ code: 'SCENARIO_SHAPE', line: 1 }])
    abort.abort()
    expect((await exploring).complete).toBe(false)
  })

  it('shows as busy only when a call takes long', async () => {
    const patient = setUp({ busyAfterMs: 60_000 })
    await patient.client.call('explore.start', scenario)
    expect(patient.names()).toEqual(['starting', 'ready'])
    const { client, names } = setUp({ busyAfterMs: 1 })
    await client.call('explore.start', scenario)
    expect(names()).toEqual(['starting', 'ready', 'busy', 'ready'])
  })
})

describe('when the worker dies', () => {
  it('the call under way is rejected with WORKER_DIED, it is restarted, and the next call works', async () => {
    const { client, threads, states } = setUp()
    const call = client.call('explore.start', scenario, {
      onProgress: () => threads[0]?.die(new Error('killed by the test')),
    })
    await expect(call).rejects.toMatchObject({ code: 'WORKER_DIED', message: /killed by the test/ })
    expect(await client.call('scenario.needs', { text: 'platform: q35' })).toEqual({
      platforms: [{ builtin: 'q35' }],
      blocks: [],
    })
    expect(states).toMatchObject([
      { state: 'starting', restarts: 0 },
      { state: 'ready' },
      { state: 'restarting', restarts: 1, message: /killed by the test/ },
      { state: 'ready', restarts: 1, message: /restarted/ },
    ])
  })

  it('again and again as it starts, it is given up, and the next call tries once more', async () => {
    const { client, names, threads } = setUp({ broken: 3 })
    await expect(client.call('ping', {})).rejects.toMatchObject({ code: 'WORKER_DIED', message: /out of memory/ })
    expect(names()).toEqual(['starting', 'restarting', 'restarting', 'failed'])
    expect(await client.call('ping', {})).toEqual({})
    expect(threads).toHaveLength(4)
  })

  it('a thread that ignores a cancel is ended', async () => {
    const { client, threads } = setUp({ hungMs: 20 })
    const abort = new AbortController()
    const onProgress = () => {
      if (threads[0]) threads[0].deaf = true
      abort.abort()
    }
    const call = client.call('explore.start', { ...scenario, text: 'bits: 25\n' }, { signal: abort.signal, onProgress })
    await expect(call).rejects.toMatchObject({ code: 'WORKER_DIED', message: /did not answer a cancel/ })
    await vi.waitFor(() => expect(client.state.state).toBe('ready'))
  })

  it('because the workbench closes, nothing is restarted', async () => {
    const { client, threads } = setUp()
    await client.call('ping', {})
    await client.close()
    await expect(client.call('ping', {})).rejects.toMatchObject({ code: 'WORKER_DIED' })
    expect(threads).toHaveLength(1)
  })
})
