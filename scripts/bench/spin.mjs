/**
 * The explorer beside Spin on the scaled family: CPU seconds (user and system, of whole processes and all that they
 * start) from nothing to a verdict. Spin's share is `spin -a`, gcc -O2 and pan, with and without its partial-order
 * reduction, whichever is less. It asserts all `never` properties at once. Where one is violated it is told to ignore
 * that (-A) and goes through everything, as deciding the others takes; -c0 would print millions of lines. How long it
 * takes to its first error is shown beside it. Doorbell's is
 * a cold `doorbell explore --json`, which decides every property of the scenario and gives shortest runs. Runs alternate;
 * figures are medians of as many runs as each row says, Doorbell's / Spin's: one of Spin's that takes long is not repeated.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpu, inFolder, installed, median, number, ratio, root, row, simulator } from './support.mjs'

let RUNS = 3
/** CPU seconds from which on a run is made once. */
const LONG = 5
/** Variant and scale (of each the member nearest to that size), and how much sooner the verdict has to be there. */
const VERDICTS = [
  { title: 'small', target: 8, cases: [['safe', 1, 2, 1], ['late', 1, 2, 1], ['nodrain', 1, 2, 1]] }, // prettier-ignore
  { title: '~10⁶', target: 15, cases: [['safe', 1, 2, 4], ['late', 3, 1, 1], ['nodrain', 3, 1, 1]] }, // prettier-ignore
  { title: '~10⁷', target: 100, cases: [['safe', 1, 3, 3], ['late', 2, 1, 3], ['nodrain', 2, 2, 1]] }, // prettier-ignore
]
const START_UP = 0.15
const SHORTEST = { target: 10, cases: [['late', 1, 3, 1], ['nodrain', 1, 3, 1], ['late', 1, 2, 3]] } // prettier-ignore
const WHOLE = { target: 5, bytes: 8, cases: [['late', 1, 3, 1], ['safe', 2, 2, 2], ['late', 1, 2, 3]] } // prettier-ignore
const WARM = { target: 500, cases: [['safe', 1, 3, 3], ['late', 2, 1, 3]] } // prettier-ignore
const WORKERS = { cases: [['late', 1, 2, 3]] }
const LARGEST = { target: 1, case: ['safe', 3, 4, 2] }
const NEVER = ['host_pasid', 'stray_write', 'lost']

const scaleOf = ([, devices, vectors, descriptors]) =>
  `devices=${devices},vectors=${vectors},descriptors=${descriptors}`
const nameOf = ([variant, ...scale]) => `${variant} ${scale.join('×')}`
const idOf = ([variant]) => `ims-family-${variant}`
const seconds = (s) => s.toFixed(s < 10 ? 2 : 1)
const mark = (met) => (met ? 'met' : 'MISSED')

export const bench = ({ runs }) =>
  inFolder(async (folder) => {
    RUNS = runs
    if (!installed('spin', ['-V']) || !installed('gcc') || !installed('bash')) {
      console.log('Spin (Debian: spin), gcc or bash is not installed: the comparison with Spin is left out\n')
      growth()
      return
    }
    verdicts(folder)
    shortest(folder)
    whole(folder)
    workers()
    await warm(folder)
    largest()
    growth()
  })

