/** Numbers for people: grouped by thousands, with units, never longer than they need be. */

const THIN = '\u202f'

/** 1234567 → "1 234 567" with narrow spaces, which no locale reads as a decimal point. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, THIN)
}

export function compact(value: number): string {
  if (value < 10_000) return count(value)
  if (value < 1e6) return `${trim(value / 1e3)}${THIN}k`
  if (value < 1e9) return `${trim(value / 1e6)}${THIN}M`
  return `${trim(value / 1e9)}${THIN}G`
}

export function bytes(value: number): string {
  if (value < 1024) return `${Math.round(value)}${THIN}B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let scaled = value / 1024
  let unit = 0
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024
    unit++
  }
  return `${trim(scaled)}${THIN}${units[unit] ?? ''}`
}

export function duration(ms: number): string {
  if (ms < 1) return `<1${THIN}ms`
  if (ms < 1000) return `${Math.round(ms)}${THIN}ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)}${THIN}s`
  const minutes = Math.floor(ms / 60_000)
  return `${minutes}${THIN}min ${Math.floor((ms % 60_000) / 1000)}${THIN}s`
}

/** Nanoseconds of a timed run. */
export function nanoseconds(ns: number): string {
  if (ns < 1000) return `${ns}${THIN}ns`
  if (ns < 1e6) return `${trim(ns / 1e3)}${THIN}µs`
  return `${trim(ns / 1e6)}${THIN}ms`
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '')
}
