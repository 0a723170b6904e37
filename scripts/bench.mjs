/**
 * `npm run bench`: the explorer's speed and memory on one scenario scaled by vectors and virtual devices, as built.
 * Each run is a process of its own, so that none is helped or hindered by the one before; a row is the median of three. `npm run bench -- --max-states N`
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isFresh } from './stamp.mjs'

const root = resolve(import.meta.dirname, '..')
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

const { values } = parseArgs({ options: { 'max-states': { type: 'string', default: '2000000' } } })

if (!isFresh(root)) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build', '--', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(1)
}

const row = (cells) =>
  console.log(
    cells
      .map((cell, i) => (i === 0 || i === cells.length - 1 ? cell.padEnd(21) : cell.padStart(13)))
      .join(' ')
      .trimEnd(),
  )
const number = (n) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')

console.log(`${SCENARIO}, at most ${number(values['max-states'])} states, Node ${process.versions.node}\n`)
row(['scale', 'states', 'transitions', 'ms', 'states/s', 'bytes/state', ''])
for (const scale of SCALES) {
  const args = [
    'bin/doorbell.js',
    'explore',
    SCENARIO,
    '--scale',
    scale,
    '--max-states',
    values['max-states'],
    '--json',
  ]
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
  const elapsedMs = runs.map((r) => r.elapsedMs).sort((x, y) => x - y)[Math.floor(RUNS / 2)]
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

const { benchPlan } = await import('./bench-plan.mjs')
benchPlan()

const { benchTimeline } = await import('./bench-timeline.mjs')
await benchTimeline()
