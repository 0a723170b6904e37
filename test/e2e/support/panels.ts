/** Every panel: its key, and what is in it when it is there. */
export const inside = (id: string): string => `[data-testid="${id}"]`

export const PANELS: readonly (readonly [selector: string, keys: string])[] = [
  [inside('welcome'), 'Alt+0'],
  [inside('topology'), 'Alt+1'],
  ['section[data-scope="registers"]', 'Alt+2'],
  [inside('timeline'), 'Alt+3'],
  ['section[aria-label="Explorer"]', 'Alt+4'],
  [inside('stepper'), 'Alt+5'],
  [inside('problems'), 'Alt+6'],
  [inside('plan'), 'Alt+7'],
  [inside('explain'), 'Alt+8'],
  [inside('lanes'), 'Alt+9'],
  [inside('output'), 'Alt+U'],
  [inside('history'), 'Alt+h'],
]
