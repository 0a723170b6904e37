/** How much a board may become: a block of a few lines can ask for more than any exploration could hold. */
const LIMITS = {
  variables: { most: 4096, what: 'variables' },
  /** Steps with all the indices and cases written out. */
  ways: { most: 20_000, what: 'steps' },
  /** Expressions after their templates are filled in. */
  characters: { most: 8_000_000, what: 'characters of expressions' },
} as const

/** Values of one index, and combinations of several. */
export const MAX_INDEX = 256
export const MAX_COMBINATIONS = 4096

export class Budget {
  private readonly spent = { variables: 0, ways: 0, characters: 0 }

  /** Undefined while there is enough; otherwise what there is too much of. */
  spend(what: keyof typeof LIMITS, amount: number): string | undefined {
    this.spent[what] += amount
    const { most, what: words } = LIMITS[what]
    return this.spent[what] > most ? `more than ${most} ${words}` : undefined
  }

  /** Nothing that is still filled in will be used. */
  get exhausted(): boolean {
    return (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).some((k) => this.spent[k] > LIMITS[k].most)
  }
}
