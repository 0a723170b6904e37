/** What is wrong with a block, and where in its declaration: whoever knows the file turns the path into a line. */
import { fault, type Fault } from '../faults'

/** Keys and positions from the top of the declaration: `['registers', 2, 'fields', 0, 'bits']`. */
export type Place = readonly (string | number)[]

export interface Mistake extends Fault {
  /** Kind of the block whose declaration it is in. */
  readonly block: string
  readonly path: Place
  /** The key itself is wrong, not what stands behind it. */
  readonly key?: boolean
  /** Character of the text at `path`, where the text has no braces that were filled in. */
  readonly character?: number
}

export interface MistakeDetails {
  readonly hint?: string | undefined
  readonly key?: boolean
}

export const mistake = (
  block: string,
  code: Fault['code'],
  message: string,
  path: Place,
  { hint, key }: MistakeDetails = {},
): Mistake => ({
  ...fault(code, `block ${block}: ${message}`, hint === undefined ? {} : { hint }),
  block,
  path,
  ...(key ? { key } : {}),
})
