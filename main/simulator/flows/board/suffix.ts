/** How indices stand in names and in words. */
import type { Environment } from '../../hardware/template'

/** `1`, `0_2`, `.desc`: the values of the indices behind a name; words stand behind a dot. */
export const suffix = (per: readonly string[], env: Environment): string =>
  per.reduce((text, index, i) => {
    const value = env.values.get(index) ?? ''
    const word = !/^-?\d+$/.test(value)
    return `${text}${word ? '.' : i > 0 ? '_' : ''}${value}`
  }, '')

/** `[0][2]`, for people. */
export const brackets = (per: readonly string[], env: Environment): string =>
  per.length > 0 ? `[${per.map((index) => env.values.get(index) ?? '').join('][')}]` : ''
