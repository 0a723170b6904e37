/**
 * `npm run bench`: what the explorer costs, on the built-in scenario that scales by vectors and devices.
 * Each row is the median of several cold runs of the built command line, one process each, nothing else running.
 * States per second count the exploration alone; "whole process" adds Node's start and the scenario's compilation.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const cli = resolve(root, 'out/main/cli.js')
if (!existsSync(cli)) {
  console.error('bench: build first (npm run build)')
  process.exit(2)
}

const RUNS = 3
const SCALES = [
  'devices=1,vectors=1',
  'devices=1,vectors=2',
  'devices=1,vectors=3',
  'devices=1,vectors=4',
  'devices=2,vectors=1',
  'devices=1,vectors=5',
]

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

function once(scale) {
  const start = performance.now()
  const r = spawnSync(process.execPath, [cli, 'explore', 'idxd-vsvm-scaled', '--scale', scale, '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const wall = performance.now() - start
  if (r.status !== 1) throw new Error(`explore --scale ${scale} ended with ${r.status}: ${r.stderr}`)
  return { wall, result: JSON.parse(r.stdout) }
}

console.log(`explorer, full state space, no reduction; Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}`)
console.log(`median of ${RUNS} cold runs of: doorbell explore idxd-vsvm-scaled --scale … --json\n`)
const rows = SCALES.map((scale) => {
  const runs = Array.from({ length: RUNS }, () => once(scale))
  const { states, transitions, bytesPerState } = runs[0].result
  const ms = median(runs.map((r) => r.result.elapsedMs))
  return {
    scale,
    states,
    transitions,
    'explore ms': ms,
    'states/s': ms > 0 ? Math.round((states * 1000) / ms) : '-',
    'transitions/s': ms > 0 ? Math.round((transitions * 1000) / ms) : '-',
    'bytes/state': Number(bytesPerState.toFixed(1)),
    'whole process ms': Math.round(median(runs.map((r) => r.wall))),
  }
})
console.table(rows)
