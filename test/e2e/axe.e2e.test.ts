/** Every panel and every overlay in every theme, as axe-core sees them. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './support/axe'
import { inside, PANELS } from './support/panels'
import { explore, LONG, openScenario, openWorkbench, type Workbench } from './support/workbench'

const THEMES = [
  { name: 'dark', theme: 'dark', more: false },
  { name: 'light', theme: 'light', more: false },
  { name: 'high contrast, dark', theme: 'dark', more: true },
  { name: 'high contrast, light', theme: 'light', more: true },
]

let bench: Workbench
let page: Page
beforeAll(async () => {
  bench = await openWorkbench()
  page = bench.page
})
afterAll(() => bench.close())

async function run(command: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P')
  await page.getByTestId('palette').waitFor()
  await page.keyboard.type(command)
  await page.keyboard.press('Enter')
}
const clean = async (): Promise<void> => expect(await violations(page)).toEqual([])

/** Each panel with something in it: a plan, a path, a run, verdicts, a step by hand. */
async function fill(): Promise<void> {
  await page.getByTestId('plan-platform-spr-dsa').click()
  await page.getByTestId('plan-summary').waitFor()
  await page.locator('.vue-flow__node').first().waitFor()
  const device = page.getByTestId('plan-0000:6a:01.0')
  await device.getByRole('button').first().click()
  await device.getByTestId('explain-its-msi').click()
  await page.getByTestId('explain-verdict').waitFor()
  await page.getByTestId('scenario-idxd-vsvm-late').click()
  await page.keyboard.press('Alt+2')
  await openScenario(page, 'idxd-vsvm-late')
  await page.keyboard.press('F10')
  await page.getByTestId('enabled-step').first().click()
  await page.keyboard.press('Alt+4')
  await explore(page)
}

describe('axe-core finds nothing', () => {
  it('in a window that was just opened, in any theme', async () => {
    for (const { theme, more } of THEMES) {
      await dress(theme, more)
      await clean()
    }
  })

  it('in it when its panels are filled, to begin with', async () => {
    await fill()
    await clean()
  })

  it.each(LONG ? THEMES : THEMES.slice(0, 1))(
    'in any panel or overlay in the $name theme',
    { timeout: 240_000 },
    async ({ theme, more }) => {
      await dress(theme, more)
      for (const [panel, keys] of PANELS) {
        await page.keyboard.press(keys)
        await page.locator(panel).first().waitFor()
        // What stands around it is looked at as a whole before and after.
        expect(await violations(page, panel), panel).toEqual([])
      }
      await clean()
      await page.getByRole('tab', { name: 'idxd-vsvm-late' }).click()
      await page.getByTestId('editor').first().waitFor()
      await clean()
      for (const open of ['Control+Shift+P', 'Control+p']) {
        await page.keyboard.press(open)
        await page.getByTestId('palette').waitFor()
        expect(await violations(page, inside('palette'))).toEqual([])
        await page.keyboard.press('Escape')
      }
      await run('keyboard shortcuts')
      await page.getByTestId('shortcuts').waitFor()
      await clean()
      await page.keyboard.press('Escape')
      await page.getByTestId('menu-Help').click()
      await page.getByRole('menu').waitFor()
      await clean()
      await page.keyboard.press('Escape')
      await run('tour: the race of ims')
      await page.getByTestId('tour-card').waitFor()
      await clean()
      await page.locator('[data-testid="tour-card"] header [data-command="tour.end"]').click()
    },
  )
})

describe('the theme', () => {
  it('follows the system’s wish for more contrast until one is chosen, and is there before the first paint', async () => {
    await run('choose a theme')
    await page.keyboard.type('system')
    await page.keyboard.press('Enter')
    const more = () => page.evaluate(() => document.documentElement.dataset['contrast'])
    expect(await more()).toBeUndefined()
    await page.emulateMedia({ contrast: 'more' })
    await expect.poll(more).toBe('more')
    await page.emulateMedia({ contrast: 'no-preference' })
    await expect.poll(more).toBeUndefined()
    await run('choose a theme')
    await page.keyboard.type('contrast, light')
    await page.keyboard.press('Enter')
    await expect.poll(more).toBe('more')
    await page.reload({ waitUntil: 'commit' })
    await page.waitForFunction(() => document.body !== null)
    expect(await more()).toBe('more')
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('light')
  })

  it('has complained about nothing', () => {
    expect(bench.complaints).toEqual([])
  })
})

async function dress(theme: string, more: boolean): Promise<void> {
  const now = () =>
    page.evaluate(() => ({
      theme: document.documentElement.dataset['theme'],
      more: document.documentElement.dataset['contrast'] === 'more',
    }))
  const before = await now()
  if (before.theme !== theme) await page.keyboard.press('Alt+t')
  if (before.theme === undefined && (await now()).theme !== theme) await page.keyboard.press('Alt+t')
  if (before.more !== more) await page.keyboard.press('Alt+Shift+T')
  await expect.poll(now).toEqual({ theme, more })
}
