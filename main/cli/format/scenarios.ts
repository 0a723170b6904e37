/** The list of built-in scenarios for a person. */
import type { ScenarioSummary } from '../../../preload/contract'
import { columns } from './table'

export function formatScenarios(scenarios: readonly ScenarioSummary[]): string {
  const rows = scenarios.flatMap(({ id, title, covers, properties }) => [
    [id, title, covers.join(' ')],
    ...properties.map(({ name, kind, expected }) => ['', `  ${kind} ${name}`, expected ?? '']),
  ])
  return columns(rows)
}
