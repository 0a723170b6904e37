import { FoldVertical, Image, Shapes, UnfoldVertical } from '@lucide/vue'
import { download } from '../bridge/download'
import { groupType } from '../model/plan'
import { useNotices } from '../stores/notices'
import { usePlanning } from '../stores/planning'
import { useTopology } from '../stores/topology'
import { openProbe } from '../theme/probe'
import { diagramSvg, pngOf } from '../topology/diagram'
import { layout } from '../topology/layout'
import type { Command } from './command'

/** All of it, as it is folded now and with its groups where these are drawn; null: there is none. */
async function drawDiagram() {
  const topology = useTopology()
  const planning = usePlanning()
  const { graph, machine, segments } = topology
  if (!graph || !machine) return null
  const listed = planning.open && planning.hulls ? (planning.plan?.groups ?? []) : []
  const groups: ReadonlyMap<string, number> =
    (listed.length > 0 && planning.index?.numbers) || new Map<string, number>()
  const places = await layout(graph, groups)
  const planned: ReadonlySet<string> = planning.plannedSet
  const probe = openProbe(document.body)
  const title = machine.name
  const drawn = diagramSvg(
    { title, graph, places, segments, groups, words: listed.map(groupType), planned },
    probe.colour,
  )
  probe.close()
  return { ...drawn, name: title.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80) || 'topology' }
}

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
    {
      id: 'topology.svg',
      title: 'Export the topology as SVG',
      category: 'File',
      icon: Shapes,
      group: 6,
      when: () => topology.graph !== null,
      run: async () => {
        const drawn = await drawDiagram()
        if (drawn) download(`${drawn.name}.svg`, [drawn.svg], 'image/svg+xml')
      },
    },
    {
      id: 'topology.png',
      title: 'Export the topology as PNG',
      category: 'File',
      icon: Image,
      group: 6,
      when: () => topology.graph !== null,
      run: async () => {
        const drawn = await drawDiagram()
        const picture = drawn && (await pngOf(drawn))
        if (picture) return download(`${drawn.name}.png`, [picture], 'image/png')
        useNotices().show({
          tone: 'wait',
          title: 'The topology could not be drawn as PNG',
          message: 'Export it as SVG: that has no limit of size.',
        })
      },
    },
  ]
}
