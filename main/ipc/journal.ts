/** Handlers of journal.*: unsaved work on its way to the disk. */
import type { calls } from '../../preload/contract'
import type { Handlers } from '../../preload/wire'
import { ok, type Result } from '../simulator/faults'
import { lockWorkspace, type Lock } from '../workspace/lock'
import type { Workspace } from '../workspace/workspace'

type Names = 'journal.list' | 'journal.open' | 'journal.append' | 'journal.reset' | 'journal.drop'

export interface JournalDoor {
  readonly handlers: Handlers<Pick<typeof calls, Names>>
  close(): Promise<void>
}

/** The workspace is locked when the first window asks, and not by a host that nobody looks at. */
export function journalDoor(
  { state, journals }: Workspace,
  taken: (news: { key: string; writer: number }) => void,
): JournalDoor {
  let lock: Promise<Result<Lock>> | undefined
  /** Which window writes which journal, while its connection lasts. */
  const holders = new Map<string, { window: string; closed: AbortSignal }>()
  const heldFrom = (key: string, window: string): boolean => {
    const holder = holders.get(key)
    return holder !== undefined && !holder.closed.aborted && holder.window !== window
  }

  async function locked<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    lock ??= lockWorkspace(state)
    const have = await lock
    if (have.ok) return work()
    lock = undefined // the other one may have ended by the next time
    return have
  }
  const done = (answer: Result<null>) => (answer.ok ? ok({}) : answer)

  return {
    handlers: {
      'journal.list': ({ window }) =>
        locked(async () => {
          const list = await journals.list()
          return ok({ journals: list.map((j) => ({ ...j, held: heldFrom(j.key, window) })) })
        }),
      'journal.open': ({ key, window }, { connection }) =>
        locked(async () => {
          const opened = await journals.open(key)
          if (!opened.ok) return opened
          holders.set(key, { window, closed: connection.closed })
          taken({ key, writer: opened.value.writer })
          return opened
        }),
      'journal.append': ({ key, writer, lines }) => journals.append(key, writer, lines).then(done),
      'journal.reset': ({ key, writer, lines }) => journals.reset(key, writer, lines).then(done),
      'journal.drop': ({ key, writer }) => journals.drop(key, writer).then(done),
    },
    async close() {
      await journals.close()
      const have = await lock
      if (have?.ok) await have.value.release()
    },
  }
}
