import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { focusEditor, openScenario, openWorkbench, remembered, text, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

const item = (page: Page, lane: string, words: string) =>
  page.getByTestId(`lane-${lane}`).getByTestId('lane-item').filter({ hasText: words }).first()
const names = (page: Page, lane: string): Promise<string[]> =>
  page.getByTestId(`lane-${lane}`).getByTestId('lane-item').locator('.name').allInnerTexts()
const saveAs = async (page: Page, name: string): Promise<void> => {
  await page.keyboard.press('Control+Shift+S')
  await page.getByTestId('prompt-value').fill(name)
  await page.keyboard.press('Enter')
  await expect.poll(() => page.title()).toBe(`${name} — Doorbell`)
}

describe('the lanes of a scenario', () => {
  it('show one program a column, and move an operation by keyboard: the text follows, with its comments', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await page.keyboard.press('Alt+9')
    await page.getByTestId('lanes').waitFor()
    expect(await names(page, 'guest')).toEqual(['sets.bind', 'qemu.request_irq', 'vdev.write_msixperm'])
    await item(page, 'guest', 'write_msixperm').click()
    await page.keyboard.press('Alt+ArrowUp')
    await expect.poll(() => names(page, 'guest')).toEqual(['sets.bind', 'vdev.write_msixperm', 'qemu.request_irq'])
    const shown = await text(page, 'editor')
    expect(shown.indexOf('write_msixperm:')).toBeLessThan(shown.indexOf('request_irq:'))
    await expect.poll(() => page.title()).toContain('●')
    // The edge that says that program order puts them the other way round is false now, and says so.
    await page.getByTestId('problem-count').click()
    const problem = page.getByTestId('problems').getByText('but Guest driver runs B6.trap first')
    await problem.click()
    await expect.poll(() => page.locator('.squiggly-warning').count()).toBeGreaterThan(0)
  })

  it('show the steps of a block that an order names, and all of them on request', async () => {
    const { page } = bench
    await expect.poll(() => names(page, 'dev.engine0')).toEqual(['send.ims0'])
    await item(page, 'dev.engine0', 'send.ims0').focus()
    await page.keyboard.press('b')
    await expect.poll(() => names(page, 'dev.engine0')).toContain('dispatch.ims0')
    await item(page, 'dev.engine0', 'dispatch.ims0').focus()
    await page.keyboard.press('Alt+ArrowDown')
    await page.keyboard.press('b')
    await expect.poll(() => names(page, 'dev.engine0')).toEqual(['send.ims0'])
  })

  it('say by whom an order is enforced, and enforce it where nobody does', async () => {
    const { page } = bench
    await item(page, 'guest', 'write_msixperm').hover()
    await expect.poll(() => text(page, 'lane-details')).toContain('before dev.engine0.send.ims0 nobody enforces it')
    await item(page, 'guest', 'write_msixperm').click()
    await page.getByTestId('lane-details').locator('[data-command="lanes.enforce"]').click()
    // The device cannot be made to wait, and nothing is broken: it is written only for who insists.
    const notice = page.getByTestId('notice').last()
    await expect.poll(() => notice.innerText()).toContain('it is a step of the hardware')
    expect(await page.getByTestId('lane-ordering').count()).toBe(0)
    await notice.getByRole('button', { name: 'Order them nevertheless' }).click()
    const ordering = 'B6 → dev.engine0.send.ims0'
    await expect.poll(() => page.getByTestId('lane-ordering').allInnerTexts()).toEqual([ordering])
    await focusEditor(page)
    await page.keyboard.press('Control+z')
    await expect.poll(() => page.getByTestId('lane-ordering').count()).toBe(0)
  })

  it('move by mouse, and take an ordering from one agent’s operation to another’s', async () => {
    const { page } = bench
    await item(page, 'guest', 'request_irq').focus()
    await page.keyboard.press('Alt+Enter') // room for all lanes
    await page.keyboard.press('Control+b')
    const drag = async (from: string, to: string, lane: string, other: string, part: number): Promise<void> => {
      const [a, b] = [await item(page, lane, from).boundingBox(), await item(page, other, to).boundingBox()]
      if (!a || !b) throw new Error('not in view')
      await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2)
      await page.mouse.down()
      await page.mouse.move(a.x + a.width / 2 + 8, a.y + a.height / 2 + 8)
      await page.mouse.move(b.x + b.width / 2, b.y + b.height * part, { steps: 5 })
      await page.mouse.up()
    }
    await item(page, 'guest', 'request_irq').click()
    await drag('request_irq', 'write_msixperm', 'guest', 'guest', 0.2)
    await expect.poll(() => names(page, 'guest')).toEqual(['sets.bind', 'qemu.request_irq', 'vdev.write_msixperm'])
    await drag('write_msixperm', 'send.ims0', 'guest', 'dev.engine0', 0.5)
    await expect.poll(() => page.getByTestId('lane-ordering').allInnerTexts()).toEqual(['B6 → dev.engine0.send.ims0'])
    await page.keyboard.press('Alt+Enter')
    await page.keyboard.press('Control+b')
    await expect.poll(() => text(page, 'problem-count')).toMatch(/Errors 0/)
  })

  it('order by keyboard, too, and what was added can be removed', async () => {
    const { page } = bench
    const advice = async (): Promise<string> => (await page.getByTestId('lane-advice').allInnerTexts()).join()
    // What the last ordering is worth is still being asked.
    await expect.poll(advice).not.toContain('Asking')
    await item(page, 'guest', 'sets.bind').focus()
    await page.keyboard.press('o')
    await expect.poll(advice).toContain('press O')
    await item(page, 'host', 'vdev.open').focus()
    await page.keyboard.press('o')
    await expect.poll(() => page.getByTestId('lane-ordering').count()).toBe(2)
    await page.keyboard.press('Delete')
    await page.getByTestId('palette').waitFor()
    await page.keyboard.type('B2 before B1')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.getByTestId('lane-ordering').allInnerTexts()).toEqual(['B6 → dev.engine0.send.ims0'])
  })
})

