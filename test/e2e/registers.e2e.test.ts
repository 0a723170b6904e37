import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placeWord } from '../../renderer/model/place-of-register'
import { violations } from './support/axe'
import { counter, openScenario, openWorkbench, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
  const { page } = bench
  await openScenario(page, 'idxd-vsvm-late')
  await page.keyboard.press('F10')
  await page.getByTestId('step-counter').waitFor()
})
afterAll(() => bench.close())

const cell = (register: string, field?: string) => {
  const place = { table: 'dev.IMS', row: 'dev IMS[0]', register, ...(field === undefined ? {} : { field }) }
  return bench.page.locator(`[data-cell='${placeWord(place)}']`)
}
const input = () => bench.page.getByTestId('register-input')

describe('a register written by hand', () => {
  it('by mouse: a field, in the model’s own words, becomes a step of the run', async () => {
    const { page } = bench
    await cell('IMS[127:96]', 'PASID').click()
    await input().fill('guest')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await counter(page)).steps).toBe(1)
    await expect.poll(() => cell('IMS[127:96]').innerText()).toBe('0x0002a001')
    expect(await page.locator('.cell.changed').innerText()).toContain('nil → guest')
  })

  it('by keyboard: the whole word, from the cell beside it', async () => {
    const { page } = bench
    await cell('IMS[127:96]', 'PASID').focus()
    await page.keyboard.press('ArrowLeft')
    expect(await cell('IMS[127:96]').evaluate((e) => e === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await page.keyboard.type('0x2a008')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await counter(page)).steps).toBe(2)
    await expect.poll(() => cell('IMS[127:96]').innerText()).toBe('0x0002a008')
  })

  it('is refused where no write changes it, with the reason and the source', async () => {
    const { page } = bench
    await cell('IMS[127:96]', 'Pending').click()
    const refused = page.getByTestId('register-refused')
    await expect.poll(() => refused.innerText()).toContain('IMS[127:96].Pending is read only')
    expect(await refused.locator('cite').innerText()).toContain('70 §3')
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await refused.waitFor({ state: 'detached' })
  })

  it('is taken back by name with the run before it, and done again', async () => {
    const { page } = bench
    await page.keyboard.press('F1')
    await page.keyboard.type('Undo Write dev.IMS0[127:96]')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await counter(page)).steps).toBe(1)
    await expect.poll(() => cell('IMS[127:96]').innerText()).toBe('0x0002a001')
    await page.keyboard.press('Control+y')
    await expect.poll(async () => (await counter(page)).steps).toBe(2)
  })

  it('can then be taken at any other moment, like every step', async () => {
    const { page } = bench
    await page.keyboard.press('F10')
    await expect.poll(async () => (await counter(page)).steps).toBe(0)
    await page.keyboard.press('Shift+F10')
    const choices = page.getByRole('option')
    await expect.poll(async () => (await choices.allInnerTexts()).join(' ')).toContain('hand')
    await page.keyboard.press('Escape')
    expect(bench.complaints).toEqual([])
  })
})
