/** Node's clock and message loop, for `runInSlices`. */
import type { Clock } from './slices'

export const nodeClock: Clock = {
  now: () => performance.now(),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
}
