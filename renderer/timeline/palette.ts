/** The design's colours as the canvas needs them: resolved, because a canvas knows no custom properties. */
import type { FlowKind } from '../../preload/contract'
import { FLOW_KINDS } from '../../preload/contract'
import { LANE_ROLE_ORDER, laneToken, type LaneRole } from '../model/lane-roles'
import { openProbe } from '../theme/probe'

export interface Palette {
  lane: Record<LaneRole, string>
  /** The same as [r, g, b]. */
  laneRgb: Record<LaneRole, readonly [number, number, number]>
  arrow: Record<FlowKind, string>
  surface: string
  line: string
  lineStrong: string
  text: string
  text2: string
  text3: string
  accent: string
  bad: string
  badRgb: readonly [number, number, number]
  badSoft: string
  changed: string
  match: string
  font: string
  small: string
}

export const flowToken = (kind: FlowKind): string => `edge-${kind === 'other' ? 'program-order' : kind}`

export function readPalette(near: HTMLElement): Palette {
  const probe = openProbe(near)
  const { colour } = probe
  const each = <K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> =>
    Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>
  const family = getComputedStyle(near).fontFamily || 'sans-serif'
  const palette: Palette = {
    lane: each(LANE_ROLE_ORDER, (role) => colour(laneToken(role))),
    laneRgb: each(LANE_ROLE_ORDER, (role) => rgb(colour(laneToken(role)))),
    arrow: each(FLOW_KINDS, (kind) => colour(flowToken(kind))),
    surface: colour('surface-1'),
    line: colour('line'),
    lineStrong: colour('line-strong'),
    text: colour('text'),
    text2: colour('text-2'),
    text3: colour('text-3'),
    accent: colour('accent'),
    bad: colour('edge-nobody'),
    badRgb: rgb(colour('edge-nobody')),
    badSoft: colour('bad-soft'),
    changed: colour('changed-line'),
    match: colour('note'),
    font: `11.5px ${family}`,
    small: `10.5px ${family}`,
  }
  probe.close()
  return palette
}

/** "rgb(0, 114, 178)", as computed styles write it. */
export function rgb(colour: string): readonly [number, number, number] {
  const [r = 128, g = 128, b = 128] = (colour.match(/[\d.]+/g) ?? []).map(Number)
  return [r, g, b]
}

/** Dashes tell the enforcers apart without colour; "nobody" is the only thick one. */
export const DASH: Record<FlowKind, readonly number[]> = {
  'program-order': [],
  trap: [],
  device: [8, 2],
  pcie: [1, 2.5],
  software: [5, 3, 1, 3],
  nobody: [6, 4],
  other: [2, 2],
}
export const WIDTH: Record<FlowKind, number> = {
  'program-order': 1,
  trap: 1.4,
  device: 1.4,
  pcie: 1.6,
  software: 1.4,
  nobody: 2.2,
  other: 1,
}
