/** axe-core in a page: what it finds wrong, in words that say where. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The inside of widgets of others, whose marks are not ours to set. */
const THIRD_PARTY = [
  ['.monaco-editor'], // draws its text beside a hidden field
  ['.vue-flow__pane'],
  ['.vue-flow__edges'],
]
/** One rule at one element of a library. */
const AS_THEY_MAKE_IT: readonly (readonly [rule: string, html: RegExp])[] = [
  ['landmark-unique', /^<div [^>]*class="dv-groupview/], // dockview calls a group by its panel, as the panel calls itself
  ['region', /^<div [^>]*data-reka-popper-con/], // reka-ui puts menus at the end of the body
]
interface WithAxe {
  readonly axe: { run(context: unknown, options: unknown): Promise<AxeResults> }
}

/** In the whole window, or within what a selector finds; rules about the page as a whole are only asked of the whole. */
export async function violations(page: Page, within?: string): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  const found = await page.evaluate(
    (context) => (window as unknown as WithAxe).axe.run(context, { resultTypes: ['violations'] }),
    { exclude: THIRD_PARTY, ...(within === undefined ? {} : { include: [[within]] }) },
  )
  return found.violations.flatMap(({ id, nodes }) =>
    nodes
      .filter(({ html }) => !AS_THEY_MAKE_IT.some(([rule, pattern]) => rule === id && pattern.test(html)))
      .map(({ target, failureSummary = '', html }) => {
        const why = failureSummary.split('\n').slice(1).join(' ').trim()
        return `${id}: ${target.join(' ')}: ${why} ${html.slice(0, 120)}`
      }),
  )
}
