/**
 * Asks for what the viewport needs, one question at a time: a stretch two screens wide around what is seen, at the
 * resolution of the zoom, again when that runs out. What was there before stays until the answer has come.
 */
import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { RunArrows, RunItems } from '../../preload/contract'
import { useHost } from '../bridge/host'
import { useRecordings } from '../stores/recordings'
import { useTimeline } from '../stores/timeline'
import { resolutionOf, span } from './axis'
import { joined, lanesOf, type Slice } from './slice'

interface Wanted {
  handle: string
  from: number
  to: number
  resolution: number
  filtered: boolean
  lanes: Uint16Array<ArrayBuffer>
  /** What the search has found, to tell one search from another. */
  search: unknown
}

export function useFeed(lanes: Ref<Uint16Array<ArrayBuffer>>) {
  const host = useHost()
  const recordings = useRecordings()
  const timeline = useTimeline()
  const slice = shallowRef<Slice | null>(null)
  const matches = shallowRef<Slice | null>(null)
  const arrows = shallowRef<RunArrows | null>(null)
  const overview = shallowRef<Slice | null>(null)
  let loaded: Wanted | null = null
  let busy = false
  let again = false
  const gone = new AbortController()
  onScopeDispose(() => gone.abort())

  function wanted(): Wanted | null {
    const { axis, width, handle, filtered, found } = timeline
    if (!axis || width === 0 || handle === null || lanes.value.length === 0) return null
    const seen = span(axis, width)
    return {
      handle,
      from: Math.floor(seen.from),
      to: Math.ceil(seen.to) + 1,
      resolution: resolutionOf(axis),
      filtered,
      lanes: lanes.value,
      search: found,
    }
  }

  const enough = (have: Wanted, want: Wanted): boolean =>
    have.handle === want.handle &&
    have.resolution === want.resolution &&
    have.filtered === want.filtered &&
    have.search === want.search &&
    have.from <= Math.max(0, want.from) &&
    have.to >= Math.min(want.to, timeline.extent) &&
    want.lanes.every((lane) => have.lanes.includes(lane))

  async function items(want: Wanted, filtered: boolean): Promise<Slice | null> {
    const chunks: RunItems[] = []
    const { handle, from, to, resolution } = want
    const answer = await host.call(
      'timeline.items',
      { handle, from, to, resolution, lanes: want.lanes, filtered },
      { signal: gone.signal, onChunk: (chunk) => void chunks.push(chunk) },
    )
    if (!answer.ok) {
      recordings.failed('The events cannot be drawn', answer.error)
      return null
    }
    const all = joined(chunks.length > 0 ? chunks : [])
    // Buckets begin at whole multiples, so the first one may begin before what was asked for.
    return {
      from: Math.floor(from / resolution) * resolution,
      to,
      resolution,
      filtered,
      items: all,
      lanes: lanesOf(all),
    }
  }

  async function load(): Promise<void> {
    if (busy) {
      again = true
      return
    }
    const want = wanted()
    if (!want || (loaded && enough(loaded, want))) return
    busy = true
    again = false
    const screen = (want.to - want.from) / 2
    const wide = { ...want, from: Math.max(0, want.from - screen), to: Math.min(timeline.extent, want.to + screen) }
    const { handle, from, to, resolution } = wide
    const [answer, hits] = await Promise.all([
      items(wide, want.filtered),
      want.search && !want.filtered ? items(wide, true) : null,
    ])
    if (answer && timeline.handle === handle) {
      loaded = wide
      slice.value = answer
      matches.value = hits
    }
    if (timeline.handle === handle && !gone.signal.aborted) await loadArrows(handle, from, to, resolution)
    busy = false
    if (again) void load()
  }

  async function loadArrows(handle: string, from: number, to: number, resolution: number): Promise<void> {
    const row = timeline.selected?.row
    const request = { handle, from, to, resolution, ...(row === undefined ? {} : { row }) }
    const answer = await host.call('timeline.arrows', request, { signal: gone.signal })
    if (answer.ok && timeline.handle === handle) arrows.value = answer.value
  }

  /** The whole run in about a thousand columns, for the minimap. */
  async function loadOverview(): Promise<void> {
    overview.value = null
    const { handle, opened, extent } = timeline
    if (handle === null || !opened) return
    const resolution = Math.max(1e-6, extent / 800)
    const all = Uint16Array.from(opened.lanes.slice(0, 64).keys())
    const want = { handle, from: 0, to: extent, resolution, filtered: false, lanes: all, search: null }
    const answer = await items(want, false)
    if (timeline.handle === handle) overview.value = answer
  }

  watch(
    () => timeline.handle,
    () => {
      loaded = null
      slice.value = matches.value = arrows.value = null
      void loadOverview()
    },
    { immediate: true },
  )
  watch(
    [() => timeline.axis, () => timeline.width, lanes, () => timeline.filtered, () => timeline.found],
    () => void load(),
    {
      immediate: true,
    },
  )
  watch(
    () => timeline.selected?.row,
    () => {
      if (loaded) void loadArrows(loaded.handle, loaded.from, loaded.to, loaded.resolution)
    },
  )
  return { slice, matches, arrows, overview }
}

/** Labels by the number of their name, asked for when they are first wanted. */
export function useLabels(repaint: () => void) {
  const host = useHost()
  const timeline = useTimeline()
  let labels = new Map<number, string>()
  const missing = new Set<number>()
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    () => timeline.handle,
    () => {
      labels = new Map()
      missing.clear()
    },
    { flush: 'sync' },
  )

  async function fetchMissing(): Promise<void> {
    timer = undefined
    const { handle } = timeline
    const names = Uint32Array.from([...missing].slice(0, 4096))
    if (handle === null || names.length === 0) return
    const answer = await host.call('timeline.names', { handle, names })
    for (const name of names) missing.delete(name)
    if (!answer.ok || timeline.handle !== handle) return
    names.forEach((name, i) => labels.set(name, answer.value.labels[i] ?? ''))
    repaint()
    if (missing.size > 0) timer ??= setTimeout(() => void fetchMissing(), 0)
  }
  onScopeDispose(() => clearTimeout(timer))

  return (name: number): string | undefined => {
    const known = labels.get(name)
    if (known !== undefined) return known
    missing.add(name)
    timer ??= setTimeout(() => void fetchMissing(), 0)
    return undefined
  }
}
