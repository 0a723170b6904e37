/**
 * Pictures of the built window, filled: `npm run screenshots [-- --all] [FOLDER]`.
 * Without a folder those of docs/screenshots: the window in both themes, and each panel by itself. `--all` makes every panel
 * in every theme at 1280×800 and at 2560×1440, empty, filled and with what comes over it, to be looked at (give a folder for
 * them); `--only=contrast-dark` makes those of one theme. A picture that could not be taken is said so and the others are
 * taken all the same, each window in a browser and on a host of its own; it ends with 1 where one is missing.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { findChromium } from './chromium.mjs'

const root = resolve(fileURLToPath(import.meta.url), '../..')
const args = process.argv.slice(2)
const all = args.includes('--all')
const only = args.find((a) => a.startsWith('--only='))?.slice(7)
const folder = resolve(args.find((a) => !a.startsWith('--')) ?? join(root, 'docs/screenshots'))

const PANELS = {
  topology: 'Alt+1',
  registers: 'Alt+2',
  timeline: 'Alt+3',
  explorer: 'Alt+4',
  stepper: 'Alt+5',
  plan: 'Alt+7',
  explain: 'Alt+8',
  lanes: 'Alt+9',
  output: 'Alt+u',
  history: 'Alt+h',
}
const SMALL = { width: 1280, height: 800 }
const LARGE = { width: 2560, height: 1440 }
const dark = { name: 'dark', colorScheme: 'dark', contrast: 'no-preference' }
const light = { name: 'light', colorScheme: 'light', contrast: 'no-preference' }
const THEMES = [
  dark,
  light,
  { name: 'contrast-dark', colorScheme: 'dark', contrast: 'more' },
  { name: 'contrast-light', colorScheme: 'light', contrast: 'more' },
]

/** @returns {Promise<{ link: string, close: () => void }>} */
async function serve() {
  const home = mkdtempSync(join(tmpdir(), 'doorbell-pictures-'))
  const host = spawn(process.execPath, [join(root, 'bin/doorbell.js'), 'serve', '--json', '--no-open'], {
    env: { ...process.env, DOORBELL_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Its first line of JSON: where it is, or why it is not.
  const told = await new Promise((done, refuse) => {
    let text = ''
    host.on('exit', () => refuse(new Error(`no host to take pictures of: ${text.trim() || 'it ended'}`)))
    host.stdout.on('data', (piece) => {
      text += String(piece)
      try {
        done(JSON.parse(text))
      } catch {
        // The line is not whole yet.
      }
    })
  })
  const link = told.url ?? told.link
  if (typeof link !== 'string') throw new Error(`no host to take pictures of: ${JSON.stringify(told)}`)
  return {
    link,
    close() {
      host.kill()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function fill(page) {
  await page.getByTestId('plan-platform-spr-dsa').click()
  await page.getByTestId('plan-summary').waitFor()
  await page.locator('.vue-flow__node').first().waitFor()
  const device = page.getByTestId('plan-0000:6a:01.0')
  await device.getByRole('button').first().click()
  await device.getByTestId('explain-its-msi').click()
  await page.getByTestId('explain-verdict').waitFor()
  await page.getByTestId('scenario-idxd-vsvm-late').click()
  await page.locator('.monaco-editor .view-line').first().waitFor()
  await page.keyboard.press('F10')
  await page.getByTestId('enabled-step').first().click()
  await page.keyboard.press('Alt+2')
  await page.getByTestId('register-table-dev.IMS').waitFor()
  await page.keyboard.press('F5')
  await page.getByTestId('verdict-host-pasid').waitFor()
  await page.getByTestId('race').waitFor()
}

/** Away from everything that lights up below it. */
const lookAway = (page) => page.mouse.move(page.viewportSize().width / 2, page.viewportSize().height - 3)

/** By the name of the command, as from the keyboard. */
async function run(page, ...words) {
  await page.keyboard.press('F1')
  for (const word of words) {
    await page.keyboard.type(word)
    await page.keyboard.press('Enter')
  }
}

/** A panel with all the room, for as long as it is looked at. */
async function alone(page, look) {
  await page.keyboard.press('Alt+Enter')
  await lookAway(page)
  await page.waitForTimeout(900)
  await look()
  await page.keyboard.press('Alt+Enter')
  await page.waitForTimeout(200)
}

/** What is there before anything was opened. */
async function empty(page, shoot) {
  await page.keyboard.press('Control+b')
  for (const [name, keys] of Object.entries({ ...PANELS, problems: 'Alt+6' })) {
    await page.keyboard.press(keys)
    await lookAway(page)
    await page.waitForTimeout(300)
    if (['topology', 'timeline', 'plan', 'lanes'].includes(name)) await shoot(`empty-${name}`)
  }
  await run(page, 'Reset layout') // and the side bar is back
}

/** The explorer's other questions, the two runs beside each other, a plan's details, a board, and what comes over them. */
async function more(page, shoot) {
  await page.keyboard.press('Control+b')
  for (const [name, keys, ready] of [
    ['repairs', 'Alt+m', 'apply-repair-0'],
    ['coverage', 'Alt+v', 'coverage'],
    ['beside', 'Alt+b', 'beside'],
  ]) {
    await page.keyboard.press(keys)
    await page.getByTestId(ready).first().waitFor({ timeout: 60_000 })
    await page.waitForTimeout(1500)
    await alone(page, () => shoot(name))
  }
}

/** One that is hit in some runs and missed in others: only then there is a histogram. */
async function raceWindow(page, shoot) {
  await page.keyboard.press('Control+p')
  await page.keyboard.type('pamu-message-late')
  await page.getByRole('option', { name: 'pamu-message-late' }).first().waitFor()
  await page.keyboard.press('Enter')
  await page.getByTestId('verdict-arrives').waitFor()
  await page.keyboard.press('F5')
  await page.locator('[data-testid="verdict-arrives"][data-verdict="violated"]').waitFor({ state: 'attached' })
  await page.keyboard.press('Alt+l')
  // A bin in which nothing was hit has a bar without height, which is not visible.
  await page.getByTestId('window').locator('rect.hit').first().waitFor({ state: 'attached', timeout: 300_000 })
  await alone(page, () => shoot('window'))
  await page.keyboard.press('Alt+w')
  await page.getByRole('tab', { name: 'idxd-vsvm-late' }).click()
}

/** A device of the plan, unfolded. */
async function planDevice(page, shoot) {
  await page.keyboard.press('Alt+7')
  await alone(page, async () => {
    await page.getByTestId('plan-0000:6a:01.0').scrollIntoViewIfNeeded()
    await shoot('plan-device')
  })
  await page.keyboard.press('Control+b')
}

async function board(page, shoot) {
  await run(page, 'Show a platform', 'p4080')
  await page.waitForTimeout(1500)
  await run(page, 'Edit a copy of the platform')
  await page.getByTestId('part-shelf').waitFor()
  await page.waitForTimeout(2500)
  await page.locator('.vue-flow__node .card.function').first().click()
  await page.waitForTimeout(500)
  await shoot('board')
}

/** What comes over the panels. */
async function overlays(page, shoot) {
  await page.getByRole('tab', { name: 'idxd-vsvm-late' }).click()
  await page.keyboard.press('F1')
  await page.waitForTimeout(500)
  await shoot('palette')
  await page.keyboard.press('Escape')
  await run(page, 'Keyboard shortcuts')
  await page.getByTestId('shortcuts').waitFor()
  await page.waitForTimeout(300)
  await shoot('shortcuts')
  await page.keyboard.press('Escape')
  await run(page, 'Keep this layout')
  await page.getByTestId('prompt-value').waitFor()
  await page.waitForTimeout(300)
  await shoot('prompt')
  await page.keyboard.press('Escape')
  await page.getByRole('menuitem', { name: 'Run' }).click()
  await page.waitForTimeout(300)
  await shoot('menu')
  await page.keyboard.press('Escape')
}

async function trouble(page, shoot) {
  await page.locator('.monaco-editor:visible').first().click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('nonsense: 1\nfoo: [\n')
  await page.waitForTimeout(2500)
  await page.keyboard.press('Alt+6')
  await lookAway(page)
  await page.waitForTimeout(300)
  await shoot('problems')
}

async function tour(page, shoot) {
  await page.keyboard.press('Alt+0')
  await page
    .getByRole('button', { name: /^Start: / })
    .first()
    .click()
  await page.waitForTimeout(2000)
  await shoot('tour')
}

/** Each panel with all the room, the side bar away. */
async function panels(page, shoot) {
  await page.keyboard.press('Control+b')
  for (const [name, keys] of Object.entries(PANELS)) {
    await page.keyboard.press(keys)
    await page.keyboard.press('Alt+Enter')
    await lookAway(page)
    await page.waitForTimeout(900)
    if (name === 'topology') await page.getByTestId('topology').getByRole('button', { name: 'Fit' }).click()
    if (name === 'topology') await lookAway(page)
    if (name === 'topology') await page.waitForTimeout(500)
    await shoot(name)
    await page.keyboard.press('Alt+Enter')
    await page.waitForTimeout(200)
  }
  await page.keyboard.press('Control+b')
}

let missing = 0
/** One part of a session: when it fails the rest goes on from a quiet window. */
async function part(page, what, work) {
  try {
    await work()
  } catch (error) {
    missing++
    console.error(`${what}: ${String(error instanceof Error ? error.message : error).split('\n')[0]}`)
    for (let i = 0; i < 3; i++) await page.keyboard.press('Escape').catch(() => undefined)
  }
}

async function session({ colorScheme, contrast, name }, viewport, { whole, each, rest = false }) {
  const host = await serve()
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] })
  const context = await browser.newContext({ viewport, colorScheme, contrast, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const size = viewport === LARGE ? '-large' : ''
  const shoot = async (what) => {
    const path = join(folder, `${what}-${name}${size}.png`)
    await page.screenshot({ path })
    console.log(path)
  }
  try {
    await page.goto(host.link)
    await page.getByTestId('scenario-idxd-vsvm-late').waitFor()
    await page.waitForTimeout(600)
    if (whole) await shoot('welcome')
    const parts = async (of) => {
      for (const [what, work] of Object.entries(of))
        await part(page, `${what}, ${name}${size}`, () => work(page, shoot))
    }
    if (rest) await parts({ empty })
    await fill(page)
    await lookAway(page)
    await page.waitForTimeout(3000)
    if (whole) await shoot('late')
    if (each) await parts({ panels })
    if (rest) await parts({ more, raceWindow, planDevice, board, overlays, trouble, tour })
  } catch (error) {
    missing++
    console.error(`${name}${size}: ${String(error instanceof Error ? error.message : error).split('\n')[0]}`)
  } finally {
    await browser.close()
    host.close()
  }
}

mkdirSync(folder, { recursive: true })
if (all) {
  for (const theme of THEMES.filter((t) => only === undefined || t.name === only))
    for (const viewport of [SMALL, LARGE]) await session(theme, viewport, { whole: true, each: true, rest: true })
} else {
  await session(dark, SMALL, { whole: true, each: true })
  await session(light, SMALL, { whole: true, each: false })
}
if (missing > 0) {
  console.error(`${missing} of the parts above could not be taken`)
  process.exitCode = 1
}
