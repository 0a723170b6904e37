/**
 * Threads for a search on whole numbers (engine/crew.ts): each runs shard.js, which stands beside every built file in
 * out/main, sleeps until there is a round, and is gone when the search has ended. They are told things through their
 * ports; rounds begin and end by counters in shared memory, so that whoever runs the search waits for them in place.
 */
import type { Worker } from 'node:worker_threads'
import { assert } from '../simulator/faults'
import type { Crew, News, Setup } from '../simulator/engine/crew'

/** Numbers in the memory of signals. */
export const ROUND = 0
/** How many are still at it. */
export const BUSY = 1
export const READY = 2
export const FAILED = 3
const SIGNALS = 4

export interface ShardData {
  readonly setup: Setup
  readonly index: number
  readonly signals: Int32Array
}

/** Below this a thread takes longer to start than it saves. */
const FROM = 1 << 17
const LEAST = 2048
const PIECE = 256
/** A thread that has ended for a reason of its own is noticed after so many milliseconds. */
const PATIENCE = 1000

export class Threads implements Crew {
  readonly from = FROM
  readonly least = LEAST
  readonly piece = PIECE
  private signals: Int32Array = new Int32Array(0)
  private workers: Worker[] = []

  /** `size`: besides the one that runs the search. */
  constructor(readonly size: number) {}

  start(setup: Setup): void {
    this.signals = new Int32Array(new SharedArrayBuffer(SIGNALS * 4))
    const { signals } = this
    // Most commands start none: the module is not loaded for them.
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const data = (index: number): ShardData => ({ setup, index, signals })
    this.workers = Array.from({ length: this.size }, (_, index) => {
      const worker = new Worker(new URL('./shard.js', import.meta.url), {
        name: `doorbell-shard-${index}`,
        workerData: data(index),
      })
      // One that cannot start is never ready: then this thread does it alone.
      worker.on('error', () => Atomics.store(signals, FAILED, 1))
      worker.unref()
      return worker
    })
  }

  ready(): boolean {
    return Atomics.load(this.signals, READY) === this.size && Atomics.load(this.signals, FAILED) === 0
  }

  begin(news: News): void {
    for (const worker of this.workers) worker.postMessage(news)
    Atomics.store(this.signals, BUSY, this.size)
    Atomics.add(this.signals, ROUND, 1)
    Atomics.notify(this.signals, ROUND)
  }

  wait(): void {
    for (;;) {
      const busy = Atomics.load(this.signals, BUSY)
      if (busy === 0) break
      Atomics.wait(this.signals, BUSY, busy, PATIENCE)
    }
    assert(Atomics.load(this.signals, FAILED) === 0, 'every thread has done its part of the round')
  }

  end(): void {
    for (const worker of this.workers) void worker.terminate()
    this.workers = []
  }
}
