// Runs before the first paint. Without a stored choice no theme is set, and `color-scheme` follows the system.
{
  const root = globalThis.document.documentElement
  let choice = null
  try {
    choice = globalThis.localStorage.getItem('doorbell.theme')
  } catch {
    // storage is closed to us: follow the system
  }
  const [, contrast, scheme] = /^(contrast-)?(dark|light)$/.exec(choice ?? '') ?? []
  if (scheme) root.dataset.theme = scheme
  if (scheme ? contrast : globalThis.matchMedia('(prefers-contrast: more)').matches) root.dataset.contrast = 'more'
}
