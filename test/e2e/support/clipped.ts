/** Text of ours that is cut off: neither shortened with an ellipsis nor reached by scrolling. */
import type { Page } from 'playwright-core'

/** What libraries lay out themselves, and what only a screen reader is meant to find. */
const NOT_OURS = '.monaco-editor, .vue-flow, svg, canvas, .visually-hidden, .dv-tabs-container'

/** One line for each, with the element that cuts it. */
export const clipped = (page: Page): Promise<string[]> =>
  page.evaluate((notOurs) => {
    const found = new Set<string>()
    const ofText = [...document.querySelectorAll<HTMLElement>('body *')].filter(
      (e) =>
        !e.closest(notOurs) &&
        [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent?.trim()) &&
        e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
        e.getBoundingClientRect().width > 0,
    )
    for (const e of ofText) {
      const range = document.createRange()
      range.selectNodeContents(e)
      const text = range.getBoundingClientRect()
      const shortened = getComputedStyle(e).textOverflow === 'ellipsis'
      for (let a: HTMLElement | null = e; a && a !== document.body; a = a.parentElement) {
        const { overflowX, overflowY, textOverflow, webkitLineClamp } = getComputedStyle(a)
        const box = a.getBoundingClientRect()
        const say = (way: string) =>
          found.add(`${way} by ${a?.className ?? ''}: ${e.textContent?.trim().slice(0, 60) ?? ''}`)
        if (/hidden|clip/.test(overflowX) && text.right > box.right + 1.5 && !shortened && textOverflow !== 'ellipsis')
          say('to the right')
        if (/hidden|clip/.test(overflowY) && text.bottom > box.bottom + 2.5 && webkitLineClamp === 'none') say('below')
        // From here on it is scrolled to.
        if (/auto|scroll/.test(overflowX + overflowY)) break
      }
    }
    return [...found]
  }, NOT_OURS)
