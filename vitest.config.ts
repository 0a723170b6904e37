import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const sources = ['main', 'preload', 'renderer', 'scripts', 'test']
// The same path fix as in electron.vite.config.ts.
const alias = [{ find: /^monaco-editor\/esm\/vs\/(.*)$/, replacement: 'monaco-editor/$1' }]

export default defineConfig({
  test: {
    // The default leaves one core idle, which on two is half of them.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: sources.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ['**/*.dom.test.ts', '**/*.e2e.test.ts', '**/node_modules/**'],
          // No test file keeps state in a module; a fresh world for each costs more than most of them run.
          isolate: false,
          // Nothing is measured here: a busy machine must not fail what a quiet one passes.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [vue()],
        resolve: { alias },
        test: {
          name: 'dom',
          environment: 'happy-dom',
          include: sources.map((folder) => `${folder}/**/*.dom.test.ts`),
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e', // runs what is in out/
          environment: 'node',
          include: ['test/e2e/**/*.e2e.test.ts'],
          // Two at once gained nothing on two cores, and everything in them took twice as long.
          fileParallelism: false,
          // One process, and in it one browser: each file opens a context of its own.
          isolate: false,
          // Waits are for conditions, and end when those hold: a machine that does other things too must not fail what is right.
          expect: { poll: { timeout: 60_000 } },
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
