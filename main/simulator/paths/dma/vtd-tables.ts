/**
 * The tables of a VT-d unit as Linux programs them for one requester, as memory for `translate`. Addresses of tables
 * and the domain's id are ours; formats and fields are the driver's.
 * Source: drivers/iommu/intel/{iommu.c,pasid.c} 6.1 and 6.12 (domain_context_mapping_one, intel_pasid_setup_*,
 * first_level_by_default, iommu_calculate_agaw); reference 80 §3.
 */
import { encodeEntry, type Memory } from '../../hardware/entry'
import {
  LEGACY_CONTEXT,
  LEGACY_ROOT,
  PASID_DIRECTORY,
  PASID_ENTRY,
  SCALABLE_CONTEXT,
  SCALABLE_ROOT,
} from '../../hardware/vtd/entries'
import type { Unit } from '../../hardware/vtd/unit'
import { scalableMode } from '../../linux/kdump'
import { atLeast } from '../../linux/policies/policy'
import { because, type Reason } from '../../linux/reason'
import type { Iommu } from '../../platform/schema'
import type { Domain, Lookup, Target } from '../mapped'
import type { Scene } from '../situation'
import { Words } from './words'

const field = (value: bigint, msb: number, lsb: number): number =>
  Number((value >> BigInt(lsb)) & ((1n << BigInt(msb - lsb + 1)) - 1n))

/** Of a unit whose registers are not known: as `apertureOf` and the plan's assumptions take them. */
const UNKNOWN_CAP = 0x2f0200n // MGAW 48 bits, SAGAW 48 bits
const UNKNOWN_ECAP = 0x48n // pass-through, interrupt remapping

export interface Programmed {
  readonly unit: Unit
  readonly memory: Memory
  readonly because: readonly Reason[]
}

export function isScalable(scene: Scene, unit: Iommu): { on: boolean; reason: Reason } {
  const { plan } = scene
  const known = scalableMode(unit, plan.board.platform, { version: plan.policy.version, cmdline: plan.cmdline })
  if (known !== undefined)
    return {
      on: known,
      reason: because(
        known ? 'scalable mode is on' : 'legacy mode',
        '80 §2; 20 §3',
        `${unit.name}: ECAP_REG ${unit.registers['ECAP_REG'] ?? 'not known'}`,
      ),
    }
  const hardware = unit.registers['ECAP_REG'] !== undefined
  const on = hardware && atLeast(plan.policy.version, 5, 15)
  return {
    on,
    reason: because(
      hardware
        ? `scalable mode is taken as ${on ? 'on' : 'off'}: the build is not known`
        : 'legacy mode is taken: ECAP_REG is not known',
      'CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON, default y from 5.15 (unverified)',
      unit.name,
    ),
  }
}

export function unitOf(scene: Scene, iommu: Iommu, scalable: boolean): Unit {
  const cap = BigInt(iommu.registers['CAP_REG'] ?? UNKNOWN_CAP)
  const ecap = BigInt(iommu.registers['ECAP_REG'] ?? UNKNOWN_ECAP)
  const has = (n: number): boolean => field(ecap, n, n) === 1
  const mgaw = field(cap, 21, 16) + 1
  return {
    ttm: scalable ? 1 : 0,
    rootTable: ROOT,
    major: field(BigInt(iommu.registers['VER_REG'] ?? 0x10), 7, 4),
    haw: scene.plan.board.platform.tables?.dmar?.hostAddressWidth ?? Math.min(mgaw, 52),
    mgaw,
    sagaw: [1, 2, 3].filter((n) => field(cap, 8 + n, 8 + n) === 1),
    scalable: has(43),
    abort: has(52),
    passThrough: has(6),
    deviceTlb: has(2),
    firstStage: has(47),
    secondStage: has(46),
    nested: has(26),
    executeRequests: has(30),
    fiveLevel: field(cap, 60, 60) === 1,
    zeroLengthRead: field(cap, 22, 22) === 1,
    pss: field(ecap, 39, 35),
  }
}

const ROOT = 0x100000n
const CONTEXT = 0x101000n
const DIRECTORY = 0x200000n
const PASIDS = 0x104000n
const TABLES = 0x110000n
const SVA_TABLES = 0x120000n
const DID = 0x10

/** The walk to the target: first stage with Accessed, Dirty and User, second stage with R and W. */
function mapped(memory: Words, root: bigint, levels: number, iova: bigint, target: Target, first: boolean): void {
  const frame = (target.physical >> 12n) << 12n
  const [read, write] = first ? [0x25n, 0x67n] : [0x1n, 0x3n]
  memory.map(root, levels, iova, {
    table: (next) => next | (first ? 0x27n : 0x3n),
    leaf: frame | (target.write ? write : read),
  })
}

