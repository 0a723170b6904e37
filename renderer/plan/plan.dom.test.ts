import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { commandById } from '../commands/table'
import { carveOuts, numberRanges } from '../model/guest'
import { useCatalogue } from '../stores/catalogue'
import { useImporting } from '../stores/importing'
import { useNotices } from '../stores/notices'
import { usePlanning } from '../stores/planning'
import { refuse } from '../testing/fake-handlers'
import type { FakeHost } from '../testing/fake-host'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { planHtml } from './html'
import { planMarkdown } from './markdown'
import { outline } from './outline'
import GroupList from './GroupList.vue'
import PlanGroup from './PlanGroup.vue'
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

  it('draws a thousand groups a page at a time, and turns to the one that is pointed out', async () => {
    const panel = await openPlan()
    const planning = usePlanning()
    const [first] = planning.plan?.groups ?? []
    if (!first || !planning.index || !planning.plan) throw new Error('a plan')
    const many = Array.from({ length: 250 }, (_, i) => ({ ...first, devices: [`0000:01:${i}`] }))
    planning.plan.groups.splice(0, Infinity, ...many)
    const list = mountPanel(GroupList, {
      groups: many.map((group, i) => ({ group, number: i + 1 })),
      index: planning.index,
      functions: new Map(),
      segments: 1,
    })
    const numbers = () => list.findAll('article.group').map((g) => g.attributes('data-testid'))
    expect(numbers()).toEqual(Array.from({ length: 100 }, (_, i) => `plan-group-${i + 1}`))
    expect(list.get(testId('plan-pages')).text()).toBe('1–100 of 250 groups')
    await list.get('[aria-label="Next page"]').trigger('click')
    expect(numbers()[0]).toBe('plan-group-101')
    planning.chooseGroup(250)
    await flushPromises()
    expect(numbers().at(-1)).toBe('plan-group-250')
    expect(list.get(testId('plan-pages')).text()).toBe('201–250 of 250 groups')
    expect(list.get('[aria-label="Next page"]').attributes('disabled')).toBeDefined()
    list.unmount()
    panel.unmount()
  })

  it('draws a large group whole only when asked to, and names those with a domain of their own', async () => {
    const panel = await openPlan()
    const { plan, index } = usePlanning()
    const [first] = plan?.groups ?? []
    if (!first || !index) throw new Error('a plan')
    const devices = Array.from({ length: 80 }, (_, i) => `0000:01:${i}`)
    const own = devices.slice(1, 12).map((device) => ({ device, type: 'identity', because: [] }))
    panel.unmount()
    const group = mountPanel(PlanGroup, {
      group: { ...first, type: null, domain: 'DMA', devices, own },
      number: 1,
      index,
      functions: new Map(),
      segments: 1,
      planned: new Set<string>(),
      chosen: false,
    })
    expect(group.findAll('.member').length).toBe(64)
    expect(group.get(testId('plan-own-1')).text()).toMatch(/identity: 0000:01:1 .*0000:01:8 and 3 more$/)
    expect(group.get('header').text()).toContain('DMA')
    expect(group.get(testId('plan-all-members')).text()).toBe('16 more')
    await group.get(testId('plan-all-members')).trigger('click')
    expect(group.findAll('.member').length).toBe(80)
    expect(group.get(testId('plan-own-1')).text()).toMatch(/0000:01:11$/)
    expect(group.find(testId('plan-all-members')).exists()).toBe(false)
    group.unmount()
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

  it('plans the kernel of a crash dump, says how it finds the units and whose attach is put off', async () => {
    const panel = await openPlan()
    expect(panel.find(testId('plan-kdump-units')).exists()).toBe(false)
    await panel.get(testId('plan-kdump')).setValue(true)
    await flushPromises()
    expect(asked('plan.compute').at(-1)).toMatchObject({ kdump: true })
    expect(panel.get(testId('plan-kdump-units')).text()).toContain('translation on')
    expect(panel.get(testId('plan-deferred-1')).text()).toContain('attach deferred')
    await panel.get('[data-command="plan.own"]').trigger('click')
    await flushPromises()
    expect(panel.find(testId('plan-kdump-units')).exists()).toBe(false)
    panel.unmount()
  })

  it('says what a write to a group’s type file answers, bound and unbound, and why', async () => {
    const panel = await openPlan()
    await panel.get(testId('plan-group-1')).get(testId('plan-types')).trigger('click')
    await flushPromises()
    const writes = panel.get(testId('type-writes'))
    expect(writes.findAll('tbody tr').map((r) => r.get('th').text())).toEqual(['identity', 'DMA', 'DMA-FQ', 'auto'])
    await writes.get('[aria-label="identity, drivers taken off: why"]').trigger('click')
    expect(writes.text()).toMatch(/05\.21|20 §9/)
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
    expect(device.get('cite[tabindex="0"]').attributes('aria-description')).toMatch(/^\d\d(\.| §| S)\d.*: \S/)
    expect(device.get(testId('sva')).text()).toContain('PASID')
    expect(device.get(testId('pasid-uses')).text()).toContain("a guest's PASIDs through VFIO")
    const planned = usePlanning().index?.devices.get('0000:6a:01.0')
    expect(device.get(testId('blast-radius')).text()).toContain(planned?.blastRadius.words ?? 'no plan')
    expect(device.get(testId('reset')).text()).toContain('not known: flr')
    expect(device.get(testId('hot-reset')).text()).toContain('a root bus has no bridge above')
    await device.get(testId('iommufd')).setValue(true)
    await flushPromises()
    expect(asked('plan.attach').at(-1)).toMatchObject({ iommufd: true })
    expect(device.get(testId('ladder')).text()).toContain('VFIO_DEVICE_BIND_IOMMUFD')
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

describe('the check in the plan panel', () => {
  const seen = (type: string) => ({
    groups: (usePlanning().plan?.groups ?? []).map((g, id) => ({
      id,
      devices: g.devices,
      type: id === 0 ? type : (g.type ?? 'DMA'),
      reserved: g.reserved,
    })),
    units: [],
    loose: [],
    resets: [],
    warnings: [],
  })

  it('says nothing of a built-in machine, and that there is nothing to compare with of an imported one', async () => {
    const panel = await openPlan()
    expect(panel.find(testId('plan-check')).exists()).toBe(false)
    await useImporting().importFile(new File(['x'], 'box.tar.gz'))
    await flushPromises()
    expect(panel.get(testId('plan-check')).text()).toContain('does not say what a kernel did')
    panel.unmount()
  })

  it('is one line when all is as observed, and unfolds into what differs', async () => {
    const panel = await openPlan()
    const planning = usePlanning()
    host.observed = seen(planning.plan?.groups[0]?.type ?? '')
    await planning.compute()
    await flushPromises()
    expect(panel.get(testId('plan-check')).text()).toMatch(/^As observed: \d+ groups, \d+ regions compared$/)
    host.observed = seen('identity')
    await planning.compute()
    await flushPromises()
    const check = panel.get(testId('plan-check'))
    expect(check.text()).toContain('1 difference')
    await check.get(testId('plan-differences')).trigger('click')
    expect(check.get(testId('plan-difference')).text()).toMatch(/default domain.*predicted.*DMA.*observed.*identity/)
    panel.unmount()
  })

  it('is opened by its command, when the panel is not there yet', async () => {
    const panel = await openPlan()
    host.observed = seen('identity')
    await usePlanning().compute()
    panel.unmount()
    usePlanning().wanted = 'check'
    const again = mountPanel(PlanPanel)
    await flushPromises()
    expect(again.get(testId('plan-differences')).attributes('aria-expanded')).toBe('true')
    expect(usePlanning().wanted).toBeNull()
    again.unmount()
  })
})

describe('a listing beside an imported machine', () => {
  const choose = async (panel: Awaited<ReturnType<typeof openPlan>>, name: string) => {
    const input = panel.get(testId('observe-input'))
    Object.defineProperty(input.element, 'files', { value: [new File(['x'], name)], configurable: true })
    await input.trigger('change')
    await flushPromises()
  }

  it('is sent, and the plan is checked with it', async () => {
    await useImporting().importFile(new File(['x'], 'box.tar.gz'))
    const panel = mountPanel(PlanPanel)
    await flushPromises()
    host.observed = { groups: [{ id: 7, devices: ['0000:00:00.0'] }], units: [], loose: [], resets: [], warnings: [] }
    await choose(panel, 'groups.txt')
    expect(asked('platform.observe')).toEqual([{ upload: 'groups.txt', imported: 'box' }])
    expect(panel.get(testId('plan-check')).text()).toContain('1 group, 0 regions compared')
    panel.unmount()
  })

  it('that says nothing is refused, and the plan stays', async () => {
    await useImporting().importFile(new File(['x'], 'box.tar.gz'))
    const panel = mountPanel(PlanPanel)
    await flushPromises()
    const before = asked('plan.compute').length
    await choose(panel, 'bad.txt')
    expect(useNotices().items.at(-1)?.title).toBe('bad.txt cannot be compared with')
    expect(asked('plan.compute').length).toBe(before)
    panel.unmount()
  })
})

describe('virtual functions in the plan panel', () => {
  const MLX = '0000:02:00.0'
  const field = (panel: Awaited<ReturnType<typeof openPlan>>) => panel.get(`${testId('plan-vfs')} input`)

  it('are planned by their number, marked, and gone with the number', async () => {
    const panel = await openPlan()
    expect(panel.findAll(testId('plan-vfs')).length).toBe(1)
    expect(panel.get(testId('plan-vfs')).text()).toContain('of 8, 2 there already')
    await field(panel).setValue('6')
    await field(panel).trigger('change')
    await flushPromises()
    expect(asked('plan.compute').at(-1)).toMatchObject({ sriov: [{ bdf: MLX, count: 6 }] })
    expect(usePlanning().plannedSet.size).toBe(4)
    for (const bdf of usePlanning().plannedSet) {
      const member = panel.get(testId(`plan-${bdf}`)).element.parentElement
      expect(member?.textContent).toContain('planned')
    }
    await field(panel).setValue('0')
    await field(panel).trigger('change')
    await flushPromises()
    expect(asked('plan.compute').at(-1)).not.toHaveProperty('sriov')
    expect(usePlanning().plannedSet.size).toBe(0)
    panel.unmount()
  })

  it('are not planned by a number that cannot be', async () => {
    const panel = await openPlan()
    const before = asked('plan.compute').length
    for (const wrong of ['9', '-1', '']) {
      await field(panel).setValue(wrong)
      await field(panel).trigger('change')
      expect(panel.get(`${testId('plan-vfs')} [role="alert"]`).text()).toContain('from 0 to 8')
    }
    await field(panel).trigger('blur')
    expect((field(panel).element as HTMLInputElement).value).toBe('0')
    expect(asked('plan.compute').length).toBe(before)
    panel.unmount()
  })
})

describe('a guest’s RAM in the plan panel', () => {
  const take = async (panel: Awaited<ReturnType<typeof openPlan>>, text: string) => {
    await panel.get(testId('plan-guest')).setValue(text)
    await panel.get(testId('plan-guest')).trigger('change')
    await flushPromises()
  }

  it('is laid over each group’s regions, and taken away with its amount', async () => {
    const panel = await openPlan()
    await take(panel, '8G')
    expect(asked('plan.compute').at(-1)).toMatchObject({ guest: { machine: 'q35', bytes: 8 * 2 ** 30 } })
    expect(panel.get(testId('plan-guest-note')).text().replace(/\s+/g, ' ')).toMatch(
      /8 GiB of guest RAM on q35: low 0x0–0x7fffffff, high 0x100000000–0x27fffffff/,
    )
    expect(panel.findAll(`${testId('address-strip')} ${testId('guest-ram')}`).length).toBeGreaterThan(0)
    await panel.get(testId('plan-guest-machine')).setValue('i440fx')
    await flushPromises()
    expect(asked('plan.compute').at(-1)).toMatchObject({ guest: { machine: 'i440fx' } })
    await take(panel, '')
    expect(panel.find(testId('plan-guest-note')).exists()).toBe(false)
    expect(panel.find(testId('guest-ram')).exists()).toBe(false)
    panel.unmount()
  })

  it('that cannot be read is said to be so, and the plan stays', async () => {
    const panel = await openPlan()
    const before = asked('plan.compute').length
    await take(panel, 'lots')
    expect(panel.get('[role="alert"]').text()).toContain('An amount such as 512M')
    expect(asked('plan.compute').length).toBe(before)
    panel.unmount()
  })

  it('names each collision once, with the groups that it concerns', () => {
    const collision = { start: '0xfd00000000', end: '0xffffffffff', with: 'reserved', verdict: 'refused' as const }
    const group = (collisions: (typeof collision)[]) => ({ devices: [], collisions, mappable: [] })
    const guest = { machine: 'q35', ram: [], groups: [group([collision]), group([]), group([collision])] }
    expect(carveOuts(guest)).toEqual([{ ...collision, groups: [1, 3] }])
    expect(numberRanges([1, 2, 3, 5, 8, 7])).toBe('1–3, 5, 7–8')
  })
})

describe('a group', () => {
  it('is pointed out from the panel, and no longer when the machine is another', async () => {
    const panel = await openPlan()
    const pick = () => panel.get(testId('pick-group-2'))
    await pick().trigger('click')
    expect(pick().attributes('aria-pressed')).toBe('true')
    expect(panel.get(testId('plan-group-2')).classes()).toContain('chosen')
    await usePlanning().compute()
    await flushPromises()
    expect(pick().attributes('aria-pressed')).toBe('true')
    await useCatalogue().showPlatform({ builtin: 'q35-vtd' })
    await flushPromises()
    expect(usePlanning().chosen).toBeNull()
    panel.unmount()
  })

  it('is drawn or not by one command', async () => {
    const panel = await openPlan()
    const command = commandById('topology.groups')
    expect(command.checked?.()).toBe(true)
    await command.run()
    expect(command.checked?.()).toBe(false)
    expect(usePlanning().hulls).toBe(false)
    await command.run()
    expect(command.checked?.()).toBe(true)
    panel.unmount()
    expect(command.checked?.()).toBe(false)
  })
})

describe('the exported plan', () => {
  it('has what is planned beside the machine: virtual functions, a guest and what was observed', async () => {
    const panel = await openPlan()
    const planning = usePlanning()
    host.observed = {
      groups: [{ id: 0, devices: ['0000:02:00.0'], type: 'DMA' }],
      units: [],
      loose: [],
      resets: [],
      warnings: [],
    }
    planning.planFunctions('0000:02:00.0', 3)
    planning.choose({ guest: { machine: 'virt', bytes: 2 ** 30 } })
    await flushPromises()
    if (!planning.plan || !planning.shown) throw new Error('there is a plan')
    const markdown = planMarkdown(outline('m', planning.shown.platform, planning.plan))
    expect(markdown).toContain('virtual functions planned: 1')
    expect(markdown).toMatch(/\| 0000:02:00\.4 \| [^|]*planned \|/)
    expect(markdown).toContain('virt: 0x40000000–0x7fffffff')
    expect(markdown).toMatch(/## Beside what was observed\n\n- \d+ difference/)
    panel.unmount()
  })

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
    const listed = [...parsed.querySelectorAll('section:last-of-type tr')].map((r) =>
      [...r.children].map((c) => c.textContent),
    )
    expect(document_.sources.length).toBeGreaterThan(2)
    expect(listed).toEqual(document_.sources)
    expect(markdown.split('## Sources')[1]?.match(/^- /gm)?.length).toBe(listed.length)
    const tables = markdown.split('\n').filter((l) => l.startsWith('| '))
    for (const line of tables) expect(line.split(/(?<!\\)\|/).length).toBe(10)
    panel.unmount()
  })
})
