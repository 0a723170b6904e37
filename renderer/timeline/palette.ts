/** The design's colours as the canvas needs them: resolved, because a canvas knows no custom properties. */
import type { Role } from '../model/lanes'
import { ROLE_ORDER } from '../model/lanes'
import { ENFORCERS } from '../model/edges'
import type { Enforcer } from '../../preload/contract'

export interface Palette {
  lane: Record<Role, string>
  arrow: Record<Enforcer, string>
  surface: string
  stripe: string
  line: string
  lineStrong: string
  text: string
  text2: string
  text3: string
  accent: string
  bad: string
  badSoft: string
  font: string
  small: string
}

export function readPalette(near: HTMLElement): Palette {
  const probe = document.createElement('i')
  probe.style.display = 'none'
  near.append(probe)
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const each = <K extends string>(keys: readonly K[], name: (key: K) => string): Record<K, string> =>
    Object.fromEntries(keys.map((key) => [key, colour(name(key))])) as Record<K, string>
  const family = getComputedStyle(near).fontFamily || 'sans-serif'
  const palette: Palette = {
    lane: each(ROLE_ORDER, (role) => `lane-${role}`),
    arrow: each(ENFORCERS, (kind) => `edge-${kind}`),
    surface: colour('surface-1'),
    stripe: colour('surface-2'),
    line: colour('line'),
    lineStrong: colour('line-strong'),
    text: colour('text'),
    text2: colour('text-2'),
    text3: colour('text-3'),
    accent: colour('accent'),
    bad: colour('edge-nobody'),
    badSoft: colour('bad-soft'),
    font: `11.5px ${family}`,
    small: `10.5px ${family}`,
  }
  probe.remove()
  return palette
}

/** Dashes tell the enforcers apart without colour; "nobody" is the only thick one. */
export const DASH: Record<Enforcer, readonly number[]> = {
  'program-order': [],
  trap: [],
  device: [8, 2],
  pcie: [1, 2.5],
  software: [5, 3, 1, 3],
  nobody: [6, 4],
}
export const WIDTH: Record<Enforcer, number> = {
  'program-order': 1,
  trap: 1.4,
  device: 1.4,
  pcie: 1.6,
  software: 1.4,
  nobody: 2.2,
}
