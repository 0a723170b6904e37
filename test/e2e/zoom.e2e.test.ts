/** The window with its text at 125 % and at 200 %: as browsers zoom, by fewer CSS pixels. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clipped } from './support/clipped'
import { PANELS } from './support/panels'
import { openScenario, openWorkbench, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
  const { page } = bench
  await page.getByTestId('plan-platform-spr-dsa').click()
  await page.getByTestId('plan-summary').waitFor()
  await page.getByTestId('scenario-idxd-vsvm-late').click()
  await page.keyboard.press('Alt+2')
  await openScenario(page, 'idxd-vsvm-late')
  await page.keyboard.press('F10')
  await page.getByTestId('enabled-step').first().click()
})
afterAll(() => bench.close())

describe('no text of ours is cut off', () => {
  it.each([
    ['125 %', 1280 / 1.25, 800 / 1.25],
    ['200 %', 640, 400],
  ])('at %s, in any panel', async (_, width, height) => {
    const { page } = bench
    await page.setViewportSize({ width, height })
    for (const [panel, keys] of PANELS) {
      await page.keyboard.press(keys)
      await page.locator(panel).first().waitFor()
      await expect.poll(() => clipped(page), { message: keys }).toEqual([])
    }
  })

  it('and what is cut off would be found', async () => {
    const { page } = bench
    await page.getByTestId('worker-state').evaluate((e) => {
      e.style.cssText = 'width: 30px; overflow: hidden; white-space: nowrap; display: block'
    })
    expect((await clipped(page)).join()).toContain('Simulator')
  })
})
