/** One arrow between two items of the lanes. */
export interface Arrow {
  readonly id: string
  readonly from: string
  readonly to: string
  /** A token of the theme, without its dashes. */
  readonly colour: string
  readonly dash: string
  readonly strong: boolean
}
