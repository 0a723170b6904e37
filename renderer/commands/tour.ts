import { ArrowLeft, ArrowRight, Compass, Hand, X } from '@lucide/vue'
import { useLayout } from '../stores/layout'
import { useTour } from '../stores/tour'
import { TOURS } from '../tours/tours'
import { isEnabled, type Command } from './command'
import { commandById, runCommand } from './table'

export function tourCommands(): Command[] {
  const tour = useTour()
  const layout = useLayout()
  const shown = () => tour.step?.show
  return [
    ...TOURS.map((t): Command => ({
      id: `tour.start.${t.id}`,
      title: `Tour: ${t.title}, ${t.year}`,
      category: 'Help',
      icon: Compass,
      group: 2,
      run: () => tour.start(t.id),
    })),
    {
      id: 'tour.next',
      title: 'Next step of the tour',
      label: () => (tour.done ? 'Next step of the tour' : 'Skip this step of the tour'),
      category: 'Help',
      keys: ['Alt+PageDown'],
      icon: ArrowRight,
      group: 3,
      when: () => tour.step !== null,
      run: () => tour.next(),
    },
    {
      id: 'tour.back',
      title: 'Previous step of the tour',
      category: 'Help',
      keys: ['Alt+PageUp'],
      icon: ArrowLeft,
      group: 3,
      when: () => tour.active !== null && tour.at > 0,
      run: () => tour.back(),
    },
    {
      id: 'tour.show',
      title: 'Let the tour do this step',
      category: 'Help',
      keys: ['Alt+Shift+PageDown'],
      icon: Hand,
      group: 3,
      when: () => {
        const show = shown()
        return show !== undefined && !tour.done && isEnabled(commandById(show.command), show.what)
      },
      run: async () => {
        const show = shown()
        if (show) await runCommand(show.command, show.what)
      },
    },
    {
      id: 'tour.end',
      title: 'End the tour',
      category: 'Help',
      keys: ['Escape'],
      icon: X,
      group: 3,
      when: () => tour.active !== null,
      run: () => {
        const through = tour.finished
        tour.end()
        if (through) layout.show('welcome')
      },
    },
  ]
}
