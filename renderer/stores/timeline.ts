/**
 * What is looked at in the timeline: the axis, the selected event and what is known of it, lanes, search, markers,
 * measuring. Commands and panel work on this; the panel alone draws.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { FLOW_KINDS, type FlowKind, type RunEvent } from '../../preload/contract'
import { useHost } from '../bridge/host'
import { comfortable, fit, panBy, reveal, showing, zoomAt, type Axis } from '../timeline/axis'
import type { Causal } from '../timeline/frame'
import { useRecordings } from './recordings'
import { useRuns } from './runs'

export interface Selected {
  row: number
  lane: number
  time: number
  duration: number
}

export const useTimeline = defineStore('timeline', () => {
  const host = useHost()
  const runs = useRuns()
  const recordings = useRecordings()

  const width = ref(0)
  const axis = shallowRef<Axis | null>(null)
  const selected = shallowRef<Selected | null>(null)
  const detail = shallowRef<RunEvent | null>(null)
  const causal = shallowRef<Causal | null>(null)
  const causality = ref(false)
  const pinned = shallowRef<ReadonlySet<string>>(new Set())
  const folded = shallowRef<ReadonlySet<string>>(new Set())
  const shown = shallowRef<ReadonlySet<FlowKind>>(new Set(FLOW_KINDS))
  const markers = shallowRef<readonly { time: number; name: string }[]>([])
  const measure = shallowRef<{ from: number; to: number } | null>(null)
  const query = ref('')
  /** Null: nothing is searched for. */
  const found = shallowRef<{ query: string; matches: number; perLane: Uint32Array } | null>(null)
  const searching = ref(false)
  const wrong = ref<string | null>(null)
  /** Only what matches is drawn and listed. */
  const only = ref(false)
  const list = ref(true)
  const findRequests = ref(0)
  /** Raised when the stepping is to take another lane. */
  const lanes = shallowRef<Uint16Array<ArrayBuffer>>(new Uint16Array(0))

  const current = computed(() => recordings.current)
  const opened = computed(() => current.value?.opened ?? null)
  const handle = computed(() => opened.value?.handle ?? null)
  const filtered = computed(() => only.value && found.value !== null)
  /** Room for what is drawn behind the last event. */
  const extent = computed(() => {
    const run = opened.value
    return !run ? 1 : run.unit === 'step' ? run.end + 1 : Math.max(1, run.end * 1.01)
  })

  watch(handle, () => {
    const before = axis.value
    const hand = current.value?.run?.kind === 'hand'
    selected.value = detail.value = causal.value = null
    found.value = null
    markers.value = []
    measure.value = null
    axis.value = null
    if (width.value > 0) start(hand ? before : null)
    follow()
    if (query.value !== '') void find(query.value)
  })
  watch(width, (w, old) => {
    if (w > 0 && (!axis.value || old === 0 || looked === 'opened')) start(null)
    else if (looked === 'whole') fitAll()
    else if (axis.value) axis.value = panBy(axis.value, 0, w)
  })

  /** As it was opened or as a whole: then also in more room, or in less. Else where a hand has left it. */
  let looked: 'opened' | 'whole' | 'by hand' = 'opened'
  /** A run stepped by hand grows: it is looked at as before. */
  function start(before: Axis | null): void {
    const run = opened.value
    if (!run) return
    if (!before) looked = 'opened'
    const fresh = comfortable(run.unit, extent.value, width.value)
    axis.value = before?.unit === run.unit ? { ...fresh, scale: before.scale, from: before.from } : fresh
    if (before && axis.value) axis.value = panBy(axis.value, 0, width.value)
    if (selected.value && axis.value) axis.value = reveal(axis.value, selected.value.time, width.value)
  }

  // The document's selected step is the selected event, and the other way round.
  watch(() => [runs.step, current.value?.run] as const, follow)
  function follow(): void {
    const run = current.value
    if (!run?.run || run.run !== runs.run) return
    const row = runs.step > 0 ? run.opened.steps[runs.step - 1] : undefined
    if (row === undefined) {
      select(null)
      if (axis.value) axis.value = reveal(axis.value, 0, width.value)
    } else if (row === selected.value?.row) select(selected.value)
    else void selectRow(row)
  }

  // Counted, so that an answer that comes after a later choice does not undo it.
  let choice = 0
  async function selectRow(row: number): Promise<void> {
    const on = handle.value
    if (on === null) return
    const mine = ++choice
    const answer = await host.call('timeline.event', { handle: on, row })
    if (handle.value !== on || mine !== choice) return
    if (!answer.ok) return recordings.failed('The event cannot be shown', answer.error)
    const { lane, time, duration } = answer.value
    detail.value = answer.value
    select({ row, lane, time, duration })
  }

  function select(next: Selected | null): void {
    choice++
    selected.value = next
    if (!next) detail.value = causal.value = null
    else if (axis.value && width.value > 0) axis.value = reveal(axis.value, next.time, width.value)
    if (next && causality.value) void loadCausality(next.row)
    const run = current.value
    if (!run?.run || run.run !== runs.run || !next) return
    const step = run.opened.steps.indexOf(next.row)
    if (step >= 0) runs.go(step + 1)
  }

  async function loadCausality(row: number): Promise<void> {
    const on = handle.value
    if (on === null) return
    const answer = await host.call('timeline.causality', { handle: on, row })
    if (answer.ok && handle.value === on && selected.value?.row === row) causal.value = answer.value
  }
  function toggleCausality(): void {
    causality.value = !causality.value
    causal.value = null
    if (causality.value && selected.value) void loadCausality(selected.value.row)
  }

  // One after the other: each key goes on from where the one before it arrived.
  let steps: Promise<void> = Promise.resolve()
  function step(...args: Parameters<typeof stepOnce>): Promise<void> {
    steps = steps.then(() => stepOnce(...args))
    return steps
  }
  /** The next event among these lanes; from nothing, the first. */
  async function stepOnce(
    direction: 1 | -1,
    inLanes: () => Uint16Array<ArrayBuffer>,
    matching = filtered.value,
  ): Promise<void> {
    const on = handle.value
    const among = inLanes()
    const mine = choice
    if (on === null || among.length === 0) return
    const row = selected.value?.row
    const ask = (from: { time: number } | { row: number; direction: 1 | -1 }) =>
      host.call('timeline.step', { handle: on, lanes: among, filtered: matching, from })
    let answer = await ask(row === undefined ? { time: axis.value?.from ?? 0 } : { row, direction })
    // After the last match comes the first one again.
    if (answer.ok && !answer.value && matching) answer = await ask({ time: direction === 1 ? 0 : extent.value })
    if (!answer.ok) return recordings.failed('The next event cannot be found', answer.error)
    if (answer.value && handle.value === on && mine === choice) await selectRow(answer.value.row)
  }
  const all = () => lanes.value
  const inAll = (direction: 1 | -1): Promise<void> => step(direction, all)
  const inLane = (direction: 1 | -1): Promise<void> =>
    step(direction, () => (selected.value ? Uint16Array.of(selected.value.lane) : lanes.value))
  const toMatch = (direction: 1 | -1): Promise<void> => (found.value ? step(direction, all, true) : Promise.resolve())

  let search = 0
  async function find(text: string): Promise<void> {
    query.value = text
    const on = handle.value
    const mine = ++search
    if (on === null) return
    searching.value = true
    const answer = await host.call('timeline.filter', { handle: on, query: text })
    if (mine !== search || handle.value !== on) return
    searching.value = false
    wrong.value = answer.ok ? null : answer.error.message
    if (!answer.ok && answer.error.code !== 'SEARCH_SYNTAX') recordings.failed('The search failed', answer.error)
    found.value = answer.ok && text.trim() !== '' ? { query: text, ...answer.value } : null
  }

  const zoom = (factor: number, x = width.value / 2): void => {
    looked = 'by hand'
    if (axis.value) axis.value = zoomAt(axis.value, x, factor, width.value)
  }
  /** Around the selected event where it is in view. */
  function zoomKey(factor: number): void {
    const a = axis.value
    if (!a) return
    const x = selected.value ? (selected.value.time - a.from) * a.scale : -1
    zoom(factor, x > 0 && x < width.value ? x : width.value / 2)
  }
  const pan = (pixels: number): void => {
    looked = 'by hand'
    if (axis.value) axis.value = panBy(axis.value, pixels, width.value)
  }
  const fitAll = (): void => {
    looked = 'whole'
    if (axis.value) axis.value = fit(axis.value.unit, axis.value.end, width.value)
  }
  function fitSelected(): void {
    const a = axis.value
    const range =
      measure.value ??
      (selected.value && { from: selected.value.time, to: selected.value.time + selected.value.duration })
    if (!a || !range) return
    const [from, to] = [Math.min(range.from, range.to), Math.max(range.from, range.to)]
    const room = Math.max((to - from) * 0.2, a.unit === 'step' ? 2 : 20)
    looked = 'by hand'
    axis.value = showing(a, from - room, to + room, width.value)
  }
  /** The share of the run at which the middle of the view stands. */
  function centreOn(share: number): void {
    const a = axis.value
    if (a) pan((share * a.end - a.from) * a.scale - width.value / 2)
  }

  const toggled = <T>(set: ReadonlySet<T>, value: T): Set<T> => {
    const next = new Set(set)
    if (!next.delete(value)) next.add(value)
    return next
  }
  const togglePin = (lane: string): void => void (pinned.value = toggled(pinned.value, lane))
  const toggleFold = (group: string): void => void (folded.value = toggled(folded.value, group))
  const toggleFlow = (kind: FlowKind): void => void (shown.value = toggled(shown.value, kind))

  /** A marker at the selected event; taken away where there is one. */
  function mark(): void {
    const time = selected.value?.time
    if (time === undefined) return
    const rest = markers.value.filter((m) => m.time !== time)
    const name = String.fromCharCode(65 + (markers.value.length % 26))
    markers.value = rest.length < markers.value.length ? rest : [...markers.value, { time, name }]
  }
  /** First from the selected event, then to it. */
  function measureHere(): void {
    const time = selected.value?.time
    if (time === undefined) return
    const open = measure.value
    measure.value = open && open.from === open.to ? { from: open.from, to: time } : { from: time, to: time }
  }
  function clear(): void {
    measure.value = null
    markers.value = []
  }

  return {
    width,
    axis,
    extent,
    selected,
    detail,
    causal,
    causality,
    pinned,
    folded,
    shown,
    markers,
    measure,
    query,
    found,
    searching,
    wrong,
    only,
    list,
    lanes,
    findRequests,
    current,
    opened,
    handle,
    filtered,
    select,
    selectRow,
    toggleCausality,
    inAll,
    inLane,
    toMatch,
    find,
    zoom,
    zoomKey,
    pan,
    fitAll,
    fitSelected,
    centreOn,
    togglePin,
    toggleFold,
    toggleFlow,
    mark,
    measureHere,
    clear,
  }
})
