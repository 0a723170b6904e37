import { computed, ref, watch, type ComputedRef } from 'vue'

export interface Pages<T> {
  /** Those of the page that is open. */
  readonly shown: ComputedRef<readonly T[]>
  readonly page: ComputedRef<number>
  readonly pages: ComputedRef<number>
  /** Place of the first that is shown, and one past the last. */
  readonly from: ComputedRef<number>
  readonly to: ComputedRef<number>
  turn(to: number): void
}

/** A long list cut into pages, for what is too rich to draw a thousand times. `wanted`: place of one that must be on the open page. */
export function usePages<T>(items: () => readonly T[], size: number, wanted: () => number = () => -1): Pages<T> {
  const asked = ref(0)
  const pages = computed(() => Math.max(1, Math.ceil(items().length / size)))
  const page = computed(() => Math.min(asked.value, pages.value - 1))
  const from = computed(() => page.value * size)
  const to = computed(() => Math.min(items().length, from.value + size))
  const turn = (n: number): void => void (asked.value = Math.max(0, n))
  watch(wanted, (at) => at >= 0 && turn(Math.floor(at / size)), { immediate: true })
  return { shown: computed(() => items().slice(from.value, to.value)), page, pages, from, to, turn }
}