/** CPU seconds of a process and all that it waits for, with its output. */
function timed(command, cwd = root) {
  const script = 'TIMEFORMAT=\'%U %S\'; { time "$@" 2>/dev/null; } 2>&3'
  const r = spawnSync('bash', ['-c', script, 'bash', ...command], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  const [user, system] = r.output[3].trim().split(' ').map(Number)
  return { seconds: user + system, out: r.stdout, status: r.status }
}

function doorbell(it, ...options) {
  const r = timed([
    process.execPath,
    'bin/doorbell.js',
    'explore',
    idOf(it),
    '--scale',
    scaleOf(it),
    ...options,
    '--json',
  ])
  if (r.status !== 0 && r.status !== 1) throw new Error(`${nameOf(it)}: ${r.out}`)
  return { seconds: r.seconds, result: JSON.parse(r.out) }
}

/** The model in Promela, once for each case, in a folder of its own. */
function exported(folder, it) {
  const place = join(folder, nameOf(it).replaceAll(' ', '-'))
  mkdirSync(place, { recursive: true })
  const args = ['bin/doorbell.js', 'export', idOf(it), '--scale', scaleOf(it), '--to', 'promela']
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${nameOf(it)} cannot be exported`)
  writeFileSync(join(place, 'model.pml'), stdout)
  return place
}

/** Spin's breadth-first search knows no `hidden` variables: the temporaries become plain ones, zero after every step. */
function withoutHidden(place) {
  const file = join(place, 'model.pml')
  const text = readFileSync(file, 'utf8')
  const zero = [...text.matchAll(/hidden int (t\d+);/g)].map(([, t]) => `${t} = 0;`).join(' ')
  const plain = text
    .replaceAll('hidden int', 'int')
    .replaceAll('printf("doorbell step', `${zero} printf("doorbell step`)
  writeFileSync(file, plain)
}

/** One run from Promela to pan's verdict: CPU seconds of all three, pan's own, and its report. */
function spin(place, { macros = [], flags = [], gcc = [], pan = [] }) {
  const a = timed(['spin', ...macros.map((m) => `-DP_${m}`), ...flags, '-a', 'model.pml'], place)
  const b = timed(['gcc', '-O2', '-w', '-DSAFETY', '-DVECTORSZ=4096', ...gcc, '-o', 'pan', 'pan.c'], place)
  const c = timed(['./pan', '-E', '-m1000000', '-w24', ...pan], place)
  if (a.status !== 0 || b.status !== 0 || !/states, stored/.test(c.out)) throw new Error(`Spin failed: ${c.out}`)
  return {
    seconds: a.seconds + b.seconds + c.seconds,
    pan: c.seconds,
    states: Number(/(\d+) states, stored/.exec(c.out)[1]),
    errors: Number(/errors: (\d+)/.exec(c.out)[1]),
    depth: Number(/errors?.*?at depth (\d+)/.exec(c.out)?.[1] ?? NaN),
    megabytes: Number(/([\d.]+)\s+total actual memory usage/.exec(c.out)?.[1] ?? NaN),
  }
}

/** `mine` and `theirs` by turns, each again while it is short. */
function rounds(mine, theirs = () => ({ seconds: 0 }), cost = (r) => r.seconds) {
  const out = { mine: [], theirs: [] }
  for (let i = 0; i < RUNS; i++) {
    if (i === 0 || cost(out.theirs[0]) < LONG) out.theirs.push(theirs())
    if (i === 0 || out.mine[0].seconds < LONG) out.mine.push(mine())
  }
  return { ...out, runs: `${out.mine.length} / ${out.theirs.length}` }
}
/** The least of Spin's CPU seconds on a case, for `warm` too. */
const leastOfSpin = new Map()
const medianOf = (list, what) => median(list.map(what))

function verdicts(folder) {
  console.log(`CPU seconds to all verdicts, cold; the least of Spin's; or ≤ ${START_UP} s where start-up is all\n`)
  const widths = [8, 15, 11, 10, 10, 11, 10, 9, 8, 9, 6]
  row(
    ['', 'family', 'Spin states', 'Spin POR', 'Spin full', 'first error', 'doorbell', 'sooner', 'target', '', 'runs'],
    widths,
  )
  for (const { title, target, cases } of VERDICTS)
    for (const it of cases) {
      const place = exported(folder, it)
      const violated = doorbell(it).result.properties.some(
        (p) => p.verdict === 'violated' && NEVER.includes(p.name.replaceAll('-', '_')),
      )
      const pan = violated ? ['-A'] : []
      const all = rounds(
        () => doorbell(it),
        () => ({
          reduced: spin(place, { macros: NEVER, pan }),
          full: spin(place, { macros: NEVER, gcc: ['-DNOREDUCE'], pan }),
        }),
        (r) => r.reduced.seconds + r.full.seconds,
      )
      const first = violated ? spin(place, { macros: NEVER }) : undefined
      for (const { reduced, full } of all.theirs)
        if (reduced.errors + full.errors > 0 || first?.errors === 0)
          throw new Error(`${nameOf(it)}: Spin says something else`)
      const reduced = medianOf(all.theirs, (r) => r.reduced.seconds)
      const full = medianOf(all.theirs, (r) => r.full.seconds)
      const mine = medianOf(all.mine, (r) => r.seconds)
      leastOfSpin.set(nameOf(it), Math.min(reduced, full))
      const times = Math.min(reduced, full) / mine
      row(
        [
          title,
          nameOf(it),
          number(all.theirs[0].full.states),
          seconds(reduced),
          seconds(full),
          first ? seconds(first.seconds) : '–',
          seconds(mine),
          ratio(times),
          `≥ ${target}×`,
          times >= target ? 'met' : mine <= START_UP ? 'start-up' : 'MISSED',
          all.runs,
        ],
        widths,
      )
    }
  console.log('')
}

function shortest(folder) {
  console.log(
    "a shortest counterexample: doorbell's cold explore beside spin -a, gcc -O2 and pan's breadth-first search\n",
  )
  const widths = [14, 11, 11, 11, 11, 9, 9, 6]
  row(['family', 'steps', 'Spin BFS', 'doorbell', 'sooner', 'target', '', 'runs'], widths)
  for (const it of SHORTEST.cases) {
    const place = exported(folder, it)
    withoutHidden(place)
    const [property] = doorbell(it).result.properties.filter((p) => p.verdict === 'violated')
    const macros = [property.name.replaceAll('-', '_')]
    const all = rounds(
      () => doorbell(it),
      () => spin(place, { macros, gcc: ['-DBFS', '-DNOREDUCE'] }),
    )
    if (all.theirs.some((r) => r.errors === 0)) throw new Error(`${nameOf(it)}: Spin finds no counterexample`)
    const theirs = medianOf(all.theirs, (r) => r.seconds)
    const mine = medianOf(all.mine, (r) => r.seconds)
    const times = theirs / mine
    row(
      [
        nameOf(it),
        String(property.counterexample.length),
        seconds(theirs),
        seconds(mine),
        ratio(times),
        `≥ ${SHORTEST.target}×`,
        mark(times >= SHORTEST.target),
        all.runs,
      ],
      widths,
    )
  }
  console.log('')
}

function whole(folder) {
  console.log(
    'without any reduction: states per CPU second (doorbell: the whole process; Spin: pan alone), bytes a state\n',
  )
  const widths = [14, 12, 12, 12, 10, 8, 8, 12, 9, 8, 8, 6]
  row(
    ['family', 'states', 'pan/s', 'doorbell/s', 'faster', 'target', '', 'pan bytes', 'bytes', 'target', '', 'runs'],
    widths,
  )
  for (const it of WHOLE.cases) {
    const place = exported(folder, it)
    const all = rounds(
      () => doorbell(it, '--no-reduce', '--no-symmetry'),
      () => spin(place, { flags: ['-o1', '-o2', '-o3'], gcc: ['-DNOREDUCE'], pan: ['-A'] }),
    )
    const [pan] = all.theirs
    const { states, bytesPerState } = all.mine[0].result
    if (states !== pan.states) throw new Error(`${nameOf(it)}: Spin counts ${pan.states}, not ${states}`)
    const theirs = medianOf(all.theirs, (r) => r.states / r.pan)
    const mine = medianOf(all.mine, (r) => r.result.states / r.seconds)
    row(
      [
        nameOf(it),
        number(states),
        number(theirs),
        number(mine),
        ratio(mine / theirs),
        `≥ ${WHOLE.target}×`,
        mark(mine / theirs >= WHOLE.target),
        number((pan.megabytes * 2 ** 20) / states),
        bytesPerState.toFixed(1),
        `≤ ${WHOLE.bytes}`,
        mark(bytesPerState <= WHOLE.bytes),
        all.runs,
      ],
      widths,
    )
  }
  console.log('')
}

/** Two threads beside one, without any reduction: seconds on the clock, and of CPU. The clock says little on a busy machine. */
function workers() {
  console.log('two workers beside one, without any reduction: seconds on the clock / CPU seconds\n')
  const widths = [14, 12, 17, 17, 10]
  row(['family', 'states', '--workers 1', '--workers 2', 'clock'], widths)
  for (const it of WORKERS.cases) {
    const on = (n) => {
      const start = performance.now()
      const { seconds, result } = doorbell(it, '--no-reduce', '--no-symmetry', '--workers', String(n))
      return { clock: (performance.now() - start) / 1000, cpu: seconds, states: result.states }
    }
    const all = rounds(() => {
      const [one, two] = [on(1), on(2)]
      return { one, two, seconds: one.cpu + two.cpu }
    }).mine
    if (all.some((r) => r.one.states !== r.two.states)) throw new Error(`${nameOf(it)}: the counts differ`)
    const clock = (who) => medianOf(all, (r) => r[who].clock)
    const cell = (who) => `${seconds(clock(who))} / ${seconds(medianOf(all, (r) => r[who].cpu))}`
    row([nameOf(it), number(all[0].one.states), cell('one'), cell('two'), ratio(clock('one') / clock('two'))], widths)
  }
  console.log('')
}

async function warm(folder) {
  const { simulator: worker, builtinText } = await simulator(folder)
  console.log('CPU seconds to the verdict in a worker that is warm, beside the least of Spin’s above\n')
  const widths = [14, 11, 11, 11, 9, 9]
  row(['family', 'Spin', 'warm', 'sooner', 'target', ''], widths)
  for (const it of WARM.cases) {
    const text = await builtinText(idOf(it))
    const scale = Object.fromEntries(scaleOf(it).split(',').map((s) => [s.split('=')[0], Number(s.split('=')[1])])) // prettier-ignore
    const explored = () => {
      const r = worker.explore({ name: idOf(it), text }, [], { scale })
      if (!r.ok) throw new Error(r.error.message)
      r.value.advance(() => false)
      return r.value.result(0)
    }
    for (let i = 0; i < 5; i++) explored()
    const mine = median(Array.from({ length: 9 }, () => cpu(explored).seconds))
    const theirs = leastOfSpin.get(nameOf(it))
    row([nameOf(it), seconds(theirs), mine.toFixed(4), ratio(theirs / mine), `≥ ${WARM.target}×`, mark(theirs / mine >= WARM.target)], widths) // prettier-ignore
  }
  console.log('')
}

function largest() {
  const it = LARGEST.case
  const all = rounds(() => doorbell(it)).mine
  const mine = medianOf(all, (r) => r.seconds)
  const [{ result }] = all
  const proved = result.complete && result.properties.every((p) => p.verdict === 'holds' || p.verdict === 'witnessed')
  console.log(
    `${nameOf(it)} (devices × vectors × descriptors): ${proved ? 'proved' : 'NOT PROVED'} in ${seconds(mine)} CPU s (${all.length} runs), target < ${LARGEST.target} s: ${mark(proved && mine < LARGEST.target)}\n`,
  )
}

/** Stored states as each of the three grows by itself: reduced, and without any reduction up to a bound. */
function growth() {
  const most = 100_000
  console.log(`growth of stored states: reduced / all (– beyond ${number(most)})\n`)
  const widths = [14, 19, 19, 19, 19]
  const axes = [
    ['vectors', (n) => [1, n, 1]],
    ['devices', (n) => [n, 1, 1]],
    ['descriptors', (n) => [1, 1, n]],
  ]
  for (const variant of ['safe', 'late', 'nodrain']) {
    row([variant, '1', '2', '3', '4'], widths)
    for (const [axis, at] of axes) {
      const cells = [1, 2, 3, 4].map((n) => {
        const it = [variant, ...at(n)]
        const args = ['bin/doorbell.js', 'explore', idOf(it), '--scale', scaleOf(it), '--json']
        const run = (...more) =>
          JSON.parse(spawnSync(process.execPath, [...args, ...more], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 }).stdout) // prettier-ignore
        const all = run('--no-reduce', '--no-symmetry', '--max-states', String(most))
        return `${number(run().states)} / ${all.complete ? number(all.states) : '–'}`
      })
      row([axis, ...cells], widths)
    }
  }
}
