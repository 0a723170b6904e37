/**
 * The host's side of the worker thread: starts it, relays calls, notices its death, and starts it again.
 * A call under way when the thread dies is rejected with WORKER_DIED; calls made meanwhile wait for the next thread.
 */
import { createClient, portCarrier, RpcError, wireError, type Client, type PortLike } from '../../preload/wire'
import type { WorkerState } from '../../preload/contract'
import { workerCalls, workerEvents } from './calls'

/** What is used of Node's Worker. */
export interface WorkerThread {
  postMessage(message: unknown): void
  on(event: 'message' | 'messageerror', listener: (message: unknown) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  terminate(): Promise<unknown>
}

export interface WorkerClientOptions {
  readonly spawn: () => WorkerThread
  readonly onState?: (state: WorkerState) => void
  /** Pauses before each restart, the last one repeated; after as many deaths in a row without an answer it waits for a call. */
  readonly retryMs?: readonly number[]
  /** A thread that has not answered a cancel for so long is ended. */
  readonly hungMs?: number
  /** Calls shorter than this do not show as busy. */
  readonly busyAfterMs?: number
  readonly log?: (where: string, error: unknown) => void
}

type WorkerCall = Client<typeof workerCalls, typeof workerEvents>['call']

export interface WorkerClient {
  /** As `Client.call`; rejects with an RpcError only. */
  readonly call: WorkerCall
  readonly state: WorkerState
  close(): Promise<void>
}

interface Life {
  readonly thread: WorkerThread
  readonly client: Client<typeof workerCalls, typeof workerEvents>
  died?: string
}

export function createWorkerClient({
  spawn,
  onState = () => undefined,
  retryMs = [0, 250, 1000, 3000],
  hungMs = 2000,
  busyAfterMs = 150,
  log = (where, error) => console.error(`doorbell: ${where}:`, error),
}: WorkerClientOptions): WorkerClient {
  let state: WorkerState = { state: 'starting', restarts: 0 }
  let life: Life | undefined
  /** Deaths since the last answer. */
  let deaths = 0
  let over = false
  let restart: ReturnType<typeof setTimeout> | undefined
  let running = 0
  let busyTimer: ReturnType<typeof setTimeout> | undefined
  const waiting: ((life: Life | undefined) => void)[] = []

  const enter = (next: Partial<WorkerState>) => {
    state = { restarts: state.restarts, ...next, state: next.state ?? state.state }
    onState(state)
  }

  function start(): void {
    restart = undefined
    const thread = spawn()
    let lastError: Error | undefined
    const port: PortLike = {
      postMessage: (message) => thread.postMessage(message),
      on: (event: 'message' | 'messageerror' | 'close', listener: (message: unknown) => void) =>
        event === 'close' ? thread.on('exit', () => listener(undefined)) : thread.on(event, listener),
    }
    const mine: Life = {
      thread,
      client: createClient(workerCalls, workerEvents)(portCarrier(port, () => void thread.terminate())),
    }
    life = mine
    thread.on('error', (error) => (lastError = error))
    thread.on('exit', (code) => {
      mine.died ??= lastError ? `${lastError.name}: ${lastError.message}` : `exit code ${code}`
      if (lastError) log('the simulator thread died', lastError)
      if (life === mine) life = undefined
      if (!over) died(mine.died)
    })
    mine.client.call('ping', {}).then(
      () => {
        if (life !== mine) return
        deaths = 0
        enter({ state: 'ready', message: state.restarts > 0 ? 'the simulator was restarted' : undefined })
        for (const tell of waiting.splice(0)) tell(mine)
      },
      () => undefined, // died before it was up: the exit tells
    )
  }

  function died(why: string): void {
    deaths++
    const pause = retryMs[deaths - 1]
    if (pause === undefined) {
      enter({ state: 'failed', message: `the simulator stopped ${deaths} times in a row (${why})` })
      for (const tell of waiting.splice(0)) tell(undefined)
      return
    }
    enter({
      state: 'restarting',
      restarts: state.restarts + 1,
      message: `the simulator stopped (${why}) and is being restarted`,
    })
    restart = setTimeout(start, pause)
  }

  /** The living thread, or the next one; undefined when none comes up. */
  function alive(): Promise<Life | undefined> {
    if (over) return Promise.resolve(undefined)
    if (life && (state.state === 'ready' || state.state === 'busy')) return Promise.resolve(life)
    if (state.state === 'failed') {
      deaths = 0
      enter({ state: 'restarting', restarts: state.restarts + 1, message: 'the simulator is being restarted' })
      start()
    }
    return new Promise((resolve) => waiting.push(resolve))
  }

  const stopped = (why: string) =>
    new RpcError(
      wireError('WORKER_DIED', `the simulator stopped: ${why}`, {
        hint: 'it is restarted by itself; try again. Documents are not affected.',
      }),
    )

  function busy(by: 1 | -1): void {
    running += by
    if (running > 0) {
      busyTimer ??= setTimeout(() => state.state === 'ready' && enter({ state: 'busy' }), busyAfterMs)
    } else {
      clearTimeout(busyTimer)
      busyTimer = undefined
      if (state.state === 'busy') enter({ state: 'ready' })
    }
  }

  const call = (async (name, payload, options = {}) => {
    const mine = await alive()
    if (!mine) throw stopped(over ? 'the workbench is closing' : (state.message ?? 'it does not start'))
    let hung: ReturnType<typeof setTimeout> | undefined
    const watch = () => {
      hung = setTimeout(() => {
        mine.died = `it did not answer a cancel for ${hungMs} ms`
        void mine.thread.terminate()
      }, hungMs)
    }
    options.signal?.addEventListener('abort', watch)
    busy(1)
    try {
      return await mine.client.call(name, payload, options)
    } catch (error) {
      if (error instanceof RpcError && error.code === 'CONNECTION_LOST') throw stopped(mine.died ?? 'its thread ended')
      throw error
    } finally {
      busy(-1)
      clearTimeout(hung)
      options.signal?.removeEventListener('abort', watch)
    }
  }) as WorkerCall

  onState(state)
  start()
  return {
    call,
    get state() {
      return state
    },
    async close() {
      over = true
      clearTimeout(restart)
      clearTimeout(busyTimer)
      for (const tell of waiting.splice(0)) tell(undefined)
      await life?.thread.terminate()
    },
  }
}
