/**
 * What an ordering is worth: the explorer is asked before the window claims that one repairs anything. Where the two ends
 * that somebody meant do not, the proved repairs say which ends would.
 */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { ExploreResult, Repair } from '../../preload/contract'
import { useHost } from '../bridge/host'
import { unheldOrderings } from '../model/unheld'
import { useDocuments } from './documents'
import { useExploration } from './exploration'
import { useNotices } from './notices'

export interface Ends {
  readonly before: string
  readonly after: string
}

/** Enough for what one orders by hand; beyond it nothing is claimed. */
const MOST_STATES = 400_000

/** Names of what is not as it should be; null: it was not decided. */
export function troubles(result: ExploreResult): readonly string[] | null {
  const bad = result.properties
    .filter((p) => p.verdict === 'violated' || p.verdict === 'unwitnessed')
    .map((p) => p.name)
  return result.complete || bad.length > 0 ? bad : null
}

/** Of the proved repairs that add one ordering, the one whose ends are nearest to these; null: none shares an end. */
export function nearestRepair(repairs: readonly Repair[], { before, after }: Ends): Ends | null {
  const first = (step: string): string => step.split('.')[0] ?? step
  const rank = (r: Ends): number =>
    r.before === before && r.after === after
      ? 0
      : r.before === before
        ? 1
        : r.after === after
          ? 2
          : first(r.before) === first(before)
            ? 3
            : 9
  const edges = repairs.flatMap((r) => (r.proved && r.moves.length === 0 && r.edges.length === 1 ? r.edges : []))
  const [best] = edges.map((e) => ({ e, at: rank(e) })).sort((a, b) => a.at - b.at)
  return best && best.at < 9 ? { before: best.e.before, after: best.e.after } : null
}

const sentence = (words: string): string => `${words.replace(/^./, (c) => c.toUpperCase())}.`
const list = (names: readonly string[]): string => names.join(', ')
const words = ({ before, after }: Ends): string => `${before} before ${after}`

