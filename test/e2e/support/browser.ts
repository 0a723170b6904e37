/** Chromium for end-to-end tests. */
import { chromium, type Browser, type Page } from 'playwright-core'
import { findChromium } from '../../../scripts/chromium.mjs'

/** What each new window would load beside the page, for an address bar that nobody sees: as much work as a test's own page. */
const WINDOW_DRESSING = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup']
/** What Playwright switches off, so far as it matters here: Chromium takes the last of two lists. */
const AS_PLAYWRIGHT_DOES = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
]

let running: Promise<Browser> | undefined

/**
 * One for all test files, which share a process (`isolate: false`) and end it with that. What a test must have for
 * itself, cookies, storage and cache, is a context's.
 */
export const sharedBrowser = (): Promise<Browser> => (running ??= launch())

async function launch(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      `--disable-features=${[...AS_PLAYWRIGHT_DOES, ...WINDOW_DRESSING].join(',')}`,
    ],
  })
  browser.on('disconnected', () => (running = undefined))
  return browser
}

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
