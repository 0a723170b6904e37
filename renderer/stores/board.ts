/**
 * Changes of the board that is open: each goes to the simulator as one edit, comes back as a text with only that changed, and
 * is one step of the document's history. One after the other, so that each starts from what the one before left.
 */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { PlatformEdit } from '../../preload/contract'
import { useHost } from '../bridge/host'
import { useChecks } from './checks'
import { useDocuments } from './documents'
import { useNotices } from './notices'
import { useTopology } from './topology'

export const useBoard = defineStore('board', () => {
  const host = useHost()
  const checks = useChecks()
  const documents = useDocuments()
  const notices = useNotices()
  const topology = useTopology()
  const editing = ref(0)
  const platform = computed(() => topology.board)
  /** What a part is put below: what is chosen, or the only root bus. */
  const under = computed((): string | null => {
    const chosen = topology.node
    if (chosen?.kind === 'root' || chosen?.kind === 'bridge') return chosen.id
    if (chosen?.kind === 'function') return chosen.fn.parent
    const roots = platform.value?.roots ?? []
    return roots.length === 1 ? (roots[0]?.id ?? null) : null
  })
  let last: Promise<unknown> = Promise.resolve()

  /** False where it was refused: the reason is shown. */
  function edit(change: PlatformEdit, mark: string): Promise<boolean> {
    const key = documents.activeKey
    const done = last.then(() => (key === null ? false : once(key, change, mark)))
    last = done
    return done
  }

  async function once(key: string, change: PlatformEdit, mark: string): Promise<boolean> {
    const document = documents.open.get(key)
    if (!document) return false
    const { name, text } = document
    editing.value++
    const answer = await host.call('board.edit', { name, text, edit: change })
    editing.value--
    if (!answer.ok) {
      notices.fault(`${mark}: refused`, answer.error)
      return false
    }
    if (documents.open.get(key)?.text !== text) return false // edited meanwhile: the person's change counts
    documents.changeText(key, mark, answer.value.text)
    await checks.check(key)
    const { selected } = answer.value
    const node = topology.whole?.nodes.find((n) => [selected, `iommu/${selected}`, `msi/${selected}`].includes(n.id))
    if (node) topology.reveal(node.id)
    else topology.selected = null
    return true
  }

  return { platform, under, editing, edit }
})
