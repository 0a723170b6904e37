/** The story of the 2021 thread on interrupt message stores, as five things to do. Each knows whether it has been done. */
import { reactive } from 'vue'
import { explore, openScenario } from '../commands/actions'
import { useChecks } from '../stores/checks'
import { useDocuments } from '../stores/documents'
import { useExploration } from '../stores/exploration'
import { useLayout } from '../stores/layout'
import { useRuns } from '../stores/runs'

export const BROKEN = 'idxd-vsvm-late'
export const REPAIRED = 'idxd-vsvm-first'

export interface TourStep {
  title: string
  text: string
  button: string
  done: () => boolean
  ready: () => boolean
  run: () => void | Promise<void>
}

export function raceTour(): TourStep[] {
  const documents = useDocuments()
  const exploration = useExploration()
  const runs = useRuns()
  const layout = useLayout()
  const checks = useChecks()
  const key = (id: string): string => `builtin:${id}`
  const explored = (id: string): boolean => Boolean(exploration.all.get(key(id))?.result)
  const open = (id: string): boolean => documents.open.has(key(id))
  const active = (id: string): boolean => documents.activeKey === key(id)
  const exploring = async (id: string): Promise<void> => {
    await openScenario(id)
    await checks.check(key(id))
    await explore()
  }
  return [
    {
      title: 'Read the flow',
      text: 'The guest requests its interrupt first and stores its PASID in MSIXPERM afterwards, as the posted patches did.',
      button: 'Open it',
      done: () => open(BROKEN),
      ready: () => true,
      run: () => openScenario(BROKEN),
    },
    {
      title: 'Explore every interleaving',
      text: 'Can an interrupt be delivered with the host’s PASID once the guest has bound its own?',
      button: 'Explore',
      done: () => explored(BROKEN),
      ready: () => !exploration.anyRunning,
      run: () => exploring(BROKEN),
    },
    {
      title: 'Step through the counterexample',
      text: 'Arrow keys walk the shortest run; the IMS slot still holds the host’s PASID when the device sends.',
      button: 'Step',
      done: () => visited.has('stepped'),
      ready: () => explored(BROKEN),
      run: async () => {
        await openScenario(BROKEN)
        layout.show('timeline')
        if (runs.step === runs.steps) runs.go(0)
        runs.next()
        visited.add('stepped')
      },
    },
    {
      title: 'Open the repaired sibling',
      text: 'The guest knows its PASID before it asks for interrupts, so it can store it first.',
      button: 'Open it',
      done: () => open(REPAIRED),
      ready: () => true,
      run: () => openScenario(REPAIRED),
    },
    {
      title: 'Prove it',
      text: 'All interleavings hold, and a witness shows that the guest’s own interrupt really is delivered.',
      button: 'Explore',
      done: () => explored(REPAIRED),
      ready: () => !exploration.anyRunning && (open(REPAIRED) || active(BROKEN)),
      run: () => exploring(REPAIRED),
    },
  ]
}

/** What cannot be read off the stores. */
const visited = reactive(new Set<'stepped'>())
