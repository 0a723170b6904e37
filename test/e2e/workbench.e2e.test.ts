import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  counter,
  explore,
  find,
  focusEditor,
  openScenario,
  openWorkbench,
  remembered,
  text,
  type Workbench,
} from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

describe('the race of 2021, from the scenario to the proof', () => {
  it('opens a scenario: its text, its registers, its platform, its questions', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await expect.poll(() => text(page, 'editor')).toContain('doorbell: 1')
    expect(await text(page, 'register-table-dev.IMS')).toContain('PASID_EN')
    expect(await text(page, 'verdict-host-pasid')).toContain('expected: violated')
    expect(await text(page, 'worker-state')).toContain('Simulator')
  })

  it('explores it: violated, with the shortest counterexample in the timeline', async () => {
    const { page } = bench
    await explore(page)
    expect(await page.getByTestId('verdict-host-pasid').getAttribute('data-verdict')).toBe('violated')
    expect(await page.getByTestId('verdict-guest-pasid').getAttribute('data-verdict')).toBe('witnessed')
    expect(await text(page, 'summary')).toContain('all interleavings explored')
    const { step, steps } = await counter(page)
    expect(steps).toBeGreaterThan(10)
    expect(step).toBe(steps)
    expect(await text(page, 'race')).toContain('Nobody enforces')
  })

  it('steps backwards and forwards, and the register tables say what each step changed', async () => {
    const { page } = bench
    const seen = new Map<number, string>()
    const { steps } = await counter(page)
    const changed = page.locator('[data-testid="register-table-dev.IMS"] .cell.changed')
    let changes = 0
    for (let step = steps; step > 0; step--) {
      seen.set(step, await text(page, 'register-table-dev.IMS'))
      changes += await changed.count()
      await page.getByTestId('step-prev').click()
    }
    expect(await counter(page)).toEqual({ step: 0, steps })
    expect(new Set(seen.values()).size).toBeGreaterThan(3)
    expect(changes).toBeGreaterThan(3)
    for (let step = 1; step <= steps; step++) {
      await page.getByTestId('step-next').click()
      expect(await text(page, 'register-table-dev.IMS')).toBe(seen.get(step))
    }
    expect(await page.getByTestId('step-next').isDisabled()).toBe(true)
  })

  it('steps by keyboard, from the first to the last', async () => {
    const { page } = bench
    await page
      .getByTestId('timeline')
      .locator('canvas.canvas')
      .click({ position: { x: 40, y: 60 } })
    const { steps } = await counter(page)
    await page.keyboard.press('Home')
    for (const key of ['ArrowRight', 'j', 'j', 'ArrowLeft', 'k']) await page.keyboard.press(key)
    expect(await counter(page)).toEqual({ step: 1, steps })
    await page.keyboard.press('End')
    expect(await counter(page)).toEqual({ step: steps, steps })
  })

  it('shows the step’s line in the text', async () => {
    const { page } = bench
    await page.getByTestId('event').filter({ hasText: 'line ' }).or(page.getByTestId('event')).first().click()
    await page.locator('.monaco-editor .step-line').first().waitFor() // a long line is shown in several
  })

  it('opens the repaired sibling: holds, and the guest’s own interrupt is witnessed', async () => {
    const { page } = bench
    await page.getByTestId('open-sibling').click()
    await expect.poll(() => text(page, 'verdict-host-pasid')).toContain('expected: holds')
    await explore(page)
    expect(await page.getByTestId('verdict-host-pasid').getAttribute('data-verdict')).toBe('holds')
    expect(await page.getByTestId('verdict-guest-pasid').getAttribute('data-verdict')).toBe('witnessed')
    expect(await text(page, 'summary')).toMatch(/Holds.*states.*all interleavings explored/)
  })

  it('shows both verdicts of the twin that checks at dispatch, and steps it by hand', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late-dispatch')
    await explore(page)
    expect(await page.getByTestId('verdict-work-lost').getAttribute('data-verdict')).toBe('violated')
    expect(await page.getByTestId('verdict-host-pasid').getAttribute('data-verdict')).toBe('violated')
    await page.keyboard.press('F10')
    for (let i = 1; i <= 5; i++) {
      await page.getByTestId('enabled-step').first().click()
      await expect.poll(() => counter(page)).toEqual({ step: i, steps: i })
    }
    await page.keyboard.press('Alt+4')
  })
})

