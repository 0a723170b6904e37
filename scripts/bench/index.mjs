/**
 * `npm run bench`: what Doorbell claims about speed and memory, measured. `-- --only NAME` (again for more) runs one
 * subject, `-- --list` names them; `--runs N` how often Spin and the explorer take turns (3). A subject prints what it compares in one run, interleaved, as medians.
 *
 * A new subject is a file beside this one that exports `bench(options)`, and a line below.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { isFresh } from '../stamp.mjs'
import { root } from './support.mjs'

/** Name → what it measures; scripts/bench/NAME.mjs. In the order in which they run. */
const SUBJECTS = {
  explore: 'explorer: states, time and memory as a scenario is scaled',
  spin: 'explorer beside Spin: CPU seconds to a verdict, states per CPU second, bytes, growth',
  plan: 'planner: time as a machine grows',
  repair: 'repair: CPU seconds of every racy scenario of the catalogue',
  timed: 'runs in time: events per CPU second beside SystemC’s method kernel',
  window: 'race window: Monte Carlo trials per second',
  topology: 'topology: 1,000 and 10,000 functions opened, planned, panned and zoomed in the window',
  start: 'start: from `npm start -- --browser` to a window that answers a key',
  timeline: 'timeline: ten million events opened, drawn, panned and zoomed, beside speedscope',
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean', default: false },
    'max-states': { type: 'string', default: '2000000' },
    runs: { type: 'string', default: '3' },
  },
})

if (values.list) {
  for (const [name, what] of Object.entries(SUBJECTS)) console.log(`${name.padEnd(10)} ${what}`)
  process.exit(0)
}
const unknown = (values.only ?? []).find((name) => !Object.hasOwn(SUBJECTS, name))
if (unknown !== undefined) {
  console.error(`bench: there is no subject ${unknown}; there are ${Object.keys(SUBJECTS).join(', ')}`)
  process.exit(2)
}

if (!isFresh(root)) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build', '--', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(1)
}

for (const [i, name] of Object.keys(SUBJECTS)
  .filter((name) => values.only?.includes(name) ?? true)
  .entries()) {
  if (i > 0) console.log('')
  const { bench } = await import(`./${name}.mjs`)
  await bench({ maxStates: values['max-states'], runs: Math.max(1, Number(values.runs) || 3) })
}
