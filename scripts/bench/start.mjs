/**
 * Cold start to interactive: from the spawn of the command behind `npm start -- --browser`, in a new workspace and a browser
 * without a cache, until the link is printed, until the Welcome panel is drawn, and until F1 opens the command palette.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inBrowser, line, load, seconds, startHost } from './page.mjs'
import { median } from './support.mjs'

const TURNS = 5

export const bench = ({ turns = TURNS } = {}) =>
  inBrowser(async ({ browser }) => {
    console.log(`start, \`npm start -- --browser\` to a window that answers, ${turns} times, ${load()}\n`)
    const all = []
    for (let i = 0; i < turns; i++) all.push(await once(browser))
    for (const [key, words] of [
      ['link', 'link printed'],
      ['welcome', 'Welcome drawn'],
      ['answers', 'F1 answered'],
    ]) {
      const list = all.map((one) => one[key])
      line(words, `${seconds(median(list))} (${list.map((n) => (n / 1000).toFixed(2)).join(', ')})`)
    }
    console.log(`\nfiles were in the system's cache; now ${load()}`)
  })

async function once(browser) {
  const home = mkdtempSync(join(tmpdir(), 'doorbell-bench-'))
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } })
  const page = await context.newPage()
  const began = performance.now()
  const since = () => performance.now() - began
  const host = await startHost(home)
  try {
    const link = since()
    await page.goto(host.link, { waitUntil: 'commit' })
    await page.getByTestId('welcome').waitFor()
    const welcome = since()
    const palette = page.getByTestId('palette')
    // A key that comes too early is lost: pressed again until it is heard.
    while (!(await palette.isVisible())) await page.keyboard.press('F1')
    return { link, welcome, answers: since() }
  } finally {
    await context.close()
    await host.close()
    rmSync(home, { recursive: true, force: true })
  }
}
