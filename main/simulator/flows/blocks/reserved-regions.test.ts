import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { verdicts } from '../../../../test/support/board'
import { attach } from '../../linux/attach'
import { planPlatform } from '../../linux/plan'
import { policyFor } from '../../linux/policies/proposals'
import { sysfsWord } from '../../linux/regions'
import { Platform } from '../../platform/schema'

const REGION = { start: '0x7b800000', end: '0x7b800fff' }
const ENDPOINT = '0000:01:00.0'
const CLASSES = { other: 0x020000, usb: 0x0c0330, graphics: 0x030000 } as const
type Class = keyof typeof CLASSES

const q35 = Platform.parse(
  parse(readFileSync(join(import.meta.dirname, '../../../../resources/platforms/q35-vtd.yaml'), 'utf8')),
)

/** What the planner says of the same machine: the word of the region, and the errno of each call. */
function planned(kernel: string, c: Class) {
  const policy = policyFor(kernel)
  if (!policy) throw new Error(kernel)
  const functions = q35.functions.map((f) => (f.bdf === ENDPOINT ? { ...f, class: CLASSES[c], driver: 'vfio-pci' } : f))
  const platform = {
    ...q35,
    functions,
    regions: [{ kind: 'rmrr' as const, ...REGION, devices: [ENDPOINT], source: 'DMAR' }],
  }
  const plan = planPlatform(platform, policy, 'intel_iommu=on')
  const group = plan.groups.find((g) => g.members.some((m) => m.fn.bdf === ENDPOINT))
  const device = functions.find((f) => f.bdf === ENDPOINT)
  if (!group || !device) throw new Error('the endpoint has no group')
  const maps = [0x7b800000n, 0xfee00000n].map((iova) => ({ iova, size: 0x1000n }))
  const { steps } = attach(plan, { devices: [device], bindGroup: 1, unsafe: true, maps })
  const answers = (op: string) => steps.filter((s) => s.op === op).map((s) => s.errno ?? 'OK')
  return {
    word: group.regions.filter((r) => r.start === BigInt(REGION.start)).map((r) => sysfsWord(r.type)),
    container: answers('SET_CONTAINER'),
    // Each version of the type 1 back-end is tried, with one answer.
    iommu: [...new Set(answers('SET_IOMMU'))],
    maps: answers('MAP_DMA'),
  }
}

const words = { direct: 'direct', direct_relaxable: 'direct-relaxable' }

/** The same from the blocks: the verdict of a property is the answer. */
function modelled(era: string, c: Class) {
  const call = (agent: string, op: string): string => `  ${agent}: [${op}]`
  const errnos = ['OK', 'EPERM', 'EINVAL', 'EBUSY']
  const ask = (agent: string, done: string) =>
    errnos.map((e) => `  - { name: ${agent}-${e}, sometimes: "${done} && ${agent}.errno == ${e}" }`).join('\n')
  const v = verdicts(`
blocks:
  unit: { kind: translation-unit }
  regions: { kind: reserved-regions, era: ${era}, class0: ${c} }
  core: { kind: iommu-core }
  vfio: { kind: vfio-type1-regions }
programs:
  kernel: [{ core.setup_default: { group: 0, domain: dma0 } }, { regions.read: { page: region }, id: READ }]
${call('qemu', '{ vfio.set_container: { group: 0 }, when: done(READ), on_error: continue }, { wait: { until: "true" }, id: C }')}
${call('qemu2', '{ vfio.set_iommu: { group: 0 }, when: "done(C) && vfio.joined0", on_error: continue }, { wait: { until: "true" }, id: I }')}
${call('qemu3', '{ vfio.map_dma: { page: region }, when: "done(I) && vfio.attached0" }')}
${call('qemu4', '{ vfio.map_dma: { page: msi }, when: "done(I) && vfio.attached0" }')}
agents:
${['qemu2', 'qemu3', 'qemu4'].map((a) => `  ${a}: { role: vmm, optional: true }`).join('\n')}
properties:
${ask('qemu', 'done(C)')}
${ask('qemu2', 'done(I)')}
${ask('qemu3', '(vfio.mapped.region || qemu3.errno != OK)')}
${ask('qemu4', '(vfio.mapped.msi || qemu4.errno != OK)')}
${Object.keys(words)
  .map((w) => `  - { name: word-${w}, sometimes: regions.word.region == ${w} }`)
  .join('\n')}
`)
  expect([v['complete'], v['range']]).toEqual(['holds', 'holds'])
  const answer = (agent: string): string[] => errnos.filter((e) => v[`${agent}-${e}`] === 'witnessed')
  return {
    word: Object.entries(words).flatMap(([w, text]) => (v[`word-${w}`] === 'witnessed' ? [text] : [])),
    container: answer('qemu'),
    iommu: answer('qemu2'),
    maps: [...answer('qemu3'), ...answer('qemu4')],
  }
}

describe('a firmware region of a device that is assigned', () => {
  const eras = [
    ['v5_3', '5.3'],
    ['v6_1', '6.1'],
    ['v6_12', '6.12'],
  ] as const
  const classes: Class[] = ['other', 'usb', 'graphics']
  it.each(eras.flatMap(([era, kernel]) => classes.map((c) => [c, kernel, era] as const)))(
    'is answered by the blocks as by the planner: class %s on %s',
    (c, kernel, era) => {
      expect(modelled(era, c)).toEqual(planned(kernel, c))
    },
  )
})
