/** The built window in Chromium on the real host: one page, its complaints, and what one does all the time. */
import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { complaints, sharedBrowser } from './browser'
import { startServed, type ServedForTest } from './served'

export interface Workbench {
  readonly served: ServedForTest
  readonly context: BrowserContext
  readonly page: Page
  /** Errors that the page has logged since it was opened. */
  readonly complaints: string[]
  close(): Promise<void>
}

export async function openWorkbench(): Promise<Workbench> {
  const [served, browser] = await Promise.all([startServed(), sharedBrowser()])
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const list = complaints(page)
  await page.goto(served.link())
  await page.getByTestId('scenario-idxd-vsvm-late').waitFor()
  return {
    served,
    context,
    page,
    complaints: list,
    async close() {
      await context.close()
      await served.close()
    },
  }
}

export async function openScenario(page: Page, id: string): Promise<void> {
  await page.getByTestId(`scenario-${id}`).click()
  await page.locator('.monaco-editor .view-line').first().waitFor()
  await page.getByTestId('register-table-dev.IMS').waitFor()
}

/** Explore, and wait for the verdicts. */
export async function explore(page: Page): Promise<void> {
  await page.getByTestId('explore').click()
  await page.getByTestId('summary').waitFor()
}

/** "9 / 22" */
export async function counter(page: Page): Promise<{ step: number; steps: number }> {
  const [step = '', steps = ''] = ((await page.getByTestId('step-counter').textContent()) ?? '').split('/')
  return { step: Number(step), steps: Number(steps) }
}

export const text = async (page: Page, id: string): Promise<string> =>
  (await page.getByTestId(id).innerText()).replace(/\s+/g, ' ')

/** The place in the visible editor that takes what is typed. */
export const focusEditor = (page: Page): Promise<void> =>
  page.locator('.monaco-editor:visible textarea, .monaco-editor:visible .native-edit-context').first().focus()

/** The layout that is remembered, which is written when it has been still for a moment. */
export const remembered = (page: Page) =>
  page.evaluate(() => {
    interface Node {
      data: Node[] | { activeView?: string }
    }
    const value = JSON.parse(localStorage.getItem('doorbell.layout') ?? 'null') as {
      dock: { panels: Record<string, unknown>; grid: { root: Node } }
      sidebar: { open: boolean }
    } | null
    const inFront = ({ data }: Node): string[] =>
      Array.isArray(data) ? data.flatMap(inFront) : data.activeView === undefined ? [] : [data.activeView]
    return {
      panels: Object.keys(value?.dock.panels ?? {}),
      inFront: value ? inFront(value.dock.grid.root) : [],
      sidebar: value?.sidebar.open,
    }
  })

/** Finds words in the editor that has the focus, which are selected then. */
export async function find(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+F')
  await page.keyboard.insertText(words)
  await expect.poll(() => page.locator('.find-widget.visible .matchesCount').innerText()).toBe('1 of 1')
  await page.keyboard.press('Escape')
  await expect.poll(() => page.locator('.find-widget.visible').count()).toBe(0)
}

/** `npm run test:long`: what takes minutes, in full. `npm test` has a short form of it. */
export const LONG = process.env['DOORBELL_LONG'] === '1'
