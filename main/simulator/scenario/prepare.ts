/** Makes of a text what prepared.ts compiles: for the build, which has all the time that a start has not. */
import type { PreparedScenario } from './prepared'
import { readScenario } from './read'

/** Null for what needs more than its own text (blocks, a platform), and for a text that cannot be read. */
export function prepare(text: string): PreparedScenario | null {
  const read = readScenario(text)
  if (!read.ok) return null
  const { scenario, document } = read.value
  const { litmus } = scenario
  if (!litmus || scenario.platform !== undefined || scenario.kinds.length > 0) return null
  const { outline, lines } = document.places
  return { scenario: { ...scenario, litmus }, outline, lines }
}
