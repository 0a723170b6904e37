import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkbench, text, type Workbench } from './support/workbench'

const capture = (name: string) => resolve(import.meta.dirname, '../fixtures/captures', name, 'capture.tar.gz')

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

async function exported(command: string): Promise<{ name: string; content: string }> {
  const waiting = bench.page.waitForEvent('download')
  await bench.page.locator(`[data-testid="plan"] [data-command="${command}"]`).click()
  const download = await waiting
  return { name: download.suggestedFilename(), content: await readFile(await download.path(), 'utf8') }
}

describe('the plan of a platform', () => {
  it('opens from the side bar beside the topology, which then shows each function’s group', async () => {
    const { page } = bench
    await page.getByTestId('plan-platform-spr-dsa').click()
    await page.getByTestId('plan-summary').waitFor()
    expect(await text(page, 'plan-summary')).toContain('6 groups')
    expect(await text(page, 'plan-0000:6a:01.0')).toMatch(/assignable.*isolated/)
    expect(await text(page, 'plan-assumptions')).toContain('CONFIG_INTEL_IOMMU_DEFAULT_ON')
    await page.locator('.vue-flow__node').first().waitFor()
    await page.getByTestId('topology').getByRole('button', { name: 'Fit' }).click()
    await expect.poll(() => page.getByTestId('group-of-0000:6a:00.4').count()).toBe(1)
    expect(await text(page, 'group-of-0000:6a:00.4')).toBe(await text(page, 'group-of-0000:6a:00.0'))
  })

  it('unfolds an answer into its rule, its facts and its source, and into the steps of VFIO', async () => {
    const { page } = bench
    const group = page.getByTestId('plan-group-4')
    await group.getByTestId('plan-why').click()
    await expect.poll(() => group.innerText()).toContain('functions of one slot that may talk to each other')
    expect(await group.innerText()).toContain('0000:6a:00.4 rc event collector')
    expect(await group.innerText()).toContain('10 §3 step 5')
    await page.getByTestId('plan-0000:6a:01.0').getByRole('button').first().click()
    await expect.poll(() => text(page, 'ladder')).toContain('GET_DEVICE_FD')
  })

  it('shows what another command line changes, and takes it back', async () => {
    const { page } = bench
    await page.getByTestId('plan-cmdline').fill('intel_iommu=on iommu=pt')
    await page.keyboard.press('Enter')
    await expect.poll(() => text(page, 'plan-group-1')).toMatch(/identity.*type was DMA-FQ/)
    expect(await text(page, 'plan-compared')).toContain('differ from the machine')
    await page.locator('[data-command="plan.own"]').click()
    await expect.poll(() => page.getByTestId('plan-compared').count()).toBe(0)
    expect(await text(page, 'plan-group-1')).toContain('DMA-FQ')
  })

  it('names the step and the errno where interrupts are not isolated', async () => {
    const { page } = bench
    await page.getByTestId('plan-platform-virt-gicv2m').click()
    await expect
      .poll(() => text(page, 'plan'))
      .toMatch(/01:00\.0.*SET_IOMMU −EPERM.*not isolated.*doorbell must be mapped/)
    await page.getByTestId('plan-kernel').selectOption('4.9')
    await expect.poll(() => text(page, 'plan-summary')).toContain('Policy 4.9')
    expect(await text(page, 'plan-ungrouped-0000:00:00.0')).toContain('no driver has tried to bind')
  })

  it('is exported as Markdown and as one HTML file that loads nothing', async () => {
    const markdown = await exported('plan.markdown')
    expect(markdown.name).toBe('plan-virt-gicv2m-4.9.md')
    expect(markdown.content).toContain('# Plan of virt-gicv2m')
    expect(markdown.content).toContain('| 0000:01:00.0 |')
    const html = await exported('plan.html')
    expect(html.name).toBe('plan-virt-gicv2m-4.9.html')
    const page = await bench.context.newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.setContent(html.content)
    expect(await page.locator('h1').innerText()).toBe('Plan of virt-gicv2m')
    expect(await page.locator('svg rect').count()).toBeGreaterThan(9)
    expect(asked).toEqual([])
    await page.close()
  })

  it('plans a capture of a real machine from the topology', async () => {
    const { page } = bench
    await page.getByTestId('import-input').setInputFiles(capture('x86-6.12-amd-ir-on'))
    await page.getByTestId('notice').filter({ hasText: 'imported' }).waitFor()
    await page.getByTestId('topology-plan').click()
    await expect.poll(() => text(page, 'plan-summary')).toContain('Policy 6.12')
    const functions = await page.locator('[data-testid^="plan-0000:"], [data-testid^="plan-ungrouped-"]').count()
    expect(functions).toBeGreaterThan(5)
    expect(await page.getByTestId('address-strip').count()).toBeGreaterThan(2)
  })

  it('has complained about nothing', () => {
    expect(bench.complaints).toEqual([])
  })
})
