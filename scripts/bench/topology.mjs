/* global document, window, requestAnimationFrame -- what runs in the page */
/**
 * Machines of 1,000 and 10,000 functions in the window: from the click on the platform to its board drawn and laid out, then
 * from the click on Plan to every group's number on its card, the intervals between frames while the board is dragged and
 * zoomed as it opens and as a whole, and the heap. Endpoints that look alike are folded; where no two do, nothing can be.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
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
  seconds,
  startHost,
} from './page.mjs'
import { platform } from './plan.mjs'
import { number } from './support.mjs'

const MACHINES = [1000, 10_000].flatMap((size) => [
  { name: `alike-${size}`, size, ids: 1, words: 'endpoints alike' },
  { name: `apart-${size}`, size, ids: 0x8000, words: 'no two endpoints alike' },
])
const PANE = '[data-testid="topology"] .vue-flow__pane'
const CARDS = '[data-testid="topology"] .vue-flow__node'

const dragged = (n, by) => [
  { mouse: 'mousedown', by: [0, 0] },
  ...Array.from({ length: n }, (_, i) => ({ mouse: 'mousemove', by: [by[0] * (i + 1), by[1] * (i + 1)] })),
  { mouse: 'mouseup', by: [by[0] * n, by[1] * n] },
]
/** To the left and up, back again, in, out again: a second each. */
const ROUND = [
  ...dragged(60, [-9, -4]),
  ...dragged(60, [9, 4]),
  ...Array(60).fill({ wheel: [0, -8] }),
  ...Array(60).fill({ wheel: [0, 8] }),
]

export const bench = () =>
  inBrowser(async ({ home, browser }) => {
    console.log(`topology, synthetic machines, Chromium without a GPU, 1600×900, ${load()}\n`)
    mkdirSync(join(home, 'platforms'), { recursive: true })
    for (const { name, size, ids } of MACHINES)
      writeFileSync(join(home, 'platforms', `${name}.platform.json`), JSON.stringify(platform(size, ids)))
    const host = await startHost(home)
    try {
      const page = await openPage(browser, host.link)
      await page.keyboard.press('Alt+1')
      for (const machine of MACHINES) await benchMachine(page, machine)
      const empty = await openPage(browser)
      const bare = await emptyIntervals(empty, { width: 900, height: 400, steps: ROUND.length })
      console.log('')
      line('empty canvas', `${frames(bare)}; now ${load()}`)
    } finally {
      await host.close()
    }
  })

const frames = (all) =>
  `p50 ${ms(quantile(all, 0.5))}, p95 ${ms(quantile(all, 0.95))}, frames missed ${missed(all).toFixed(1)} %`

async function benchMachine(page, { name, size, words }) {
  console.log(`\n${number(size)} functions, ${words}`)
  const open = await clicked(page, `platform-${name}`, [`${LAID} .vue-flow__node`], name)
  line('  open', `${seconds(open)}, ${await page.locator(CARDS).count()} cards in view`)
  line('  frames, opened', frames(await intervals(page, { selector: PANE, at: [0.5, 0.5], inputs: ROUND })))
  await page.getByTestId('topology').getByRole('button', { name: 'Fit' }).click()
  await page.waitForTimeout(500)
  const cards = await page.locator(CARDS).count()
  const whole = await intervals(page, { selector: PANE, at: [0.5, 0.5], inputs: ROUND })
  line('  frames, whole', `${frames(whole)}, ${cards} cards in view`)
  const plan = await clicked(page, 'topology-plan', [LAID, '[data-testid="plan-summary"]'])
  line('  plan', `${seconds(plan)} to the groups listed and the board laid out for them`)
  line('  frames, planned', frames(await intervals(page, { selector: PANE, at: [0.5, 0.5], inputs: ROUND })))
  line('  heap of the page', `${((await heap(page)) / 1e6).toFixed(0)} MB`)
  await page.keyboard.press('Alt+1')
  await page.getByTestId('topology-plan').click()
}

const LAID = '[data-testid="topology"] .graph[aria-busy="false"]'

/** From a click until all of these are there, for the machine of this name, and the frame after that, ms. */
function clicked(page, id, wanted, name = '') {
  return page.evaluate(
    async ([id, wanted, name]) => {
      const began = window.performance.now()
      document.querySelector(`[data-testid="${id}"]`).click()
      await new Promise((done) => requestAnimationFrame(done)) // what was there before does not count
      const shown = () => document.querySelector('[data-testid="topology"] .name strong')?.textContent ?? ''
      while (!shown().includes(name) || !wanted.every((selector) => document.querySelector(selector)))
        await new Promise((done) => setTimeout(done, 4))
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))
      return window.performance.now() - began
    },
    [id, wanted, name],
  )
}
