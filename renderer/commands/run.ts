import { ChevronFirst, ChevronLast, Dices, Footprints, FileSearch, StepBack, StepForward, Undo2 } from '@lucide/vue'
import { useDialogs } from '../stores/dialogs'
import { useDocuments } from '../stores/documents'
import { useLayout } from '../stores/layout'
import { useRuns } from '../stores/runs'
import { useStepping } from '../stores/stepping'
import type { Command } from './command'

export const SEED_MAX = 0xffffffff

export function runCommands(): Command[] {
  const runs = useRuns()
  const layout = useLayout()
  const documents = useDocuments()
  const stepping = useStepping()
  const dialogs = useDialogs()
  const hasRun = (): boolean => runs.run !== null
  const hasDocument = (): boolean => documents.active !== null
  return [
    {
      id: 'run.next',
      title: 'Next step',
      category: 'Run',
      keys: ['Right', 'J'],
      icon: StepForward,
      group: 1,
      when: () => hasRun() && runs.step < runs.steps,
      run: () => runs.next(),
    },
    {
      id: 'run.previous',
      title: 'Previous step',
      category: 'Run',
      keys: ['Left', 'K'],
      icon: StepBack,
      group: 1,
      when: () => hasRun() && runs.step > 0,
      run: () => runs.previous(),
    },
    {
      id: 'run.first',
      title: 'Initial state',
      category: 'Run',
      keys: ['Home'],
      icon: ChevronFirst,
      group: 1,
      when: hasRun,
      run: () => runs.go(0),
    },
    {
      id: 'run.last',
      title: 'Last step',
      category: 'Run',
      keys: ['End'],
      icon: ChevronLast,
      group: 1,
      when: hasRun,
      run: () => runs.go(runs.steps),
    },
    {
      id: 'run.source',
      title: 'Go to the step in the scenario',
      category: 'Run',
      keys: ['Enter'],
      scope: 'timeline',
      icon: FileSearch,
      group: 1,
      when: () => runs.event?.line !== undefined,
      run: () => {
        if (runs.run) layout.showDocument(runs.run.key)
        runs.revealSource()
      },
    },
    {
      id: 'run.hand',
      title: 'Step by hand from the initial state',
      category: 'Run',
      keys: ['F10'],
      icon: Footprints,
      group: 2,
      when: hasDocument,
      run: async () => {
        layout.show('stepper')
        await stepping.restart()
      },
    },
    {
      id: 'run.choose',
      title: 'Take one of the next steps…',
      category: 'Run',
      keys: ['Shift+F10'],
      group: 2,
      when: () => !stepping.stale && stepping.active?.busy === false,
      choices: () =>
        (stepping.active?.result?.enabled ?? []).map((s, i) => ({ value: String(i), title: s.label, note: s.agent })),
      run: (what) => stepping.choose(Number(what)),
    },
    {
      id: 'run.takeBack',
      title: 'Take back the last step by hand',
      category: 'Run',
      keys: ['Alt+F10'],
      icon: Undo2,
      group: 2,
      when: () => (stepping.active?.choices.length ?? 0) > 0 && stepping.active?.busy === false,
      run: () => stepping.back(),
    },
    {
      id: 'run.seed',
      title: 'Run in time with a seed…',
      category: 'Run',
      icon: Dices,
      group: 2,
      when: hasDocument,
      run: () =>
        dialogs.ask({
          title: 'Run in time with a seed',
          message: 'The same seed gives the same run on every machine.',
          value: String(stepping.seeded ? 2 : 1),
          confirm: 'Run',
          check: (value) =>
            /^\d+$/.test(value) && Number(value) <= SEED_MAX ? null : 'A whole number from 0 to 4294967295.',
          done: (value) => {
            layout.show('timeline')
            void stepping.seed(Number(value))
          },
        }),
    },
    {
      id: 'run.replay',
      title: 'Replay a token…',
      category: 'Run',
      group: 2,
      when: hasDocument,
      run: () =>
        dialogs.ask({
          title: 'Replay a token',
          message: 'A token replays exactly one run of this scenario, and is refused when the scenario has changed.',
          value: '',
          confirm: 'Replay',
          check: (value) =>
            value.trim() === ''
              ? 'Paste the token of a run.'
              : value.length > 400
                ? 'That is longer than any token.'
                : null,
          done: (value) => {
            layout.show('timeline')
            void stepping.replay(value.trim())
          },
        }),
    },
  ]
}
