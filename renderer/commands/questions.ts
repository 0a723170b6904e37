/** What can be asked of a verdict, and done about it. */
import { ChartNoAxesColumn, Columns2, Dices, ListChecks, Minimize2, Split, Wrench } from '@lucide/vue'
import { useExploration } from '../stores/exploration'
import { useLayout } from '../stores/layout'
import { SECTIONS, useQuestions, type Section } from '../stores/questions'
import { useRuns } from '../stores/runs'
import { applyRepair, openEvidence, showBeside, showSmallest } from './actions'
import type { Command } from './command'

export function questionCommands(): Command[] {
  const exploration = useExploration()
  const questions = useQuestions()
  const layout = useLayout()
  const runs = useRuns()
  const result = () => exploration.active?.result ?? null
  /** What a text that has changed since was found to break says nothing about this one. */
  const broken = () =>
    exploration.stale || exploration.running ? [] : (result()?.properties.filter((p) => p.verdict === 'violated') ?? [])
  const property = (what?: string) => (what === undefined ? broken()[0] : broken().find((p) => p.name === what))
  const repair = (what?: string) =>
    exploration.stale
      ? null
      : what === undefined
        ? questions.chosenRepair
        : (questions.repair?.result?.repairs[Number(what)] ?? null)
  const see = (section: Section): void => {
    questions.section = section
    layout.show('explorer')
  }
  const sections = (Object.keys(SECTIONS) as Section[]).map((id): Command => ({
    id: `explore.section.${id}`,
    title: `Explorer: ${SECTIONS[id].toLowerCase()}`,
    category: 'Explore',
    group: 4,
    when: () => result() !== null,
    run: () => see(id),
  }))
  return [
    {
      id: 'explore.pair',
      title: 'Go to the order that decided it',
      category: 'Explore',
      keys: ['Alt+O'],
      icon: Split,
      group: 3,
      when: (what) => property(what)?.critical !== undefined,
      run: (what) => {
        const found = property(what)
        if (!found?.critical) return
        const { first } = found.critical
        openEvidence(found)
        runs.go((runs.run?.trace.events.findIndex((e) => e.step === first) ?? -1) + 1)
      },
    },
    {
      id: 'explore.repairs',
      title: 'Find repairs',
      category: 'Explore',
      keys: ['Alt+M'],
      icon: Wrench,
      group: 3,
      when: () => broken().length > 0,
      run: async () => {
        see('repairs')
        if (questions.repair?.state !== 'running') await questions.findRepairs()
      },
    },
    {
      id: 'explore.beside',
      title: 'Broken run beside repaired',
      category: 'Explore',
      keys: ['Alt+B'],
      icon: Columns2,
      group: 3,
      when: (what) => broken().length > 0 && repair(what) !== null,
      run: async (what) => {
        const chosen = repair(what)
        if (what !== undefined) questions.chosen = Number(what)
        if (chosen) await showBeside(chosen)
      },
    },
    {
      id: 'explore.apply',
      title: 'Write the repair into the scenario',
      category: 'Explore',
      keys: ['Alt+Shift+M'],
      icon: ListChecks,
      group: 3,
      when: (what) => broken().length > 0 && repair(what) !== null,
      run: async (what) => {
        const chosen = repair(what)
        if (chosen) await applyRepair(chosen)
      },
    },
    {
      id: 'explore.window',
      title: 'How likely is it in time?',
      category: 'Explore',
      keys: ['Alt+L'],
      icon: Dices,
      group: 3,
      when: (what) => property(what) !== undefined,
      run: async (what) => {
        see('window')
        const found = property(what)
        if (found && questions.window?.state !== 'running') await questions.findWindow(found.name)
      },
    },
    {
      id: 'explore.coverage',
      title: 'What was exercised',
      category: 'Explore',
      keys: ['Alt+V'],
      icon: ChartNoAxesColumn,
      group: 3,
      when: () => result() !== null && !exploration.stale && !exploration.running,
      run: async () => {
        see('coverage')
        if (questions.coverage === null || questions.coverage.state === 'failed') await questions.findCoverage()
      },
    },
    {
      id: 'explore.smallest',
      title: 'Find the smallest instance that still fails',
      category: 'Explore',
      keys: ['Alt+I'],
      icon: Minimize2,
      group: 3,
      when: () => broken().length > 0,
      run: async () => {
        see('verdicts')
        if (questions.smallest?.state !== 'running') await questions.findSmallest()
      },
    },
    {
      id: 'explore.showSmallest',
      title: 'Show the run of the smallest instance',
      category: 'Explore',
      group: 3,
      when: (what) => {
        const found = property(what)
        return found !== undefined && questions.smallest?.result?.has(found.name) === true
      },
      run: async (what) => {
        const found = property(what)
        if (found) await showSmallest(found.name)
      },
    },
    ...sections,
    {
      id: 'explore.reduce',
      title: 'Leave out interleavings that show nothing new',
      category: 'Explore',
      group: 5,
      checked: () => exploration.reduce,
      run: () => void (exploration.reduce = !exploration.reduce),
    },
    {
      id: 'explore.symmetry',
      title: 'Take what is alike for one',
      category: 'Explore',
      group: 5,
      checked: () => exploration.symmetry,
      run: () => void (exploration.symmetry = !exploration.symmetry),
    },
  ]
}
