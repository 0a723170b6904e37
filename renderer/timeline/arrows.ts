/** Arrows between chips: happens-before edges, by who enforces them. A posted write's way to its arrival is one of PCIe's. */
import type { Enforcer } from '../../preload/contract'
import type { EdgeInstance } from '../model/edges'
import { CHIP, type Chip } from './scene'

export interface Arrow {
  kind: Enforcer
  points: readonly [number, number, number, number, number, number, number, number]
  /** Drawn straight inside one lane. */
  straight: boolean
  /** Belongs to the selected step, or says that nobody enforces it. */
  strong: boolean
  /** Only for "nobody": what stands beside the line. */
  label?: { text: string; x: number; y: number }
  edge?: EdgeInstance
}

export function arrows(
  chips: readonly Chip[],
  instances: readonly EdgeInstance[],
  shown: ReadonlySet<Enforcer>,
  selected: number,
): Arrow[] {
  const byEvent = new Map(chips.filter((c) => !c.ghost).map((c) => [c.event, c]))
  const byGhost = new Map(chips.filter((c) => c.ghost).map((c) => [c.step, c]))
  const list: Arrow[] = []
  for (const instance of instances) {
    const { edge } = instance
    if (!shown.has(edge.enforcedBy)) continue
    const to = byEvent.get(instance.to)
    const nobody = edge.enforcedBy === 'nobody'
    const from = instance.from >= 0 ? byEvent.get(instance.from) : nobody ? byGhost.get(edge.before) : undefined
    if (!from || !to || from === to) continue
    const line = route(from, to)
    list.push({
      kind: edge.enforcedBy,
      strong: nobody || touches(instance, selected),
      ...line,
      edge: instance,
      label: nobody ? { text: 'nobody', ...middle(line.points) } : undefined,
    })
  }
  return list
}

const touches = (pair: { from: number; to: number }, event: number): boolean => pair.from === event || pair.to === event

type Points = Arrow['points']

/** Out of the first chip towards the other lane, into the second one from the left; backwards edges come from above. */
function route(from: Chip, to: Chip): { points: Points; straight: boolean } {
  if (from.y === to.y) {
    const start = Math.min(from.x + from.w, to.x - 2)
    if (from.x <= to.x) return { points: [start, from.y, start, from.y, to.x, to.y, to.x, to.y], straight: true }
    const bow = from.y - CHIP
    return {
      points: [from.x + 4, from.y - CHIP / 2, from.x, bow, to.x + 8, bow, to.x + 6, to.y - CHIP / 2],
      straight: false,
    }
  }
  const down = to.y > from.y ? 1 : -1
  const y0 = from.y + (down * CHIP) / 2
  if (to.x - from.x > 14) {
    const x0 = from.x + 6
    const bend = Math.max(12, (to.x - x0) * 0.5)
    return { points: [x0, y0, x0, y0 + (to.y - y0) * 0.75, to.x - bend, to.y, to.x - 1, to.y], straight: false }
  }
  const y1 = to.y - (down * CHIP) / 2
  const x0 = from.x + 6
  const x1 = to.x + Math.min(10, to.w / 2)
  const lift = (y1 - y0) * 0.5
  return { points: [x0, y0, x0, y0 + lift, x1, y1 - lift, x1, y1], straight: false }
}

function middle(p: Points): { x: number; y: number } {
  const at = (a: number, b: number, c: number, d: number): number => (a + 3 * b + 3 * c + d) / 8
  return { x: at(p[0], p[2], p[4], p[6]), y: at(p[1], p[3], p[5], p[7]) }
}
