// Runs before the first paint. Without a stored choice nothing is set, and `color-scheme` follows the system.
try {
  const choice = globalThis.localStorage.getItem('doorbell.theme')
  if (choice === 'dark' || choice === 'light') globalThis.document.documentElement.dataset.theme = choice
} catch {
  // storage is closed to us: follow the system
}