describe('a long exploration', () => {
  it('shows its progress, stops at once when it is cancelled, and can be bounded', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-scaled')
    await focusEditor(page)
    await find(page, 'devices: 1, vectors: 1')
    await page.keyboard.type('devices: 2, vectors: 2')
    await expect.poll(() => text(page, 'editor')).toContain('devices: 2, vectors: 2')
    await page.getByTestId('explore').click()
    const states = async (): Promise<number> =>
      Number((await page.locator('[data-testid="progress"] .states').innerText()).replace(/\D/g, ''))
    await expect.poll(states).toBeGreaterThan(20_000)
    await page.getByTestId('cancel').click()
    await page.getByTestId('explore').waitFor()

    await page.getByTestId('max-states').fill('5000')
    await page.getByTestId('explore').click()
    await expect.poll(() => text(page, 'summary')).toContain('the bound on states was reached')
    await page.getByTestId('max-states').fill('')
  })
})

describe('the workbench itself', () => {
  it('does everything from the palette by keyboard', async () => {
    const { page } = bench
    await page.keyboard.press('Control+Shift+P')
    await page.getByTestId('palette').waitFor()
    await page.keyboard.type('show problems')
    await page.keyboard.press('Enter')
    await page.getByTestId('problems').waitFor()
    await page.keyboard.press('F1')
    await page.keyboard.type('idxd-no-vsvm')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.title()).toContain('idxd-no-vsvm')
  })

  it('lists its keys', async () => {
    const { page } = bench
    await page.getByTestId('problems').click()
    await page.keyboard.press('?')
    expect(await text(page, 'shortcuts')).toContain('Command palette Ctrl+Shift+P F1')
    await page.keyboard.press('Escape')
  })

  it('marks an error in the text where it is, and lists it with its code', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-no-vsvm')
    await focusEditor(page)
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('End')
    await page.keyboard.press('Backspace')
    await page.keyboard.type('9')
    await page.locator('.monaco-editor .squiggly-error').first().waitFor()
    await page.keyboard.press('Alt+6')
    await expect.poll(() => text(page, 'problems')).toContain('SCENARIO_VERSION')
    expect(await text(page, 'problems')).toContain('1:')
    expect(await page.getByTestId('explore').isDisabled()).toBe(true)
    await focusEditor(page)
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+z')
    await expect.poll(() => text(page, 'problems')).toContain('No problems')
  })

  it('saves a changed built-in scenario as a document, and opens it again after a reload, with the layout', async () => {
    const { page } = bench
    await focusEditor(page)
    await page.keyboard.press('Control+End')
    await page.keyboard.type('# mine')
    await page.getByRole('tab', { name: 'idxd-no-vsvm' }).getByTestId('unsaved').waitFor()
    await page.keyboard.press('Control+s')
    await page.getByTestId('prompt-value').fill('mine.yaml')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.title()).toBe('mine.yaml — Doorbell')
    await page.keyboard.press('Control+b')
    await page.keyboard.press('Alt+t')
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('light')
    await expect.poll(async () => (await remembered(page)).sidebar).toBe(false)
    await page.reload()
    await expect.poll(() => page.title()).toBe('mine.yaml — Doorbell')
    await expect.poll(() => text(page, 'editor')).toContain('doorbell: 1')
    expect(await page.getByTestId('scenario-idxd-vsvm-late').count()).toBe(0)
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('light')
    await page.keyboard.press('Control+b')
    await page.getByTestId('scenario-idxd-vsvm-late').waitFor()
    // A document that was left unsaved is open again, behind the one that was in front.
    await page.getByRole('tab', { name: 'idxd-vsvm-scaled' }).getByTestId('unsaved').waitFor()
    expect(await page.title()).toBe('mine.yaml — Doorbell')
  })

  it('survives the death of its simulator: says so, restarts it, keeps unsaved text', async () => {
    const { page, served } = bench
    await focusEditor(page)
    await page.keyboard.press('Control+End')
    await page.keyboard.type(' and not saved')
    await served.worker().terminate()
    await expect
      .poll(() => text(page, 'alarm'))
      .toContain('The simulator stopped and was restarted; your documents are untouched.')
    expect(await text(page, 'editor')).toContain('and not saved')
    await explore(page)
    expect(await text(page, 'summary')).toContain('all interleavings explored')
  })

  it('has complained about nothing', () => {
    expect(bench.complaints).toEqual([])
  })
})
