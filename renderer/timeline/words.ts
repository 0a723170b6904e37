/** Words on a canvas, cut to their room. */

const widths = new WeakMap<CanvasRenderingContext2D, Map<string, number>>()

/** Measuring is what costs in drawing words: each word once for each font. */
export function measured(ctx: CanvasRenderingContext2D, text: string): number {
  let known = widths.get(ctx)
  if (!known || known.size > 20_000) widths.set(ctx, (known = new Map<string, number>()))
  const key = `${ctx.font}\0${text}`
  let width = known.get(key)
  if (width === undefined) known.set(key, (width = ctx.measureText(text).width))
  return width
}

export function shorten(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (measured(ctx, text) <= room) return text
  const each = measured(ctx, text) / Math.max(1, text.length)
  // About so many; fewer where they are wider than most.
  for (let most = Math.floor(room / Math.max(1, each)) - 1; most >= 2; most--) {
    const short = `${text.slice(0, most).trimEnd()}…`
    if (measured(ctx, short) <= room) return short
  }
  return ''
}
