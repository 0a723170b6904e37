/**
 * Registers written by hand: which cell is being written, why it was refused, and the runs that belong to the texts before
 * and after a write, so that undo and redo bring back what was shown.
 */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { FieldView, RegisterTableView, RegisterView, WireError } from '../../preload/contract'
import { useHost } from '../bridge/host'
import { fieldWord, placeFrom, placeWord } from '../model/place-of-register'
import { useChecks } from './checks'
import { useDocuments } from './documents'
import { useNotices } from './notices'
import { useRuns, type Shown } from './runs'
import { useStepping, type Hand } from './stepping'

interface Remembered {
  readonly key: string
  readonly text: string
  readonly shown: Shown | null
  readonly hand: Hand | null
}
const MOST_REMEMBERED = 64

export interface Found {
  readonly table: RegisterTableView
  readonly register: RegisterView
  readonly field: FieldView | undefined
}

export const usePoking = defineStore('poking', () => {
  const host = useHost()
  const documents = useDocuments()
  const checks = useChecks()
  const runs = useRuns()
  const stepping = useStepping()
  const notices = useNotices()
  /** The cell that the keys go from, as a word (`placeWord`). */
  const selected = ref<string | null>(null)
  const editing = ref<string | null>(null)
  const busy = ref(false)
  /** Why the last write did not happen, and what of. */
  const refused = ref<{ error: Pick<WireError, 'message' | 'hint'>; cite: string } | null>(null)
  let remembered: Remembered[] = []

  /** The run's own view while one is shown; the text may have moved on since. */
  const view = computed(() => runs.run?.view ?? checks.view)

  function find(word: string): Found | null {
    const place = placeFrom(word)
    const table = place && view.value?.registers.find((t) => t.id === place.table)
    const register = table?.rows.find((r) => r.id === place?.row)?.registers.find((r) => r.name === place?.register)
    const field = register?.fields.find((f) => fieldWord(f) === place?.field)
    return table && register && (place?.field === undefined || field) ? { table, register, field } : null
  }

  /** Everything that can be written, word and name. */
  const writable = computed(() =>
    (view.value?.registers ?? []).flatMap((table) =>
      table.rows.flatMap((row) =>
        row.registers.flatMap((register) => {
          const place = { table: table.id, row: row.id, register: register.name }
          const name = `${row.id}: ${register.name}`
          const fields = register.fields.filter((f) => f.guard === undefined)
          const whole = fields.length > 0 ? [{ value: placeWord(place), title: name, note: table.title }] : []
          return [
            ...whole,
            ...fields.map((f) => ({
              value: placeWord({ ...place, field: f.name }),
              title: `${name}.${f.name}`,
              note: table.title,
            })),
          ]
        }),
      ),
    ),
  )

  function begin(word: string): void {
    const found = find(word)
    selected.value = word
    editing.value = null
    refused.value = null
    if (!found) return
    const guard = found.field?.guard
    if (guard !== undefined) refused.value = { error: { message: guard }, cite: found.table.cite }
    else editing.value = word
  }
  function cancel(): void {
    if (busy.value) return
    editing.value = null
    refused.value = null
  }

  /** The focus went elsewhere: nothing is written by the way. What was said stays, so that nothing moves under a click. */
  function leave(): void {
    if (!busy.value) editing.value = null
  }

  async function write(value: string): Promise<void> {
    const word = editing.value
    const place = word === null ? null : placeFrom(word)
    const document = documents.active
    if (!place || !document || busy.value) return
    busy.value = true
    const { key, name, text } = document
    const answer = await host.call('step.poke', { name, text, steps: taken(), poke: { ...place, value } })
    busy.value = false
    if (editing.value !== word) return
    if (!answer.ok) {
      refused.value = { error: answer.error, cite: find(word ?? '')?.table.cite ?? '' }
      return
    }
    if (documents.open.get(key)?.text !== text) {
      notices.show({ tone: 'wait', title: 'The text has changed meanwhile', message: 'Nothing was written.' })
      return
    }
    editing.value = refused.value = null
    remember(key)
    documents.changeText(key, answer.value.mark, answer.value.text)
    await stepping.at(answer.value.choices)
    remember(key)
  }

  /** Steps of the run up to the state that is shown. */
  function taken(): string[] {
    return runs.run?.trace.events.slice(0, runs.step).map((e) => e.step) ?? []
  }

  function remember(key: string): void {
    const text = documents.open.get(key)?.text
    if (text === undefined) return
    const now = { key, text, shown: runs.shownOf(key), hand: stepping.handOf(key) }
    remembered = [...remembered.filter((r) => r.key !== key || r.text !== text), now].slice(-MOST_REMEMBERED)
  }

  // Undo and redo, from wherever they are done.
  watch(
    () => [documents.activeKey, documents.active?.text] as const,
    ([key, text], [before]) => {
      if (key !== before) cancel()
      if (key === null || key !== before || busy.value) return
      const then = remembered.find((r) => r.key === key && r.text === text)
      if (!then || runs.shownOf(key)?.run.text === text) return
      runs.put(key, then.shown)
      stepping.put(key, then.hand)
    },
  )

  return { selected, editing, busy, refused, view, writable, find, begin, cancel, leave, write }
})
