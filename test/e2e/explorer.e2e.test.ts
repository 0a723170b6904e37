import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explore, openScenario, openWorkbench, text, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

describe('from a violation to its proved repair', () => {
  it('names the order that decided it, and the edge that nobody enforces', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await explore(page)
    expect(await text(page, 'critical')).toContain('came before')
    expect(await text(page, 'coverage')).toContain('broken in some run')
  })

  it('shows how likely it is in time', async () => {
    const { page } = bench
    await page.getByTestId('find-window').click()
    await page.getByTestId('window').getByText('runs violate host-pasid').waitFor()
    expect(await text(page, 'window')).toMatch(/\d %/)
  })

  it('finds repairs, writes one into the text with one click, and the verdict turns', async () => {
    const { page } = bench
    await page.getByTestId('find-repairs').click()
    await page.getByTestId('apply-repair-0').waitFor({ timeout: 50_000 })
    await page.getByTestId('apply-repair-0').focus()
    await page.keyboard.press('Enter')
    await page.locator('[data-testid="verdict-host-pasid"][data-verdict="holds"]').waitFor()
    expect(await page.getByTestId('verdict-guest-pasid').getAttribute('data-verdict')).toBe('witnessed')
    expect(await page.getByTestId('repairs').count()).toBe(0)
    expect(bench.complaints).toEqual([])
  })

  it('explores without reduction when the switch is off, at the scale of the field', async () => {
    const { page } = bench
    await page.getByTestId('scenario-ims-family-late').click()
    await page.getByTestId('scale-vectors').waitFor()
    await page.getByTestId('scale-vectors').fill('1')
    await page.getByTestId('scale-vectors').press('Enter')
    await page.getByTestId('reduce').uncheck()
    await page.getByTestId('symmetry').uncheck()
    await explore(page)
    expect(await text(page, 'summary')).toContain('none')
    expect(await text(page, 'critical')).toContain('no run violates it')
  })
})
