import { ArrowLeftRight, Copy, Play, Square } from '@lucide/vue'
import { useChecks } from '../stores/checks'
import { useDocuments } from '../stores/documents'
import { useExploration } from '../stores/exploration'
import { useHostInfo } from '../stores/host'
import { useQuestions } from '../stores/questions'
import { useRuns } from '../stores/runs'
import { copyText, explore, openScenario, siblingOf } from './actions'
import type { Command } from './command'

export function exploreCommands(): Command[] {
  const exploration = useExploration()
  const documents = useDocuments()
  const checks = useChecks()
  const host = useHostInfo()
  const runs = useRuns()
  const questions = useQuestions()
  return [
    {
      id: 'explore.start',
      title: 'Explore all interleavings',
      category: 'Explore',
      keys: ['Mod+Enter', 'F5'],
      icon: Play,
      group: 1,
      when: () =>
        documents.active !== null &&
        !exploration.running &&
        host.worker.state !== 'failed' &&
        checks.problemCount.errors === 0,
      run: explore,
    },
    {
      id: 'explore.cancel',
      title: 'Cancel what the explorer does',
      category: 'Explore',
      keys: ['Shift+F5'],
      icon: Square,
      group: 1,
      when: () => exploration.running || questions.running,
      run: () => {
        exploration.cancel()
        questions.cancelAll()
      },
    },
    {
      id: 'explore.sibling',
      title: 'Open the sibling scenario',
      category: 'Explore',
      keys: ['Alt+S'],
      icon: ArrowLeftRight,
      group: 2,
      when: () => siblingOf() !== undefined,
      run: async () => {
        const id = siblingOf()
        if (id) await openScenario(id)
      },
    },
    {
      id: 'explore.copyToken',
      title: 'Copy the replay token of this run',
      category: 'Explore',
      keys: ['Alt+C'],
      icon: Copy,
      group: 2,
      when: () => runs.run !== null,
      run: async () => {
        if (runs.run) await copyText(runs.run.trace.token, 'Replay token')
      },
    },
  ]
}
