/** One entry of the command table. Palette, menus, toolbar, shortcuts page and keys are all made from these. */
import type { Component } from 'vue'

export const CATEGORIES = ['File', 'View', 'Explore', 'Run', 'Timeline', 'Help'] as const
export type Category = (typeof CATEGORIES)[number]

export interface Command {
  /** `explore.start`. Stable: tests and tours name it. */
  readonly id: string
  readonly title: string
  readonly category: Category
  /** As in ./keys; the first is the one that is shown beside the title. */
  readonly keys?: readonly string[]
  readonly icon?: Component
  /** Can it run now? Read in templates: it may use anything reactive. Default: always. `what`: as for `run`. */
  readonly when?: (what?: string) => boolean
  /** For toggles: is it on? */
  readonly checked?: () => boolean
  /** `what` is given by a button that stands for one of several. */
  readonly run: (what?: string) => void | Promise<void>
  /** Groups of a menu are separated by a line. */
  readonly group?: number
  /** Keys that only mean this while a panel has the focus ("timeline"). */
  readonly scope?: string
}

export const isEnabled = (command: Command, what?: string): boolean => command.when?.(what) ?? true
