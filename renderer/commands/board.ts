import {
  CircuitBoard,
  Cpu,
  Link,
  MoveRight,
  Network,
  Pencil,
  Plus,
  ShieldCheck,
  ShieldPlus,
  Trash2,
  Unlink,
} from '@lucide/vue'
import { z } from 'zod'
import { IommuPart, MsiPart, PartId } from '../../preload/contract'
import { IOMMU_WORDS, MSI_WORDS, nameOf, PART_WORDS, PARTS } from '../model/board'
import { useBoard } from '../stores/board'
import { useCatalogue } from '../stores/catalogue'
import { useDocuments } from '../stores/documents'
import { useHost } from '../bridge/host'
import { useLayout } from '../stores/layout'
import { useNotices } from '../stores/notices'
import { usePlanning } from '../stores/planning'
import { useTopology } from '../stores/topology'
import type { Choice, Command } from './command'

const ARCHITECTURES = { x86: 'x86, as q35', arm64: 'Arm, as QEMU’s virt', powerpc: 'PowerPC, as the P4080' } as const
const Architecture = z.enum(['x86', 'arm64', 'powerpc'])
type Draft =
  | { bare: z.infer<typeof Architecture>; name: string }
  | { from: NonNullable<ReturnType<typeof usePlanning>['shown']>['subject'] }

/** A new document, and its picture beside it. */
async function openDraft(draft: Draft, name: string): Promise<void> {
  const answer = await useHost().call('board.draft', draft)
  if (!answer.ok) return useNotices().fault('The board could not be made', answer.error)
  const document = useDocuments().openNew(
    answer.value.text,
    `${name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60)}.board.yaml`,
  )
  useCatalogue().showScenarioPlatform()
  useLayout().showDocument(document.key)
  useLayout().showLarge('topology')
}

