/**
 * A request through an AMD IOMMU: the device table entry and page table as the driver writes them, decided by
 * `translateAmd`. Source: set_dte_entry, init_device_table_dma, iommu_v1_map_pages of 6.12.
 */
import { EVENTS, translateAmd, type AmdUnit } from '../../hardware/amdvi/decide'
import { DTE } from '../../hardware/amdvi/entries'
import { bit } from '../../linux/decision'
import { because } from '../../linux/reason'
import type { Iommu } from '../../platform/schema'
import { accepted, code, refused, type Refusal, type Said } from '../hop'
import type { Lookup } from '../mapped'
import type { Scene } from '../situation'
import { step, unmapped, type DmaRequest, type Passed } from './vtd'
import { Words } from './words'

const DEVICES = 0x400000n
const TABLES = 0x110000n
const INTERRUPTS = 0x600000n
const LEVELS = 3
const EFR_GA = 7n

export const amdUnit = (iommu: Iommu | undefined): AmdUnit => ({
  deviceTable: DEVICES,
  entries: 0x10000,
  ga: bit(iommu?.registers['EFR'], EFR_GA) === true,
  x2apic: false,
})

/** Interrupt half of the entry: the requester's own table of 512 entries, remapped (set_dte_irq_entry). */
export const INTERRUPT_FIELDS = { IV: 1, IntTabLen: 9, IntCtl: 2, IntTabRoot: INTERRUPTS >> 6n } as const
export const interruptEntry = (unit: AmdUnit, n: number): bigint => INTERRUPTS + BigInt(n * (unit.ga ? 16 : 4))

export function throughAmd(scene: Scene, iommu: Iommu, lookup: Lookup, request: DmaRequest): Passed {
  const { domain, target } = lookup
  const memory = new Words()
  const walks = domain !== 'identity' && domain !== 'blocked'
  memory.entry(DEVICES + BigInt(scene.requester * 32), DTE, {
    V: 1,
    TV: 1,
    Mode: walks ? LEVELS : 0,
    IR: domain !== 'blocked',
    IW: domain !== 'blocked',
    Root: walks ? TABLES >> 12n : 0n,
    DomainID: walks ? 0x10 : 0,
    I: domain !== 'blocked' && scene.fn.ats?.enabled === true && scene.plan.cmdline.ats,
    ...INTERRUPT_FIELDS,
  })
  if (walks && target)
    memory.map(TABLES, LEVELS, request.address, {
      // PR, the level of the next table, IR and IW.
      table: (next, level) => next | 1n | (BigInt(level - 1) << 9n) | (3n << 61n),
      leaf: ((target.physical >> 12n) << 12n) | 1n | (target.write ? 3n << 61n : 1n << 61n),
    })
  const access = request.access === 'write' || request.access === 'atomic' ? 'write' : 'read'
  const { kind, address } = request
  const pasid = request.pasid !== undefined
  const decision = translateAmd(amdUnit(iommu), memory, {
    source: scene.requester,
    kind: kind === 'page' ? 'untranslated' : kind,
    access,
    address,
  })
  const base: Said = {
    block: 'iommu',
    at: iommu.name,
    register: 'Device Table Base Address Register',
    value: `0x${DEVICES.toString(16)}`,
    chosen: ['DevTabBase'],
    because: [because('the unit whose IVHD names the function decides', '90', iommu.source)],
  }
  const said = [base, ...decision.walked.map((w) => step(w, iommu, scene, lookup, request))]
  if (!decision.event && !pasid) return { hops: said.map(accepted), output: decision.address }
  // The procedure knows no PASIDs: the walk ends at the entry, whose GV is 0.
  const shown = pasid ? said.slice(0, 2) : said
  const why: Refusal = pasid
    ? {
        code: code(EVENTS.IO_PAGE_FAULT),
        name: 'IO_PAGE_FAULT',
        condition: 'request with PASID while GV=0: no guest translation is set up (unverified)',
      }
    : { code: code(EVENTS[decision.event ?? 'IO_PAGE_FAULT']), name: decision.event ?? '', condition: decision.why }
  const last = shown.at(-1) ?? base
  const more = walks && !target && !pasid && decision.event === 'IO_PAGE_FAULT' ? [unmapped(lookup, address)] : []
  const flags = (access === 'write' ? 0x20 : 0) | (target ? 0x50 : 0)
  const logged = because(
    why.condition,
    'AMD 48882 §2.5',
    why.name,
    ...(why.name === 'IO_PAGE_FAULT' ? [`flags 0x${flags.toString(16).padStart(4, '0')}`] : []),
  )
  return {
    hops: [...shown.slice(0, -1).map(accepted), refused({ ...last, because: [...last.because, logged, ...more] }, why)],
    output: undefined,
  }
}
