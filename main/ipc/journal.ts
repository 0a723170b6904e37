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
      'journal.list': () => locked(async () => ok({ journals: await journals.list() })),
      'journal.open': ({ key }) =>
        locked(async () => {
          const opened = await journals.open(key)
          if (opened.ok) taken({ key, writer: opened.value.writer })
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
