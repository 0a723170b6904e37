import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkbench, text, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

const refusal = () => text(bench.page, 'explain').then((t) => t.replace(/\s+/g, ' '))

describe('explaining a path', () => {
  it('follows the interrupt of a function that is clicked in the plan, to the CPU', async () => {
    const { page } = bench
    await page.getByTestId('plan-platform-spr-dsa').click()
    await page.getByTestId('plan-summary').waitFor()
    const device = page.getByTestId('plan-0000:6a:01.0')
    await device.getByRole('button').first().click()
    await device.getByTestId('explain-its-msi').click()
    await expect.poll(() => text(page, 'explain-verdict')).toContain('Accepted')
    await page.getByTestId('explain-vector').fill('3')
    await page.keyboard.press('Enter')
    await page.getByTestId('hop-permission').waitFor()
    await page.getByTestId('hop-remapping').getByRole('button').click()
    expect(await text(page, 'hop-remapping')).toMatch(/IRTE\[35\].*SID 0x6a08/)
    expect(await page.getByTestId('hop-cpu').count()).toBe(1)
  })

  it('names the code that refuses a DMA of a function clicked in the topology, and what would let it through', async () => {
    const { page } = bench
    await page.locator('.vue-flow__node[data-id="0000:6a:02.0"]').click()
    await page.getByTestId('inspector').getByTestId('explain-its-dma').click()
    await expect.poll(() => text(page, 'explain-verdict')).toContain('map the page at 0x1000 (DMA API)')
    expect(await refusal()).toMatch(/SFS\.2 \(0x71\)/)
    await page.getByTestId('explain-iova').fill('0xfee00000')
    await page.keyboard.press('Enter')
    await expect.poll(refusal).toMatch(/\(0x29\)/)
    await page.getByTestId('explain-iova').fill('0xzz')
    await page.keyboard.press('Enter')
    await expect.poll(refusal).toContain('An address such as 0x1000')
  })

  it('decodes a pasted fault line, and says what it cannot read', async () => {
    const { page } = bench
    await page.getByTestId('explain-fault').first().click()
    await page
      .getByTestId('fault-line')
      .fill('AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:02:00.0 domain=0x000d address=0xfffe0000 flags=0x0020]')
    await page.keyboard.press('Enter')
    await expect.poll(() => text(page, 'explain-verdict')).toContain('0000:02:00.0 · write · 0xfffe0000')
    expect(await refusal()).toMatch(/IO_PAGE_FAULT \(0x02\).*page not present/)
    await page.getByTestId('fault-line').fill('all is well')
    await page.keyboard.press('Enter')
    await expect.poll(() => text(page, 'explain-error')).toContain('FAULT_LINE_UNKNOWN')
  })

  it('has complained about nothing', () => {
    expect(bench.complaints).toEqual([])
  })
})
