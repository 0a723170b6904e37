/**
 * Two runs of the same steps beside each other. Lines that stand opposite are a longest common sequence: what comes
 * before them has come before them in both. A step that both take but not at the same place has moved.
 */
export interface Line {
  /** Place in each run, from 0; null where it has nothing here. */
  readonly left: number | null
  readonly right: number | null
}

export interface Aligned {
  readonly lines: readonly Line[]
  /** Places, in each run, of steps that the other takes elsewhere. */
  readonly movedLeft: ReadonlySet<number>
  readonly movedRight: ReadonlySet<number>
}

export function align(left: readonly string[], right: readonly string[]): Aligned {
  const width = right.length + 1
  const common = new Uint32Array((left.length + 1) * width)
  const at = (i: number, j: number): number => common[i * width + j] ?? 0
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      common[i * width + j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) lines.push({ left: i++, right: j++ })
    else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1)))
      lines.push({ left: i++, right: null })
    else lines.push({ left: null, right: j++ })
  }
  const alone = (side: 'left' | 'right', run: readonly string[], other: readonly string[]): Set<number> =>
    new Set(lines.flatMap((l) => (aloneOn(l, side) && other.includes(run[l[side] ?? -1] ?? '') ? [l[side] ?? -1] : [])))
  return { lines, movedLeft: alone('left', left, right), movedRight: alone('right', right, left) }
}

const aloneOn = (l: Line, side: 'left' | 'right'): boolean =>
  l[side] !== null && l[side === 'left' ? 'right' : 'left'] === null
