import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explore, focusEditor, openScenario, openWorkbench, text, type Workbench } from './support/workbench'

const capture = (name: string) => resolve(import.meta.dirname, '../fixtures/captures', name, 'capture.tar.gz')

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

/** A file dropped onto the window, as the browser would report it. */
async function drop(content: Buffer, name: string): Promise<void> {
  const bytes = content.toString('base64')
  const transfer = await bench.page.evaluateHandle(
    ([data, file]) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], file))
      return transfer
    },
    [bytes, name] as const,
  )
  await bench.page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer })
  await bench.page.getByTestId('drop-target').waitFor()
  await bench.page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

describe('a real machine', () => {
  it('is imported from a file and shown as a graph', async () => {
    const { page } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await page.getByTestId('import-input').setInputFiles(capture('x86-6.12-scalable-q7'))
    await page.getByTestId('node-iommu/dmar0').waitFor()
    await page.getByTestId('node-pci0000:00').waitFor()
    expect(await text(page, 'topology')).toContain('17 functions')
    expect(await page.locator('.vue-flow__edge').count()).toBeGreaterThan(10)
  })

  it('takes the virtual device under one of its functions, and the race is explored there', async () => {
    const { page } = bench
    await page.getByTestId('node-0000:01:00.0').click()
    expect(await text(page, 'inspector')).toContain('MSI-X')
    expect(await text(page, 'inspector')).toContain('dmar0')
    await page.getByTestId('place-here').click()
    await page.getByTestId('node-vdev/vdev0').waitFor()
    await page.getByTestId('notice').filter({ hasText: 'vdev0 placed under 0000:01:00.0' }).waitFor()
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('summary').waitFor()
    expect(await page.getByTestId('verdict-host-pasid').getAttribute('data-verdict')).toBe('violated')
    expect(await page.title()).toMatch(/^● /)
  })

  it('lets go of the place again by undo', async () => {
    const { page } = bench
    await page.getByTestId('scenario-idxd-vsvm-late').click()
    await focusEditor(page)
    await page.keyboard.press('Control+z')
    await expect.poll(() => page.title()).toBe('idxd-vsvm-late — Doorbell')
    await explore(page)
    expect(await page.getByTestId('verdict-host-pasid').getAttribute('data-verdict')).toBe('violated')
  })

  it('is imported by drop, too, an Arm one with its ITS', async () => {
    const { page } = bench
    await drop(readFileSync(capture('arm-6.12-gic3-its')), 'arm-its.tar.gz')
    await page.locator('[data-testid^="node-msi/"]').first().waitFor()
    await expect.poll(() => text(page, 'topology')).toContain('arm-its')
    expect(await text(page, 'topology')).toContain('GICv3 ITS')
    await page.getByTestId('platform-arm-its').waitFor()
  })
})

describe('a scenario from outside', () => {
  it('is opened by drop as a document that is not saved yet', async () => {
    const { page } = bench
    const litmus = `doorbell: 1
title: Dropped
litmus:
  variables: { ready: false, seen: false }
  agents:
    Writer:
      - { step: write, set: { ready: true } }
    Reader:
      - { step: read, set: { seen: "ready" } }
  properties:
    - { name: seen-in-some-run, sometimes: "seen" }
    - { name: seen-in-every-run, end: "seen" }
`
    await drop(Buffer.from(litmus), 'dropped.yaml')
    await expect.poll(() => page.title()).toBe('● dropped.yaml — Doorbell')
    await explore(page)
    expect(await page.getByTestId('verdict-seen-in-some-run').getAttribute('data-verdict')).toBe('witnessed')
    expect(await page.getByTestId('verdict-seen-in-every-run').getAttribute('data-verdict')).toBe('violated')
    expect(await text(page, 'register-table-state')).toContain('seen')
  })

  it('starts from a scenario that can be explored at once when it is new', async () => {
    const { page } = bench
    await page.keyboard.press('Alt+n')
    await expect.poll(() => page.title()).toBe('● untitled-1.yaml — Doorbell')
    await explore(page)
    expect(await page.getByTestId('verdict-seen-in-every-run').getAttribute('data-verdict')).toBe('violated')
  })
})

describe('a file that is not a machine', () => {
  it('is refused with a code, and nothing is kept', async () => {
    const { page } = bench
    const whole = readFileSync(capture('x86-6.12-amd-ir-on'))
    await page
      .getByTestId('import-input')
      .setInputFiles({ name: 'cut.tar.gz', mimeType: 'application/gzip', buffer: whole.subarray(0, whole.length >> 1) })
    const notice = page.getByTestId('notice').filter({ hasText: 'cut.tar.gz was not imported' })
    await notice.waitFor()
    expect(await notice.innerText()).toMatch(/ARCHIVE_(TRUNCATED|CORRUPT)/)
    await page
      .getByTestId('import-input')
      .setInputFiles({ name: 'holiday.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not an archive at all') })
    const other = page.getByTestId('notice').filter({ hasText: 'holiday.jpg was not imported' })
    await other.waitFor()
    expect(await other.innerText()).toContain('FILE_KIND_UNKNOWN')
    expect(await page.locator('[data-testid^="platform-cut"], [data-testid^="platform-holiday"]').count()).toBe(0)
  })

  it('has complained about nothing on the console', () => {
    expect(bench.complaints).toEqual([])
  })
})
