/**
 * The explorer's speed and memory on one scenario scaled by vectors and virtual devices. Each run is a process of its own,
 * so that none is helped or hindered by the one before; a row is the median of three.
 */
import { spawnSync } from 'node:child_process'
import { median, number, root, row } from './support.mjs'

const RUNS = 3
const SCENARIO = 'idxd-vsvm-scaled'
const SCALES = [
  'vectors=1,devices=1',
  'vectors=2,devices=1',
  'vectors=3,devices=1',
  'vectors=1,devices=2',
  'vectors=4,devices=1',
  'vectors=2,devices=2',
]

/** `maxStates`: text of a number. */
export function bench({ maxStates }) {
  console.log(`${SCENARIO}, at most ${number(maxStates)} states, Node ${process.versions.node}\n`)
  row(['scale', 'states', 'transitions', 'ms', 'states/s', 'bytes/state', ''])
  for (const scale of SCALES) {
    const args = ['bin/doorbell.js', 'explore', SCENARIO, '--scale', scale, '--max-states', maxStates, '--json']
    const runs = Array.from({ length: RUNS }, () => {
      const { stdout, stderr, status } = spawnSync(process.execPath, args, {
        cwd: root,
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      })
      if (status === 2 || stdout === '') {
        console.error(`${scale}: ${stdout}${stderr}`)
        process.exit(1)
      }
      return JSON.parse(stdout)
    })
    const { states, transitions, bytesPerState, complete } = runs[0]
    const elapsedMs = median(runs.map((r) => r.elapsedMs))
    const perSecond = elapsedMs > 0 ? number((1000 * states) / elapsedMs) : '–'
    row([
      scale,
      number(states),
      number(transitions),
      number(elapsedMs),
      perSecond,
      bytesPerState.toFixed(1),
      complete ? '  complete' : '  bound hit',
    ])
  }
}
