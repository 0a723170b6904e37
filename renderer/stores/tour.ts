/**
 * The tour that is under way. It watches what the person does and goes on when a step has been done; it does nothing for
 * them. Where each tour stands outlasts the window.
 */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { makeFacts } from '../tours/facts'
import { tourById, TOURS } from '../tours/tours'
import type { Tour, TourStep } from '../tours/tour'
import { readPlaces, writePlaces } from '../tours/memory'

export const useTour = defineStore('tour', () => {
  const facts = makeFacts()
  const id = ref<string | null>(null)
  /** Tour → the step that it stands at; as many as it has steps: it is through. */
  const places = ref(readPlaces(TOURS))
  /** Changes with each start: the card takes the focus then, and only then. */
  const started = ref(0)

  const active = computed((): Tour | null => (id.value === null ? null : (tourById(id.value) ?? null)))
  const at = computed(() => (active.value ? (places.value.get(active.value.id) ?? 0) : 0))
  const step = computed((): TourStep | null => active.value?.steps[at.value] ?? null)
  const finished = computed(() => active.value !== null && step.value === null)
  const done = computed(() => step.value?.done(facts) ?? false)

  function go(to: number): void {
    const tour = active.value
    if (!tour) return
    places.value = new Map(places.value).set(tour.id, Math.max(0, Math.min(tour.steps.length, to)))
    writePlaces(places.value)
  }

  /** Goes on where it was left; from the beginning when it was through. */
  function start(which: string): void {
    const tour = tourById(which)
    if (!tour) return
    id.value = which
    if (at.value >= tour.steps.length) go(0)
    started.value++
  }
  function end(): void {
    id.value = null
  }

  // Only what becomes done while one looks at it: going back to a step that is done stays there.
  watch([step, done], ([now, isDone], [before, wasDone]) => {
    if (now !== null && now === before && isDone && !wasDone) go(at.value + 1)
  })

  return {
    active,
    at,
    step,
    done,
    finished,
    started,
    start,
    end,
    next: () => go(at.value + 1),
    back: () => go(at.value - 1),
    /** Steps that are behind one. */
    placeOf: (which: string): number => places.value.get(which) ?? 0,
  }
})
