/** Dragging an operation: within its list to another place, or onto another agent's operation to order the two. */
import { ref, shallowRef } from 'vue'

/** Pixels before a press becomes a drag. */
const SLACK = 5

export interface DragTargets {
  /** The item under a point, by its element. */
  readonly itemAt: (x: number, y: number) => { key: string; upper: boolean } | null
  /** Where it would go in its own list: a place among its items; null when it is not the same list. */
  readonly gapAt: (dragged: string, over: string, upper: boolean) => number | null
  readonly obstacle: (from: string, to: string) => string | null
  readonly move: (key: string, to: number) => void
  readonly order: (from: string, to: string) => void
  /** What scrolls under the pointer near its edges. */
  readonly stage: () => HTMLElement | null
}

/** Pixels from an edge within which the lanes scroll, and how far at a time. */
const EDGE = 36
const SCROLL = 14

export interface Drag {
  readonly key: string
  readonly x: number
  readonly y: number
  /** What letting go here would do. */
  readonly would:
    | { readonly do: 'move'; readonly to: number; readonly over: string; readonly upper: boolean }
    | { readonly do: 'order'; readonly to: string }
    | { readonly do: 'nothing'; readonly why: string }
}

export function useDrag(targets: DragTargets) {
  const drag = shallowRef<Drag | null>(null)
  const pressed = ref<{ key: string; x: number; y: number } | null>(null)

  function press(event: PointerEvent, key: string): void {
    if (event.button === 0) pressed.value = { key, x: event.clientX, y: event.clientY }
  }

  function track(event: PointerEvent): void {
    const start = pressed.value
    if (!start) return
    if (!drag.value && Math.hypot(event.clientX - start.x, event.clientY - start.y) < SLACK) return
    event.preventDefault()
    scroll(event)
    drag.value = { key: start.key, x: event.clientX, y: event.clientY, would: would(start.key, event) }
  }

  function scroll({ clientX, clientY }: PointerEvent): void {
    const stage = targets.stage()
    if (!stage) return
    const { left, right, top, bottom } = stage.getBoundingClientRect()
    const way = (at: number, low: number, high: number): number =>
      at < low + EDGE ? -SCROLL : at > high - EDGE ? SCROLL : 0
    stage.scrollBy(way(clientX, left, right), way(clientY, top, bottom))
  }

  function would(key: string, { clientX, clientY }: PointerEvent): Drag['would'] {
    const over = targets.itemAt(clientX, clientY)
    if (!over || over.key === key) return { do: 'nothing', why: '' }
    const to = targets.gapAt(key, over.key, over.upper)
    if (to !== null) return { do: 'move', to, over: over.key, upper: over.upper }
    const why = targets.obstacle(key, over.key)
    return why === null ? { do: 'order', to: over.key } : { do: 'nothing', why }
  }

  function drop(): void {
    const now = drag.value
    cancel()
    if (now?.would.do === 'move') targets.move(now.key, now.would.to)
    else if (now?.would.do === 'order') targets.order(now.key, now.would.to)
  }

  function cancel(): void {
    drag.value = null
    pressed.value = null
  }

  return { drag, press, track, drop, cancel }
}
