import { PencilLine } from '@lucide/vue'
import { useLayout } from '../stores/layout'
import { usePoking } from '../stores/poking'
import type { Command } from './command'
import { isIn } from './focus'

export function registerCommands(): Command[] {
  const poking = usePoking()
  const layout = useLayout()
  return [
    {
      id: 'registers.edit',
      title: 'Write a register or a field…',
      category: 'Run',
      icon: PencilLine,
      group: 3,
      when: (what) => (what === undefined ? poking.writable.length > 0 : poking.view !== null),
      choices: () => poking.writable,
      run: (what) => {
        if (what === undefined) return
        // Showing a panel takes the focus from what is in it.
        if (!isIn('registers')) layout.show('programming')
        poking.begin(what)
      },
    },
    {
      id: 'registers.editHere',
      title: 'Write the selected register or field',
      category: 'Run',
      keys: ['Enter', 'F2'],
      scope: 'registers',
      group: 3,
      when: () => poking.selected !== null && poking.editing === null,
      run: () => {
        if (poking.selected !== null) poking.begin(poking.selected)
      },
    },
    {
      id: 'registers.write',
      title: 'Write what was typed as a step of the run',
      category: 'Run',
      group: 3,
      hidden: true,
      when: (what) => what !== undefined && poking.editing !== null && !poking.busy,
      run: (what) => (what === undefined ? undefined : poking.write(what)),
    },
    {
      id: 'registers.cancel',
      title: 'Do not write',
      category: 'Run',
      keys: ['Escape'],
      scope: 'registers',
      group: 3,
      hidden: true,
      when: () => poking.editing !== null || poking.refused !== null,
      run: () => poking.cancel(),
    },
  ]
}
