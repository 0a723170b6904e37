/** What `doorbell repair` says to a person. */
import type { RepairResult } from '../../../preload/contract'
import { plural } from './table'

export function formatRepair({ scenario, repairs, singleEdges, reason, complete }: RepairResult): string {
  if (repairs.length === 0) return `${scenario}: ${reason ?? 'no repair'}\n`
  const list = repairs.map((r, i) => {
    const edges = r.edges.map((e) => `     ${e.before} → ${e.after}   (${e.agent} waits)\n`)
    const moves = r.moves.map((m) => `     ${m.agent}: ${m.order.join(', ')}\n`)
    return `\n  ${i + 1}. ${r.enforcedBy}, takes away ${(r.cost * 100).toFixed(1)} % of the states\n${[...edges, ...moves].join('')}`
  })
  const single = `\n${plural(singleEdges.length, 'single edge')} would do, the weakest are above\n`
  const more = complete ? '' : '\na bound was hit: there may be more\n'
  return `${scenario}: ${plural(repairs.length, 'repair')}, each proved by full exploration\n${list.join('')}${singleEdges.length > 0 ? single : ''}${more}`
}
