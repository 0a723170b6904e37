import { download } from '../bridge/download'
import { FileCode2, FileText, GitCompareArrows, Group, RotateCcw } from '@lucide/vue'
import { planHtml } from '../plan/html'
import { planMarkdown } from '../plan/markdown'
import { outline, type Outline } from '../plan/outline'
import { useLayout } from '../stores/layout'
import { usePlanning } from '../stores/planning'
import type { Command } from './command'

export function planCommands(): Command[] {
  const planning = usePlanning()
  const layout = useLayout()
  const machine = (): boolean => planning.shown !== null
  const imported = (): boolean => planning.shown !== null && 'imported' in planning.shown.subject
  const ready = (): boolean => planning.open && planning.plan !== null && planning.shown !== null

  const exported = (ending: string, type: string, write: (o: Outline) => string) => (): void => {
    const { plan, shown } = planning
    if (!plan || !shown) return
    const name = `plan-${shown.name}-${plan.policy}`.replace(/[^A-Za-z0-9._-]+/g, '-')
    download(`${name}.${ending}`, [write(outline(shown.name, shown.platform, plan))], `${type};charset=utf-8`)
  }
  /** The panel comes first, then the place in it. */
  const go = (place: 'guest' | 'check' | 'listing') => (): void => {
    planning.wanted = place
    layout.show('plan')
  }
  return [
    {
      id: 'topology.groups',
      title: 'IOMMU groups in the topology',
      category: 'View',
      keys: ['Alt+G'],
      icon: Group,
      group: 3,
      when: machine,
      checked: () => planning.open && planning.hulls,
      run: () => {
        planning.hulls = !(planning.open && planning.hulls)
        // Without a plan there are no groups to draw.
        if (planning.hulls && !planning.open) layout.show('plan')
      },
    },
    {
      id: 'plan.guest',
      title: "Lay a guest's RAM over the plan…",
      category: 'View',
      group: 3,
      when: machine,
      run: go('guest'),
    },
    {
      id: 'plan.check',
      title: 'Check the plan against what was observed',
      category: 'View',
      group: 3,
      when: imported,
      run: go('check'),
    },
    {
      id: 'plan.listing',
      title: 'Compare the plan with a listing of groups…',
      category: 'File',
      icon: GitCompareArrows,
      group: 9,
      when: imported,
      run: go('listing'),
    },
    {
      id: 'plan.own',
      title: 'Plan the machine as it is: its own kernel and command line, nothing added',
      category: 'View',
      icon: RotateCcw,
      group: 3,
      when: () => planning.open && planning.changed,
      run: () => planning.chooseOwn(),
    },
    {
      id: 'plan.markdown',
      title: 'Export the plan as Markdown',
      category: 'File',
      icon: FileText,
      group: 9,
      when: ready,
      run: exported('md', 'text/markdown', planMarkdown),
    },
    {
      id: 'plan.html',
      title: 'Export the plan as one HTML file',
      category: 'File',
      icon: FileCode2,
      group: 9,
      when: ready,
      run: exported('html', 'text/html', planHtml),
    },
  ]
}
