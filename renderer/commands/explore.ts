import { ArrowLeftRight, ArrowRight, Copy, Play, Square } from '@lucide/vue'
import { evidence, VERDICTS } from '../model/verdicts'
import { useChecks } from '../stores/checks'
import { useDocuments } from '../stores/documents'
import { useExploration } from '../stores/exploration'
import { useHostInfo } from '../stores/host'
import { QUESTIONS, useQuestions } from '../stores/questions'
import { useRuns } from '../stores/runs'
import { copyText, explore, goTo, openEvidence, openScenario, siblingOf } from './actions'
import type { Command } from './command'

export function exploreCommands(): Command[] {
  const exploration = useExploration()
  const documents = useDocuments()
  const checks = useChecks()
  const host = useHostInfo()
  const runs = useRuns()
  const results = () => exploration.active?.result?.properties ?? []
  const asked = () => checks.view?.properties ?? []
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
        checks.board === null &&
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
      /** One question, or all that goes on. */
      run: (what) => {
        const question = QUESTIONS.find((q) => q === what)
        if (question) return questions.cancel(question)
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
      id: 'explore.evidence',
      title: 'Show the run that decides a property…',
      category: 'Explore',
      keys: ['Alt+E'],
      icon: ArrowRight,
      group: 2,
      choices: () =>
        results().flatMap((p) =>
          evidence(p) ? [{ value: p.name, title: p.name, note: VERDICTS[p.verdict].word }] : [],
        ),
      run: (what) => {
        const property = results().find((p) => p.name === what)
        if (property) openEvidence(property)
      },
    },
    {
      id: 'explore.copyEvidence',
      title: 'Copy the replay token of the run that decides a property…',
      category: 'Explore',
      group: 2,
      choices: () => results().flatMap((p) => (evidence(p) ? [{ value: p.name, title: p.name }] : [])),
      run: async (what) => {
        const property = results().find((p) => p.name === what)
        const proof = property && evidence(property)
        if (proof) await copyText(proof.trace.token, 'Replay token')
      },
    },
    {
      id: 'explore.property',
      title: 'Go to a property in the text…',
      category: 'Explore',
      group: 2,
      choices: () => asked().map((p) => ({ value: p.name, title: p.name, note: p.title })),
      run: (what) => {
        const line = asked().find((p) => p.name === what)?.line
        if (documents.activeKey && line !== undefined) goTo(documents.activeKey, line)
      },
    },
    {
      id: 'explore.step',
      title: 'Go to a step in the text…',
      category: 'Explore',
      group: 2,
      hidden: true,
      choices: () =>
        (checks.view?.steps ?? []).flatMap((s) =>
          s.line === undefined ? [] : [{ value: s.id, title: s.id, note: s.label }],
        ),
      run: (what) => {
        const line = checks.view?.steps.find((s) => s.id === what)?.line
        if (documents.activeKey && line !== undefined) goTo(documents.activeKey, line)
      },
    },
    {
      id: 'explore.problem',
      title: 'Go to a problem…',
      category: 'Explore',
      keys: ['F8'],
      group: 2,
      choices: () =>
        checks.active.problems.map((p, i) => ({
          value: String(i),
          title: p.message,
          note: `${p.line ?? '–'}:${p.column ?? '–'}`,
        })),
      run: (what) => {
        const problem = checks.active.problems[Number(what)]
        if (!problem || !documents.activeKey) return
        goTo(documents.activeKey, problem.file === undefined ? problem.line : undefined, problem.column)
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
