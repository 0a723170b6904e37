import { FileCode2, FileText } from '@lucide/vue'
import { planHtml } from '../plan/html'
import { planMarkdown } from '../plan/markdown'
import { outline, type Outline } from '../plan/outline'
import { usePlanning } from '../stores/planning'
import type { Command } from './command'

export function planCommands(): Command[] {
  const planning = usePlanning()
  const ready = (): boolean => planning.open && planning.plan !== null && planning.shown !== null

  const exported = (ending: string, type: string, write: (o: Outline) => string) => (): void => {
    const { plan, shown } = planning
    if (!plan || !shown) return
    const name = `plan-${shown.name}-${plan.policy}`.replace(/[^A-Za-z0-9._-]+/g, '-')
    download(`${name}.${ending}`, type, write(outline(shown.name, shown.platform, plan)))
  }
  return [
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

function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Not at once: the download starts after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
