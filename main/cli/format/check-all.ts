/** What `check-all` says to a person: a line a scenario, and what differs below it. */
import type { Outputs } from '../output'

type Checked = Outputs['check-all']['scenarios'][number]

export function formatChecked(s: Checked): string {
  const wrong = s.properties.filter((p) => p.verdict !== p.expected)
  return [
    `${s.ok ? 'as stated' : 'DIFFERS  '}  ${s.id} (${s.states.toLocaleString('en')} states)`,
    ...wrong.map((p) => `             ${p.name}: ${p.verdict}, stated ${p.expected ?? 'nothing'}`),
    ...(s.edges ?? []).map((e) => `             line ${e.line}: ${e.message}`),
    '',
  ].join('\n')
}

export function formatCheckAll(list: readonly Checked[], count: number): string {
  const good = list.filter((s) => s.ok).length
  return `\n${good} of ${count} scenarios are as stated\n`
}
