/** Design tokens as colours for what knows no custom properties: a canvas, Monaco. */

/**
 * Reads tokens as they are now where `near` stands: "surface-1" → "rgb(19, 23, 29)". To be ended by `close`.
 * Where motion is reduced, every element has a very short transition, and a colour that has just been set would still be the
 * one before: the probe has none.
 */
export function openProbe(near: HTMLElement): { readonly colour: (token: string) => string; readonly close: () => void } {
  const probe = document.createElement('i')
  probe.style.setProperty('transition', 'none', 'important')
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
