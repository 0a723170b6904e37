/** Where to look: a middle and a zoom for boxes of the graph in a room of so many pixels. Pure. */
import { union, type Box } from './hulls'

export interface View {
  readonly x: number
  readonly y: number
  readonly zoom: number
}
export interface Room {
  readonly width: number
  readonly height: number
}

/** Below this a card cannot be read. */
export const READABLE = 0.62
const LEAST = 0.08
const MARGIN = 1.12
const CORNER = 16

export const boundsOf = ([first, ...rest]: readonly Box[]): Box | undefined => first && rest.reduce<Box>(union, first)

const across = (box: Box, room: Room): number => room.width / ((box.right - box.left) * MARGIN)
const down = (box: Box, room: Room): number => room.height / ((box.bottom - box.top) * MARGIN)

export const middle = (box: Box, zoom: number): View => ({
  x: (box.left + box.right) / 2,
  y: (box.top + box.bottom) / 2,
  zoom,
})

/** Small boards on large screens: larger than this, cards only grow apart. */
const MOST = 1.6

/** All of it, as large as there is room for. */
export const whole = (box: Box, room: Room): View => middle(box, Math.min(MOST, across(box, room), down(box, room)))

/** All of it, at least as large as now. */
export const near = (box: Box, zoom: number, room: Room): View =>
  middle(box, Math.min(Math.max(0.8, zoom), Math.max(LEAST, Math.min(across(box, room), down(box, room)))))

/** The groups, with their roots where that can be read; as much as there is room for, from the upper left corner. */
export function beginning(groups: readonly Box[], roots: readonly Box[], room: Room): View | undefined {
  const both = boundsOf([...groups, ...roots])
  const box = both && across(both, room) >= READABLE ? both : boundsOf(groups)
  if (!box) return undefined
  const zoom = Math.min(0.9, Math.max(READABLE, across(box, room)))
  const from = (start: number, end: number, pixels: number): number =>
    end - start < pixels / zoom ? (start + end) / 2 : start - CORNER + pixels / zoom / 2
  return { x: from(box.left, box.right, room.width), y: from(box.top, box.bottom, room.height), zoom }
}

/** `at`: what is at the upper left corner, in pixels, and the zoom. */
export const inSight = (box: Box, at: View, room: Room, edge = 0): boolean =>
  box.left * at.zoom + at.x > edge &&
  box.top * at.zoom + at.y > edge &&
  box.right * at.zoom + at.x < room.width - edge &&
  box.bottom * at.zoom + at.y < room.height - edge
