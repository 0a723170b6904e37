/** Starts the simulator's thread from the built worker.js, which stands beside every built entry and chunk in out/main. */
import { Worker } from 'node:worker_threads'

export const spawnWorker = (): Worker =>
  new Worker(new URL('./worker.js', import.meta.url), { name: 'doorbell-simulator' })
