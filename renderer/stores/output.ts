/**
 * What the simulator was asked, in order: how long it took by the window's own clock, what came of it, and what the host
 * said of the simulator itself.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { useHost, watchHost } from '../bridge/host'
import type { Asked } from '../bridge/watched'
import { duration } from '../model/format'
import { sumUp } from '../output/words'

export interface OutputLine {
  readonly id: number
  readonly state: 'running' | 'done' | 'failed' | 'cancelled' | 'message'
  /** Milliseconds since the window was opened. */
  readonly at: number
  /** The call, or who speaks. */
  readonly what: string
  /** The document or platform that it is about. */
  readonly about: string
  /** What came of it: numbers of a result, or the error in words. */
  readonly words: string
  readonly code?: string
  /** Milliseconds; null while it goes on, and of messages. */
  readonly took: number | null
}

export const MOST_LINES = 1000
/** What the worker does. The rest (files, journals) is not of the simulator. */
const WORK = /^(scenario|explore|repair|window|run|step|timeline|plan|board|explain|platform)\./
/** Asked with every movement of the timeline: told only where it fails or takes its time. */
const OFTEN = /^timeline\.(items|arrows|names|events?|step|causality)$/
const LONG_MS = 1000

export const useOutput = defineStore('output', () => {
  const lines = shallowRef<readonly OutputLine[]>([])
  const filter = ref('')
  const onlyErrors = ref(false)
  /** By the number of a call that goes on. */
  const begun = new Map<number, { at: number; line: number | null }>()
  let last = 0

  function add(line: Omit<OutputLine, 'id'>): number {
    lines.value = [...lines.value.slice(1 - MOST_LINES), { ...line, id: ++last }]
    return last
  }

  watchHost((asked) => {
    if (!WORK.test(asked.name)) return
    if (asked.answer === null) begin(asked)
    else end(asked, asked.answer)
  })

  function begin({ id, name, request }: Asked): void {
    const at = performance.now()
    const line = OFTEN.test(name)
      ? null
      : add({ state: 'running', at, what: name, about: subject(request), words: '', took: null })
    begun.set(id, { at, line })
  }

  function end({ id, name, request }: Asked, answer: NonNullable<Asked['answer']>): void {
    const known = begun.get(id)
    begun.delete(id)
    if (!known) return
    const took = performance.now() - known.at
    const part = answer.ok
      ? { state: 'done' as const, words: sumUp(name, answer.value) }
      : {
          state: answer.error.code === 'CANCELLED' ? ('cancelled' as const) : ('failed' as const),
          words: [answer.error.message, answer.error.hint].filter(Boolean).join('; '),
          code: answer.error.code,
        }
    if (known.line !== null) {
      lines.value = lines.value.map((l) => (l.id === known.line ? { ...l, ...part, took } : l))
    } else if (!answer.ok || took > LONG_MS) add({ at: known.at, what: name, about: subject(request), took, ...part })
  }

  let before = ''
  useHost().on('worker.state', ({ state, restarts, message }) => {
    const words = message ?? ''
    // Busy and ready again is what the calls say already.
    const said = `${restarts} ${words}`
    if (words === '' || said === before) return
    before = said
    add({
      state: state === 'failed' || state === 'restarting' ? 'failed' : 'message',
      at: performance.now(),
      what: 'simulator',
      about: state,
      words,
      took: null,
    })
  })

  const shown = computed(() => {
    const wanted = filter.value.trim().toLowerCase()
    return lines.value.filter(
      (l) =>
        (!onlyErrors.value || l.state === 'failed') &&
        (wanted === '' || `${l.what} ${l.about} ${l.words} ${l.code ?? ''}`.toLowerCase().includes(wanted)),
    )
  })
  const asText = (): string => shown.value.map(textOf).join('\n')
  function clear(): void {
    // What goes on is still wanted when it ends.
    lines.value = lines.value.filter((l) => l.state === 'running')
  }

  return { lines, shown, filter, onlyErrors, asText, clear }
})

/** Since the window was opened: `+0:07.412`. */
export const clock = (ms: number): string => {
  const whole = Math.max(0, Math.round(ms))
  const two = (n: number): string => String(n).padStart(2, '0')
  return `+${Math.floor(whole / 60_000)}:${two(Math.floor(whole / 1000) % 60)}.${String(whole % 1000).padStart(3, '0')}`
}

export const textOf = (l: OutputLine): string =>
  [clock(l.at), l.what, l.about, l.state, l.took === null ? '' : duration(l.took), l.code ?? '', l.words]
    .filter((part) => part !== '')
    .join('  ')

function subject(request: unknown): string {
  if (typeof request !== 'object' || request === null) return ''
  if ('name' in request && typeof request.name === 'string') return request.name
  if ('id' in request && typeof request.id === 'string') return request.id
  const platform = 'platform' in request ? request.platform : null
  if (typeof platform !== 'object' || platform === null) return ''
  const name: unknown = Object.values(platform)[0]
  return typeof name === 'string' ? name : ''
}
