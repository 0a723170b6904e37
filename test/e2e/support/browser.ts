/** Chromium for end-to-end tests. */
import { chromium, type Browser, type Page } from 'playwright-core'
import { findChromium } from '../../../scripts/chromium.mjs'

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] })

/** Everything that a page complains about, from now on: errors, violations of its policy, failed requests. */
export function complaints(page: Page): string[] {
  const list: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') list.push(message.text())
  })
  page.on('pageerror', (error) => list.push(String(error)))
  page.on('response', (response) => {
    if (response.status() >= 400) list.push(`${response.status()} ${response.url()}`)
  })
  return list
}
