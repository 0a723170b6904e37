/**
 * Groups as hulls around their members: each a rectangle that holds no card of another group and meets no other hull. Members
 * that are apart get a hull each. Pure geometry, for any layout whose cards stand at least the padding apart.
 */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface Hull extends Box {
  readonly group: number
  readonly members: readonly string[]
}

/** Around a card; the word stands above it. */
export const PADDING = { x: 8, top: 20, bottom: 7 } as const

const around = (card: Box): Box => ({
  left: card.left - PADDING.x,
  top: card.top - PADDING.top,
  right: card.right + PADDING.x,
  bottom: card.bottom + PADDING.bottom,
})
export const union = (a: Box, b: Box): Box => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
})
/** Edges that touch do not meet. */
export const meet = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/** `cards`: every card by id. `numbers`: the group of each member. In order of group, then from the left and the top. */
export function hullsOf(cards: ReadonlyMap<string, Box>, numbers: ReadonlyMap<string, number>): Hull[] {
  const loose = [...cards].flatMap(([id, card]) => (numbers.has(id) ? [] : [card]))
  const groups = new Map<number, Hull[]>()
  for (const [id, card] of cards) {
    const group = numbers.get(id)
    if (group === undefined) continue
    const list = groups.get(group) ?? []
    list.push({ ...around(card), group, members: [id] })
    groups.set(group, list)
  }
  const inOrder = [...groups].sort(([a], [b]) => a - b)
  for (const [group, hulls] of inOrder) {
    if (hulls.length === 1) continue
    const free = (box: Box): boolean => {
      if (loose.some((c) => meet(box, c))) return false
      for (const [other, list] of groups) if (other !== group && list.some((h) => meet(box, h))) return false
      return true
    }
    groups.set(group, joined(hulls.sort(byPlace), free))
  }
  return inOrder.flatMap(([group]) => (groups.get(group) ?? []).sort(byPlace))
}

const byPlace = (a: Hull, b: Hull): number => a.left - b.left || a.top - b.top

/** Joins hulls as long as what would hold two of them is free. All at once where that can be. */
function joined(hulls: readonly Hull[], free: (box: Box) => boolean): Hull[] {
  const join = (a: Hull, b: Hull): Hull => ({ ...a, ...union(a, b), members: [...a.members, ...b.members] })
  if (hulls.length === 0) return []
  const all = hulls.reduce(join)
  if (free(all)) return [all]
  const out = [...hulls]
  for (let i = 0; i < out.length; i++) {
    for (let j = i + 1; j < out.length; j++) {
      const [a, b] = [out[i], out[j]]
      if (!a || !b || !free(union(a, b))) continue
      out[i] = join(a, b)
      out.splice(j, 1)
      j = i // it is larger now: others may fit that did not
    }
  }
  return out
}
