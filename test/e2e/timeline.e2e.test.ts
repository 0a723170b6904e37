import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exported } from '../../main/simulator/trace/exports'
import { synthetic } from '../../main/simulator/trace/synthetic'
import { counter, explore, openScenario, openWorkbench, text, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
  mkdirSync(join(bench.served.home, 'runs'), { recursive: true })
  const store = Buffer.concat([...exported(synthetic({ events: 300_000, seed: 1 }), 'store')])
  writeFileSync(join(bench.served.home, 'runs', 'long.dbrun'), store)
})
afterAll(() => bench.close())

const command = async (name: string): Promise<void> => {
  await bench.page.keyboard.press('F1')
  await bench.page.keyboard.type(name)
  await bench.page.keyboard.press('Enter')
}
const canvas = () => bench.page.getByTestId('timeline').locator('canvas.canvas')
/** How many different colours are drawn: a blank canvas has one. */
const colours = (): Promise<number> =>
  canvas().evaluate((c: HTMLCanvasElement) => {
    const { data } = c.getContext('2d')!.getImageData(0, 30, c.width, c.height - 30)
    return new Set(new Uint32Array(data.buffer)).size
  })

describe('the timeline of a counterexample', () => {
  it('is drawn, and an event is selected by a click', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await explore(page)
    await expect.poll(colours).toBeGreaterThan(8)
    await canvas().click({ position: { x: 60, y: 60 } })
    await expect.poll(async () => (await counter(page)).step).toBeLessThan((await counter(page)).steps)
  })

  it('has each lane beside its name, also where it was scrolled and has got more room', async () => {
    const { page } = bench
    await page.keyboard.press('Alt+3')
    const stage = page.getByTestId('timeline').locator('.stage')
    await stage.focus()
    await page.keyboard.press('End')
    const scrolled = () => stage.evaluate((e) => e.scrollTop)
    await stage.evaluate((e) => e.scrollTo(0, 1000))
    expect(await scrolled()).toBeGreaterThan(20)
    await page.keyboard.press('Alt+Enter')
    await expect.poll(() => stage.evaluate((e) => e.clientHeight)).toBeGreaterThan(500)
    expect(await scrolled()).toBe(0)
    const lane = page.getByTestId('timeline').locator('.heads li').filter({ hasText: 'KVM, virtual vector 1' }).last()
    const [name, paper] = [await lane.boundingBox(), await canvas().boundingBox()]
    if (!name || !paper) throw new Error('not in view')
    const tip = page.getByTestId('event-tip')
    await expect
      .poll(async () => {
        for (let x = paper.x + 4; x < paper.x + paper.width; x += 16) {
          await page.mouse.move(x, name.y + name.height / 2)
          if ((await tip.count()) > 0) return tip.innerText()
        }
        return 'nothing'
      })
      .toContain('virtual vector 1 is injected')
    await page.keyboard.press('Alt+Enter')
  })

  it('takes its colours anew with every theme, and so does the text; also where motion is reduced', async () => {
    const { page } = bench
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const ground = (selector: string): Promise<string> =>
      page
        .locator(selector)
        .first()
        .evaluate((e) => getComputedStyle(e).backgroundColor)
    /** The line below the ruler, as the canvas has it and as everything beside it. */
    const drawn = (): Promise<string> =>
      canvas().evaluate((c: HTMLCanvasElement) => {
        const [r, g, b] = c.getContext('2d')!.getImageData(2, 19, 1, 1).data
        return `rgb(${r}, ${g}, ${b})`
      })
    const line = (): Promise<string> =>
      page
        .getByTestId('timeline')
        .locator('.heads')
        .evaluate((e) => getComputedStyle(e).borderRightColor)
    const seen = new Set<string>()
    for (const keys of ['Alt+t', 'Alt+Shift+t', 'Alt+t', 'Alt+Shift+t']) {
      const before = await line()
      await page.keyboard.press(keys)
      await expect.poll(line).not.toBe(before)
      seen.add(await line())
      await expect.poll(async () => (await drawn()) === (await line())).toBe(true)
      const panel = await ground('[data-testid="timeline"]')
      await expect.poll(() => ground('.monaco-editor .monaco-editor-background')).toBe(panel)
    }
    expect(seen.size).toBe(4)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
  })

  it('is searched, marked and measured by keyboard alone, and drives the other panels', async () => {
    const { page } = bench
    await page.getByTestId('timeline').locator('.stage').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('/')
    await page.keyboard.type('reg:IMS')
    await page.keyboard.press('Enter')
    await expect.poll(async () => Number(await text(page, 'timeline-found'))).toBeGreaterThan(0)
    await expect.poll(async () => (await counter(page)).step).toBeGreaterThan(0)
    const first = await counter(page)
    await page.getByTestId('timeline').locator('.stage').focus()
    for (const key of ['m', 'x', 'Shift+ArrowRight', 'x', 'c', 'w', 'd', 'f']) await page.keyboard.press(key)
    await page.keyboard.press('n')
    await expect.poll(async () => (await counter(page)).step).not.toBe(first.step)
    await page.keyboard.press('Escape')
    await page.getByTestId('timeline-find').fill('')
  })

  it('goes out as a trace and comes back as the same events', async () => {
    const { page } = bench
    const download = page.waitForEvent('download')
    await command('Export as Chrome')
    const file = await (await download).path()
    const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: { ph: string }[] }
    const events = traceEvents.filter((e) => e.ph === 'X' || e.ph === 'i').length
    const copy = join(bench.served.home, 'back.json')
    writeFileSync(copy, readFileSync(file))
    await page.getByTestId('import-input').setInputFiles(copy)
    await expect.poll(() => text(page, 'timeline-events')).toBe(`${events} events`)
    await expect.poll(colours).toBeGreaterThan(8)
    await page.getByRole('button', { name: 'Close this file' }).click()
    await page.getByTestId('step-counter').waitFor()
  })
})