describe('one history', () => {
  it('takes everything back by name, whichever view it came from, and does it again', async () => {
    const { page } = bench
    await focusEditor(page)
    await page.keyboard.press('Control+Home')
    await page.keyboard.insertText('# typed')
    await page.keyboard.press('Alt+h')
    const steps = async (): Promise<string[]> =>
      (await page.getByTestId('history-step').locator('.clip').allInnerTexts()).map((t) => t.trim())
    const all = [
      'Type “# typed”',
      'Drop the order of B2 before B1',
      'Order B2 before B1',
      'Order B6 before dev.engine0.send.ims0',
      'Move qemu.request_irq (B3) before vdev.write_msixperm (B6)',
      'Move vdev.write_msixperm (B6) before qemu.request_irq (B3)',
      'As it was opened',
    ]
    await expect.poll(steps).toEqual(all)
    await focusEditor(page)
    await page.keyboard.press('Control+z')
    await expect.poll(() => text(page, 'editor')).not.toContain('# typed')
    for (let i = 0; i < 3; i++) await page.keyboard.press('Control+z')
    await expect.poll(() => page.getByTestId('lane-ordering').count()).toBe(0)
    await page.keyboard.press('Control+Shift+z')
    await expect.poll(() => page.getByTestId('lane-ordering').count()).toBe(1)
    await page.getByTestId('history-step').filter({ hasText: 'As it was opened' }).click()
    await expect.poll(() => page.title()).not.toContain('●')
    await page.getByTestId('history-step').first().click()
    await expect.poll(() => text(page, 'editor')).toContain('# typed')
  })

  it('survives that the window is loaded again, and so do unsaved changes, with a quiet word', async () => {
    const { page } = bench
    await expect.poll(async () => (await remembered(page)).inFront).toContain('history')
    await page.reload()
    await expect.poll(() => page.title()).toContain('● idxd-vsvm-late')
    await expect
      .poll(() => page.getByTestId('notice').allInnerTexts())
      .toEqual([expect.stringContaining('1 document with unsaved changes') as string])
    await page.locator('.monaco-editor .view-line').first().waitFor()
    await focusEditor(page)
    await page.keyboard.press('Control+z')
    await expect.poll(() => text(page, 'editor')).not.toContain('# typed')
    await expect.poll(() => page.getByTestId('history-step').count()).toBe(7)
  })

  it('undoes the layout on its own', async () => {
    const { page } = bench
    await page.keyboard.press('Alt+9')
    await expect.poll(async () => (await remembered(page)).inFront).toContain('lanes')
    await page.keyboard.press('Alt+Shift+W')
    await expect.poll(() => page.getByTestId('lanes').count()).toBe(0)
    await expect.poll(async () => (await remembered(page)).panels).not.toContain('lanes')
    await page.keyboard.press('Alt+Shift+Z')
    await page.getByTestId('lanes').waitFor()
  })
})

