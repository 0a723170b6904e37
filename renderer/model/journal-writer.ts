/**
 * Writes what happens to one document into its journal on the host: in batches, one call at a time, from the first change
 * on. Where something goes wrong it begins again with all that is known, so that a journal never has a hole.
 */
import type { WireError } from '../../preload/contract'
import { baseOf, replay, type DocumentState, type JournalEvent, type Step } from '../../preload/records'
import type { Host } from '../bridge/host'

/** Milliseconds that an event waits for company. */
export const GATHER_MS = 80
const RETRY_MS = 3000
/** Characters after which a journal is made shorter. Not often: nothing else is written meanwhile. */
const LONG = 4 * 1024 * 1024
/** Characters of the past that are kept then. */
const MOST_PAST = 1024 * 1024

export interface JournalHost {
  readonly host: Pick<Host, 'call'>
  /** This window's own name. */
  readonly window: string
  /** Every failure but a lost connection, once until it works again. */
  readonly failed: (error: WireError) => void
}

export interface JournalWriter {
  /** The state that the journal leads to, and whether something of it could not be read. */
  open(): Promise<{ state: DocumentState | null; torn: boolean }>
  note(event: JournalEvent): void
  /** All of it is on the disk, as far as the host says. */
  settled(): Promise<void>
  /** Is everything that was noted on the disk? */
  readonly safe: boolean
  /** What the host calls this writer; null while it is none. */
  readonly number: number | null
  /** Another window writes it now. */
  lose(): void
  /** The connection is back, or it is taken back from another window. */
  resume(): Promise<void>
  /** Nothing of it is needed any more. */
  drop(): Promise<void>
}

export function journalWriter(
  { host, window, failed }: JournalHost,
  key: string,
  current: () => DocumentState,
): JournalWriter {
  let writer: number | null = null
  let queue: JournalEvent[] = []
  /** The next thing to send is everything. */
  let anew = true
  let length = 0
  let baseLength = 0
  let running: Promise<void> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let complained = false
  let lost = false
  let dropped = false
  /** The news that we have it comes before the answer that says so. */
  let opening = false

  const complain = (error: WireError): void => {
    if (error.code === 'CONNECTION_LOST' || complained) return
    complained = true
    failed(error)
  }

  /** `whole`: what is noted from here on can be written behind it. */
  async function take(): Promise<{ whole: boolean; state: DocumentState | null; torn: boolean }> {
    opening = true
    const answer = await host.call('journal.open', { key, window })
    opening = false
    if (!answer.ok) {
      complain(answer.error)
      return { whole: false, state: null, torn: false }
    }
    writer = answer.value.writer
    lost = false
    const { state, lost: rest } = replay(answer.value.lines)
    length = answer.value.lines.reduce((sum, line) => sum + line.length, 0)
    return { whole: state !== null && rest === 0, state, torn: answer.value.torn || rest > 0 }
  }

  function note(event: JournalEvent): void {
    if (dropped) return
    queue.push(event)
    timer ??= setTimeout(() => void settled(), GATHER_MS)
  }

  function settled(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    running ??= run().finally(() => {
      running = null
    })
    return running
  }

  async function run(): Promise<void> {
    while (queue.length > 0 && !lost && !dropped) {
      if (writer === null) await take()
      if (writer === null) return again()
      const sent = await (anew || length > Math.max(LONG, 4 * baseLength) ? sendAll(writer) : sendQueue(writer))
      if (!sent) return
    }
  }

  async function sendQueue(by: number): Promise<boolean> {
    const lines = queue.map((event) => JSON.stringify(event))
    queue = []
    const answer = await host.call('journal.append', { key, writer: by, lines })
    if (answer.ok) {
      length += lines.reduce((sum, line) => sum + line.length, 0)
      complained = false
    } else refused(answer.error)
    return answer.ok
  }

  async function sendAll(by: number): Promise<boolean> {
    const waiting = queue
    queue = []
    let line = JSON.stringify(baseOf(lately(current(), MOST_PAST)))
    let answer = await host.call('journal.reset', { key, writer: by, lines: [line] })
    if (!answer.ok && answer.error.code === 'JOURNAL_TOO_LARGE') {
      line = JSON.stringify(baseOf(lately(current(), 0)))
      answer = await host.call('journal.reset', { key, writer: by, lines: [line] })
    }
    if (answer.ok) {
      anew = false
      complained = false
      length = baseLength = line.length
    } else {
      queue = [...waiting, ...queue]
      refused(answer.error)
    }
    return answer.ok
  }

  function refused(error: WireError): void {
    anew = true
    complain(error)
    if (error.code === 'JOURNAL_TAKEN') {
      writer = null
      lost = true
    } else if (error.code === 'CONNECTION_LOST') writer = null
    else return again()
    // Noted, so that `safe` says that something is missing.
    if (queue.length === 0) queue.push(baseOf(current()))
  }

  function again(): void {
    if (queue.length === 0) queue.push(baseOf(current()))
    timer ??= setTimeout(() => void settled(), RETRY_MS)
  }

  return {
    async open() {
      const { whole, state, torn } = await take()
      anew = !whole
      return { state, torn }
    },
    note,
    settled,
    get safe() {
      return queue.length === 0 && running === null
    },
    get number() {
      return opening ? null : writer
    },
    lose() {
      lost = anew = true
      writer = null
    },
    async resume() {
      lost = false
      anew = true
      writer = null
      if (queue.length > 0) await settled()
    },
    async drop() {
      dropped = true
      clearTimeout(timer)
      await running
      if (writer !== null) await host.call('journal.drop', { key, writer })
    },
  }
}

/** With as much of the past as fits, the latest first; what was undone goes first of all. */
function lately(state: DocumentState, most: number): DocumentState {
  let room = most
  const fitting = (steps: readonly Step[]): Step[] => {
    const from = steps.findLastIndex((step) => (room -= JSON.stringify(step).length) < 0)
    return steps.slice(from + 1)
  }
  const done = fitting(state.history.done)
  return { ...state, history: { done, undone: fitting(state.history.undone) } }
}
