/**
 * The room of the timeline. Before there is a run it says nothing that others could not use the place for: it stands low,
 * and gets its room with the first run, once, unless somebody has given it another height by then.
 */
import { ref, watch, type Ref, type ShallowRef } from 'vue'
import type { DockviewApi } from 'dockview-vue'
import { timelineHeights } from './layout-furniture'
import { useRecordings } from './recordings'
import { useRuns } from './runs'

export interface TimelineRoom {
  /** Low, as it came. */
  readonly waiting: Readonly<Ref<boolean>>
  /** The height to furnish with, in pixels. */
  begin(): number
  /** After another arrangement was put in place. */
  restored(waiting: boolean): void
  /** After undo and redo: who takes the room back is not given it again. */
  declined(): void
  /** Gives the room where it is due. */
  fit(): void
  /** When the dock has come to rest. Names what the window itself has changed; undefined: nothing. */
  settle(): string | undefined
}

interface Rest {
  readonly timeline: number
  readonly width: number
  readonly dock: number
}

export function useTimelineRoom(api: ShallowRef<DockviewApi | null>): TimelineRoom {
  const runs = useRuns()
  const recordings = useRecordings()
  const waiting = ref(false)
  let refused = false
  let rest: Rest | null = null
  let mark: string | undefined

  const hasRun = (): boolean => runs.run !== null || recordings.chosen !== null
  const measure = (dock: DockviewApi): Rest | null => {
    const panel = dock.getPanel('timeline')
    return panel ? { timeline: panel.group.api.height, width: dock.width, dock: dock.height } : null
  }

  function begin(): number {
    const { waiting: low, full } = timelineHeights(api.value?.height ?? 0)
    waiting.value = !hasRun()
    refused = false
    rest = null
    return waiting.value ? low : full
  }

  function restored(now: boolean): void {
    waiting.value = now
    refused = false
    rest = null
  }

  function fit(): void {
    const dock = api.value
    const panel = dock?.getPanel('timeline')
    if (!dock || !panel || !waiting.value || refused || !hasRun() || dock.hasMaximizedGroup()) return
    waiting.value = false
    const { full } = timelineHeights(dock.height)
    if (panel.group.api.height >= full) return
    mark = 'Room for the run'
    panel.api.setSize({ height: full })
  }

  function settle(): string | undefined {
    const dock = api.value
    const now = dock && measure(dock)
    const own = mark
    mark = undefined
    // In a window of the same size somebody has moved the edge, or the panel.
    const sameDock = rest !== null && now !== null && rest.width === now.width && rest.dock === now.dock
    if (!now || (sameDock && Math.abs((rest?.timeline ?? 0) - now.timeline) > 1)) waiting.value = false
    rest = now
    return own
  }

  watch([() => runs.run, () => recordings.chosen], fit)

  return { waiting, begin, restored, declined: () => void (refused = true), fit, settle }
}
