/**
 * How many configurations of each component get a place in the number of a state. To lay all states anew takes longer than
 * a wide number does, so a set of numbers gets places to spare; a set that has a bit for each number gets few, but is far
 * faster.
 */
import { layFields, type Fields } from './fields'
import { KeyBits } from './key-bits'

/** Places at first; then one to spare for so many that are known, more while numbers have few bits. */
const FIRST_PLACES = 8
const SPARE = 4
const PLENTY = 1
const PLENTY_BITS = 36
const roomy = (known: number, spare = SPARE): number => known + Math.ceil(known / spare) + 1
/** What is as full as this is widened together with what has no place left. */
const ALMOST = 0.6

/** The same where each number has its bit: as much as memory allows. A few get none to spare, which would make much of all. */
const DENSE_SPARES = [4, 8, 16, 32]
const FEW = 8
const densely = (known: number, spare: number): number => (known < FEW ? known : known + Math.floor(known / spare))

/** Bytes a state, at most, of a set with a bit for each number; one that is small anyhow may come early. */
const DENSE_BYTES = 7
const EARLY_BYTES = 40
const EARLY_MOST = 2 ** 25

type Fits = (end: number, states: number) => boolean
const begins: Fits = (end, states) => {
  const bytes = KeyBits.bytesFor(end)
  return bytes <= (bytes <= EARLY_MOST ? EARLY_BYTES : DENSE_BYTES) * states
}
/** What has a bit for each number keeps them while it is small, also where it would not begin with them. */
const stays: Fits = (end, states) =>
  begins(end, states) || KeyBits.bytesFor(end) <= 2 * Math.min(EARLY_MOST, EARLY_BYTES * states)

/** Configurations that are known of each component. */
type Known = readonly number[]

export const firstPlaces = (known: Known): Fields => layFields(known.map((n) => Math.max(FIRST_PLACES, roomy(n))))

/** More where some component has no place left, for a set of numbers. */
export function morePlaces(old: Fields, known: Known): Fields {
  const more = (spare: number): Fields =>
    layFields(known.map((n, c) => (n > placesOf(old, c) * ALMOST ? roomy(n, spare) : placesOf(old, c))))
  const plenty = more(PLENTY)
  return plenty.bits > PLENTY_BITS ? more(SPARE) : plenty
}

/** A bit for each number, for so many states: undefined where that takes too much. */
export const densePlaces = (known: Known, states: number): Fields | undefined =>
  roomiest(begins, states, (spare) => known.map((n) => densely(n, spare)))

/** More of those. */
export function moreDensePlaces(old: Fields, known: Known, states: number): Fields | undefined {
  // More places of the last component leave every number as it is: then no other is widened by the way.
  const others = known.slice(0, -1).some((n, c) => n > placesOf(old, c))
  const crowded = (n: number, most: number): boolean => n > most || (others && n === most)
  return roomiest(stays, states, (spare) =>
    known.map((n, c) => {
      const most = placesOf(old, c)
      return crowded(n, most) ? Math.max(most, densely(n, spare)) : most
    }),
  )
}

const placesOf = (fields: Fields, c: number): number => fields.most[c] ?? 0

function roomiest(fits: Fits, states: number, places: (spare: number) => Iterable<number>): Fields | undefined {
  for (const spare of DENSE_SPARES) {
    const fields = layFields(places(spare))
    if (fits(fields.end, states)) return fields
  }
  return undefined
}
