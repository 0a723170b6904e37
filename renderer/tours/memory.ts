/** Where each tour stands, in the browser's storage. */
import type { Tour } from './tour'

const KEY = 'doorbell.tours'

export function readPlaces(tours: readonly Tour[]): Map<string, number> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    if (typeof kept !== 'object' || kept === null) return new Map()
    const known = new Map(tours.map((tour) => [tour.id, tour.steps.length]))
    return new Map(
      Object.entries(kept).flatMap(([id, at]: [string, unknown]) => {
        const length = known.get(id)
        const fits = length !== undefined && typeof at === 'number' && Number.isInteger(at) && at >= 0 && at <= length
        return fits ? [[id, at] as const] : []
      }),
    )
  } catch {
    return new Map()
  }
}

export function writePlaces(places: ReadonlyMap<string, number>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...places].sort())))
  } catch {
    // storage is closed to us: the places last as long as the window
  }
}
