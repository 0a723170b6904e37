import { CircleAlert, Copy, Eraser } from '@lucide/vue'
import { useOutput } from '../stores/output'
import { copyText } from './actions'
import type { Command } from './command'

export function outputCommands(): Command[] {
  const output = useOutput()
  return [
    {
      id: 'output.errors',
      title: 'Only errors of the output',
      category: 'View',
      keys: ['E'],
      scope: 'output',
      icon: CircleAlert,
      group: 5,
      checked: () => output.onlyErrors,
      run: () => void (output.onlyErrors = !output.onlyErrors),
    },
    {
      id: 'output.copy',
      title: 'Copy the output',
      category: 'View',
      keys: ['C'],
      scope: 'output',
      icon: Copy,
      group: 5,
      when: () => output.shown.length > 0,
      run: () => copyText(output.asText(), 'Output'),
    },
    {
      id: 'output.clear',
      title: 'Clear the output',
      category: 'View',
      keys: ['Delete'],
      scope: 'output',
      icon: Eraser,
      group: 5,
      when: () => output.lines.length > 0,
      run: () => output.clear(),
    },
  ]
}
