/** Where panels stand when nobody has said otherwise, and how much room each gets. */
import type { AddPanelOptions, DockviewApi } from 'dockview-vue'
import { LEAST, NEIGHBOURS, PANELS, type PanelId } from '../model/panels'

export const documentPanel = (key: string): string => `document:${key}`
export const documentKey = (panel: string): string | null => (panel.startsWith('document:') ? panel.slice(9) : null)

interface Position {
  referencePanel?: string
  direction: 'within' | 'right' | 'below'
}

export function addPanel(dock: DockviewApi, id: PanelId, position?: Position): void {
  const { width, height } = LEAST[id]
  dock.addPanel({
    id,
    component: id,
    title: PANELS[id],
    inactive: true,
    minimumWidth: width,
    minimumHeight: height,
    ...(position ? { position: position as AddPanelOptions['position'] } : {}),
  })
}

/** Heights of the timeline in a dock of `height`, in pixels: before there is a run in it, and with one. */
export const timelineHeights = (height: number): { waiting: number; full: number } => ({
  waiting: Math.round(Math.min(200, Math.max(LEAST.timeline.height, height * 0.2))),
  full: Math.round(Math.min(520, Math.max(240, height * 0.46))),
})

/** The workbench around the welcome, which is there; the timeline as high as it needs to be. */
export function furnish(dock: DockviewApi, timelineHeight: number): void {
  addPanel(dock, 'topology', { referencePanel: 'welcome', direction: 'within' })
  addPanel(dock, 'timeline', { direction: 'below' })
  addPanel(dock, 'problems', { referencePanel: 'timeline', direction: 'within' })
  addPanel(dock, 'output', { referencePanel: 'timeline', direction: 'within' })
  addPanel(dock, 'explorer', { referencePanel: 'welcome', direction: 'right' })
  addPanel(dock, 'stepper', { referencePanel: 'explorer', direction: 'within' })
  addPanel(dock, 'programming', { referencePanel: 'welcome', direction: 'right' })
  const { width } = dock
  const right = Math.round(Math.min(440, Math.max(288, width * 0.2)))
  dock.getPanel('timeline')?.api.setSize({ height: timelineHeight })
  const left = Math.round((width - right) * 0.5)
  // Giving one its width moves its neighbours' edges: outside first, the left one last.
  for (const [id, size] of [
    ['explorer', right],
    ['programming', width - right - left],
    ['welcome', left],
    ['explorer', right],
  ] as const)
    dock.getPanel(id)?.api.setSize({ width: size })
  for (const id of ['timeline', 'explorer', 'programming', 'welcome'] as const) dock.getPanel(id)?.api.setActive()
}

/** Beside the panels that it usually lives with, where those are still there. */
export function homeOf(
  dock: DockviewApi,
  id: PanelId,
): { referencePanel: string; direction: 'within' | 'right' } | undefined {
  const documentPanels = dock.panels.map((p) => p.id).filter((p) => documentKey(p))
  const candidates = [...NEIGHBOURS[id], ...(id === 'welcome' || id === 'topology' ? documentPanels : [])]
  const found = candidates.find((p) => dock.getPanel(p))
  if (found) return { referencePanel: found, direction: 'within' }
  // A plan or a path is read beside its topology, never instead of it.
  const beside =
    id === 'plan' || id === 'explain'
      ? ['topology', ...documentPanels, 'welcome'].find((p) => dock.getPanel(p))
      : undefined
  return beside ? { referencePanel: beside, direction: 'right' } : undefined
}

/** The keyboard's way from group to group. */
export function focusGroup(dock: DockviewApi, direction: 1 | -1): void {
  if (dock.groups.length === 0) return
  const at = dock.groups.findIndex((group) => group === dock.activeGroup)
  const group = dock.groups[(at + direction + dock.groups.length) % dock.groups.length]
  group?.activePanel?.api.setActive()
  group?.element
    .querySelector<HTMLElement>('.dv-content-container [tabindex="0"], .dv-content-container button, .dv-tab')
    ?.focus()
}
