import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bindKeys } from '../commands/dispatch'
import { commandById, commands, runCommand } from '../commands/table'
import { useTour } from '../stores/tour'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import WelcomePanel from '../welcome/WelcomePanel.vue'
import TourCard from './TourCard.vue'
import { TOURS } from './tours'

beforeEach(() => {
  localStorage.clear()
  freshWorkbench()
})
afterEach(() => (document.body.innerHTML = ''))

const root = resolve(import.meta.dirname, '..')
const templates = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.vue'))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n')
/** Test ids as patterns: `plan-${bdf}` is any plan-…. */
const ids = [...templates.matchAll(/data-testid="(?:([\w-]+)|`([^`]+)`)"/g)].map(([, plain, made]) =>
  plain !== undefined ? new RegExp(`^${plain}$`) : new RegExp(`^${(made ?? '').replace(/\$\{[^}]*\}/g, '.+')}$`),
)

describe('the tours', () => {
  it('are one for each thread, each with steps of its own', () => {
    expect(TOURS.map((t) => t.id).sort()).toEqual(['2013-pamu', '2016-msi', '2019-domains', '2019-regions', '2021-ims'])
    for (const tour of TOURS) expect(new Set(tour.steps.map((s) => s.title)).size).toBe(tour.steps.length)
  })

  it('point at nothing and offer nothing that is not in the window', () => {
    const steps = TOURS.flatMap((t) => t.steps)
    for (const step of steps) if (step.show) expect(() => commandById(step.show?.command ?? '')).not.toThrow()
    for (const anchor of steps.flatMap((s) => s.anchor)) {
      for (const [, id = ''] of anchor.matchAll(/data-testid="([^"]+)"/g))
        expect(
          ids.some((pattern) => pattern.test(id)),
          id,
        ).toBe(true)
      for (const [, id = ''] of anchor.matchAll(/data-command="([^"]+)"/g)) expect(() => commandById(id)).not.toThrow()
    }
  })
})

describe('a tour', () => {
  it('starts from the welcome, says where it is, and goes on when the person has done the step', async () => {
    const page = mountPanel(WelcomePanel)
    const card = mountPanel(TourCard)
    await page.get(testId('tour-2021-ims')).trigger('click')
    expect(card.get(testId('tour-spoken')).text()).toMatch(/^Step 1 of 5: Open the flow/)
    await openDocument('idxd-vsvm-late')
    expect(useTour().at).toBe(1)
    expect(card.get(testId('tour-spoken')).text()).toMatch(/^Step 2 of 5: Try every interleaving/)
    await runCommand('explore.start')
    await flushPromises()
    await runCommand('explore.repairs')
    await flushPromises()
    while (useTour().at < 3) await runCommand('tour.next')
    expect(useTour().step?.title).toBe('Ask what repairs it')
    expect(useTour().done).toBe(true)
    page.unmount()
    card.unmount()
  })

  it('does a step only where “Show me” is pressed', async () => {
    const card = mountPanel(TourCard)
    await runCommand('tour.start.2021-ims')
    await flushPromises()
    expect(useTour().at).toBe(0)
    await card.get('[data-command="tour.show"]').trigger('click')
    await flushPromises()
    expect(useTour().at).toBe(1)
    card.unmount()
  })

  it('goes back to a step that is done and stays there until it is told', async () => {
    const tour = useTour()
    await runCommand('tour.start.2021-ims')
    await openDocument('idxd-vsvm-late')
    await runCommand('tour.back')
    expect(tour.at).toBe(0)
    expect(tour.done).toBe(true)
    await flushPromises()
    expect(tour.at).toBe(0)
    await runCommand('tour.next')
    expect(tour.at).toBe(1)
  })

  it('is walked by keyboard, ended by Esc, and continued where it was left, also by another window', async () => {
    const unbind = bindKeys(commands())
    const press = (key: string, init: KeyboardEventInit = {}): void =>
      void document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }))
    await runCommand('tour.start.2013-pamu')
    press('PageDown', { altKey: true })
    press('PageDown', { altKey: true })
    press('PageUp', { altKey: true })
    press('PageDown', { altKey: true })
    expect(useTour().at).toBe(2)
    press('Escape')
    expect(useTour().active).toBeNull()
    unbind()
    freshWorkbench()
    const page = mountPanel(WelcomePanel)
    expect(page.get(testId('tour-2013-pamu')).text()).toBe('Continue')
    await page.get(testId('tour-2013-pamu')).trigger('click')
    expect(useTour().at).toBe(2)
    page.unmount()
  })

  it('ends with what the person did, and begins anew after that', async () => {
    const card = mountPanel(TourCard)
    await runCommand('tour.start.2013-pamu')
    for (let i = 0; i < 6; i++) await runCommand('tour.next')
    expect(useTour().finished).toBe(true)
    expect(card.get(testId('tour-spoken')).text()).toContain('Tour finished.')
    await card.get('footer [data-command="tour.end"]').trigger('click')
    expect(card.find(testId('tour-card')).exists()).toBe(false)
    await runCommand('tour.start.2013-pamu')
    expect(useTour().at).toBe(0)
    card.unmount()
  })

  it.each(['{', '[]', '"x"', '{"2013-pamu": 99}', '{"2013-pamu": "1", "other": 2}'])(
    'begins at its beginning where what is remembered is %s',
    (kept) => {
      localStorage.setItem('doorbell.tours', kept)
      freshWorkbench()
      expect(useTour().placeOf('2013-pamu')).toBe(0)
    },
  )
})
