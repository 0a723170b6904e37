/**
 * What the scenario's own `orderings` are to whoever looks at the flow. The model keeps each of them, also one that holds
 * a step of the hardware back, which says what would be if; but no software can make a device, a bridge or an interrupt
 * controller wait, so that such an ordering is nobody's to enforce and `repair` never offers it.
 */
import { fault, type Fault } from '../faults'
import type { Edge } from '../flows/edges'
import { isHardware, type Model } from '../model/model'
import { ends } from './critical-edges'
import type { Places } from './places'
import type { NameSpace } from './properties'
import type { Scenario } from './schema'

/** Warnings: SCENARIO_ORDERING, at the step that nobody can hold back. */
export function addedOrderings(
  d: Places,
  orderings: Scenario['orderings'],
  space: NameSpace,
  model: Model,
): { readonly edges: Edge[]; readonly warnings: Fault[] } {
  const hardware = new Map(model.steps.map((s) => [s.id, isHardware(model.agents[s.agent])]))
  const edges: Edge[] = []
  const warnings: Fault[] = []
  orderings.forEach((o, i) => {
    const copies = ends(o, space)
    const unheld = copies.some(({ after }) => hardware.get(after) === true)
    for (const copy of copies)
      edges.push({
        ...copy,
        enforcedBy: unheld ? 'nobody' : 'software',
        why: unheld
          ? 'an ordering that the scenario adds, of a step of the hardware'
          : 'an ordering that the scenario adds',
        cite: 'orderings',
      })
    if (unheld)
      warnings.push(
        fault(
          'SCENARIO_ORDERING',
          `nobody can make ${o.after} wait for ${o.before}: it is a step of the hardware; what holds under this ordering holds nowhere else`,
          {
            ...d.at(['orderings', i, 'after']),
            hint: 'order the steps of software instead: "repair" names those that help',
          },
        ),
      )
  })
  return { edges, warnings }
}
