/**
 * Three builds into out/: main (Node and Electron entries), preload (one CommonJS file), renderer (the window).
 * `dependencies` of package.json stay imports of the main build but for the few that every start needs;
 * `devDependencies` are bundled.
 */
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'
import { catalogueOf } from './scripts/catalogue'
import { buildShortWay } from './scripts/short-way.mjs'
import { sourceDigest, writeStamp } from './scripts/stamp.mjs'

const at = (path: string) => resolve(import.meta.dirname, path)

/** out/stamp.json says which sources were built, so that `npm test` builds only when they have changed. */
function stamp() {
  let digest = ''
  return {
    name: 'doorbell:stamp',
    apply: 'build' as const,
    buildStart() {
      digest ||= sourceDigest(import.meta.dirname)
    },
    closeBundle() {
      writeStamp(import.meta.dirname, digest)
    },
  }
}

/** out/main/catalogue/: built-in scenarios, read and validated (main/cli/prepared.ts). */
function catalogue(): Plugin {
  return {
    name: 'doorbell:catalogue',
    apply: 'build',
    generateBundle() {
      for (const [name, source] of catalogueOf(at('resources/scenarios')))
        this.emitFile({ type: 'asset', fileName: `catalogue/${name}`, source })
    },
  }
}

/** out/main/short.cjs, once the catalogue that it reads is there. */
function shortWay(): Plugin {
  return { name: 'doorbell:short-way', apply: 'build', closeBundle: () => buildShortWay(import.meta.dirname) }
}

export default defineConfig({
  main: {
    plugins: [catalogue(), shortWay()],
    build: {
      // What every start needs is bundled: Node takes longer to find and compile the many files of a package than to run it.
      externalizeDeps: { exclude: ['commander', 'yaml', 'zod'] },
      target: 'node20.19', // the served workbench and the command line run on plain Node
      rolldownOptions: {
        input: {
          index: at('main/index.ts'),
          serve: at('main/serve.ts'),
          start: at('main/start.ts'),
          cli: at('main/cli.ts'),
          worker: at('main/worker/worker.ts'),
          shard: at('main/worker/shard.ts'),
        },
        // Flat, so that `new URL('./worker.js', import.meta.url)` is right from an entry and from a shared chunk alike.
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: 'chunk-[name]-[hash].js',
          // What a cold `doorbell explore` takes is one file: finding each of several costs more than reading all of one.
          codeSplitting: {
            groups: [
              { name: 'exploring', test: /main\/worker\/exploring\.ts$/ },
              { name: 'faults', test: /main\/simulator\/faults\.ts$/, priority: 1 },
            ],
          },
        },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false, // a sandboxed preload can require electron and nothing else
      rolldownOptions: {
        input: { index: at('preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' }, // and it cannot be an ES module
      },
    },
  },
  renderer: {
    root: at('renderer'),
    plugins: [vue(), stamp()],
    resolve: {
      // monaco-yaml's worker manager still asks for the module paths of monaco-editor before 0.56
      alias: [{ find: /^monaco-editor\/esm\/vs\/(.*)$/, replacement: 'monaco-editor/$1' }],
    },
    worker: { format: 'es' },
    server: {
      host: '127.0.0.1',
      headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
    },
    optimizeDeps: { include: ['monaco-yaml', 'monaco-yaml/yaml.worker.js', 'zod'] },
    build: {
      minify: 'oxc',
      chunkSizeWarningLimit: 6000, // Monaco, read from the local disk
      rolldownOptions: { input: at('renderer/index.html') },
    },
  },
})
