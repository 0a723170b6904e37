/* global window, document, WheelEvent, requestAnimationFrame -- what runs in the page */
/**
 * The timeline with ten million made-up events, in Chromium without a GPU: how long the run store takes to open, how long
 * frames take to draw while panning and zooming by script, how many the browser misses, and how much memory it takes.
 * Beside it speedscope (npm, fetched only for this) on the largest export that it can load.
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
import { extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { findChromium } from '../chromium.mjs'

const root = resolve(import.meta.dirname, '../..')
const SPEEDSCOPE = 'speedscope@1.25.0'
const quantile = (list, q) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))] ?? NaN
const ms = (n) => `${n.toFixed(1)} ms`

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

/** Pans and zooms for a while, one step a frame; the intervals between frames, ms. */
const SCRIPT = async (steps) => {
  const stage = document.querySelector('[data-testid="timeline"] .stage')
  const canvas = stage.querySelector('canvas.canvas')
  const box = canvas.getBoundingClientRect()
  const intervals = []
  window.doorbellDrawTimes.length = 0
  let last = 0
  await new Promise((done) => {
    let n = 0
    const step = (now) => {
      if (last > 0) intervals.push(now - last)
      last = now
      if (n++ >= steps) return done()
      const phase = Math.floor(n / 60) % 4
      const wheel = { clientX: box.x + box.width * 0.55, clientY: box.y + 60, bubbles: true, cancelable: true }
      if (phase === 0) canvas.dispatchEvent(new WheelEvent('wheel', { ...wheel, deltaY: -40 }))
      else if (phase === 2) canvas.dispatchEvent(new WheelEvent('wheel', { ...wheel, deltaY: 40 }))
      else canvas.dispatchEvent(new WheelEvent('wheel', { ...wheel, deltaX: phase === 1 ? 24 : -24, shiftKey: true }))
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  })
  return { intervals, draws: [...window.doorbellDrawTimes] }
}

export async function bench({ events = 10_000_000, steps = 720 } = {}) {
  console.log(`\ntimeline, ${events.toLocaleString('en')} made-up events, Chromium without a GPU, 1600×900\n`)
  const executablePath = findChromium()
  if (!executablePath) return console.log('skipped: no Chromium found (DOORBELL_CHROMIUM=/path names one)')
  const home = mkdtempSync(join(tmpdir(), 'doorbell-bench-'))
  process.env.DOORBELL_HOME = home
  const { chromium } = await import('playwright-core')
  const { startServer } = await import(pathToFileURL(join(root, 'out/main/serve.js')).href)
  const { synthetic, exported } = await simulatorParts()
  mkdirSync(join(home, 'runs'))
  const size = write(join(home, 'runs/bench.dbrun'), exported(synthetic({ events, seed: 1 }), 'store'))
  console.log(`run store          ${(size / 1e6).toFixed(0)} MB`)
  const started = await startServer({
    spawn: () => new Worker(pathToFileURL(join(root, 'out/main/worker.js'))),
    log: () => undefined,
  })
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
  })
  try {
    const page = await (await browser.newContext({ viewport: { width: 1600, height: 900 } })).newPage()
    page.setDefaultTimeout(120_000)
    await page.goto(started.value.link())
    await page.getByTestId('scenario-idxd-vsvm-late').waitFor()
    // By the command, as a person would: the clock runs from the Enter to the first frame.
    await page.keyboard.press('F1')
    await page.keyboard.type('open a run of the workspace')
    await page.keyboard.press('Enter')
    await page.getByTestId('prompt-value').waitFor()
    const opened = await page.evaluate(async () => {
      const began = performance.now()
      const field = document.querySelector('[data-testid="prompt-value"]')
      field.closest('form')?.requestSubmit?.()
      const until = async (ready) => {
        while (!ready()) await new Promise((done) => setTimeout(done, 2))
        return performance.now() - began
      }
      const open = await until(() =>
        /\d/.test(document.querySelector('[data-testid="timeline-events"]')?.textContent ?? ''),
      )
      return { open, first: await until(() => (window.doorbellDrawTimes?.length ?? 0) > 0) }
    })
    console.log(`open               ${ms(opened.open)}, first frame after ${ms(opened.first)}`)
    await page.waitForTimeout(1500)
    const { intervals, draws } = await page.evaluate(SCRIPT, steps)
    const frame = 1000 / 60
    const missed = intervals.reduce((n, i) => n + Math.max(0, Math.round(i / frame) - 1), 0)
    const total = intervals.length + missed
    console.log(
      `draw               p50 ${ms(quantile(draws, 0.5))}, p95 ${ms(quantile(draws, 0.95))}, p99 ${ms(quantile(draws, 0.99))} (${draws.length} frames)`,
    )
    console.log(`frames missed      ${missed} of ${total} (${((100 * missed) / total).toFixed(2)} %)`)
    const heap = await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0)
    console.log(`heap of the page   ${(heap / 1e6).toFixed(0)} MB`)
    await benchSpeedscope(browser, { synthetic, exported })
  } finally {
    await browser.close()
    await started.value.close()
    rmSync(home, { recursive: true, force: true })
  }
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
