/** Node's clock and message loop, for `runInSlices`. */
import type { Clock } from './slices'

export const nodeClock: Clock = {
  // Not `performance.now`: a command that ends at once would load that module for this alone.
  now: () => {
    const [seconds, nanoseconds] = process.hrtime()
    return seconds * 1000 + nanoseconds / 1e6
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
}
