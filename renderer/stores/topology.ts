/** What the topology shows: the machine as a graph, what is folded in it, and what is chosen. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { fold } from '../model/aggregate'
import { platformGraph, type GraphNode } from '../model/topology'
import { useCatalogue } from './catalogue'
import { useChecks } from './checks'
import { usePlanning } from './planning'

export const useTopology = defineStore('topology', () => {
  const catalogue = useCatalogue()
  const checks = useChecks()
  const planning = usePlanning()
  const selected = ref<string | null>(null)
  /** Folds that are shown one by one. */
  const unfolded = ref<ReadonlySet<string>>(new Set())

  const platform = computed(() => catalogue.shown?.platform ?? checks.board ?? checks.view?.platform ?? null)
  /** The board that can be edited, where it is what is shown. */
  const board = computed(() => (catalogue.shown ? null : checks.board))
  const devices = computed(() => checks.view?.devices ?? [])
  /** With the functions that a plan adds. */
  const machine = computed(() => (planning.open ? planning.machine : null) ?? platform.value)
  const whole = computed(() => {
    if (!machine.value) return null
    // On a platform that is not the scenario's, its devices have no place yet.
    return platformGraph(machine.value, catalogue.shown ? [] : devices.value)
  })
  const folded = computed(() => whole.value && fold(whole.value, unfolded.value))
  const graph = computed(() => folded.value?.graph ?? null)
  const segments = computed(() => new Set(platform.value?.roots.map((r) => r.segment)).size)
  const node = computed((): GraphNode | null => graph.value?.nodes.find((n) => n.id === selected.value) ?? null)

  watch(platform, (now, before) => {
    // Another machine: an address that it has too is another function.
    if (now?.name !== before?.name) {
      unfolded.value = new Set()
      selected.value = null
    } else if (!whole.value?.nodes.some((n) => n.id === selected.value)) selected.value = null
  })

  /** The node that stands for it: itself, or the fold that it is in. */
  const standIn = (id: string): string => folded.value?.inside.get(id) ?? id

  /** Chooses it, out of every fold that it is in. */
  function reveal(id: string): void {
    for (let at = standIn(id); at !== id; at = standIn(id)) unfold(at)
    selected.value = id
  }
  function unfold(id: string): void {
    if (!graph.value?.nodes.some((n) => n.id === id && n.kind === 'many')) return
    unfolded.value = new Set([...unfolded.value, id])
    selected.value = id.replace(/^many\//, '')
  }
  function foldAll(): void {
    unfolded.value = new Set()
    if (selected.value !== null) selected.value = standIn(selected.value)
  }

  return {
    selected,
    unfolded,
    platform,
    board,
    devices,
    machine,
    whole,
    graph,
    segments,
    node,
    standIn,
    reveal,
    unfold,
    foldAll,
  }
})