export const useOrdering = defineStore('ordering', () => {
  const host = useHost()
  const documents = useDocuments()
  const exploration = useExploration()
  const notices = useNotices()
  /** What is being asked of the explorer. */
  const asking = ref<string | null>(null)
  let controller: AbortController | undefined

  const cancel = (): void => controller?.abort()

  async function during<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    cancel()
    const mine = new AbortController()
    controller = mine
    asking.value = what
    try {
      return await work(mine.signal)
    } finally {
      if (controller === mine) asking.value = null
    }
  }

  async function judge(name: string, text: string, signal: AbortSignal): Promise<readonly string[] | null> {
    const known = exploration.active
    if (known?.text === text && known.result?.complete && !known.options.scale) return troubles(known.result)
    const options = { maxStates: MOST_STATES, critical: false }
    const answer = await host.call('explore.start', { name, text, options }, { signal })
    return answer.ok ? troubles(answer.value) : null
  }

  /** What is said of orderings in `text` that nobody can enforce, and was not in `before`; none where it cannot be read. */
  async function unheld(name: string, text: string, before: string, signal: AbortSignal): Promise<readonly string[]> {
    const said = async (of: string): Promise<string[]> => {
      const answer = await host.call('scenario.check', { name, text: of }, { signal })
      return answer.ok ? unheldOrderings(answer.value.problems).map((p) => p.message) : []
    }
    const now = await said(text)
    if (now.length === 0) return []
    const then = new Set(await said(before))
    return now.filter((message) => !then.has(message))
  }

  async function repairs(name: string, text: string, signal: AbortSignal) {
    const answer = await host.call('repair.start', { name, text, options: {} }, { signal })
    return answer.ok ? answer.value : null
  }

  /**
   * Closes a gap between two steps, at the ends that repair it. `candidates`: the steps themselves, then the operations that
   * they belong to. `edit`: the text with an ordering, or null where it cannot be written.
   */
  async function enforce(candidates: readonly Ends[], edit: (ends: Ends) => string | null): Promise<void> {
    const document = documents.active
    const [gap] = candidates
    if (!document || !gap) return
    const { key, name, text } = document
    const write = (ends: Ends): boolean => {
      const next = edit(ends)
      if (next === null || documents.open.get(key)?.text !== text) return false
      return documents.changeText(key, `Order ${words(ends)}`, next)
    }
    await during(`Which end of ${words(gap)} repairs it?`, async (signal) => {
      const was = await judge(name, text, signal)
      let worst: readonly string[] = []
      let better: { ends: Ends; left: readonly string[] } | null = null
      let nobody: string | undefined
      /** Breaks nothing, but nobody can enforce it. */
      let idle: Ends | undefined
      for (const ends of candidates) {
        const next = signal.aborted ? null : edit(ends)
        const [cannot] = next === null ? [] : await unheld(name, next, text, signal)
        if (cannot !== undefined) nobody ??= cannot
        const left = next === null ? null : await judge(name, next, signal)
        // What holds only while the hardware waits is no repair.
        if (cannot === undefined && left?.length === 0) {
          if (write(ends))
            notices.show({
              tone: 'good',
              title: (was?.length ?? 0) > 0 ? 'The order repairs it' : 'The order is enforced, and breaks nothing',
              message: `${words(ends)}: explored, and everything is as it should be.`,
            })
          return
        }
        if (left?.length === 0) idle ??= ends
        if (ends === gap) worst = (left ?? []).filter((n) => !was?.includes(n))
        const fewer = left !== null && was !== null && left.length < was.length && left.every((n) => was.includes(n))
        if (cannot === undefined && left && fewer && (!better || left.length < better.left.length))
          better = { ends, left }
      }
      if (signal.aborted) return
      if (was?.length === 0) {
        notices.show({
          tone: 'wait',
          title: 'Nothing was ordered: everything is as it should be already',
          message: [
            nobody === undefined ? '' : sentence(nobody),
            idle
              ? `${words(idle)} would break nothing.`
              : `${words(gap)} would break ${list(worst) || 'nothing, as far as could be decided'}.`,
          ]
            .filter(Boolean)
            .join(' '),
          action: { title: 'Order them nevertheless', run: () => void write(idle ?? gap) },
        })
        return
      }
      const found = await repairs(name, text, signal)
      if (signal.aborted) return
      const near = found && nearestRepair(found.repairs, gap)
      if (near && write(near)) {
        notices.show({
          tone: 'good',
          title: 'Ordered at the end that repairs it',
          message: `${words(near)}: proved. Ordering ${words(gap)} would leave ${list(was ?? [])} as it is.`,
        })
        return
      }
      if (better && write(better.ends)) {
        notices.show({
          tone: 'wait',
          title: 'The order repairs a part',
          message: `${words(better.ends)}: still not as it should be: ${list(better.left)}.`,
          ...(found && found.repairs.length > 0 ? { action: instead(key, documents.open.get(key)?.text ?? '') } : {}),
        })
        return
      }
      const proved = found?.repairs.find((r) => r.proved)
      const nothing = proved
        ? `${words(gap)} leaves ${list(was ?? [])} as it is, at whichever end.`
        : `${words(gap)}: ${found?.reason ?? 'no ordering was found that repairs this'}.`
      notices.show({
        tone: 'wait',
        title: `Nothing was ordered: ${nobody === undefined ? 'it would repair nothing' : 'nobody can enforce it'}`,
        message: nobody === undefined ? nothing : sentence(nobody),
        action: proved ? apply(key, text, proved) : { title: 'Order them nevertheless', run: () => void write(gap) },
      })
    })
  }

  /** After an ordering that somebody drew: says what it is worth. */
  async function tell(key: string, before: string, ends: Ends): Promise<void> {
    const document = documents.open.get(key)
    if (!document) return
    const { name, text } = document
    await during(`What is ${words(ends)} worth?`, async (signal) => {
      const was = await judge(name, before, signal)
      const [cannot] = await unheld(name, text, before, signal)
      const left = await judge(name, text, signal)
      if (signal.aborted || was === null || left === null || documents.open.get(key)?.text !== text) return
      const still = left.filter((n) => was.includes(n))
      const fresh = left.filter((n) => !was.includes(n))
      const mended = was.filter((n) => !left.includes(n))
      const worth = [
        mended.length > 0 ? `${list(mended)}: as it should be now.` : '',
        still.length > 0 ? `${list(still)}: not as it should be, as before.` : '',
        fresh.length > 0 ? `${list(fresh)}: was as it should be, and is not any more.` : '',
      ]
      if (cannot !== undefined)
        notices.show({
          tone: 'wait',
          title: 'Nobody can enforce this order',
          message: [sentence(cannot), ...worth.slice(1)].filter(Boolean).join(' '),
          action: was.length > 0 ? instead(key, text) : back(key, text),
        })
      else if (left.length > 0)
        notices.show({
          tone: 'wait',
          title: mended.length > 0 ? 'The order repairs a part' : 'The order repairs nothing',
          message: worth.filter(Boolean).join(' '),
          action: instead(key, text),
        })
      else if (was.length > 0)
        notices.show({ tone: 'good', title: 'The order repairs it', message: `${words(ends)}: explored.` })
    })
  }

  const back = (key: string, ordered: string) => ({
    title: 'Take it back',
    run: () => {
      if (documents.open.get(key)?.text === ordered) documents.undo(key)
    },
  })

  /** The last change taken back, and the proved repair written. */
  const instead = (key: string, ordered: string) => ({
    title: 'Use a proved repair instead',
    run: () =>
      void during('Which repairs are proved?', async (signal) => {
        // Unless the person has taken it back already.
        if (documents.open.get(key)?.text === ordered) documents.undo(key)
        const document = documents.open.get(key)
        if (!document) return
        const { name, text } = document
        const found = await repairs(name, text, signal)
        const proved = found?.repairs.find((r) => r.proved)
        if (signal.aborted || documents.open.get(key)?.text !== text) return
        if (proved) return apply(key, text, proved).run()
        const message = found?.reason ?? 'No ordering was found that repairs this.'
        notices.show({ tone: 'wait', title: 'No ordering repairs this', message })
      }),
  })

  const apply = (key: string, text: string, repair: Repair) => ({
    title: 'Apply the proved repair',
    run: () => void write(key, text, repair),
  })
  async function write(key: string, text: string, { edges, moves }: Repair): Promise<void> {
    const document = documents.open.get(key)
    if (document?.text !== text) return
    const answer = await host.call('scenario.order', { name: document.name, text, repair: { edges, moves } })
    if (!answer.ok) return notices.fault('The repair could not be written', answer.error)
    const [edge] = edges
    const what = edge ? words(edge) : `Reorder ${moves.map((m) => m.agent).join(', ')}`
    if (documents.open.get(key)?.text === text) documents.changeText(key, `Repair: ${what}`, answer.value.text)
    notices.show({ tone: 'good', title: 'The proved repair is written', message: what })
  }

  return { asking, enforce, tell, cancel }
})
