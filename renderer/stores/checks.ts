/**
 * What the simulator makes of each open document's text: its problems, and the view that the panels draw.
 * A text with errors keeps the last good view (marked stale), so that nothing jumps while one types.
 */
import { defineStore } from 'pinia'
import { computed, shallowReactive, watch } from 'vue'
import { isPlatformText, type Platform, type Problem, type ScenarioView } from '../../preload/contract'
import { useHost, type Answer } from '../bridge/host'
import { useDocuments } from './documents'
import { useNotices } from './notices'

export interface Check {
  checking: boolean
  problems: Problem[]
  view: ScenarioView | null
  /** Where the document is a board: a platform that is drawn. */
  board: Platform | null
  /** The text that `view` or `board` was made from. */
  viewText: string
  /** The last text that was checked. */
  text: string
}

const NOTHING: Check = { checking: false, problems: [], view: null, board: null, viewText: '', text: '' }
export const CHECK_AFTER_MS = 250

export const useChecks = defineStore('checks', () => {
  const host = useHost()
  const documents = useDocuments()
  const notices = useNotices()
  const checks = shallowReactive(new Map<string, Check>())
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const running = new Map<string, { text: string; done: Promise<Check> }>()

  const of = (key: string | null): Check => (key ? checks.get(key) : undefined) ?? NOTHING
  const active = computed(() => of(documents.activeKey))
  const view = computed(() => active.value.view)
  const board = computed(() => active.value.board)
  /** The view does not belong to the text as it is now. */
  const stale = computed(() => (view.value ?? board.value) !== null && active.value.viewText !== documents.active?.text)

  watch(
    () => [...documents.open.values()].map((d) => [d.key, d.text] as const),
    (now) => {
      const keys = new Set(now.map(([key]) => key))
      for (const key of checks.keys()) if (!keys.has(key)) checks.delete(key)
      for (const [key, text] of now) {
        const before = checks.get(key)
        if (before?.text === text) continue
        clearTimeout(timers.get(key))
        // The first look at a document should not wait.
        if (!before) void check(key)
        else
          timers.set(
            key,
            setTimeout(() => void check(key), CHECK_AFTER_MS),
          )
      }
    },
    { immediate: true },
  )

  /**
   * The simulator died under a check: its next one is asked again, once for a text, so that a text which kills it does not
   * do so for ever.
   */
  const lost = new Map<string, { text: string; asked: boolean }>()
  host.on('worker.state', ({ state }) => {
    if (state !== 'ready') return
    for (const [key, check_] of lost) {
      if (!documents.open.has(key)) lost.delete(key)
      else if (!check_.asked) {
        check_.asked = true
        void check(key)
      }
    }
  })

  /** Check a document as it is now (at once), and say what came out. */
  async function check(key: string): Promise<Check> {
    clearTimeout(timers.get(key))
    const document = documents.open.get(key)
    if (!document) return NOTHING
    const { text, name } = document
    const same = running.get(key)
    if (same?.text === text) return same.done
    const done = run(key, name, text)
    running.set(key, { text, done })
    const result = await done
    if (running.get(key)?.done === done) running.delete(key)
    return result
  }

  async function run(key: string, name: string, text: string): Promise<Check> {
    checks.set(key, { ...of(key), text, checking: true })
    const answer = await read(name, text)
    const before = of(key)
    if (before.text !== text) return before // a newer text is on its way
    if (!answer.ok) {
      notices.fault(`${name} could not be checked`, answer.error)
      if (answer.error.code === 'WORKER_DIED' && lost.get(key)?.text !== text) lost.set(key, { text, asked: false })
      const failed = { ...before, checking: false }
      checks.set(key, failed)
      return failed
    }
    const { problems, view: fresh, board: drawn } = answer.value
    const isBoard = isPlatformText(text)
    const next: Check = {
      checking: false,
      problems,
      text,
      view: isBoard ? null : (fresh ?? before.view),
      board: isBoard ? (drawn ?? before.board) : null,
      viewText: fresh || drawn ? text : before.viewText,
    }
    if (documents.open.has(key)) checks.set(key, next)
    return next
  }

  type Read = { problems: Problem[]; view?: ScenarioView; board?: Platform }
  async function read(name: string, text: string): Promise<Answer<Read>> {
    if (!isPlatformText(text)) return host.call('scenario.check', { name, text })
    const answer = await host.call('board.check', { name, text })
    if (!answer.ok) return answer
    const { problems, platform } = answer.value
    return { ok: true, value: platform ? { problems, board: platform } : { problems } }
  }

  /** A view of exactly this text, or null when the text has errors. */
  async function viewOf(key: string): Promise<ScenarioView | null> {
    const known = of(key)
    const text = documents.open.get(key)?.text
    if (known.view && known.viewText === text) return known.view
    const fresh = await check(key)
    return fresh.viewText === documents.open.get(key)?.text ? fresh.view : null
  }

  const problemCount = computed(() => ({
    errors: active.value.problems.filter((p) => p.severity === 'error').length,
    warnings: active.value.problems.filter((p) => p.severity === 'warning').length,
  }))

  return { checks, of, active, view, board, stale, check, viewOf, problemCount }
})
