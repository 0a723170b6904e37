/** Standard output and error without Node's streams, which take longer to load than a small exploration takes. */
import { writeSync } from 'node:fs'
import type { Io } from './io'

const OUT = 1
const ERR = 2
/** Milliseconds until a pipe that is full is tried again. */
const FULL = 2

/** All of it; whoever reads us may stop reading (`| head`): that is no error. */
export function writeAll(fd: number, text: string, write: typeof writeSync = writeSync): void {
  let rest = Buffer.from(text)
  while (rest.length > 0)
    try {
      rest = rest.subarray(write(fd, rest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') process.exit(0)
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL)
    }
}

export const plainIo = (): Io => ({
  out: (text) => writeAll(OUT, text),
  err: (text) => writeAll(ERR, text),
  // Asked only where there is progress to show.
  get errIsTerminal() {
    return Boolean(process.stderr.isTTY)
  },
  get columns() {
    return process.stdout.isTTY ? process.stdout.columns : undefined
  },
  onInterrupt(listener) {
    process.once('SIGINT', listener).once('SIGTERM', listener)
    return () => void process.off('SIGINT', listener).off('SIGTERM', listener)
  },
})
