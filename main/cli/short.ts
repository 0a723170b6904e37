/** The short way's entry: bin/doorbell.js loads what the build makes of it, one CommonJS file (scripts/short-way.mjs). */
import { setFlagsFromString } from 'node:v8'
import type { Io } from './io'
import { plainIo } from './plain-io'
import { quick } from './quick'

/** The newest that is known to have the flag (bin/compiled.js). */
const NEWEST_V8 = 13

/** Undefined: nothing has been done or printed, take the whole way. */
export const short = (args: readonly string[], io: Io = plainIo()): Promise<number | undefined> => {
  // Without reductions most of the work is one loop over many states: the sooner it is optimised, the better.
  if (args.includes('--no-reduce') && parseInt(process.versions.v8, 10) <= NEWEST_V8)
    setFlagsFromString('--interrupt-budget=1000000')
  return quick(args, io)
}
