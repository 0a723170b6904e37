/** What the person has done so far, as tours ask for it: read from the stores, nothing is remembered here. */
import type { PropertyResult } from '../../preload/contract'
import { useDocuments } from '../stores/documents'
import { useExplaining } from '../stores/explaining'
import { useExploration } from '../stores/exploration'
import { useLanes } from '../stores/lanes'
import type { PanelId } from '../model/panels'
import { useLayout } from '../stores/layout'
import { usePlanning } from '../stores/planning'
import { useQuestions } from '../stores/questions'
import { useRuns } from '../stores/runs'
import { platformName, useCatalogue } from '../stores/catalogue'

export interface Facts {
  /** The built-in scenario is open and in front. */
  opened(id: string): boolean
  /** Its text as it is now was explored, and this came out for a property. */
  verdict(id: string, property: string, verdict: PropertyResult['verdict']): boolean
  /** A step before the last is looked at, of the run that the scenario shows. */
  lookedBack(id: string): boolean
  /** Repairs of its text as it was explored are listed. */
  repairsFound(id: string): boolean
  /** Its text is another than it came with. */
  repaired(id: string): boolean
  shown(panel: PanelId): boolean
  /** An ordering was begun at this operation. */
  begun(operation: string): boolean
  /** The document in front has an ordering between these operations. */
  ordered(before: string, after: string): boolean
  planned(platform: string): boolean
  /** The kernel's command line that is planned has this word, and the machine's own plan is another. */
  plannedWith(word: string): boolean
  plannedKernel(kernel: string): boolean
  plannedGuest(): boolean
  /** The path of a function's interrupt is told. */
  explainedInterrupt(): boolean
}

export function makeFacts(): Facts {
  const documents = useDocuments()
  const exploration = useExploration()
  const questions = useQuestions()
  const runs = useRuns()
  const layout = useLayout()
  const lanes = useLanes()
  const planning = usePlanning()
  const catalogue = useCatalogue()
  const explaining = useExplaining()
  const opened = (id: string): boolean => documents.activeKey === `builtin:${id}`
  return {
    opened,
    verdict(id, property, verdict) {
      const key = `builtin:${id}`
      const explored = exploration.all.get(key)
      if (!explored?.result || explored.text !== documents.open.get(key)?.text) return false
      return explored.result.properties.some((p) => p.name === property && p.verdict === verdict)
    },
    lookedBack: (id) => opened(id) && runs.run !== null && runs.step < runs.steps,
    repairsFound: (id) => opened(id) && (questions.repair?.result?.repairs.length ?? 0) > 0,
    repaired(id) {
      const document = documents.open.get(`builtin:${id}`)
      return document !== undefined && document.text !== document.savedText
    },
    shown: (panel) => layout.focused === panel,
    begun: (id) => lanes.pending !== null && lanes.places.get(lanes.pending)?.item.id === id,
    ordered: (before, after) => lanes.orderings.some((o) => o.before === before && o.after === after),
    planned: (platform) =>
      planning.open &&
      planning.plan !== null &&
      catalogue.shown !== null &&
      platformName(catalogue.shown.id) === platform,
    plannedWith: (word) =>
      planning.plan !== null && planning.plan.cmdline.split(/\s+/).includes(word) && planning.plan.changes.length > 0,
    plannedKernel: (kernel) => planning.kernel === kernel && planning.plan?.policy === kernel,
    plannedGuest: () => planning.guest !== null && planning.plan?.guest !== undefined && planning.plan.guest !== null,
    explainedInterrupt: () => explaining.asked === 'msi' && explaining.answer !== null,
  }
}
