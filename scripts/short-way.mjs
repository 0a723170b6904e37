/**
 * out/main/short.cjs, all that a cold `doorbell explore` of a built-in litmus scenario needs in one file, and beside it
 * the bytecode of what such a command calls (bin/compiled.js). CommonJS, because Node takes longer to set up its loader of
 * ES modules than to read this.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Loaded for what the short way never does: to put an exploration aside, to compile another scale of a text. */
const NEVER_LOADED = [/\/put-aside$/, /\/smallest$/]

/** @param {string} root folder of package.json, with out/main/catalogue in it */
export async function buildShortWay(root) {
  const out = join(root, 'out/main')
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    build: {
      ssr: join(root, 'main/cli/short.ts'),
      outDir: out,
      emptyOutDir: false,
      target: 'node20.19',
      minify: false,
      rolldownOptions: {
        external: NEVER_LOADED,
        output: { format: 'cjs', entryFileNames: 'short.cjs', codeSplitting: false },
      },
    },
  })
  const file = join(out, 'short.cjs')
  const code = ascii(readFileSync(file, 'utf8'))
  const digest = createHash('sha256').update(code).digest('hex')
  writeFileSync(file, `//${digest}\n${code}`)
  // In a process of its own: bytecode is good for the flags that it was made with.
  const kept = spawnSync(process.execPath, [fileURLToPath(new URL('keep-bytecode.mjs', import.meta.url)), file], {
    encoding: 'utf8',
  })
  if (kept.status !== 0) throw new Error(`no bytecode of ${file}: ${kept.stderr}`)
}

/** Read as Latin-1 it means the same, and that is read far sooner. */
const ascii = (code) => code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
