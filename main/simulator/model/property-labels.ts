/** What properties are called where a name may hold letters, digits and underscores only: in Promela and in TLA+. */
import type { Property } from './model'

/**
 * `P_` and the name, one for each property in their order. Where names differ in nothing but other characters, the one
 * that needs no change keeps its label and the others are numbered: `P_a_b`, `P_a_b_2` …
 */
export function propertyLabels(properties: readonly Pick<Property, 'name'>[]): readonly string[] {
  const plain = properties.map((p) => `P_${p.name.replaceAll(/[^A-Za-z0-9_]/g, '_')}`)
  const unchanged = (i: number): boolean => plain[i] === `P_${properties[i]?.name}`
  const used = new Set(plain.filter((_, i) => unchanged(i)))
  return plain.map((label, i) => {
    if (unchanged(i)) return label
    let own = label
    for (let n = 2; used.has(own); n++) own = `${label}_${n}`
    used.add(own)
    return own
  })
}
