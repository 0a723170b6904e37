/** What the subjects of the bench share: numbers, tables, processes, and the simulator's own modules. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'

// Where it names certificates, Node reads them at every start, which takes as long as all the rest of that: none is wanted here.
delete process.env.NODE_EXTRA_CA_CERTS

export const root = resolve(import.meta.dirname, '../..')

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
export const number = (n) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')
export const ratio = (n) => `${n.toFixed(n < 10 ? 2 : 1)}×`

/** A line of a table: the first cell to the left, the others to the right, of these widths. */
export const row = (cells, widths = []) =>
  console.log(
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 21) : cell.padStart(widths[i] ?? 13)))
      .join(' ')
      .trimEnd(),
  )

/** CPU seconds that `work` takes in this process, and what it gives. */
export function cpu(work) {
  const before = process.cpuUsage()
  const value = work()
  const { user, system } = process.cpuUsage(before)
  return { seconds: (user + system) / 1e6, value }
}

/** Whether a program can be run at all. */
export const installed = (program, args = ['--version']) => spawnSync(program, args).status === 0

/** A folder for one run, gone when `work` is done; inside the clone, so that what is built there finds the resources. */
export async function inFolder(work) {
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'doorbell-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** test/bench/simulator.ts, built as the product is: what a subject measures inside its own process. */
export async function simulator(folder) {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: 'test/bench/simulator.ts',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: 'simulator.mjs' } },
    },
  })
  return import(pathToFileURL(join(folder, 'simulator.mjs')).href)
}
