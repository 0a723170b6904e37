/** The events of a stretch of time, a page at a time, as they are scrolled to. */
import { onScopeDispose, ref, shallowReactive, watch, type Ref } from 'vue'
import type { Response } from '../bridge/host'
import { useHost } from '../bridge/host'
import { useTimeline } from '../stores/timeline'

export const PAGE = 128
/** The list follows a view that has come to rest for so long, ms: not one that a slow frame holds up. */
export const REST = 120
/** More rows than a list can be tall. */
export const MOST_LISTED = 200_000

export interface ListStretch {
  from: number
  to: number
}

export interface ListedEvent {
  row: number
  lane: number
  kind: number
  time: number
  label: string
}

export function usePages(stretch: Ref<ListStretch | null>) {
  const host = useHost()
  const timeline = useTimeline()
  const pages = shallowReactive(new Map<number, ListedEvent[]>())
  const total = ref(0)
  /** Counted up whenever the list has become another one. */
  const edition = ref(0)
  const loading = new Set<number>()
  const texts = new Map<number, string>()
  let version = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))

  watch(
    [stretch, () => timeline.handle, () => timeline.filtered, () => timeline.found, () => timeline.lanes],
    ([, handle], [, before]) => {
      if (handle !== before) {
        texts.clear()
        reset()
      } else {
        clearTimeout(timer)
        timer = setTimeout(reset, REST)
      }
    },
    { immediate: true },
  )

  function reset(): void {
    version++
    loading.clear()
    void load(0, true)
  }

  async function load(page: number, fresh = false): Promise<void> {
    const { handle, filtered, lanes } = timeline
    if (handle === null || !stretch.value || loading.has(page)) return
    const mine = version
    loading.add(page)
    const { from, to } = stretch.value
    const answer = await host.call('timeline.events', {
      handle,
      from,
      to,
      lanes,
      filtered,
      offset: page * PAGE,
      count: PAGE,
    })
    if (mine !== version || !answer.ok) return void loading.delete(page)
    const listed = await named(handle, answer.value)
    if (mine !== version) return
    if (fresh) {
      pages.clear()
      edition.value++
    }
    total.value = answer.value.total
    pages.set(page, listed)
    loading.delete(page)
  }

  async function named(handle: string, events: Response<'timeline.events'>): Promise<ListedEvent[]> {
    const missing = [...new Set(events.name)].filter((name) => !texts.has(name))
    if (missing.length > 0) {
      const answer = await host.call('timeline.names', { handle, names: Uint32Array.from(missing) })
      if (answer.ok) missing.forEach((name, i) => texts.set(name, answer.value.labels[i] ?? ''))
    }
    return Array.from(events.row, (row, i) => ({
      row,
      lane: events.lane[i] ?? 0,
      kind: events.kind[i] ?? 0,
      time: events.time[i] ?? 0,
      label: texts.get(events.name[i] ?? 0) ?? '',
    }))
  }

  /** The place of an event in the list as it is now; null: it is not in it. */
  async function placeOf(row: number): Promise<number | null> {
    const { handle, filtered, lanes } = timeline
    if (handle === null || !stretch.value) return null
    const { from, to } = stretch.value
    const request = { handle, from, to, lanes, filtered, offset: 0, count: 0, find: row }
    const answer = await host.call('timeline.events', request)
    return answer.ok && answer.value.place !== null && answer.value.place < total.value ? answer.value.place : null
  }

  /** Undefined while its page is on the way. */
  function at(i: number): ListedEvent | undefined {
    const page = Math.floor(i / PAGE)
    const known = pages.get(page)
    if (!known) void load(page)
    return known?.[i % PAGE]
  }
  return { total, edition, at, placeOf, pages }
}
