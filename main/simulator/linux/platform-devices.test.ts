import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { importInputs } from '../firmware/inputs'
import { Platform, type PlatformDevice } from '../platform/schema'
import { planPlatform } from './plan'
import { policyFor } from './policies/proposals'
import { reportPlan } from './report'

const load = (id: string): Platform =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../../resources/platforms/${id}.yaml`), 'utf8')))

function report(platform: Platform, kernel = '6.12', cmdline = '') {
  const policy = policyFor(kernel)
  if (!policy) throw new Error('policy')
  return reportPlan(planPlatform(platform, policy, cmdline))
}

describe('functions behind a controller of PAMU', () => {
  const p4080 = load('p4080-pamu')
  const withRevision = (controllerRevision?: number): Platform => {
    const { tables: _, ...rest } = p4080
    return {
      ...rest,
      roots: p4080.roots.map(({ controllerRevision: _old, ...r }) =>
        controllerRevision === undefined ? r : { ...r, controllerRevision },
      ),
    }
  }
  const partition = (p: Platform): string[] => report(p, '4.9').groups.map((g) => g.devices.join(' '))

  it('share one group while the controller is older than 2.4', () => {
    expect(partition(p4080)).toEqual(['0000:00:00.0 0000:01:00.0', '0001:00:00.0 0001:01:00.0 0001:01:00.1'])
    expect(report(p4080, '4.9').groups[1]?.because[0]).toMatchObject({
      cite: '10 §6; check_pci_ctl_endpt_part',
      facts: ['pci0001:00: BRR1 is 0x201, telling them apart takes 0x204'],
    })
  })

  it('are grouped as anywhere else from 2.4 on', () => {
    expect(partition(withRevision(0x203))).toHaveLength(2)
    expect(partition(withRevision(0x204)).length).toBeGreaterThan(0)
    const groups = report(withRevision(0x204), '4.9').groups.flatMap((g) => g.because)
    expect(groups.map((b) => b.rule).join()).not.toContain('LIODN')
  })

  it('share it where nobody says how old it is, and the plan says so', () => {
    expect(partition(withRevision())).toHaveLength(2)
    expect(report(withRevision(), '4.9').assumptions.join()).toContain('taken as older than 2.4')
  })
})

describe('devices that are not on PCI', () => {
  const on = (kind: Platform['iommus'][number]['kind'], ...devices: [string, ...number[]][]) => {
    const p = load('virt-smmuv3-its')
    const unit = { name: 'unit', kind, registers: {}, serves: [], source: 'test' }
    const platformDevices = devices.map(([name, ...ids]): PlatformDevice => ({
      name,
      iommu: 'unit',
      ids,
      source: 'test',
    }))
    const plan = report({ ...p, iommus: [...p.iommus, unit], platformDevices }).platformDevices
    return {
      groups: plan?.groups.map((g) => g.devices.join(' ')),
      none: plan?.ungrouped.map((u) => `${u.device}: ${u.because[0]?.rule ?? ''}`),
    }
  }

  it('have groups of their own', () => {
    for (const kind of ['smmu-v3', 'smmu-v2', 'amd-vi', 'pamu'] as const)
      expect(on(kind, ['a', 1], ['b', 2])).toEqual({ groups: ['a', 'b'], none: [] })
    expect(on('vt-d', ['a'], ['b']).groups).toEqual(['a', 'b'])
  })

  it('that carry one id share a group under SMMUv2 and AMD-Vi, and under SMMUv3 the later one fails to probe', () => {
    expect(on('smmu-v2', ['a', 1], ['b', 1])).toEqual({ groups: ['a b'], none: [] })
    expect(on('amd-vi', ['a', 0xa0], ['b', 0xa0])).toEqual({ groups: ['a b'], none: [] })
    expect(on('smmu-v3', ['a', 1], ['b', 1])).toEqual({
      groups: ['a'],
      none: ['b: its StreamID is taken by another device: it fails to probe'],
    })
  })

  it('whose ids lie in two groups of an SMMUv2 are refused', () => {
    expect(on('smmu-v2', ['a', 1], ['b', 2], ['c', 1, 2])).toEqual({
      groups: ['a', 'b'],
      none: ['c: its StreamIDs lie in two groups: -EINVAL'],
    })
  })

  it('are found in a device tree by iommus and by fsl,liodn, under the names that sysfs has', () => {
    const tree = (text: string) => {
      const machine = importInputs([{ kind: 'devicetree', name: 'x.dts', data: Buffer.from(text) }])
      if (!machine.ok) throw new Error(machine.error.message)
      return machine.value.platform
    }
    const smmu = tree(`/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>;
  s: iommu@9050000 { compatible = "arm,smmu-v3"; reg = <0x9050000 0x20000>; #iommu-cells = <1>; };
  dma@1003000 { reg = <0x1003000 0x1000>; iommus = <&s 7>, <&s 8>; };
  off@1004000 { reg = <0x1004000 0x1000>; iommus = <&s 9>; status = "disabled"; };
};`)
    expect(smmu.platformDevices).toEqual([
      { name: '1003000.dma', iommu: 'smmu3.0x0000000009050000', ids: [7, 8], source: 'device tree /dma@1003000' },
    ])
    const pamu = tree(`/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>;
  iommu@20000 { compatible = "fsl,pamu"; reg = <0x20000 0x5000>; };
  usb@210000 { reg = <0x210000 0x1000>; fsl,liodn = <127>; };
};`)
    expect(report(pamu, '4.19').platformDevices).toMatchObject({
      groups: [{ devices: ['210000.usb'], iommu: 'iommu0', type: 'unknown' }],
    })
    expect(report(pamu, '4.19').assumptions.join()).toContain('lists no PCI functions')
  })
})