describe('a long run store', () => {
  it('opens from the workspace, zooms and pans, steps and lists what is in view', async () => {
    const { page } = bench
    await command('Open a run of the workspace')
    await page.getByTestId('prompt-value').waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => text(page, 'timeline-events')).toMatch(/^300.000 events$/)
    await expect.poll(colours).toBeGreaterThan(8)
    const { x, y, width } = (await canvas().boundingBox())!
    await page.mouse.move(x + width / 2, y + 50)
    for (let i = 0; i < 40; i++) await page.mouse.wheel(0, -120)
    await page.getByTestId('event').first().waitFor()
    await expect.poll(() => page.getByTestId('event').count()).toBeGreaterThan(3)
    await page.getByTestId('event').nth(1).click()
    await page.locator('.events [aria-current]').waitFor()
    const before = await page.locator('.events [aria-current]').innerText()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.locator('.events [aria-current]').innerText()).not.toBe(before)
  })

  it('comes through the window too, in several pieces', async () => {
    const { page } = bench
    const copy = join(bench.served.home, 'dropped.dbrun')
    writeFileSync(copy, readFileSync(join(bench.served.home, 'runs', 'long.dbrun')))
    await page.getByTestId('import-input').setInputFiles(copy)
    await expect.poll(() => page.getByTestId('timeline-source').inputValue()).toBe('dropped.dbrun')
    await expect.poll(() => text(page, 'timeline-events')).toMatch(/^300.000 events$/)
  })

  it('is refused with its reason when it is damaged', async () => {
    const { page } = bench
    const file = join(bench.served.home, 'damaged.dbrun')
    writeFileSync(file, readFileSync(join(bench.served.home, 'runs', 'long.dbrun')).subarray(0, 90_000))
    await page.getByTestId('import-input').setInputFiles(file)
    await expect.poll(() => page.locator('body').innerText()).toContain('RUN_STORE_DAMAGED')
  })

  it('has complained about nothing', () => {
    expect(bench.complaints).toEqual([])
  })
})