export function program(
  scene: Scene,
  iommu: Iommu,
  lookup: Lookup,
  iova: bigint,
  pasid: number | undefined,
): Programmed {
  const mode = isScalable(scene, iommu)
  const unit = unitOf(scene, iommu, mode.on)
  const memory = new Words()
  const levels = (unit.sagaw.at(-1) ?? 2) + 2
  const source = scene.requester
  if (lookup.domain === 'blocked') return { unit, memory, because: [mode.reason, ...lookup.because] }
  const ats =
    scene.fn.ats?.enabled === true && unit.deviceTlb && scene.plan.cmdline.ats && !scene.plan.untrusted.has(scene.fn)
  if (!mode.on) {
    memory.put(ROOT + BigInt((source >> 8) * 16), 128, encodeEntry(LEGACY_ROOT, { P: 1, CTP: CONTEXT >> 12n }))
    const identity = lookup.domain === 'identity'
    memory.put(
      CONTEXT + BigInt((source & 0xff) * 16),
      128,
      encodeEntry(LEGACY_CONTEXT, {
        P: 1,
        TT: identity ? 2 : ats ? 1 : 0,
        AW: levels - 2,
        DID,
        SSPTPTR: identity ? 0 : TABLES >> 12n,
      }),
    )
    if (!identity && lookup.target) mapped(memory, TABLES, levels, iova, lookup.target, false)
    return { unit, memory, because: [mode.reason] }
  }
  const stage = stageOf(scene, unit, lookup.domain)
  contextOf(scene, memory, unit, { ats, source })
  memory.put(DIRECTORY, 64, encodeEntry(PASID_DIRECTORY, { P: 1, SMPTBLPTR: PASIDS >> 12n }))
  memory.put(PASIDS, 512, encodeEntry(PASID_ENTRY, entryOf(stage.pgtt, levels, TABLES)))
  if (lookup.target && stage.pgtt !== 4) mapped(memory, TABLES, levels, iova, lookup.target, stage.pgtt === 1)
  if (pasid !== undefined && pasid !== 0 && scene.situation.pasids.includes(pasid)) {
    memory.put(
      DIRECTORY + BigInt((pasid >> 6) * 8),
      64,
      encodeEntry(PASID_DIRECTORY, { P: 1, SMPTBLPTR: PASIDS >> 12n }),
    )
    memory.put(PASIDS + BigInt((pasid & 0x3f) * 64), 512, encodeEntry(PASID_ENTRY, entryOf(1, levels, SVA_TABLES)))
    mapped(
      memory,
      SVA_TABLES,
      levels,
      iova,
      { physical: 0x20000000n | (iova & 0xfffn), write: true, chosen: true, why: mode.reason },
      true,
    )
  }
  return { unit, memory, because: [mode.reason, stage.reason] }
}

/** RID_PASID is 0; the directory reaches as far as the function's PASIDs do (intel_pasid_alloc_table). */
function contextOf(scene: Scene, memory: Words, unit: Unit, how: { ats: boolean; source: number }): void {
  const upper = (how.source & 0xff) >= 0x80
  const pointer: Record<string, bigint | number> = upper
    ? { UP: 1, UCTP: CONTEXT >> 12n }
    : { LP: 1, LCTP: CONTEXT >> 12n }
  memory.put(ROOT + BigInt((how.source >> 8) * 16), 128, encodeEntry(SCALABLE_ROOT, pointer))
  const width = Math.min(scene.fn.pasid?.width ?? 0, unit.pss + 1)
  const pasids = scene.fn.pasid !== undefined && supportsPasid(scene)
  memory.put(
    CONTEXT + BigInt((how.source & 0x7f) * 32),
    256,
    encodeEntry(SCALABLE_CONTEXT, {
      P: 1,
      DTE: how.ats,
      PASIDE: pasids,
      PRE: how.ats && scene.fn.pri?.enabled === true,
      PDTS: pasids ? Math.max(0, Math.min(7, width - 13)) : 2,
      PASIDDIRPTR: DIRECTORY >> 12n,
      RID_PASID: 0,
    }),
  )
}

/** info->pasid_supported: the capability, and ECAP.PASID. */
export function supportsPasid(scene: Scene): boolean {
  const unit = scene.plan.units.served.get(scene.fn)?.unit
  const ecap = unit?.registers['ECAP_REG']
  return scene.fn.pasid !== undefined && ecap !== undefined && field(BigInt(ecap), 40, 40) === 1
}

/** 1 first stage, 2 second stage, 4 pass-through (first_level_by_default). */
function stageOf(scene: Scene, unit: Unit, domain: Domain): { pgtt: number; reason: Reason } {
  const facts = [`ECAP.FSTS ${Number(unit.firstStage)}`, `ECAP.SSTS ${Number(unit.secondStage)}`]
  if (domain === 'identity') return { pgtt: 4, reason: because('identity: PGTT is pass-through', '80 §3', ...facts) }
  if (!unit.firstStage || !unit.secondStage)
    return {
      pgtt: unit.firstStage ? 1 : 2,
      reason: because('only one stage is supported', 'first_level_by_default', ...facts),
    }
  const first = domain !== 'UNMANAGED' && atLeast(scene.plan.policy.version, 5, 6)
  return {
    pgtt: first ? 1 : 2,
    reason: because(
      first ? 'a domain of the DMA API uses the first stage' : 'a domain of user space uses the second stage',
      'first_level_by_default',
      ...facts,
    ),
  }
}

const entryOf = (pgtt: number, levels: number, tables: bigint): Record<string, bigint | number> =>
  pgtt === 4
    ? { P: 1, PGTT: 4, DID: 1, AW: levels - 2 }
    : pgtt === 1
      ? { P: 1, PGTT: 1, DID: 1, FSPM: levels === 5 ? 1 : 0, FSPTPTR: tables >> 12n, PWSNP: 1 }
      : { P: 1, PGTT: 2, DID, AW: levels - 2, SSPTPTR: tables >> 12n }
