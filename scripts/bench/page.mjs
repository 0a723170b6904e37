/* global document, window, MessageChannel, MouseEvent, WheelEvent, requestAnimationFrame -- what runs in the page */
/**
 * What the subjects share that measure the window: the host as `npm start -- --browser` runs it, in a process of its own,
 * Chromium without a GPU, and the intervals between frames while something is moved, beside those of an empty canvas.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from '../chromium.mjs'
import { root } from './support.mjs'

export const quantile = (list, q) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))] ?? NaN
export const ms = (n) => `${n.toFixed(1)} ms`
export const seconds = (n) => `${(n / 1000).toFixed(2)} s`
export const line = (name, text) => console.log(`${name.padEnd(18)} ${text}`)
/** One-minute load when the subject began: figures of a busy machine are not those of an idle one. */
export const load = () => `load ${loadavg()[0].toFixed(1)}`

const LINK = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/
const VIEWPORT = { width: 1600, height: 900 }

/** From the spawn of the real command to its link. `close` ends it and waits. */
export async function startHost(home) {
  const child = spawn(process.execPath, [join(root, 'out/main/start.js'), '--browser', '--no-open'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DOORBELL_HOME: home },
  })
  const ended = new Promise((done) => child.once('exit', done))
  const link = await new Promise((done, failed) => {
    let said = ''
    child.stdout.on('data', (data) => {
      const [found] = LINK.exec((said += data)) ?? []
      if (found) done(found)
    })
    void ended.then((code) => failed(new Error(`the host ended with ${code} before it gave its link: ${said}`)))
  })
  return {
    link,
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** `work({ home, browser })` with an empty workspace and a browser; says why where there is none. */
export async function inBrowser(work) {
  const executablePath = findChromium()
  if (!executablePath) return console.log('skipped: no Chromium found (DOORBELL_CHROMIUM=/path names one)')
  const { chromium } = await import('playwright-core')
  const home = mkdtempSync(join(tmpdir(), 'doorbell-bench-'))
  const args = ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info']
  const browser = await chromium.launch({ executablePath, args })
  try {
    return await work({ home, browser })
  } finally {
    await browser.close()
    rmSync(home, { recursive: true, force: true })
  }
}

export async function openPage(browser, link) {
  const page = await browser.newPage({ viewport: VIEWPORT })
  page.setDefaultTimeout(120_000)
  if (link) {
    await page.goto(link)
    await page.getByTestId('scenario-idxd-vsvm-late').waitFor()
  }
  return page
}

/** By the palette, as a person would. */
export async function command(page, title) {
  await page.keyboard.press('F1')
  await page.keyboard.type(title)
  await page.keyboard.press('Enter')
}

export const heap = (page) => page.evaluate(() => window.performance.memory?.usedJSHeapSize ?? 0)

/**
 * One input a frame onto an element, each before the frame that is to show it, as Chromium hands out a wheel's and a
 * mouse's; the intervals between the frames, ms. `at`: where in the element, as shares of its size.
 * An input is { wheel: [dx, dy], shift } or { mouse: 'mousedown' | 'mousemove' | 'mouseup', by: [x, y] from there }.
 */
export const intervals = (page, { selector, at, inputs }) =>
  page.evaluate(
    async ({ selector, at, inputs }) => {
      const target = document.querySelector(selector)
      const box = target.getBoundingClientRect()
      const [x, y] = [box.x + box.width * at[0], box.y + box.height * at[1]]
      const common = { bubbles: true, cancelable: true, view: window }
      const give = ({ wheel, shift, mouse, by }) => {
        if (wheel)
          return target.dispatchEvent(
            new WheelEvent('wheel', {
              ...common,
              clientX: x,
              clientY: y,
              deltaX: wheel[0],
              deltaY: wheel[1],
              shiftKey: shift === true,
            }),
          )
        const on = mouse === 'mousedown' ? target : window
        on.dispatchEvent(
          new MouseEvent(mouse, {
            ...common,
            clientX: x + by[0],
            clientY: y + by[1],
            buttons: mouse === 'mouseup' ? 0 : 1,
          }),
        )
      }
      const { port1, port2 } = new MessageChannel()
      const all = []
      let next = 0
      let last = 0
      port2.onmessage = () => give(inputs[next - 1])
      await new Promise((done) => {
        const frame = (now) => {
          if (last > 0) all.push(now - last)
          last = now
          if (next >= inputs.length) return done()
          next++
          port1.postMessage(null) // a task of its own, after this frame
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      })
      port1.close()
      return all
    },
    { selector, at, inputs },
  )

/** The same for a page that does nothing but fill one rectangle of a canvas of this size: what browser and machine miss. */
export async function emptyIntervals(page, { width, height, steps }) {
  await page.setContent(`<body style="margin:0"><canvas width="${width}" height="${height}" style="display:block">`)
  return page.evaluate(async (steps) => {
    const canvas = document.querySelector('canvas')
    const context = canvas.getContext('2d')
    const all = []
    let last = 0
    await new Promise((done) => {
      const frame = (now) => {
        if (last > 0) all.push(now - last)
        last = now
        if (all.length >= steps) return done()
        context.clearRect(0, 0, canvas.width, canvas.height)
        context.fillRect(all.length % canvas.width, 20, 40, 40)
        requestAnimationFrame(frame)
      }
      requestAnimationFrame(frame)
    })
    return all
  }, steps)
}

const FRAME = 1000 / 60
/** Frames that the screen showed again because no new one had come, in per cent. */
export function missed(all) {
  const lost = all.reduce((n, interval) => n + Math.max(0, Math.round(interval / FRAME) - 1), 0)
  return (100 * lost) / (lost + all.length)
}
