/** The arrow keys among the values of the register tables: along a line, and to the nearest one above or below. */

const WAY: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** Null: the key means nothing here, or there is nothing that way. */
export function walkCells(body: HTMLElement, event: KeyboardEvent): HTMLElement | null {
  const way = WAY[event.key]
  const from = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-cell]') : null
  if (!way || !from || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null
  const cells = [...body.querySelectorAll<HTMLElement>('[data-cell]')]
  const [across, down] = way
  if (across !== 0) return cells[cells.indexOf(from) + across] ?? null
  const here = from.getBoundingClientRect()
  let best: { cell: HTMLElement; rank: number } | null = null
  for (const cell of cells) {
    const { left, top } = cell.getBoundingClientRect()
    const away = (top - here.top) * down
    if (cell === from || away < 8) continue
    // The next line first, then what stands nearest under it.
    const rank = away * 1000 + Math.abs(left - here.left)
    if (!best || rank < best.rank) best = { cell, rank }
  }
  return best?.cell ?? null
}
