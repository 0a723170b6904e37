/**
 * The race window's Monte Carlo: trials per CPU second in one thread, in straight code and in the general engine, on the
 * late-permission race as a litmus scenario of 24 events a run (test/bench/late-permission.yaml; target ≥ 1,000,000) and
 * as the built-in flow of all its registers. Medians of interleaved rounds; events are those of the first 1,000 trials.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpu, inFolder, median, number, ratio, root, row, simulator } from './support.mjs'

const ROUNDS = 5
const TRIALS = 200_000

export const bench = () =>
  inFolder(async (folder) => {
    const { modelOf, builtinText, Trials, TimedEngine, seedOf } = await simulator(folder)
    const litmus = readFileSync(join(root, 'test/bench/late-permission.yaml'), 'utf8')
    const subjects = [
      ['late-permission, litmus', await modelOf('late', litmus), TRIALS],
      ['own-idxd-vsvm-late', await modelOf('own', await builtinText('own-idxd-vsvm-late')), TRIALS / 4],
      ['idxd-vsvm-late', await modelOf('idxd', await builtinText('idxd-vsvm-late')), TRIALS / 4],
      ['vsvm-late-send', await modelOf('vsvm', await builtinText('vsvm-late-send')), TRIALS / 10],
    ]
    console.log('Monte Carlo trials per CPU second, one thread; median of five interleaved rounds\n')
    const widths = [26, 12, 16, 14, 16, 18]
    row(['scenario', 'events/run', 'straight code', 'engine', 'events/CPU s', 'straight ÷ engine'], widths)
    for (const [name, model, trials] of subjects) {
      const engine = new TimedEngine(model)
      let events = 0
      for (let k = 0; k < 1000; k++) {
        engine.start(seedOf(1, k))
        while (engine.next() >= 0) events++
      }
      const kinds = { code: new Trials(model), engine: new Trials(model, { engineOnly: true }) }
      const seconds = (which, n) =>
        cpu(() => {
          for (let k = 0; k < n; k++) kinds[which].run(seedOf(1, k))
        }).seconds / n
      const rounds = Array.from({ length: ROUNDS + 1 }, () => ({
        code: seconds('code', trials),
        engine: seconds('engine', trials / 10),
      })).slice(1) // the first warms up
      const code = median(rounds.map((r) => r.code))
      row(
        [
          name,
          String(events / 1000),
          number(1 / code),
          number(1 / median(rounds.map((r) => r.engine))),
          number(events / 1000 / code),
          ratio(median(rounds.map((r) => r.engine / r.code))),
        ],
        widths,
      )
    }
  })
