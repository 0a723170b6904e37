/* global window, document -- what runs in the page */
/**
 * The timeline with ten million made-up events, in Chromium without a GPU: how long the run store takes to open, how long
 * frames take to draw while panning and zooming by script, how many the browser misses beside an empty canvas of the same
 * size, by turns, and how much memory it takes. Beside it speedscope (npm, fetched only for this) on the largest export
 * that it can load.
 */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import {
  command,
  emptyIntervals,
  heap,
  inBrowser,
  intervals,
  line,
  load,
  missed,
  ms,
  openPage,
  quantile,
  startHost,
} from './page.mjs'
import { median, root } from './support.mjs'

const SPEEDSCOPE = 'speedscope@1.25.0'
const TURNS = 5

/** The simulator's own generator and writer, out of the sources. */
async function simulatorParts() {
  const { runnerImport } = await import('vite')
  const load = async (file) =>
    (await runnerImport(join(root, 'main/simulator/trace', file), { configFile: false, root, logLevel: 'error' }))
      .module
  return { ...(await load('synthetic.ts')), ...(await load('exports/index.ts')) }
}

function write(file, pieces) {
  const out = openSync(file, 'w')
  for (const piece of pieces) writeSync(out, piece)
  closeSync(out)
  return statSync(file).size
}

/** In, to the right, to the left, out again: a second each. */
const ROUND = [
  { wheel: [0, -40] },
  { wheel: [24, 0], shift: true },
  { wheel: [-24, 0], shift: true },
  { wheel: [0, 40] },
].flatMap((input) => Array(60).fill(input))
const CANVAS = '[data-testid="timeline"] canvas.canvas'

export async function bench({ events = 10_000_000, turns = TURNS } = {}) {
  console.log(`timeline, ${events.toLocaleString('en')} made-up events, Chromium without a GPU, 1600×900, ${load()}\n`)
  await inBrowser(async ({ home, browser }) => {
    const { synthetic, exported } = await simulatorParts()
    mkdirSync(join(home, 'runs'))
    const size = write(join(home, 'runs/bench.dbrun'), exported(synthetic({ events, seed: 1 }), 'store'))
    line('run store', `${(size / 1e6).toFixed(0)} MB`)
    const host = await startHost(home)
    try {
      const page = await openPage(browser, host.link)
      const opened = await openRun(page)
      line('open', `${ms(opened.open)}, first frame after ${ms(opened.first)}`)
      await page.waitForTimeout(1500)
      await benchFrames(browser, page, turns)
      line('heap of the page', `${((await heap(page)) / 1e6).toFixed(0)} MB`)
      await page.close()
    } finally {
      await host.close()
    }
    await benchSpeedscope(browser, { synthetic, exported })
  })
}

/** By the command, as a person would: the clock runs from the Enter to the first frame. */
async function openRun(page) {
  await command(page, 'open a run of the workspace')
  await page.getByTestId('prompt-value').waitFor()
  return page.evaluate(async () => {
    const began = window.performance.now()
    const field = document.querySelector('[data-testid="prompt-value"]')
    field.closest('form')?.requestSubmit?.()
    const until = async (ready) => {
      while (!ready()) await new Promise((done) => setTimeout(done, 2))
      return window.performance.now() - began
    }
    const open = await until(() =>
      /\d/.test(document.querySelector('[data-testid="timeline-events"]')?.textContent ?? ''),
    )
    return { open, first: await until(() => (window.doorbellDrawTimes?.length ?? 0) > 0) }
  })
}

async function benchFrames(browser, page, turns) {
  const { width, height } = await page.locator(CANVAS).evaluate((canvas) => ({
    width: canvas.width,
    height: canvas.height,
  }))
  const empty = await openPage(browser)
  await page.evaluate(() => (window.doorbellDrawTimes.length = 0))
  const ours = []
  const bare = []
  for (let i = 0; i < turns; i++) {
    await empty.bringToFront()
    bare.push(missed(await emptyIntervals(empty, { width, height, steps: ROUND.length })))
    await page.bringToFront()
    ours.push(missed(await intervals(page, { selector: CANVAS, at: [0.55, 0.3], inputs: ROUND })))
  }
  await empty.close()
  const draws = await page.evaluate(() => [...window.doorbellDrawTimes])
  const draw = [0.5, 0.95, 0.99].map((q) => `p${q * 100} ${ms(quantile(draws, q))}`).join(', ')
  line('draw', `${draw} (${draws.length} frames)`)
  const words = (list) => `${median(list).toFixed(2)} % (${list.map((n) => n.toFixed(1)).join(', ')})`
  line('frames missed', words(ours))
  line('  empty canvas', `${words(bare)}, ${width}×${height}, by turns; now ${load()}`)
}

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' }

/** Not among the dependencies: only who measures needs it. */
async function benchSpeedscope(browser, { synthetic, exported }) {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-speedscope-'))
  const { status } = spawnSync(
    'npm',
    ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder, SPEEDSCOPE],
    {
      stdio: 'ignore',
      shell: process.platform === 'win32',
      timeout: 120_000,
    },
  )
  const dist = join(folder, 'node_modules/speedscope/dist/release')
  try {
    if (status !== 0 || !existsSync(dist))
      return console.log(`speedscope         skipped: ${SPEEDSCOPE} could not be fetched`)
    const index = readdirSync(dist).find((f) => f === 'index.html')
    if (!index) return console.log('speedscope         skipped: its package has no page')
    let best = 'loads none of the sizes that were tried'
    for (const events of [30_000, 100_000, 300_000, 1_000_000]) {
      const file = join(folder, 'trace.json')
      write(file, exported(synthetic({ events, seed: 1 }), 'chrome'))
      const server = createServer(async (request, answer) => {
        const path = new URL(request.url, 'http://x').pathname
        const body = await readFile(
          path === '/trace.json' ? file : join(dist, path === '/' ? index : path.slice(1)),
        ).catch(() => null)
        answer.writeHead(body ? 200 : 404, {
          'Content-Type': TYPES[extname(path) || '.html'] ?? 'application/octet-stream',
        })
        answer.end(body ?? '')
      })
      await new Promise((done) => server.listen(0, '127.0.0.1', done))
      const { port } = server.address()
      const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
      try {
        const began = performance.now()
        await page.goto(`http://127.0.0.1:${port}/#profileURL=/trace.json`)
        await page.locator('canvas').first().waitFor({ timeout: 60_000 })
        best = `loads ${events.toLocaleString('en')} events in ${ms(performance.now() - began)}`
      } catch {
        break
      } finally {
        await page.close()
        server.close()
      }
    }
    console.log(`speedscope         ${best}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
