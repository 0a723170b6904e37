/** What a tour is made of. A tour is data: it points, and sees what the person has done; it does nothing by itself. */
import type { Facts } from './facts'

/** A selector; the first of several that is on the screen is pointed at. */
export type Anchor = readonly string[]

export interface TourStep {
  readonly title: string
  readonly text: string
  readonly anchor: Anchor
  /** Has the person done it? Read from the stores. */
  readonly done: (facts: Facts) => boolean
  /** A command that does it for the person, behind "Show me". */
  readonly show?: { readonly command: string; readonly what?: string }
}

export interface Tour {
  /** As the thread is called in the scenarios. */
  readonly id: string
  readonly year: string
  readonly title: string
  /** What the person will have done. */
  readonly promise: string
  readonly steps: readonly TourStep[]
  readonly end: string
}

export const testId = (id: string): string => `[data-testid="${id}"]`
export const command = (id: string, within = ''): string => `${within} [data-command="${id}"]`.trim()
/** In the side bar, its folded thread, or where one opens anything by name. */
export const scenario = (thread: string, id: string): Anchor => [
  testId(`scenario-${id}`),
  testId(`thread-${thread}`),
  testId('finder'),
]
/** An operation in the lanes, by the id that it has in the text. */
export const operation = (id: string): string => `${testId('lanes')} [data-operation="${id}"]`
