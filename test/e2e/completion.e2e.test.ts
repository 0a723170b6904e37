import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { find, focusEditor, openScenario, openWorkbench, type Workbench } from './support/workbench'

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
    await find(page, 'handle: 0 }, id: OWN }')
    await focusEditor(page)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.keyboard.type('- ')
    const rows = page.locator('.suggest-widget.visible .monaco-list-row')
    const labels = async (): Promise<string[]> =>
      (await rows.allInnerTexts()).map((t) => t.split('\n')[0]?.trim() ?? '')
    // The schema of the text as it is now is asked for after a pause: until it is there, the list is another.
    const asked = async (): Promise<string[]> => {
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+Space')
      await rows
        .first()
        .waitFor({ timeout: 2000 })
        .catch(() => undefined)
      return labels()
    }
    await expect.poll(asked, { interval: 500 }).toContain('dev.abort_pasid')
    const shown = await labels()
    expect(new Set(shown).size).toBe(shown.length)
    await page.keyboard.type('chip')
    await expect.poll(labels).not.toEqual(shown)
    // guest2 is a guest: the irqchip's operations are the host's
    expect((await labels()).filter((l) => l.startsWith('chip.'))).toEqual([])
  })
})
