import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkbench, text, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

const command = async (...words: string[]): Promise<void> => {
  await bench.page.keyboard.press('F1')
  for (const word of words) {
    await bench.page.keyboard.type(word)
    await bench.page.keyboard.press('Enter')
  }
}
const card = (id: string) => bench.page.getByTestId(`node-${id}`)
const groupOf = (bdf: string) => text(bench.page, `group-of-${bdf}`)
const middle = async (id: string): Promise<{ x: number; y: number; right: number; left: number }> => {
  const box = await card(id).boundingBox()
  if (!box) throw new Error(`${id} is not in view`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, left: box.x, right: box.x + box.width }
}
const drag = async (from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> => {
  const { mouse } = bench.page
  await mouse.move(from.x, from.y)
  await mouse.down()
  await mouse.move(from.x + 8, from.y + 8)
  await mouse.move(to.x, to.y, { steps: 8 })
  await mouse.up()
}
const dragTo = async (what: string, under: string) => drag(await middle(what), await middle(under))
/** From the right edge of one card to the left edge of the other. */
const drawLine = async (from: string, to: string): Promise<void> => {
  const [a, b] = [await middle(from), await middle(to)]
  await drag({ x: a.right, y: a.y }, { x: b.left, y: b.y })
}
const notices = async (): Promise<string> =>
  (await bench.page.getByTestId('notice').allInnerTexts()).join('\n').replace(/\s+/g, ' ')
const cards = () => bench.page.locator('[data-testid^="node-"]').count()

describe('a board that is drawn', () => {
  it('begins bare, and is built by mouse: ports, a switch, devices, an IOMMU', async () => {
    const { page } = bench
    await command('New board', 'x86')
    await card('pci0000:00').waitFor()
    expect(await page.title()).toBe('● new-x86.board.yaml — Doorbell')
    await page.getByTestId('part-root-port').click()
    await card('0000:00:01.0').waitFor()
    // What was added is chosen: the switch goes below the port.
    await page.getByTestId('part-switch').click()
    await card('0000:01:00.0').waitFor()
    await card('0000:02:00.0').click()
    await page.getByTestId('part-nvme').click()
    await card('0000:03:00.0').waitFor()
    await card('0000:01:00.0').click()
    await page.getByTestId('part-downstream-port').click()
    await card('0000:02:01.0').waitFor()
    await page.getByTestId('part-nic').click()
    await card('0000:04:00.0').waitFor()
    await page.getByTestId('part-iommu').click()
    await page.keyboard.type('VT-d')
    await page.keyboard.press('Enter')
    await card('iommu/dmar0').waitFor()
  })

  it('is planned while it is drawn: without ACS the devices below the switch share a group', async () => {
    const { page } = bench
    await page.getByRole('button', { name: 'Fit' }).click()
    await page.getByTestId('group-of-0000:03:00.0').waitFor()
    expect(await groupOf('0000:03:00.0')).not.toBe(await groupOf('0000:04:00.0'))
    await card('0000:02:00.0').click()
    await page.getByTestId('has-ACS').click()
    await expect.poll(async () => (await groupOf('0000:03:00.0')) === (await groupOf('0000:02:00.0'))).toBe(true)
    await card('0000:02:00.0').click()
    await page.getByTestId('has-ACS').click()
    await expect.poll(async () => (await groupOf('0000:03:00.0')) === (await groupOf('0000:02:00.0'))).toBe(false)
  })

  it('refuses a link that cannot be, with the reason and where it belongs', async () => {
    const { page } = bench
    await card('0000:01:00.0').click()
    const before = await cards()
    await page.getByTestId('part-nvme').click()
    await expect.poll(() => page.locator('body').innerText()).toContain('cannot sit on the bus inside a switch')
    expect(await page.locator('body').innerText()).toContain('it belongs on the link of a root port')
    expect(await cards()).toBe(before)
  })

  it('is edited by keyboard alone: moved and taken off; every change is undone and done again', async () => {
    const { page } = bench
    const choose = async (id: string) => {
      await page.locator(`.vue-flow__node[data-id="${id}"]`).focus()
      await page.keyboard.press('Enter')
    }
    await choose('pci0000:00')
    await page.getByTestId('part-root-port').click()
    await card('0000:00:02.0').waitFor()
    await page.getByRole('button', { name: 'Fit' }).click()
    await card('0000:03:00.0').waitFor()
    await choose('0000:03:00.0')
    await page.keyboard.press('m')
    await page.getByTestId('palette').waitFor()
    await page.keyboard.type('00:02.0')
    await page.keyboard.press('Enter')
    // The buses below the new port come after those below the switch.
    await expect.poll(() => text(page, 'inspector')).toContain('0000:05:00.0')
    await page.getByRole('button', { name: 'Fit' }).click()
    await card('0000:05:00.0').waitFor()
    await choose('0000:05:00.0')
    await page.keyboard.press('Delete')
    await expect.poll(() => card('0000:05:00.0').count()).toBe(0)
    await command('Undo')
    await card('0000:05:00.0').waitFor()
    await command('Redo')
    await expect.poll(() => card('0000:05:00.0').count()).toBe(0)
    await page.keyboard.press('Control+z')
    await card('0000:05:00.0').waitFor()
  })

  it('has parts that are dragged to another bus, and back by undo; a place that cannot be is refused', async () => {
    const { page } = bench
    await page.getByRole('button', { name: 'Fit' }).click()
    // The adapter below the switch, onto the root complex: it becomes a part of it.
    await dragTo('0000:04:00.0', 'pci0000:00')
    await expect.poll(() => text(page, 'inspector')).toContain('0000:00:03.0')
    expect(await card('0000:04:00.0').count()).toBe(0)
    await page.keyboard.press('Control+z')
    await card('0000:04:00.0').waitFor()
    expect(await card('0000:00:03.0').count()).toBe(0)
    // A port of the switch stays inside its switch.
    await page.getByRole('button', { name: 'Fit' }).click()
    await dragTo('0000:02:01.0', 'pci0000:00')
    await expect.poll(notices).toContain('Move 0000:02:01.0 to pci0000:00: refused')
    await card('0000:02:01.0').waitFor()
  })

  it('has lines that are drawn: from a unit to what it is to serve, and never where none can be', async () => {
    const { page } = bench
    const serves = (functions: number) =>
      expect.poll(() => text(page, 'inspector')).toMatch(new RegExp(`dmar1 .*serves ${functions} functions`))
    await command('Add an IOMMU', 'VT-d')
    await serves(0)
    await page.getByRole('button', { name: 'Fit' }).click()
    await drawLine('iommu/dmar1', '0000:05:00.0')
    await serves(1)
    await page.keyboard.press('Control+z')
    await card('iommu/dmar1').click()
    await serves(0)
    await page.getByRole('button', { name: 'Fit' }).click()
    await drawLine('iommu/dmar1', 'iommu/dmar0')
    await expect.poll(notices).toContain('Connect dmar0 to dmar1: refused')
    await card('iommu/dmar1').click()
    await serves(0)
    await page.keyboard.press('Control+z')
    await expect.poll(() => card('iommu/dmar1').count()).toBe(0)
  })

  it('is a text, too: what is typed there is drawn, and a mistake is marked where it is', async () => {
    const { page } = bench
    await page.getByRole('tab', { name: 'new-x86.board.yaml' }).click()
    const field = page.locator('.monaco-editor:visible .native-edit-context, .monaco-editor:visible textarea').first()
    await field.focus()
    await page.keyboard.press('Control+Home')
    await expect.poll(() => text(page, 'editor')).toContain('doorbellPlatform: 1')
    expect(await page.locator('.squiggly-error').count()).toBe(0)
    await page.keyboard.press('Control+End')
    await page.keyboard.type('one: two: three')
    await page.keyboard.press('Alt+6')
    await expect.poll(() => page.locator('body').innerText()).toContain('PLATFORM_INVALID')
  })

  it('is saved, and a platform that is built in is edited as a copy', async () => {
    const { page } = bench
    await page.getByRole('tab', { name: 'new-x86.board.yaml' }).click()
    await command('Undo')
    await page.keyboard.press('Control+s')
    await page.getByTestId('prompt-value').waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.title()).toBe('new-x86.board.yaml — Doorbell')
    await command('Show a platform', 'q35')
    await expect.poll(() => text(page, 'topology')).toContain('q35-vtd')
    await command('Edit a copy of the platform')
    await expect.poll(() => page.title()).toContain('.board.yaml')
    await page.getByTestId('part-shelf').waitFor()
    await page.getByRole('button', { name: 'Fit' }).click()
    await card('0000:00:02.0').waitFor()
  })

  it('has complained about nothing', () => {
    expect(bench.complaints).toEqual([])
  })
})
