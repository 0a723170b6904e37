/** The programs of the open document as lanes: what is selected there, and the changes that one makes there. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { StepView } from '../../preload/contract'
import { hardware } from '../lanes/hardware'
import { isNamed, namesOf, oneCopy, orderName, placeKey, placesOf, stepsCarried, type Place } from '../lanes/match'
import { addOrdering, moveItem, readProgram, removeOrdering, type Edit, type ProgramText } from '../lanes/program'
import { isHardware, unheldOrderings } from '../model/unheld'
import { useChecks } from './checks'
import { useDocuments } from './documents'
import { useNotices } from './notices'
import { useOrdering } from './ordering'

export const useLanes = defineStore('lanes', () => {
  const documents = useDocuments()
  const checks = useChecks()
  const notices = useNotices()
  const ordering = useOrdering()
  const selected = ref<string | null>(null)
  /** The item from which an ordering is being drawn. */
  const pending = ref<string | null>(null)
  let last: { key: string; program: ProgramText } | null = null

  const read = computed(() => (documents.active ? readProgram(documents.active.text) : null))
  /** Of the text as it is, else of the last one that could be read. */
  const program = computed((): ProgramText | null => {
    const key = documents.activeKey
    if (!key || !read.value) return null
    if (read.value.ok) last = { key, program: read.value.value }
    return last?.key === key ? last.program : null
  })
  const trouble = computed(() => (read.value && !read.value.ok ? read.value.why : null))
  /** Everything that blocks do by themselves, not only what an edge or an ordering names. */
  const allBlocks = ref(false)
  const view = computed(() => (checks.view && program.value ? oneCopy(checks.view, program.value) : null))
  const blocks = computed(() => hardware(view.value, program.value, allBlocks.value))
  const places = computed(
    () =>
      new Map(
        [...(program.value ? placesOf(program.value) : []), ...placesOf(blocks.value)].map((p) => [
          placeKey(p.list, p.item),
          p,
        ]),
      ),
  )
  /** Of the text that the view was made of. */
  const viewed = computed((): ProgramText | null => {
    if (checks.active.viewText === documents.active?.text) return program.value
    const then = readProgram(checks.active.viewText)
    return then.ok ? then.value : null
  })
  const steps = computed(
    (): ReadonlyMap<string, StepView[]> =>
      new Map([
        ...(program.value && view.value && viewed.value ? stepsCarried(program.value, viewed.value, view.value) : []),
        ...blocks.value.steps,
      ]),
  )
  /** Between steps, in the order of the text: what nobody enforces and no ordering of the text adds. */
  const gaps = computed(() => {
    const there = new Set(program.value?.orderings.map((o) => `${o.before} ${o.after}`))
    return (view.value?.edges ?? []).filter((e) => e.enforcedBy === 'nobody' && !there.has(`${e.before} ${e.after}`))
  })
  const place = computed(() => (selected.value === null ? null : (places.value.get(selected.value) ?? null)))

  watch(
    () => documents.activeKey,
    () => {
      selected.value = null
      pending.value = null
    },
  )

  const nameOf = (p: Place): string | null => orderName(p.item, steps.value.get(placeKey(p.list, p.item)) ?? [])
  /** As one speaks of it: its id with the operation, where it has one. */
  const wordFor = (p: Place): string =>
    p.item.id !== null && p.item.id !== p.item.name ? `${p.item.name} (${p.item.id})` : p.item.name

  /** The orderings of the text with the items that they name; null where an end is the hardware's own step. */
  const orderings = computed(() => {
    const find = (name: string): string | null => {
      for (const [key, p] of places.value) if (isNamed(name, p.item, steps.value.get(key) ?? [])) return key
      return null
    }
    const said = unheldOrderings(checks.active.problems)
    return (program.value?.orderings ?? []).map((o, index, all) => ({
      ...o,
      index,
      from: find(o.before),
      to: find(o.after),
      /** Why nobody can enforce it, where that is so. */
      unheld: said.find(({ line = 0 }) => line >= o.line && line < (all[index + 1]?.line ?? Infinity))?.message ?? null,
    }))
  })
  /** Nobody can make it wait: what the hardware does, in a scenario of blocks. */
  function isHeldBackByNobody(key: string): boolean {
    const [step] = steps.value.get(key) ?? []
    const agent = view.value?.agents.find((a) => a.id === step?.agent)
    return program.value?.kind === 'programs' && agent !== undefined && isHardware(agent)
  }

  function apply(mark: string, edit: Edit): boolean {
    const key = documents.activeKey
    if (!key) return false
    if (edit.ok) return documents.changeText(key, mark, edit.text)
    notices.show({ tone: 'note', title: 'That cannot be done here', message: edit.why })
    return false
  }

  /** Within its list; the selection goes along. */
  function move(key: string, to: number): boolean {
    const p = places.value.get(key)
    const target = p?.list.items[to]
    const text = documents.active?.text
    if (!p || p.list.fixed || !target || text === undefined || p.at === to) return false
    const other = wordFor({ ...p, item: target, at: to })
    const mark = `Move ${wordFor(p)} ${to < p.at ? 'before' : 'after'} ${other}`
    if (!apply(mark, moveItem(text, p.list, p.at, to))) return false
    selected.value = placeKey(p.list, { index: target.index })
    return true
  }
  const moveBy = (by: 1 | -1): boolean =>
    place.value !== null && selected.value !== null && move(selected.value, place.value.at + by)

  /** Why an ordering cannot go from one to the other; null when it can. */
  function obstacle(from: string, to: string): string | null {
    const [a, b] = [places.value.get(from), places.value.get(to)]
    if (!a || !b) return 'there is no such operation'
    if (a.list.agent === b.list.agent)
      return a.list.fixed
        ? 'the order of what a block does by itself is the block’s own'
        : 'an agent’s own order is the order of its program: move it there instead'
    const [before, after] = [nameOf(a), nameOf(b)]
    if ((before === null || after === null) && checks.stale) return 'the scenario is still being checked, or has errors'
    if (before === null || after === null) return noName(before === null ? a : b)
    const there = orderings.value.some((o) => o.before === before && o.after === after)
    return there ? `${before} is ordered before ${after} already` : null
  }

  function noName(p: Place): string {
    if (p.item.name === 'either' || p.item.name === 'repeat')
      return `${p.item.name} holds operations: order one of those`
    const names = namesOf(p.item, steps.value.get(placeKey(p.list, p.item)) ?? [])
    if (names.length === 0) return `${wordFor(p)} has no name to order it by: give it an id`
    const some = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`
    return `${wordFor(p)} is there ${names.length} times (${some}): write in the text which one is meant`
  }

  /** The operation that a step belongs to, as an ordering calls it. */
  function operationOf(step: string): string | null {
    for (const [key, p] of places.value)
      if (!p.list.fixed && (steps.value.get(key) ?? []).some((s) => s.id === step)) return nameOf(p)
    return null
  }

  /** Adds the ordering that closes a gap, where there is one that repairs something. */
  function enforce(before: string, after: string): Promise<void> {
    const text = documents.active?.text
    const kind = program.value?.kind
    if (text === undefined || kind === undefined) return Promise.resolve()
    const [first, second] = [operationOf(before) ?? before, operationOf(after) ?? after]
    const all = [
      { before, after },
      { before: first, after },
      { before, after: second },
      { before: first, after: second },
    ]
    const distinct = all.filter((x, i) => all.findIndex((y) => y.before === x.before && y.after === x.after) === i)
    return ordering.enforce(distinct, (ends) => {
      const edit = addOrdering(text, kind, ends.before, ends.after)
      return edit.ok ? edit.text : null
    })
  }

  function order(from: string, to: string): boolean {
    const why = obstacle(from, to)
    const [a, b] = [places.value.get(from), places.value.get(to)]
    const text = documents.active?.text
    pending.value = null
    if (why !== null || !a || !b || text === undefined || !program.value) {
      notices.show({ tone: 'note', title: 'No ordering was added', message: why ?? '' })
      return false
    }
    const [before, after] = [nameOf(a) ?? '', nameOf(b) ?? '']
    const edit = addOrdering(text, program.value.kind, before, after)
    if (!apply(`Order ${before} before ${after}`, edit)) return false
    if (documents.activeKey) void ordering.tell(documents.activeKey, text, { before, after })
    return true
  }

  function unorder(index: number): boolean {
    const o = orderings.value[index]
    const text = documents.active?.text
    if (!o || text === undefined || !program.value) return false
    return apply(`Drop the order of ${o.before} before ${o.after}`, removeOrdering(text, program.value.kind, index))
  }

  /** Starts an ordering at the selected item, or ends it there. */
  function orderHere(): void {
    if (selected.value === null) return
    if (pending.value === null) pending.value = selected.value
    else if (pending.value === selected.value) pending.value = null
    else order(pending.value, selected.value)
  }

  return {
    selected,
    pending,
    program,
    trouble,
    places,
    steps,
    place,
    orderings,
    nameOf,
    wordFor,
    view,
    blocks,
    allBlocks,
    gaps,
    enforce,
    move,
    moveBy,
    obstacle,
    order,
    unorder,
    orderHere,
    isHeldBackByNobody,
  }
})
