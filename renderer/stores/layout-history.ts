/** The history of the arrangement of panels: one journal, steps with names, undo and redo as of any document. */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import {
  advance,
  diffOf,
  isEmpty,
  opened,
  same,
  type DocumentState,
  type History,
  type JournalEvent,
  type Records,
} from '../../preload/records'
import { layoutMark, RESIZED, sameWindow } from '../model/layout-records'
import { PANELS, type PanelId } from '../model/panels'
import { documentKey } from './layout-furniture'
import { useJournals } from './journals'

/** The layout's own journal; nothing to open. */
const JOURNAL = 'layout:main'

export interface LayoutHistory {
  readonly state: ShallowRef<DocumentState | null>
  readonly past: ComputedRef<History>
  open(): Promise<void>
  /** What the layout is now becomes a step, unless it only follows the window's size. `mark`: what the window itself did. */
  keep(records: Records, mark?: string): void
  /** False where it cannot happen now. */
  happen(event: JournalEvent): boolean
}

export function useLayoutHistory(): LayoutHistory {
  const journals = useJournals()
  const state = shallowRef<DocumentState | null>(null)
  const past = computed(() => state.value?.history ?? { done: [], undone: [] })

  async function open(): Promise<void> {
    const journal = await journals.open(JOURNAL, () => state.value ?? opened(new Map(), null))
    state.value = journal.state
  }

  function happen(event: JournalEvent): boolean {
    const next = advance(state.value, event)
    if (!next) return false
    state.value = next
    journals.note(JOURNAL, event)
    return true
  }

  function keep(records: Records, mark?: string): void {
    const before = state.value
    // What another version of the workbench has laid out is where its history ends: undo would bring panels it did not have.
    const other = before && !same(before.records.get('known') ?? null, records.get('known') ?? null)
    if (!before || other)
      return void happen({ t: 'base', v: 1, records: [...records], saved: null, done: [], undone: [] })
    const diff = diffOf(before.records, records)
    if (isEmpty(diff)) return
    const seen = layoutMark(before.records, records, nameOf)
    const words = mark !== undefined && seen === RESIZED ? mark : seen
    const merge = !sameWindow(before.records, records)
    if (merge && before.history.done.length === 0)
      happen({ t: 'base', v: 1, records: [...records], saved: null, done: [], undone: [] })
    else happen({ t: 'step', step: { mark: words, diff, at: Date.now() }, ...(merge ? { merge } : {}) })
  }

  return { state, past, open, keep, happen }
}

const nameOf = (id: string): string => PANELS[id as PanelId] ?? documentKey(id)?.replace(/^\w+:/, '') ?? id
