import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BOARD } from './support/board'
import { openWorkbench, text, type Workbench } from './support/workbench'

const capture = (name: string) => resolve(import.meta.dirname, '../fixtures/captures', name, 'capture.tar.gz')

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

interface Box {
  x: number
  y: number
  width: number
  height: number
}
async function box(page: Workbench['page'], id: string): Promise<Box> {
  const found = await page.getByTestId(id).boundingBox()
  if (!found) throw new Error(`${id} is not drawn`)
  return found
}
const inside = (a: Box, b: Box): boolean =>
  a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height

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
    await group.getByText('[10 §3 step 5]').first().focus()
    await expect
      .poll(() => page.locator('.db-tip.sources').innerText())
      .toMatch(/10 §3\s+Linux 6\.12 .*pci_device_group/)
    await page.keyboard.press('Escape')
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

  it('draws each group as a hull around its cards, which points it out in the plan and is pointed out from there', async () => {
    const { page } = bench
    const pressed = (id: string) => page.getByTestId(id).getAttribute('aria-pressed')
    await page.getByTestId('hull-4').waitFor()
    const hull = await box(page, 'hull-4')
    for (const bdf of ['0000:6a:00.0', '0000:6a:00.4']) expect(inside(await box(page, `node-${bdf}`), hull)).toBe(true)
    expect(inside(await box(page, 'node-0000:6a:01.0'), hull)).toBe(false)
    expect(await text(page, 'hull-word-4')).toBe('G4 DMA-FQ')
    await page.getByTestId('hull-word-4').click()
    expect(await pressed('pick-group-4')).toBe('true')
    expect(await page.getByTestId('hull-4').getAttribute('class')).toContain('chosen')
    await page.getByTestId('pick-group-5').focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => pressed('hull-word-5')).toBe('true')
    expect(await pressed('pick-group-4')).toBe('false')
    await page.getByTestId('hull-word-5').focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => pressed('pick-group-5')).toBe('false')
  })

  it('hides the hulls and shows them again, by keyboard, by mouse and from the palette', async () => {
    const { page } = bench
    const hulls = () => page.locator('[data-testid^="hull-word-"]').count()
    await page.keyboard.press('Alt+G')
    await expect.poll(hulls).toBe(0)
    expect(await page.getByTestId('group-legend').count()).toBe(0)
    await page.getByTestId('topology').locator('[data-command="topology.groups"]').click()
    await expect.poll(hulls).toBe(6)
    await page.getByTestId('group-legend').getByRole('button', { name: 'G2' }).click()
    expect(await page.getByTestId('pick-group-2').getAttribute('aria-pressed')).toBe('true')
    await page.getByTestId('pick-group-2').click()
  })

  it('keeps the whole board in view after Fit, also when its groups arrive and it is laid out anew', async () => {
    const { page } = bench
    const graph = page.getByTestId('topology').locator('.graph')
    const hulls = () => page.locator('[data-testid^="hull-word-"]').count()
    const cards = page.getByTestId('topology').locator('.vue-flow__node')
    const laid = () => expect.poll(() => graph.getAttribute('aria-busy')).toBe('false')
    /** Names of the cards that are not seen as a whole. */
    const outside = async (): Promise<string[]> => {
      const room = await graph.boundingBox()
      const all = await cards.evaluateAll((list) =>
        list.map((e) => {
          const { x, y, width, height } = e.getBoundingClientRect()
          return { id: e.getAttribute('data-id') ?? '', x, y, width, height }
        }),
      )
      return all.flatMap((card) => (room && inside(card, room) ? [] : [card.id]))
    }
    await page.keyboard.press('Alt+G')
    await expect.poll(hulls).toBe(0)
    await laid()
    await page.getByTestId('topology').getByRole('button', { name: 'Fit' }).click()
    await expect.poll(outside).toEqual([])
    const count = await cards.count()
    expect(count).toBe(14)
    await page.keyboard.press('Alt+G')
    await expect.poll(hulls).toBe(6)
    await laid()
    await expect.poll(() => cards.count()).toBe(count)
    await expect.poll(outside).toEqual([])
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
    // One for each group: 4.9 has no software MSI window yet (from 4.11), so nothing is cut out of them.
    expect(await page.locator('svg rect').count()).toBe(9)
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

  it('is checked against what the capture says that the kernel did', async () => {
    const { page } = bench
    expect(await text(page, 'plan-check')).toMatch(/^As observed: \d+ groups, \d+ regions compared$/)
    await page.getByTestId('plan-platform-spr-dsa').click()
    await expect.poll(() => page.getByTestId('plan-check').count()).toBe(0)
  })

  it('lays a guest’s RAM over the regions, and names what the VMM has to carve out', async () => {
    const { page } = bench
    await page.getByTestId('plan-platform-capture').click()
    await expect.poll(() => text(page, 'plan-summary')).toContain('Policy 6.12')
    await page.getByTestId('plan-guest').fill('lots')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'An amount such as' }).waitFor()
    await page.getByTestId('plan-guest').fill('300T')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => text(page, 'plan-guest-note'))
      .toMatch(/low 0x0–0x7fffffff, high 0x100000000–.*must carve out/)
    expect(await text(page, 'plan-guest-note')).toContain('0xfd00000000–0xffffffffff reserved range')
    expect(await page.getByTestId('plan-collisions').first().innerText()).toContain('−EINVAL')
    expect(await page.getByTestId('guest-hit').count()).toBeGreaterThan(0)
    await page.getByTestId('plan-guest-machine').selectOption('i440fx')
    await expect.poll(() => text(page, 'plan-guest-note')).toContain('low 0x0–0xbfffffff')
    await page.getByTestId('plan-guest').fill('')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.getByTestId('plan-guest-note').count()).toBe(0)
  })

  it('shows where a listing says something else, and plans as before', async () => {
    const { page } = bench
    const buffer = Buffer.from(BOARD)
    await page.getByTestId('import-input').setInputFiles({ name: 'board.txt', mimeType: 'text/plain', buffer })
    await page.getByTestId('notice').filter({ hasText: 'board imported' }).waitFor()
    await page.getByTestId('topology-plan').click()
    await expect.poll(() => text(page, 'plan-check')).toContain('2 differences from what was observed')
    await page.getByTestId('plan-differences').focus()
    await page.keyboard.press('Enter')
    const shown = (await page.getByTestId('plan-difference').allInnerTexts()).map((t) => t.replace(/\s+/g, ' '))
    expect(shown).toEqual(
      ['0000:00:1f.0', '0000:00:1f.4'].map((bdf) => `${bdf} group predicted 0000:00:1f.0 0000:00:1f.4 observed ${bdf}`),
    )
  })

  it('is checked against a listing that is given beside it', async () => {
    const { page } = bench
    const listing =
      'IOMMU Group 0:\n\t00:00.0 Host bridge [0600]: Intel [8086:7d14]\nIOMMU Group 1:\n\t00:1c.0 PCI bridge [0604]: Intel [8086:7e38]\nIOMMU Group 2:\n\t00:1f.0 ISA bridge [0601]: Intel [8086:7e02]\n\t00:1f.4 SMBus [0c05]: Intel [8086:7e22]\nIOMMU Group 3:\n\t01:00.0 Ethernet controller [0200]: Example [1d05:0001]\n'
    const file = (text: string) => ({ name: 'groups.txt', mimeType: 'text/plain', buffer: Buffer.from(text) })
    await page.getByTestId('observe-input').setInputFiles(file(listing))
    await expect.poll(() => text(page, 'plan-check')).toContain('As observed: 4 groups, 0 regions compared')
    await page.getByTestId('observe-input').setInputFiles(file('nothing of the kind'))
    await page.getByTestId('notice').filter({ hasText: 'groups.txt cannot be compared with' }).waitFor()
    expect(await text(page, 'plan-check')).toContain('As observed: 4 groups')
  })

  it('plans virtual functions that do not exist yet', async () => {
    const { page } = bench
    const field = page.getByTestId('plan-vfs').getByRole('spinbutton', { name: 'virtual functions' })
    await field.fill('9')
    await page.keyboard.press('Enter')
    await page.getByTestId('plan-vfs').getByRole('alert').filter({ hasText: 'from 0 to 8' }).waitFor()
    await field.fill('3')
    await page.keyboard.press('Enter')
    for (const vf of ['0000:01:10.0', '0000:01:10.2', '0000:01:10.4']) {
      await page.getByTestId(`plan-${vf}`).waitFor()
      await expect.poll(() => page.getByTestId(`node-${vf}`).innerText()).toContain('planned')
    }
    expect(await text(page, 'plan-check')).toContain('As observed: 4 groups')
    await page.getByTestId('plan-0000:01:10.2').getByRole('button').first().click()
    await expect.poll(() => text(page, 'ladder')).toContain('GET_DEVICE_FD')
    await page.locator('[data-testid="plan"] [data-command="plan.own"]').click()
    await expect.poll(() => page.getByTestId('plan-0000:01:10.0').count()).toBe(0)
    expect(await field.inputValue()).toBe('0')
  })

  it('has complained about nothing', () => {
    expect(bench.complaints).toEqual([])
  })
})
