/** Groups predicted from lspci alone, against what the kernels of real people's machines made of them. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importFiles } from '../../workspace/import-file'
import { compareWith } from './check'
import { planPlatform } from './plan'
import { policyFor } from './policies/proposals'
import { reportPlan } from './report'

const root = resolve(import.meta.dirname, '../../../../shared/datasets')

/** Whole machines (and one switch) whose lspci text says the group of each function. */
const READABLE = [
  'm01-suspend-6.19.4/lspci.txt',
  'm04-aer-cor-lspci/lspci.txt',
  'm05-asus-pn51/lspci-vvv-aspm-default-policy.txt',
  'm07-asm1812-switch/lspci-verbose.txt',
  'm13-tb4/lspci-vv.txt',
  'm13-tb4-no-usb4/lspci_vv_no_usb4.txt',
  'm13-tb4-no-usb4/lspci_vv_blacklist_usb4.txt',
  'm16-aer-worrying/lspci-vv.txt',
  'm20-pasid-bug-lspci/lspci-vvvv-1.txt',
  'm20-pasid-bug-lspci2/lspci-vvv-2.txt',
]
/** ACS could not be read: right under the one assumption that ports have it enabled. */
const ASSUMED = ['m14-xhci-bandwidth/body.txt', 'e09-resource-realloc/lspci.txt', 'e08-aacraid-170groups/lspci-v.txt']

async function differences(file: string) {
  const read = await importFiles([{ source: join(root, file), name: file }])
  if (!read.ok) throw new Error(read.error.message)
  const policy = policyFor(undefined)
  if (!policy) throw new Error('policy')
  const report = reportPlan(planPlatform(read.value.platform, policy))
  // Functions that the kernel gave no group are left out: lspci does not say why.
  return { report, list: compareWith(report, read.value.observations).filter((d) => d.what !== 'ungrouped') }
}

it.skipIf(existsSync(root))('datasets stand beside the project', ({ skip }) => {
  skip('there are none: the comparison with real machines was not run')
})

describe.skipIf(!existsSync(root))('from lspci alone, the groups are the kernel’s', () => {
  it.each(READABLE)('on %s', async (file) => {
    expect((await differences(file)).list).toEqual([])
  })

  it.each(ASSUMED)('on %s, and it is said that ACS was assumed', async (file) => {
    const { report, list } = await differences(file)
    expect(list).toEqual([])
    expect(report.assumptions.some((a) => a.includes('could not be read, taken as present and enabled'))).toBe(true)
  })
})
