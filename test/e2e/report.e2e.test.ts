import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explore, openScenario, openWorkbench, type Workbench } from './support/workbench'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

async function exported(title: string): Promise<{ name: string; content: string }> {
  const { page } = bench
  const waiting = page.waitForEvent('download')
  await page.keyboard.press('Control+Shift+P')
  await page.getByTestId('palette').waitFor()
  await page.keyboard.type(title)
  await page.keyboard.press('Enter')
  const download = await waiting
  return { name: download.suggestedFilename(), content: await readFile(await download.path(), 'utf8') }
}

describe('the report of a run', () => {
  it('is one file that opens without a network: verdicts, picture, steps, who enforces what, token', async () => {
    const { page, context } = bench
    await openScenario(page, 'idxd-vsvm-late')
    await explore(page)
    await page.getByTestId('race').waitFor()
    const { name, content } = await exported('export the run as one html')
    expect(name).toBe('idxd-vsvm-late-host-pasid.html')
    const report = await context.newPage()
    const asked: string[] = []
    report.on('request', (request) => asked.push(request.url()))
    await report.setContent(content)
    expect(asked).toEqual([])
    expect(await report.locator('figure svg text').count()).toBeGreaterThan(10)
    const words = (await report.locator('body').innerText()).replace(/\s+/g, ' ')
    for (const part of ['host-pasid', 'violated', 'witnessed', 'nobody', 'as expected', 'db1-'])
      expect(words).toContain(part)
    expect(await report.locator('tr.race').count()).toBeGreaterThan(0)
    await report.close()
  })

  it('is Markdown, too', async () => {
    const { name, content } = await exported('export the run as markdown')
    expect(name).toBe('idxd-vsvm-late-host-pasid.md')
    expect(content).toMatch(/^# Counterexample of host-pasid/)
    expect(content).toContain('## Who enforces the order')
  })

  it('has complained about nothing', () => {
    expect(bench.complaints).toEqual([])
  })
})
