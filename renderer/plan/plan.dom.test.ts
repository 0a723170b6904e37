import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { useCatalogue } from '../stores/catalogue'
import { useImporting } from '../stores/importing'
import { usePlanning } from '../stores/planning'
import { refuse, type FakeHost } from '../testing/fake-host'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { planHtml } from './html'
import { planMarkdown } from './markdown'
import { outline } from './outline'
import PlanPanel from './PlanPanel.vue'

let host: FakeHost
beforeEach(() => {
  host = freshWorkbench()
})

async function openPlan(builtin = 'spr-dsa') {
  await useCatalogue().showPlatform({ builtin })
  const panel = mountPanel(PlanPanel)
  await flushPromises()
  return panel
}
const asked = (name: string) => host.calls.filter((c) => c.name === name).map((c) => c.request)

describe('the plan panel', () => {
  it('asks for nothing before there is a machine, and for nobody', async () => {
    await useCatalogue().showPlatform({ builtin: 'spr-dsa' })
    usePlanning()
    await flushPromises()
    expect(asked('plan.compute')).toEqual([])
    useCatalogue().showScenarioPlatform()
    const panel = mountPanel(PlanPanel)
    expect(panel.text()).toContain('Nothing to plan')
    panel.unmount()
  })

  it('shows every function once, in its group or without one', async () => {
    const panel = await openPlan()
    const { plan, shown } = usePlanning()
    for (const { bdf } of shown?.platform.functions ?? []) {
      const grouped = panel.findAll(testId(`plan-${bdf}`)).length
      expect(grouped + panel.findAll(testId(`plan-ungrouped-${bdf}`)).length).toBe(1)
    }
    expect(panel.findAll('article.group').length).toBe(plan?.groups.length)
    panel.unmount()
  })

  it('plans the platform that a scenario gives, when none is chosen', async () => {
    await openDocument('idxd-vsvm-late')
    const panel = mountPanel(PlanPanel)
    await flushPromises()
    expect(asked('plan.compute')).toMatchObject([{ platform: { given: { name: 'spr-dsa' } } }])
    expect(panel.find(testId('plan-0000:6a:01.0')).exists()).toBe(true)
    panel.unmount()
  })

  it('highlights what another command line changes, and goes back to the machine’s own', async () => {
    const panel = await openPlan()
    await panel.get(testId('plan-cmdline')).setValue('iommu=pt')
    await flushPromises()
    expect(asked('plan.compute').at(-1)).toMatchObject({ cmdline: 'iommu=pt' })
    expect(panel.get(testId('plan-group-1')).text()).toContain('identity')
    expect(panel.get(testId('plan-group-1')).text()).toMatch(/type was DMA/)
    expect(panel.get(testId('plan-compared')).text()).toContain('differ from the machine')
    await panel.get('[data-command="plan.own"]').trigger('click')
    await flushPromises()
    expect(panel.find(testId('plan-compared')).exists()).toBe(false)
    expect(panel.find('.was').exists()).toBe(false)
    panel.unmount()
  })

  it('asks for another kernel, and takes no account of an answer that came too late', async () => {
    const panel = await openPlan()
    const real = host.handlers['plan.compute']
    const late: (() => void)[] = []
    host.handlers['plan.compute'] = async (request, options) => {
      if (request.kernel === '4.9') await new Promise<void>((done) => late.push(done))
      return real(request, options)
    }
    await panel.get(testId('plan-kernel')).setValue('4.9')
    await panel.get(testId('plan-kernel')).setValue('5.3')
    await flushPromises()
    late.forEach((answer) => answer())
    await flushPromises()
    expect(usePlanning().plan?.policy).toBe('5.3')
    panel.unmount()
  })

  it('unfolds a function into its reasons and its way to user space', async () => {
    const panel = await openPlan()
    const device = panel.get(testId('plan-0000:6a:01.0'))
    await device.get('button').trigger('click')
    await flushPromises()
    expect(asked('plan.attach')).toMatchObject([{ device: '0000:6a:01.0', bindGroup: 1 }])
    expect(device.get(testId('ladder')).text()).toContain('SET_IOMMU')
    expect(device.find('cite').exists()).toBe(true)
    expect(device.get(testId('sva')).text()).toContain('PASID')
    const planned = usePlanning().index?.devices.get('0000:6a:01.0')
    expect(device.get(testId('blast-radius')).text()).toContain(planned?.blastRadius.words ?? 'no plan')
    panel.unmount()
  })

  it('plans again when a machine is imported once more under its name', async () => {
    const capture = () => new File(['x'], 'box.tar.gz')
    await useImporting().importFile(capture())
    const panel = mountPanel(PlanPanel)
    await flushPromises()
    const before = asked('plan.compute').length
    await useImporting().importFile(capture())
    await flushPromises()
    expect(asked('plan.compute').length).toBe(before + 1)
    panel.unmount()
  })

  it('says why there is no plan', async () => {
    host.handlers['plan.compute'] = () =>
      refuse({ code: 'USAGE', message: 'no kernel policy is called mine', hint: 'a version such as 6.1' })
    const panel = await openPlan()
    expect(panel.get('[role="alert"]').text()).toContain('no kernel policy is called mine')
    panel.unmount()
  })
})

describe('the exported plan', () => {
  it('has every function, region and assumption in both formats, and no markup of the input', async () => {
    const panel = await openPlan()
    const { plan, shown } = usePlanning()
    if (!plan || !shown) throw new Error('there is a plan')
    const document_ = outline('<script>alert(1)</script>|x', shown.platform, plan)
    const [html, markdown] = [planHtml(document_), planMarkdown(document_)]
    for (const { bdf } of shown.platform.functions) {
      expect(html).toContain(bdf)
      expect(markdown).toContain(bdf)
    }
    expect(html).not.toContain('<script')
    expect(markdown).not.toContain('<script')
    const parsed = new DOMParser().parseFromString(html, 'text/html')
    expect(parsed.querySelectorAll('script, link, img, iframe').length).toBe(0)
    expect(parsed.querySelectorAll('h3').length).toBe(plan.groups.length)
    const tables = markdown.split('\n').filter((l) => l.startsWith('| '))
    for (const line of tables) expect(line.split(/(?<!\\)\|/).length).toBe(10)
    panel.unmount()
  })
})
