import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScenario, openWorkbench, text, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

const orderings = () => bench.page.getByTestId('lane-ordering').allInnerTexts()
const notice = () => bench.page.getByTestId('notice').last()

describe('a gap that nobody closes', () => {
  it('is closed at the end that repairs it, proved by exploring', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await page.keyboard.press('Alt+9')
    await page.locator('[data-operation="B6"]').click()
    await expect.poll(() => text(page, 'lane-details')).toContain('nobody enforces it')
    await page.getByTestId('lane-details').locator('[data-command="lanes.enforce"]').click()
    await expect.poll(orderings).toEqual(['B6.apply_either.set_auxdata.write.arrives → OWN'])
    expect(await notice().innerText()).toContain('Ordered at the end that repairs it')
    expect(await notice().innerText()).toContain('would leave host-pasid as it is')
  })

  it('that repairs nothing when drawn by hand is said to, and exchanged for what is proved', async () => {
    const { page } = bench
    await page.keyboard.press('Control+z')
    await expect.poll(orderings).toEqual([])
    await page.locator('[data-operation="B6"]').focus()
    await page.keyboard.press('o')
    await page.getByTestId('lane-dev.engine0').locator('[data-place]').first().focus()
    await page.keyboard.press('o')
    await expect.poll(orderings).toEqual(['B6 → dev.engine0.send.ims0'])
    await expect.poll(() => notice().innerText()).toContain('Nobody can enforce this order')
    expect(await notice().innerText()).toContain('it is a step of the hardware')
    expect(await notice().innerText()).toContain('complete: was as it should be, and is not any more.')
    await notice().getByRole('button', { name: 'Use a proved repair instead' }).click()
    await expect.poll(() => notice().innerText()).toContain('The proved repair is written')
    expect(await orderings()).toEqual([])
    const lane = await page.getByTestId('lane-guest').locator('[data-operation]').allInnerTexts()
    expect(lane.map((x) => /B\d/.exec(x)?.[0])).toEqual(['B2', 'B6', 'B3'])
    expect(bench.complaints).toEqual([])
  })
})
