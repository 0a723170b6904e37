/** Which panels there are, what each needs, and beside what it belongs. */

export const PANELS = {
  welcome: 'Welcome',
  topology: 'Topology',
  plan: 'Plan',
  explain: 'Explain',
  programming: 'Registers',
  timeline: 'Timeline',
  problems: 'Problems',
  output: 'Output',
  lanes: 'Lanes',
  history: 'History',
  beside: 'Side by side',
  explorer: 'Explorer',
  stepper: 'Stepper',
} as const
export type PanelId = keyof typeof PANELS
export const PANEL_IDS = Object.keys(PANELS) as PanelId[]

/** What a workbench has from the start, beside the welcome. */
export const FURNITURE = ['topology', 'timeline', 'problems', 'output', 'explorer', 'stepper', 'programming'] as const
/** Layouts that do not say which panels there were are from before these. */
const LATER: readonly string[] = ['output']
export const BEFORE = PANEL_IDS.filter((id) => !LATER.includes(id))

/** Below this a panel says nothing. */
export const LEAST: Record<PanelId, { width: number; height: number }> = {
  welcome: { width: 260, height: 120 },
  topology: { width: 260, height: 120 },
  plan: { width: 280, height: 120 },
  explain: { width: 280, height: 120 },
  programming: { width: 240, height: 120 },
  timeline: { width: 320, height: 150 },
  problems: { width: 240, height: 80 },
  output: { width: 260, height: 80 },
  lanes: { width: 300, height: 120 },
  history: { width: 200, height: 120 },
  beside: { width: 320, height: 120 },
  explorer: { width: 250, height: 120 },
  stepper: { width: 250, height: 120 },
}

/** The panels that it usually lives with, the likeliest first. */
export const NEIGHBOURS: Record<PanelId, readonly string[]> = {
  welcome: ['topology'],
  topology: ['welcome'],
  plan: ['programming', 'explorer', 'stepper', 'explain'],
  explain: ['plan', 'programming', 'explorer', 'stepper'],
  programming: ['explorer', 'stepper'],
  timeline: ['problems'],
  problems: ['timeline', 'output'],
  output: ['problems', 'timeline'],
  lanes: ['programming', 'explorer', 'stepper'],
  history: ['explorer', 'stepper', 'programming'],
  beside: ['timeline', 'problems'],
  explorer: ['stepper', 'programming'],
  stepper: ['explorer', 'programming'],
}
