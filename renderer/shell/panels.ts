/** Which component is behind each panel. Heavy ones come when they are first shown. */
import { defineAsyncComponent, h, type Component } from 'vue'
import type { PanelId } from '../model/panels'
import EmptyState from '../widgets/EmptyState.vue'
import ExplorerPanel from '../explorer/ExplorerPanel.vue'
import HistoryPanel from '../history/HistoryPanel.vue'
import OutputPanel from '../output/OutputPanel.vue'
import ProblemsPanel from '../problems/ProblemsPanel.vue'
import ProgrammingPanel from '../programming/ProgrammingPanel.vue'
import StepperPanel from '../stepper/StepperPanel.vue'
import TimelinePanel from '../timeline/TimelinePanel.vue'
import WelcomePanel from '../welcome/WelcomePanel.vue'

const loading = { render: () => h('div', { class: 'db-panel', 'aria-busy': true }) }
const failed = {
  render: () =>
    h(EmptyState, {
      title: 'This panel could not be loaded',
      text: 'A file of the window is missing; reload the window.',
    }),
}
const lazy = (loader: () => Promise<Component>): Component =>
  defineAsyncComponent({ loader, loadingComponent: loading, errorComponent: failed, delay: 0 })

export const PANEL_COMPONENTS: Record<PanelId | 'document', Component> = {
  welcome: WelcomePanel,
  topology: lazy(() => import('../topology/TopologyPanel.vue')),
  plan: lazy(() => import('../plan/PlanPanel.vue')),
  explain: lazy(() => import('../explain/ExplainPanel.vue')),
  programming: ProgrammingPanel,
  timeline: TimelinePanel,
  problems: ProblemsPanel,
  output: OutputPanel,
  lanes: lazy(() => import('../lanes/LanesPanel.vue')),
  history: HistoryPanel,
  beside: lazy(() => import('../explorer/BesidePanel.vue')),
  explorer: ExplorerPanel,
  stepper: StepperPanel,
  document: lazy(() => import('../editor/EditorPanel.vue')),
}
