/**
 * The run that is shown for each document (a counterexample, a witness, a seeded or hand-stepped run) and the step that
 * is selected in it. The selected step drives timeline, tables and editor.
 */
import { defineStore } from 'pinia'
import { computed, shallowReactive } from 'vue'
import type { ScenarioView, Trace, TraceEvent } from '../../preload/contract'
import { lastStep } from '../model/registers'
import { useDocuments } from './documents'

export interface Run {
  key: string
  /** The view that the run was made with; the document may have changed since. */
  view: ScenarioView
  trace: Trace
  /** What it was made from, where the document may have gone on since. */
  text?: string
  /** At which scale, where it is another than the text says. */
  scale?: Record<string, number>
  kind: 'counterexample' | 'witness' | 'seed' | 'replay' | 'hand'
  /** "counterexample: host-pasid-never-delivered" */
  title: string
  property?: string
}

export interface Shown {
  run: Run
  /** States shown: after `step` events. 0 is the initial state. */
  step: number
}

export const useRuns = defineStore('runs', () => {
  const documents = useDocuments()
  const shown = shallowReactive(new Map<string, Shown>())

  const current = computed(() => (documents.activeKey ? (shown.get(documents.activeKey) ?? null) : null))
  const run = computed(() => current.value?.run ?? null)
  const step = computed(() => current.value?.step ?? 0)
  const steps = computed(() => (run.value ? lastStep(run.value.trace, run.value.view.variables.length) : 0))
  /** The event that led to the shown state. */
  const event = computed((): TraceEvent | null =>
    step.value > 0 ? (run.value?.trace.events[step.value - 1] ?? null) : null,
  )

  function show(next: Run, at: 'start' | 'end' | number = 'end'): void {
    const last = lastStep(next.trace, next.view.variables.length)
    const step = at === 'start' ? 0 : at === 'end' ? last : Math.max(0, Math.min(last, at))
    shown.set(next.key, { run: next, step })
  }

  function go(to: number): void {
    if (!current.value) return
    const step = Math.max(0, Math.min(steps.value, to))
    if (step !== current.value.step) shown.set(current.value.run.key, { ...current.value, step })
  }

  const next = (): void => go(step.value + 1)
  const previous = (): void => go(step.value - 1)

  function clear(key: string): void {
    shown.delete(key)
  }
  const shownOf = (key: string): Shown | null => shown.get(key) ?? null
  /** As it was before; null: nothing was. */
  function put(key: string, then: Shown | null): void {
    if (then) shown.set(key, then)
    else shown.delete(key)
  }

  /** Put the editor's cursor where the current step is written, when it is the scenario's own line. */
  function revealSource(): void {
    if (run.value && event.value?.line !== undefined) documents.goTo(run.value.key, event.value.line)
  }

  return { run, step, steps, event, show, go, next, previous, clear, shownOf, put, revealSource }
})
