/** A guest's RAM over the groups: what the VMM has to carve out. Pure. */
import { shortHex, type Plan } from './plan'

export type Guest = NonNullable<Plan['guest']>
export type GuestGroup = Guest['groups'][number]
export type Collision = GuestGroup['collisions'][number]

export const MACHINES = ['q35', 'i440fx', 'virt'] as const

export const isRefused = (c: Collision): boolean => c.verdict === 'refused'

const WITH: Record<string, string> = {
  msi: 'MSI window',
  direct: 'direct mapping of firmware (RMRR, IVMD, RMR)',
  'direct-relaxable': 'relaxable direct mapping',
  reserved: 'reserved range',
  aperture: 'past the addresses of the IOMMU',
}
export const withWords = (c: Collision): string => WITH[c.with] ?? c.with
export const rangeWords = (r: { start: string; end: string }): string => `${shortHex(r.start)}–${shortHex(r.end)}`

export interface CarveOut extends Collision {
  /** Numbers of the groups that need it. */
  groups: number[]
}

/** Each range once, with the groups whose devices cannot reach guest RAM there; in order of addresses. */
export function carveOuts(guest: Guest): CarveOut[] {
  const by = new Map<string, CarveOut>()
  guest.groups.forEach(({ collisions }, i) => {
    for (const c of collisions.filter(isRefused)) {
      const key = `${c.start} ${c.end} ${c.with}`
      const known = by.get(key)
      if (known) known.groups.push(i + 1)
      else by.set(key, { ...c, groups: [i + 1] })
    }
  })
  return [...by.values()].sort((a, b) => (BigInt(a.start) < BigInt(b.start) ? -1 : 1))
}

/** "1–4, 7" */
export function numberRanges(numbers: readonly number[]): string {
  const runs: [number, number][] = []
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last && n <= last[1] + 1) last[1] = Math.max(last[1], n)
    else runs.push([n, n])
  }
  return runs.map(([a, b]) => (a === b ? `${a}` : `${a}–${b}`)).join(', ')
}
