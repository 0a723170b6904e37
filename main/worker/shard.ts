/** A thread that helps a search: its part of each round, until it is ended. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { assert } from '../simulator/faults'
import type { News } from '../simulator/engine/crew'
import { Shard } from '../simulator/engine/shard'
import { BUSY, FAILED, READY, ROUND, type ShardData } from './threads'

assert(parentPort, 'this file runs in a worker thread')
const { setup, index, signals } = workerData as ShardData
const shard = new Shard(setup, index)

let seen = Atomics.load(signals, ROUND)
Atomics.add(signals, READY, 1)
for (;;) {
  Atomics.wait(signals, ROUND, seen)
  seen = Atomics.load(signals, ROUND)
  try {
    for (let next = receiveMessageOnPort(parentPort); next; next = receiveMessageOnPort(parentPort))
      shard.hear(next.message as News)
    shard.round()
  } catch {
    // Whoever runs the search says so: what was taken of the round is lost.
    Atomics.store(signals, FAILED, 1)
  }
  Atomics.sub(signals, BUSY, 1)
  Atomics.notify(signals, BUSY)
}
