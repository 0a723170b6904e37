// node --import ./test/double/register.mjs out/main/index.js   → `electron` is the stand-in
import * as nodeModule from 'node:module'

const url = new URL('./electron.mjs', import.meta.url).href
if (nodeModule.registerHooks)
  nodeModule.registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'electron' ? { url, format: 'module', shortCircuit: true } : next(specifier, context),
  })
else nodeModule.register('./hooks.mjs', import.meta.url) // Node 20
