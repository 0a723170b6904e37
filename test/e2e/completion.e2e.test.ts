import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { focusEditor, openScenario, openWorkbench, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

describe('the editor', () => {
  it('completes the operations of the scenario’s own blocks, once each', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await focusEditor(page)
    await page.keyboard.press('Control+F')
    await page.keyboard.type('handle: 0 }, id: OWN }')
    await page.keyboard.press('Escape')
    await page.waitForTimeout(500)
    await focusEditor(page)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.keyboard.type('- ')
    await page.waitForTimeout(1500) // the schema of the text as it is now is asked for after a pause
    await page.keyboard.press('Control+Space')
    const rows = page.locator('.suggest-widget .monaco-list-row')
    const labels = async (): Promise<string[]> =>
      (await rows.allInnerTexts()).map((t) => t.split('\n')[0]?.trim() ?? '')
    await expect.poll(labels, { timeout: 20_000 }).toContain('dev.abort_pasid')
    const shown = await labels()
    expect(new Set(shown).size).toBe(shown.length)
    await page.keyboard.type('chip')
    await page.waitForTimeout(500)
    // guest2 is a guest: the irqchip's operations are the host's
    expect((await labels()).filter((l) => l.startsWith('chip.'))).toEqual([])
  })
})