describe('a layout that was remembered', () => {
  it('by a workbench without the Output panel gets it in its place, behind the others, and only once', async () => {
    const { page } = bench
    const output = page.getByRole('tab', { name: 'Output' })
    await expect.poll(async () => (await remembered(page)).panels).toContain('output')
    await page.evaluate(() => {
      interface Node {
        data: Node[] | { views: string[] }
      }
      const layout = JSON.parse(localStorage.getItem('doorbell.layout') ?? '') as {
        known?: string[]
        dock: { panels: Record<string, unknown>; grid: { root: Node } }
      }
      delete layout.known
      delete layout.dock.panels['output']
      const without = ({ data }: Node): void => {
        if (Array.isArray(data)) return data.forEach(without)
        data.views = data.views.filter((id) => id !== 'output')
      }
      without(layout.dock.grid.root)
      localStorage.setItem('doorbell.layout', JSON.stringify(layout))
    })
    await page.reload()
    await output.waitFor()
    expect(await output.getAttribute('aria-selected')).toBe('false')
    const beside = page.locator('.dv-groupview', { has: output })
    expect((await beside.getByRole('tab').allInnerTexts()).map((t) => t.trim())).toContain('Problems')
    await output.click()
    await page.keyboard.press('Alt+Shift+W')
    await output.waitFor({ state: 'detached' })
    await expect.poll(async () => (await remembered(page)).panels).not.toContain('output')
    await page.reload()
    await page.getByRole('tab', { name: 'Problems' }).waitFor()
    await page.locator('.monaco-editor .view-line').first().waitFor()
    expect(await output.count()).toBe(0)
    await page.keyboard.press('Alt+u')
    await output.waitFor()
  })
})

describe('a document of the workspace', () => {
  const path = (name: string): string => join(bench.served.home, 'documents', name)

  it('is one file and one tab, by whatever name it is opened', async () => {
    const { page } = bench
    await focusEditor(page)
    await saveAs(page, 'kept.yaml')
    expect(readFileSync(path('kept.yaml'), 'utf8')).toContain('orderings:')
    await page.locator('.side').getByText('kept.yaml').click()
    await expect.poll(() => page.locator('.dv-tab', { hasText: 'kept.yaml' }).count()).toBe(1)
  })

  it('that another program changes is read again, and undo has what was there', async () => {
    const { page } = bench
    const before = readFileSync(path('kept.yaml'), 'utf8')
    writeFileSync(path('kept.yaml'), `# by git\n${before}`)
    await expect.poll(() => text(page, 'editor')).toContain('# by git')
    expect(await page.title()).toBe('kept.yaml — Doorbell')
    await focusEditor(page)
    await page.keyboard.press('Control+z')
    await expect.poll(() => text(page, 'editor')).not.toContain('# by git')
    await page.keyboard.press('Control+y')
  })

  it('asks where both have changed it: reload, or keep', async () => {
    const { page } = bench
    await focusEditor(page)
    await page.keyboard.press('Control+Home')
    await page.keyboard.insertText('# mine ')
    writeFileSync(path('kept.yaml'), `# theirs\n${readFileSync(path('kept.yaml'), 'utf8')}`)
    const dialog = page.getByRole('dialog')
    await expect.poll(() => dialog.innerText()).toContain('was changed by another program')
    await dialog.getByRole('button', { name: 'Keep mine' }).click()
    expect(await text(page, 'editor')).toContain('# mine')
    await focusEditor(page)
    await page.keyboard.press('Control+s')
    await expect.poll(() => readFileSync(path('kept.yaml'), 'utf8')).toContain('# mine')
    expect(readFileSync(path('kept.yaml'), 'utf8')).not.toContain('# theirs')
  })

  it('that was deleted is still here, and saving writes it again', async () => {
    const { page } = bench
    rmSync(path('kept.yaml'))
    await expect.poll(() => page.title()).toBe('● kept.yaml — Doorbell')
    await focusEditor(page)
    await page.keyboard.press('Control+s')
    await expect.poll(() => page.title()).toBe('kept.yaml — Doorbell')
    expect(readFileSync(path('kept.yaml'), 'utf8')).toContain('# mine')
  })

  it('is among the recent ones', async () => {
    const { page } = bench
    await page.keyboard.press('Alt+r')
    await expect.poll(() => text(page, 'palette')).toContain('kept.yaml')
    await page.keyboard.press('Escape')
  })

  it('is edited in one window at a time: the other is told', async () => {
    const { page, context, served } = bench
    const second = await context.newPage()
    await second.goto(served.origin)
    await second.locator('.side').getByText('kept.yaml').click()
    await second.locator('.monaco-editor .view-line').first().waitFor()
    await expect
      .poll(async () => (await page.getByTestId('notice').allInnerTexts()).join())
      .toContain('in another window')
    await second.close()
  })

  it('has complained about nothing', () => {
    expect(bench.complaints).toEqual([])
  })
})
