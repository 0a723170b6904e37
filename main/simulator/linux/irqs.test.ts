import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform, type PciFunction } from '../platform/schema'
import { attach } from './attach'
import { IRQ_INDEXES, irqCount, setIrqsRefusal } from './irqs'
import { planPlatform } from './plan'
import { ERAS, eraFor } from './policies/eras'
import type { KernelPolicy } from './policies/policy'

const load = (id: string): Platform =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../../resources/platforms/${id}.yaml`), 'utf8')))
const era = (version: string): KernelPolicy => {
  const policy = eraFor(version)
  if (!policy) throw new Error(version)
  return policy
}
const base: PciFunction = {
  bdf: '0000:01:00.0',
  parent: 'pci0000:01',
  vendor: 0x1af4,
  device: 0x1041,
  class: 0x020000,
  headerType: 0,
  multifunction: false,
  configSize: 4096,
  unknown: [],
}
const msix = { vectors: 5, enabled: false, tableBir: 0, tableOffset: 0, pbaBir: 0, pbaOffset: 0 }

describe('interrupts of a function as VFIO counts them', () => {
  it('are what its capabilities and its pin say, one request line, and an error line for PCI Express', () => {
    const msi = { vectors: 8, enabled: false, maskable: false, address64: true }
    const express = { type: 'endpoint', version: 2, slot: false } as const
    const counts = (fn: PciFunction) => IRQ_INDEXES.map((index) => irqCount(fn, index))
    expect(counts({ ...base, msi, msix, express, interruptPin: 2 })).toEqual([1, 8, 5, 1, 1])
    expect(counts({ ...base, interruptPin: 0 })).toEqual([0, 0, 0, 0, 1])
  })

  it('are not known where the input does not show them', () => {
    expect(IRQ_INDEXES.map((i) => irqCount({ ...base, unknown: ['express', 'msi', 'msix'] }, i))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      1,
    ])
  })

  it('have no INTx for virtual functions and for those that cannot show that it is raised', () => {
    const pin = { ...base, interruptPin: 1 }
    expect(irqCount({ ...pin, physfn: '0000:01:00.0' }, 'INTX')).toBe(0)
    expect(irqCount({ ...pin, vendor: 0x8086, device: 0x1583 }, 'INTX')).toBe(0)
    expect(irqCount({ ...pin, vendor: 0x8086, device: 0x1582 }, 'INTX')).toBe(1)
  })
})

describe('SET_IRQS', () => {
  it('refuses what lies beyond the count, whatever the start, and nothing else where an MSI controller serves', () => {
    const controller = { name: 'its', kind: 'gicv3-its', serves: [], source: '' } as const
    const route = { controller: { ...controller, serves: [] }, mustMap: true, isolated: true, because: [] }
    fc.assert(
      fc.property(fc.nat(8), fc.nat(8), fc.constantFrom(...ERAS), (start, count, policy) => {
        const refusal = setIrqsRefusal({ ...base, msix }, 'MSIX', { start, count }, route, policy)
        expect(refusal?.errno).toBe(start < 5 && start + count <= 5 ? undefined : 'EINVAL')
      }),
    )
  })

  it('fails for messages, and not for INTx, where no MSI controller takes them: each era with its own errno', () => {
    const board = load('virt-smmuv3-its')
    const lonely = { ...board, msiControllers: [] }
    const answers = (version: string) => {
      const plan = planPlatform(lonely, era(version))
      const fn = plan.board.topology.find('0000:01:00.0')
      if (!fn?.msix || !fn.interruptPin) throw new Error('a function with MSI-X and a pin')
      return attach(plan, { devices: [fn], bindGroup: 1, unsafe: true, maps: [] })
    }
    const set = (version: string) =>
      answers(version).steps.flatMap((s) =>
        s.op === 'SET_IRQS' && s.irq !== 'MSI' ? [`${s.irq ?? ''} ${s.errno ?? 'ok'}`] : [],
      )
    expect(set('5.4')).toEqual(['INTX ok', 'MSIX EINVAL'])
    expect(set('6.1')).toEqual(['INTX ok', 'MSIX ENODEV'])
    expect(set('6.12')).toEqual(['INTX ok', 'MSIX ENOTSUPP'])
    expect(answers('6.12').stage).toBe(9)
    expect(
      answers('6.12')
        .because.map((b) => b.rule)
        .join(),
    ).toContain('no MSI controller takes its messages')
  })

  it('is not asked for what the input does not show', () => {
    const board = load('q35-vtd')
    const functions = board.functions.map((f) => {
      const { msix: _, ...rest } = f
      return { ...rest, unknown: [...f.unknown, 'msix'] }
    })
    const plan = planPlatform({ ...board, functions }, era('6.12'), 'intel_iommu=on')
    const fn = plan.board.topology.find('0000:01:00.0')
    if (!fn) throw new Error('fn')
    const { steps } = attach(plan, { devices: [fn], bindGroup: 1, unsafe: false, maps: [] })
    expect(steps.filter((s) => s.irq === 'MSIX')).toEqual([
      { op: 'GET_IRQ_INFO', ok: true, bdf: fn.bdf, irq: 'MSIX', detail: 'the input does not show how many' },
    ])
  })
})
