import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explore, focusEditor, openScenario, openWorkbench, text, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

describe('from a violation to its proved repair, by mouse', () => {
  it('names the order that decided it, and goes to it in the run', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await explore(page)
    expect(await text(page, 'critical')).toContain('came before')
    await page.getByTestId('critical').getByRole('button').click()
    await expect.poll(() => page.getByTestId('step-counter').innerText()).not.toMatch(/^28/)
  })

  it('shows how likely it is in time', async () => {
    const { page } = bench
    await page.getByTestId('section-window').click()
    await page.getByTestId('find-window').click()
    await page.getByTestId('window').getByText('runs violate host-pasid').waitFor()
    expect(await text(page, 'window')).toMatch(/\d %/)
  })

  it('counts what was exercised as soon as one looks, and names the edge that nobody enforces', async () => {
    const { page } = bench
    await page.getByTestId('section-coverage').click()
    await page.getByTestId('coverage').locator('tbody tr').first().waitFor()
    expect(await text(page, 'coverage')).toContain('broken in some run')
  })

  it('finds repairs and lays the broken run beside what one makes of it, without scrolling', async () => {
    const { page } = bench
    await page.getByTestId('section-repairs').click()
    await page.getByTestId('find-repairs').click()
    await page.getByTestId('apply-repair-0').waitFor()
    const box = await page.getByTestId('apply-repair-0').boundingBox()
    const panel = await page.locator('section[aria-label="Explorer"]').boundingBox()
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan((panel?.y ?? 0) + (panel?.height ?? 0))
    await page.getByTestId('beside-repair-0').click()
    await page.getByTestId('beside').locator('tbody tr.same').first().waitFor()
    expect(await page.getByTestId('beside').getByLabel('violated here').count()).toBe(1)
    // With the ordering that waits for the read back, both of the deciding pair run, the other way round.
    await page.getByTestId('beside-repair-2').click()
    await expect.poll(() => text(page, 'beside')).toContain('read back before')
    const repaired = page.getByTestId('beside').locator('td:nth-child(2) [data-half]')
    await expect.poll(() => repaired.evaluateAll((all) => all.map((e) => e.dataset['half']))).toEqual(['2', '1'])
  })

  it('writes a repair into the text with one click, the verdict turns, and undo in the editor takes it back', async () => {
    const { page } = bench
    await page.getByTestId('apply-repair-0').click()
    await page.locator('[data-testid="verdict-host-pasid"][data-verdict="holds"]').waitFor()
    expect(await page.getByTestId('verdict-guest-pasid').getAttribute('data-verdict')).toBe('witnessed')
    expect(await page.getByTestId('apply-repair-0').count()).toBe(0)
    await focusEditor(page)
    await page.keyboard.press('Control+z')
    await page.getByText('The text has changed since this was explored').waitFor()
    await explore(page)
    await page.locator('[data-testid="verdict-host-pasid"][data-verdict="violated"]').waitFor()
    expect(bench.complaints).toEqual([])
  })
})

describe('the same by keyboard alone', () => {
  it('explores at another scale, finds the smallest instance and shows its run', async () => {
    const { page } = bench
    await page.getByTestId('scenario-ims-family-late').click()
    await page.getByTestId('explore-options').focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('scale-vectors').waitFor()
    await page.getByTestId('scale-vectors').fill('2')
    await page.keyboard.press('Enter')
    await page.getByTestId('reduce').focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('F5')
    await page.locator('[data-testid="verdict-host-pasid"][data-verdict="violated"]').waitFor()
    await page.keyboard.press('Alt+i')
    await page.getByTestId('show-smallest').waitFor()
    expect(await text(page, 'smallest')).toContain('vectors=1')
    await page.getByTestId('show-smallest').focus()
    await page.keyboard.press('Enter')
    await page.getByText('Smallest instance that violates host-pasid').first().waitFor()
    await page.getByTestId('reduce').focus()
    await page.keyboard.press('Space')
  })

  it('finds a repair, applies it, and moves between the sections', async () => {
    const { page } = bench
    await page.keyboard.press('F5')
    await page.locator('[data-testid="verdict-host-pasid"][data-verdict="violated"]').waitFor()
    await page.keyboard.press('Alt+m')
    await page.getByTestId('apply-repair-0').waitFor()
    await page.keyboard.press('Alt+b')
    await page.getByTestId('beside').locator('tbody tr.same').first().waitFor()
    await page.getByTestId('section-repairs').focus()
    await page.keyboard.press('ArrowLeft')
    expect(await page.getByTestId('section-verdicts').getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('Alt+Shift+m')
    await page.locator('[data-testid="verdict-host-pasid"][data-verdict="holds"]').waitFor()
    expect(bench.complaints).toEqual([])
  })
})
