/**
 * Runs in time beside SystemC's method kernel: the same chains (each draws a delay of 1 … 1,000 ns from its own xorshift
 * and waits again), the same number of events, the same checksum. Three things are measured: the event queue alone,
 * with the same work an event; SystemC; and the whole timed engine on a model of so many agents (its steps' guards,
 * effects and latencies, which SystemC does not have).
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { cpu, inFolder, installed, median, number, ratio, root, row, simulator } from './support.mjs'

const CHAINS = [8, 64, 1024]
const TARGETS = { 8: 1.5, 64: 3, 1024: 6 }
const EVENTS = 3_000_000
const ROUNDS = 5

export const bench = () =>
  inFolder(async (folder) => {
    const engine = await simulator(folder)
    const systemc = compileSystemC(folder)
    console.log('events per CPU second, chains of one pending event each; median of five interleaved rounds\n')
    const widths = [8, 14, 14, 14, 20, 12, 12]
    row(['pending', 'events', 'SystemC', 'queue', 'queue ÷ SystemC', 'target', 'engine'], widths)
    for (const n of CHAINS) {
      const last = Math.round((EVENTS * 500.5) / n)
      const rounds = Array.from({ length: ROUNDS + 1 }, () => ({
        systemc: systemc?.(n, last),
        queue: queueChains(engine, n, last),
        engine: engineChains(engine, n),
      })).slice(1) // the first warms up
      const [one] = rounds
      if (one.systemc && (one.systemc.events !== one.queue.events || one.systemc.sum !== one.queue.sum))
        throw new Error(`SystemC and the queue did different work: ${JSON.stringify(one)}`)
      const rate = (what) => median(rounds.map((r) => r[what].events / r[what].seconds))
      const times = systemc && median(rounds.map((r) => r.systemc.seconds / r.queue.seconds))
      row(
        [
          String(n),
          number(one.queue.events),
          systemc ? number(rate('systemc')) : '–',
          number(rate('queue')),
          systemc ? ratio(times) : '–',
          `≥ ${TARGETS[n]}×`,
          number(rate('engine')),
        ],
        widths,
      )
    }
  })

/** Undefined, with a line that says why, where SystemC cannot be compiled against. */
function compileSystemC(folder) {
  if (!installed('g++')) {
    console.log('g++ is not installed: SystemC is left out\n')
    return undefined
  }
  const program = join(folder, 'chains')
  const source = join(root, 'scripts/bench/systemc/chains.cpp')
  if (spawnSync('g++', ['-O2', '-o', program, source, '-lsystemc']).status !== 0) {
    console.log('SystemC (Debian: libsystemc-dev) is not installed: it is left out\n')
    return undefined
  }
  const env = { ...process.env, SYSTEMC_DISABLE_COPYRIGHT_MESSAGE: '1' }
  return (n, last) => {
    const out = execFileSync(program, [String(n), String(last)], { encoding: 'utf8', env })
    const [events, sum, seconds] = out.trim().split('\n').at(-1).split(' ').map(Number)
    return { events, sum, seconds }
  }
}

function queueChains({ eventQueue }, n, last) {
  const queue = eventQueue(n, n, 1000)
  const x = Int32Array.from({ length: n }, (_, i) => Math.imul(i + 1, 2654435761))
  const { seconds, value } = cpu(() => runChains(queue, x, last))
  return { events: value, sum: x.reduce((a, b) => (a + b) | 0, 0) >>> 0, seconds }
}

function runChains(queue, x, last) {
  for (let i = 0; i < x.length; i++) queue.schedule(i, 0)
  let events = 0
  for (let i = queue.pop(); i >= 0; i = queue.pop()) {
    events++
    let v = x[i]
    v ^= v << 13
    v ^= v >>> 17
    v ^= v << 5
    x[i] = v
    const at = queue.now + 1 + ((v >>> 0) % 1000)
    if (at <= last) queue.schedule(i, at)
  }
  return events
}

const engines = new Map()

function engineChains({ TimedEngine, chains }, n) {
  const engine = engines.get(n) ?? new TimedEngine(chains(n, [1, 1000]))
  engines.set(n, engine)
  engine.start(1)
  const { seconds } = cpu(() => {
    for (let i = 0; i < EVENTS; i++) engine.next()
  })
  return { events: EVENTS, seconds }
}
