const url = new URL('./electron.mjs', import.meta.url).href
export const resolve = (specifier, context, next) =>
  specifier === 'electron' ? { url, format: 'module', shortCircuit: true } : next(specifier, context)
