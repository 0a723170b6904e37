/** What the command line touches of the outside, so that tests can stand in for it. */

export interface Io {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether someone watches standard error (a progress line makes sense there). */
  readonly errIsTerminal: boolean
  /** Columns of standard output; undefined when it is not a terminal. */
  readonly columns: number | undefined
  /** Calls back at Ctrl-C (SIGINT) or SIGTERM; returns the way to stop listening. */
  readonly onInterrupt: (listener: () => void) => () => void
}

export const processIo = (): Io => ({
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  errIsTerminal: Boolean(process.stderr.isTTY),
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  onInterrupt(listener) {
    process.once('SIGINT', listener).once('SIGTERM', listener)
    return () => void process.off('SIGINT', listener).off('SIGTERM', listener)
  },
})
