import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explore, openScenario, openWorkbench, text, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

const timelineHeight = async (): Promise<number> =>
  Math.round((await bench.page.locator('.dv-groupview', { hasText: 'Timeline' }).last().boundingBox())?.height ?? 0)
/** The layout is written when it has been still for a moment. */
const still = (): Promise<void> => bench.page.waitForTimeout(600)
const undoWords = async (): Promise<string> => {
  const { page } = bench
  await page.getByRole('menuitem', { name: 'Edit', exact: true }).click()
  const words = await page.getByRole('menuitem', { name: /^Undo .*layout/ }).innerText()
  await page.keyboard.press('Escape')
  return words
}

describe('the timeline', () => {
  it('is low until there is a run, also after the window was loaded again, and then gets its room', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await still()
    expect(await timelineHeight()).toBe(150)
    expect(await text(page, 'timeline')).toContain('No run to show')
    await page.reload()
    await page.getByTestId('register-table-dev.IMS').waitFor()
    expect(await timelineHeight()).toBe(150)
    await explore(page)
    await expect.poll(timelineHeight).toBeGreaterThan(300)
  })

  it('gives the room back by undo, and is not given it again with the next run', async () => {
    const { page } = bench
    await still()
    expect(await undoWords()).toContain('Undo Room for the run (layout)')
    await page.keyboard.press('Alt+Shift+Z')
    await expect.poll(timelineHeight).toBe(150)
    await page.keyboard.press('F10') // a run by hand
    await page.getByTestId('enabled-step').first().waitFor()
    await still()
    expect(await timelineHeight()).toBe(150)
    await page.keyboard.press('Alt+Shift+Y')
    await expect.poll(timelineHeight).toBeGreaterThan(300)
  })

  it('keeps the height that somebody gave it', async () => {
    const { page } = bench
    await page.reload()
    await page.getByTestId('register-table-dev.IMS').waitFor()
    await page.keyboard.press('F1')
    await page.keyboard.type('Reset layout')
    await page.keyboard.press('Enter')
    await still()
    const edge = await page.locator('.dv-groupview', { hasText: 'Timeline' }).last().boundingBox()
    expect(edge?.height).toBe(150)
    await page.mouse.move(edge!.x + 400, edge!.y)
    await page.mouse.down()
    await page.mouse.move(edge!.x + 400, edge!.y - 40, { steps: 4 })
    await page.mouse.up()
    await still()
    const given = await timelineHeight()
    expect(given).toBe(190)
    await page.keyboard.press('Alt+4')
    await explore(page)
    await still()
    expect(await timelineHeight()).toBe(given)
  })
})
