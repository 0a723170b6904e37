import { FoldVertical, UnfoldVertical } from '@lucide/vue'
import { useTopology } from '../stores/topology'
import type { Command } from './command'

export function topologyCommands(): Command[] {
  const topology = useTopology()
  return [
    {
      id: 'topology.unfold',
      title: 'Show what is folded one by one',
      category: 'View',
      icon: UnfoldVertical,
      group: 3,
      when: () => topology.node?.kind === 'many',
      run: () => {
        if (topology.node) topology.unfold(topology.node.id)
      },
    },
    {
      id: 'topology.fold',
      title: 'Fold what is alike in the topology',
      category: 'View',
      icon: FoldVertical,
      group: 3,
      when: () => topology.unfolded.size > 0,
      run: () => topology.foldAll(),
    },
  ]
}
