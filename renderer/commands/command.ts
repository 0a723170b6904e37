/** One entry of the command table. Palette, menus, toolbar, buttons, shortcuts page and keys are all made from these. */
import type { Component } from 'vue'

export const CATEGORIES = ['File', 'Edit', 'View', 'Explore', 'Run', 'Timeline', 'Help'] as const
export type Category = (typeof CATEGORIES)[number]

/** One thing that a command can be done to. */
export interface Choice {
  /** What `run` gets: an id, a key, a number. */
  readonly value: string
  readonly title: string
  readonly note?: string
  readonly icon?: Component
}

export interface Command {
  /** `explore.start`. Stable: tests and tours name it. */
  readonly id: string
  readonly title: string
  /** Where the title depends on what is there: "Undo Move write_msixperm before request_irq". */
  readonly label?: () => string
  readonly category: Category
  /** As in ./keys; the first is the one that is shown beside the title. */
  readonly keys?: readonly string[]
  readonly icon?: Component
  /** Can it run now? Read in templates: it may use anything reactive. Default: always. `what`: as for `run`. */
  readonly when?: (what?: string) => boolean
  /** For toggles: is it on? */
  readonly checked?: () => boolean
  /** `what` is given by a button that stands for one choice; a command with choices asks for one without it. */
  readonly run: (what?: string) => void | Promise<void>
  /** What it can be done to now. The palette lists these. */
  readonly choices?: () => readonly Choice[]
  /** Its choices are found by their own names from the palette, not only after the command. */
  readonly findable?: boolean
  /** Groups of a menu are separated by a line. */
  readonly group?: number
  /** Keys that only mean this while a panel has the focus ("timeline"). */
  readonly scope?: string
  /** A field that one types into has the same of its own: its keys are left to it. */
  readonly fieldsOwn?: boolean
  /** Not in the menus: it is only done to something that is chosen in a panel, or from the palette. */
  readonly hidden?: boolean
}

/** One with choices and no `when` can run while there is something to choose. */
export const isEnabled = (command: Command, what?: string): boolean =>
  command.when?.(what) ?? (what !== undefined || !command.choices || command.choices().length > 0)
export const titleOf = (command: Command): string => command.label?.() ?? command.title