export function boardCommands(): Command[] {
  const board = useBoard()
  const planning = usePlanning()
  const topology = useTopology()
  const isBoard = (): boolean => board.platform !== null
  const node = () => topology.node
  const buses = (): Choice[] => {
    const chosen = node()
    const own = chosen?.kind === 'function' || chosen?.kind === 'bridge' ? chosen.fn.parent : ''
    const platform = board.platform
    if (!platform) return []
    return [
      ...platform.roots.map((r) => ({ value: r.id, title: r.id, note: 'root bus', icon: Network })),
      ...platform.functions
        .filter((f) => f.headerType !== 0)
        .map((f) => ({
          value: f.bdf,
          title: f.bdf,
          note: f.express?.type.replaceAll('-', ' ') ?? 'PCI bridge',
          icon: Network,
        })),
    ].filter((c) => c.value !== own && c.value !== chosen?.id)
  }
  /** Units that serve what is chosen, or those that do not. */
  const units = (serving: boolean): Choice[] =>
    [...(board.platform?.iommus ?? []), ...(board.platform?.msiControllers ?? [])]
      .filter((u) => u.serves.includes(node()?.id ?? '') === serving)
      .map((u) => ({ value: u.name, title: u.name, note: u.kind, icon: ShieldCheck }))
  const removable = (): boolean => isBoard() && node() !== null && node()?.kind !== 'vdev' && node()?.kind !== 'many'
  const movable = (): boolean => isBoard() && (node()?.kind === 'function' || node()?.kind === 'bridge')
  const servable = (): boolean => isBoard() && ['function', 'bridge', 'root'].includes(node()?.kind ?? '')
  /** What a hand draws to another part is tried on whatever was chosen: the board says why it cannot be. */
  const drawn = (what: string | undefined): boolean => isBoard() && what !== undefined && node() !== null
  async function serve(unit: string | undefined, on: boolean): Promise<void> {
    const what = nameOf(node()?.id ?? '')
    if (unit === undefined || what === '') return
    const mark = on ? `Connect ${what} to ${unit}` : `Part ${what} from ${unit}`
    await board.edit({ op: 'serve', unit, what, on }, mark)
  }
  return [
    {
      id: 'board.new',
      title: 'New board…',
      category: 'File',
      icon: CircuitBoard,
      group: 1,
      choices: () =>
        Object.entries(ARCHITECTURES).map(([value, title]) => ({ value, title, note: 'architecture', icon: Cpu })),
      run: async (what) => {
        const arch = Architecture.safeParse(what)
        if (arch.success) await openDraft({ bare: arch.data, name: `New ${arch.data} board` }, `new-${arch.data}`)
      },
    },
    {
      id: 'board.copy',
      title: 'Edit a copy of the platform that is shown',
      category: 'Edit',
      icon: Pencil,
      group: 5,
      when: () => planning.shown !== null && !isBoard(),
      run: async () => {
        const shown = planning.shown
        if (shown) await openDraft({ from: shown.subject }, shown.name)
      },
    },
    {
      id: 'board.add',
      title: 'Add a part to the board…',
      category: 'Edit',
      keys: ['A'],
      scope: 'topology',
      icon: Plus,
      group: 5,
      when: () => isBoard() && board.under !== null,
      choices: () =>
        PARTS.map((part) => ({
          value: part,
          title: PART_WORDS[part],
          note: `below ${board.under ?? ''}`,
          icon: CircuitBoard,
        })),
      run: async (what) => {
        const part = PartId.safeParse(what)
        const parent = board.under
        if (part.success && parent !== null)
          await board.edit(
            { op: 'add-part', part: part.data, under: parent },
            `Add ${PART_WORDS[part.data]} below ${parent}`,
          )
      },
    },
    {
      id: 'board.function',
      title: 'Add a function to the chosen device',
      category: 'Edit',
      icon: Plus,
      group: 5,
      when: movable,
      run: async () => {
        const chosen = node()
        if (chosen) await board.edit({ op: 'add-function', of: chosen.id }, `Add a function to ${chosen.id}`)
      },
    },
    {
      id: 'board.root',
      title: 'Add a root bus to the board',
      category: 'Edit',
      icon: Network,
      group: 5,
      when: isBoard,
      run: async () => void (await board.edit({ op: 'add-root', segment: 0 }, 'Add a root bus')),
    },
    {
      id: 'board.iommu',
      title: 'Add an IOMMU to the board…',
      category: 'Edit',
      icon: ShieldPlus,
      group: 5,
      when: isBoard,
      choices: () => Object.entries(IOMMU_WORDS).map(([value, title]) => ({ value, title, icon: ShieldPlus })),
      run: async (what) => {
        const kind = IommuPart.safeParse(what)
        if (kind.success) await board.edit({ op: 'add-iommu', kind: kind.data }, `Add ${IOMMU_WORDS[kind.data]}`)
      },
    },
    {
      id: 'board.msi',
      title: 'Add an MSI controller to the board…',
      category: 'Edit',
      icon: Cpu,
      group: 5,
      when: isBoard,
      choices: () => Object.entries(MSI_WORDS).map(([value, title]) => ({ value, title, icon: Cpu })),
      run: async (what) => {
        const kind = MsiPart.safeParse(what)
        if (kind.success) await board.edit({ op: 'add-msi', kind: kind.data }, `Add ${MSI_WORDS[kind.data]}`)
      },
    },
    {
      id: 'board.move',
      title: 'Move the chosen function to another bus…',
      category: 'Edit',
      keys: ['M'],
      scope: 'topology',
      icon: MoveRight,
      group: 5,
      when: (what) => movable() || drawn(what),
      choices: buses,
      run: async (what) => {
        const chosen = node()
        if (chosen && what !== undefined)
          await board.edit({ op: 'move', what: nameOf(chosen.id), under: what }, `Move ${nameOf(chosen.id)} to ${what}`)
      },
    },
    {
      id: 'board.connect',
      title: 'Connect the chosen function or bus to a unit…',
      category: 'Edit',
      keys: ['U'],
      scope: 'topology',
      icon: Link,
      group: 5,
      when: (what) => (what === undefined ? servable() && units(false).length > 0 : drawn(what)),
      choices: () => units(false),
      run: (what) => serve(what, true),
    },
    {
      id: 'board.part',
      title: 'Part the chosen function or bus from a unit…',
      category: 'Edit',
      keys: ['Shift+U'],
      scope: 'topology',
      icon: Unlink,
      group: 5,
      when: () => servable() && units(true).length > 0,
      choices: () => units(true),
      run: (what) => serve(what, false),
    },
    {
      id: 'board.remapping',
      title: 'Interrupt remapping of the chosen IOMMU',
      category: 'Edit',
      icon: ShieldCheck,
      group: 5,
      when: () => isBoard() && node()?.kind === 'iommu',
      checked: () => {
        const chosen = node()
        return chosen?.kind === 'iommu' && chosen.iommu.interruptRemapping === true
      },
      run: async () => {
        const chosen = node()
        if (chosen?.kind !== 'iommu') return
        const on = chosen.iommu.interruptRemapping !== true
        const { name } = chosen.iommu
        await board.edit({ op: 'remapping', unit: name, on }, `Interrupt remapping of ${name} ${on ? 'on' : 'off'}`)
      },
    },
    {
      id: 'board.remove',
      title: 'Take what is chosen off the board, with all below it',
      category: 'Edit',
      keys: ['Delete', 'Backspace'],
      scope: 'topology',
      icon: Trash2,
      group: 5,
      when: removable,
      run: async () => {
        const chosen = node()
        if (chosen)
          await board.edit({ op: 'remove', what: nameOf(chosen.id) }, `Take ${nameOf(chosen.id)} off the board`)
      },
    },
  ]
}
