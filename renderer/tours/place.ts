/** Where a tour's card stands: beside what it points at, wherever that goes; in the corner while there is nothing. */
import { autoUpdate, computePosition, flip, offset, shift } from '@floating-ui/dom'
import { onBeforeUnmount, ref, watch, type Ref, type ShallowRef } from 'vue'
import type { Anchor } from './tour'

/** Panels come and go without telling: looked for this often, ms. */
const LOOK_EVERY = 200
const MARK = 'data-tour-anchor'

const find = (anchor: Anchor): HTMLElement | null => {
  for (const selector of anchor)
    for (const element of document.querySelectorAll<HTMLElement>(selector))
      if (element.getClientRects().length > 0) return element
  return null
}

/** `anchor`: empty, where there is nothing to point at. Style for a fixed element; null: the corner. */
export function usePlace(
  card: Readonly<ShallowRef<HTMLElement | null>>,
  anchor: () => Anchor,
): Ref<{ left: string; top: string } | null> {
  const at = ref<{ left: string; top: string } | null>(null)
  let target: HTMLElement | null = null
  let follow = (): void => undefined
  let scrolled: Anchor | null = null

  function leave(): void {
    follow()
    follow = () => undefined
    target?.removeAttribute(MARK)
    target = null
    at.value = null
  }

  function look(): void {
    const found = card.value ? find(anchor()) : null
    const box = card.value
    if (found === target && (found === null || found.hasAttribute(MARK))) return
    leave()
    if (!found || !box) return
    target = found
    found.setAttribute(MARK, '')
    // Once a step: whoever scrolls away from it wants to.
    if (scrolled !== anchor()) found.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    scrolled = anchor()
    const place = async (): Promise<void> => {
      const { x, y } = await computePosition(found, box, {
        strategy: 'fixed',
        placement: 'right',
        middleware: [
          offset(12),
          flip({ fallbackPlacements: ['left', 'bottom', 'top'], padding: 8 }),
          shift({ padding: 8, crossAxis: true }),
        ],
      })
      if (target === found) at.value = { left: `${Math.round(x)}px`, top: `${Math.round(y)}px` }
    }
    follow = autoUpdate(found, box, () => void place())
  }

  let timer: ReturnType<typeof setInterval> | undefined
  watch(
    [card, anchor],
    ([box]) => {
      clearInterval(timer)
      look()
      if (box) timer = setInterval(look, LOOK_EVERY)
    },
    { flush: 'post', immediate: true },
  )
  onBeforeUnmount(() => {
    clearInterval(timer)
    leave()
  })
  return at
}
