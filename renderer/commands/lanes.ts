import { ArrowDown, ArrowUp, Cpu, FileSearch, Link2, MoveVertical, Spline, Square, Unlink } from '@lucide/vue'
import { useDocuments } from '../stores/documents'
import { useLanes } from '../stores/lanes'
import { useOrdering } from '../stores/ordering'
import { goTo } from './actions'
import type { Choice, Command } from './command'

export function lanesCommands(): Command[] {
  const lanes = useLanes()
  const documents = useDocuments()
  const ordering = useOrdering()
  const selected = (): boolean => lanes.selected !== null
  /** What a block does by itself is in no program. */
  const movable = (): boolean => lanes.place !== null && !lanes.place.list.fixed
  const at = (): number => lanes.place?.at ?? -1
  const others = (): Choice[] => {
    const { place } = lanes
    return (place?.list.items ?? []).flatMap((item, to) =>
      place && to !== place.at
        ? [
            {
              value: String(to),
              title: `${to < place.at ? 'before' : 'after'} ${lanes.wordFor({ ...place, item, at: to })}`,
              note: `${to + 1} of ${place.list.items.length}`,
            },
          ]
        : [],
    )
  }
  return [
    {
      id: 'lanes.up',
      title: 'Move the operation up in its program',
      category: 'Edit',
      keys: ['Alt+Up'],
      scope: 'lanes',
      icon: ArrowUp,
      group: 4,
      when: () => movable() && at() > 0,
      run: () => void lanes.moveBy(-1),
    },
    {
      id: 'lanes.down',
      title: 'Move the operation down in its program',
      category: 'Edit',
      keys: ['Alt+Down'],
      scope: 'lanes',
      icon: ArrowDown,
      group: 4,
      when: () => movable() && at() >= 0 && at() < (lanes.place?.list.items.length ?? 0) - 1,
      run: () => void lanes.moveBy(1),
    },
    {
      id: 'lanes.move',
      title: 'Move the operation to another place of its program…',
      category: 'Edit',
      icon: MoveVertical,
      group: 4,
      when: () => movable() && others().length > 0,
      choices: others,
      run: (to) => {
        if (lanes.selected !== null) lanes.move(lanes.selected, Number(to))
      },
    },
    {
      id: 'lanes.order',
      title: 'Order the operation before another',
      label: () => (lanes.pending === null ? 'Order the operation before another' : 'Order it before this one'),
      category: 'Edit',
      keys: ['O'],
      scope: 'lanes',
      icon: Spline,
      group: 4,
      when: selected,
      run: (before) => {
        if (before === undefined) lanes.orderHere()
        else if (lanes.selected !== null) lanes.order(lanes.selected, before)
      },
    },
    {
      id: 'lanes.enforce',
      title: 'Enforce an order that nobody enforces…',
      category: 'Edit',
      icon: Link2,
      group: 4,
      when: (what) => what !== undefined || (documents.active !== null && lanes.gaps.length > 0),
      choices: () =>
        lanes.gaps.map((e) => ({
          value: `${e.before} ${e.after}`,
          title: `${e.before} before ${e.after}`,
          note: e.why,
        })),
      run: (what) => {
        const edge = lanes.gaps.find((e) => `${e.before} ${e.after}` === what)
        return edge ? lanes.enforce(edge.before, edge.after) : undefined
      },
    },
    {
      id: 'lanes.stopAsking',
      title: 'Stop asking what an ordering is worth',
      category: 'Edit',
      icon: Square,
      group: 4,
      when: () => ordering.asking !== null,
      run: () => ordering.cancel(),
    },
    {
      id: 'lanes.blocks',
      title: 'Show all that blocks do by themselves',
      category: 'View',
      keys: ['B'],
      scope: 'lanes',
      icon: Cpu,
      group: 4,
      when: () => lanes.allBlocks || lanes.blocks.hidden > 0,
      checked: () => lanes.allBlocks,
      run: () => void (lanes.allBlocks = !lanes.allBlocks),
    },
    {
      id: 'lanes.cancel',
      title: 'Give up the ordering that was begun',
      category: 'Edit',
      keys: ['Escape'],
      scope: 'lanes',
      group: 4,
      hidden: true,
      when: () => lanes.pending !== null,
      run: () => void (lanes.pending = null),
    },
    {
      id: 'lanes.unorder',
      title: 'Remove an ordering…',
      category: 'Edit',
      keys: ['Delete'],
      scope: 'lanes',
      icon: Unlink,
      group: 4,
      when: (what) => (what === undefined ? documents.active !== null && lanes.orderings.length > 0 : true),
      choices: () => lanes.orderings.map((o) => ({ value: String(o.index), title: `${o.before} before ${o.after}` })),
      run: (what) => void lanes.unorder(Number(what)),
    },
    {
      id: 'lanes.source',
      title: 'Go to the operation in the text',
      category: 'Edit',
      keys: ['Enter', 'F12'],
      scope: 'lanes',
      icon: FileSearch,
      group: 4,
      when: movable,
      run: () => {
        const { place } = lanes
        if (documents.activeKey && place) goTo(documents.activeKey, place.item.line, place.item.column)
      },
    },
    {
      id: 'lanes.ordering',
      title: 'Go to an ordering in the text…',
      category: 'Edit',
      group: 4,
      hidden: true,
      when: (what) => what !== undefined || lanes.orderings.length > 0,
      choices: () => lanes.orderings.map((o) => ({ value: String(o.index), title: `${o.before} before ${o.after}` })),
      run: (what) => {
        const line = lanes.orderings[Number(what)]?.line
        if (documents.activeKey && line !== undefined) goTo(documents.activeKey, line)
      },
    },
  ]
}
