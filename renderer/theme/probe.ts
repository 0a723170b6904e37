/** Design tokens as colours for what knows no custom properties: a canvas, Monaco. */

/** Reads tokens as they are now where `near` stands: "surface-1" → "rgb(19, 23, 29)". To be ended by `close`. */
export function openProbe(near: HTMLElement): {
  readonly colour: (token: string) => string
  readonly close: () => void
} {
  const probe = document.createElement('i')
  probe.style.display = 'none'
  near.append(probe)
  return {
    colour: (token) => {
      probe.style.color = `var(--${token})`
      return getComputedStyle(probe).color
    },
    close: () => probe.remove(),
  }
}
