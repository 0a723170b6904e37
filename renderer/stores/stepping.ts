/** Stepping by hand: the choices made so far, and what could happen next. Also seeded runs and replays. */
import { defineStore } from 'pinia'
import { computed, shallowReactive } from 'vue'
import type { RunResult, ScenarioView, StepResult } from '../../preload/contract'
import { useHost } from '../bridge/host'
import { fits } from '../model/registers'
import { useChecks } from './checks'
import { useDocuments } from './documents'
import { useNotices } from './notices'
import { useRuns, type Run } from './runs'

export interface Hand {
  text: string
  choices: number[]
  result: StepResult | null
  busy: boolean
}

export const useStepping = defineStore('stepping', () => {
  const host = useHost()
  const documents = useDocuments()
  const checks = useChecks()
  const runs = useRuns()
  const notices = useNotices()
  const hands = shallowReactive(new Map<string, Hand>())
  const results = shallowReactive(new Map<string, RunResult>())

  const active = computed(() => (documents.activeKey ? (hands.get(documents.activeKey) ?? null) : null))
  const stale = computed(() => active.value !== null && active.value.text !== documents.active?.text)
  const seeded = computed(() => (documents.activeKey ? (results.get(documents.activeKey) ?? null) : null))

  async function subject(): Promise<{ key: string; name: string; text: string; view: ScenarioView } | null> {
    const key = documents.activeKey
    const view = key ? await checks.viewOf(key) : null
    const document = key ? documents.open.get(key) : undefined
    if (!key || !document) return null
    if (!view) {
      notices.show({ tone: 'bad', title: 'Nothing to run yet', message: 'The scenario has errors; see Problems.' })
      return null
    }
    return { key, name: document.name, text: document.text, view }
  }

  async function at(choices: number[]): Promise<void> {
    const what = await subject()
    if (!what) return
    const { key, name, text, view } = what
    const before = hands.get(key)
    if (before?.busy) return
    hands.set(key, { ...(before ?? { text, choices: [], result: null }), busy: true })
    const answer = await host.call('step.at', { name, text, choices })
    if (!answer.ok) {
      notices.fault('That step could not be taken', answer.error)
      hands.set(key, { ...(before ?? { text, choices: [], result: null }), busy: false })
      return
    }
    hands.set(key, { text, choices, result: answer.value, busy: false })
    runs.show({ key, view, text, trace: answer.value.trace, kind: 'hand', title: 'Stepped by hand' })
  }

  const restart = (): Promise<void> => at([])
  const choose = (index: number): Promise<void> => at([...(active.value?.choices ?? []), index])
  const back = (): Promise<void> => at((active.value?.choices ?? []).slice(0, -1))

  async function seed(value: number): Promise<void> {
    const what = await subject()
    if (!what) return
    const { key, name, text, view } = what
    const answer = await host.call('run.seed', { name, text, seed: value })
    if (!answer.ok) return notices.fault(`Seed ${value} could not be run`, answer.error)
    finish({ key, view, text, trace: answer.value.trace, kind: 'seed', title: `Run with seed ${value}` }, answer.value)
  }

  async function replay(token: string): Promise<boolean> {
    const what = await subject()
    if (!what) return false
    const { key, name, text, view } = what
    const answer = await host.call('run.replay', { name, text, token })
    if (!answer.ok) {
      notices.fault('That token could not be replayed', answer.error)
      return false
    }
    if (!fits(view, answer.value.trace)) {
      notices.show({
        tone: 'bad',
        title: 'That token is of another scale',
        message: 'Its run has other variables than the scenario as it is written here.',
        hint: 'set “scale” in the text to what the token was made with, and replay it again',
      })
      return false
    }
    finish({ key, view, text, trace: answer.value.trace, kind: 'replay', title: 'Replayed from a token' }, answer.value)
    return true
  }

  function finish(run: Run, result: RunResult): void {
    results.set(run.key, result)
    runs.show(run, 'start')
  }

  const handOf = (key: string): Hand | null => hands.get(key) ?? null
  function put(key: string, then: Hand | null): void {
    if (then) hands.set(key, then)
    else hands.delete(key)
  }

  function forget(key: string): void {
    hands.delete(key)
    results.delete(key)
  }

  return { active, stale, seeded, at, restart, choose, back, seed, replay, handOf, put, forget }
})
