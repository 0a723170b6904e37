/** The layout between two starts, in the browser's storage. */
import type { Remembered } from '../model/layout-records'

const KEY = 'doorbell.layout'
/** Raise when panels or their parameters change: older layouts are then forgotten, not guessed at. */
const VERSION = 1

export function readLayout(): Remembered | null {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? 'null') as (Remembered & { version: number }) | null
    return value?.version === VERSION && typeof value.dock?.grid === 'object' ? value : null
  } catch {
    return null
  }
}

export function writeLayout(value: Remembered): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ version: VERSION, ...value }))
  } catch {
    // storage is full or closed: the layout lasts as long as the window
  }
}
