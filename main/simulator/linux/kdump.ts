/**
 * A kernel that was started by one that crashed (is_kdump_kernel) finds the IOMMU as that one left it: translating, while
 * devices still write to the old buffers. VT-d and AMD keep the old tables and put off attaching each device.
 * Sources: S3.4, S3.6; reference 20 §7; copy_translation_tables, intel_iommu_is_attach_deferred, copy_device_table,
 * amd_iommu_is_attach_deferred, arm_smmu_device_reset, iommu_deferred_attach.
 */
import type { Iommu, PciFunction, Platform } from '../platform/schema'
import type { CommandLine } from './cmdline'
import { bit, domainOf, type Decision, type Member } from './decision'
import { atLeast, type Version } from './policies/policy'
import { because, type Reason } from './reason'
import type { Units } from './units'

/** A kernel as far as its units go: the crashed one, or the one that dumps. */
export interface RunningKernel {
  readonly version: Version
  readonly cmdline: CommandLine
  readonly units: Units
  readonly groups: readonly { readonly members: readonly Member[]; readonly type: Decision }[]
}

export interface KdumpUnit {
  readonly unit: Iommu
  /** The crashed kernel left translation enabled. */
  readonly enabled: boolean
  /** What becomes of its tables: copied and kept in use, dropped, or not looked at by this kernel at all. */
  readonly tables: 'kept' | 'dropped' | 'untouched'
  readonly because: readonly Reason[]
}

export interface Deferral {
  readonly devices: readonly PciFunction[]
  /** What ends it. */
  readonly until: string
  /** The translation that their DMA meets in between. */
  readonly live: string
  readonly because: readonly Reason[]
}

export interface Kdump {
  readonly units: readonly KdumpUnit[]
  readonly assumptions: readonly string[]
  deferral(members: readonly Member[], type: Decision): Deferral | undefined
}

/** `crashed` is undefined where the input does not say which kernel crashed: it is then taken to have run every unit. */
export function kdumpOf(platform: Platform, now: RunningKernel, crashed: RunningKernel | undefined): Kdump {
  const enabled = (u: Iommu): boolean => crashed === undefined || !crashed.units.dead.has(u)
  const assumptions = new Set<string>()
  const units = platform.iommus.map((unit): KdumpUnit => {
    const was = crashed?.units.dead.get(unit)
    if (was)
      return {
        unit,
        enabled: false,
        tables: 'dropped',
        because: [
          because('the crashed kernel did not run it: there is nothing to keep', '20 §7', was.rule, ...was.facts),
        ],
      }
    assumptions.add(`${unit.name}: the crashed kernel left translation enabled, and nothing has reset the unit since`)
    const fate = now.units.dead.has(unit)
      ? notRun(unit)
      : driverOf(unit, { platform, now, crashed, enabled, assume: (a) => assumptions.add(a) })
    return { unit, enabled: true, tables: fate.tables, because: [fate.reason] }
  })
  const kept = new Map(units.filter((u) => u.tables === 'kept').map((u) => [u.unit.name, u]))
  return {
    units,
    assumptions: [...assumptions],
    deferral(members, type) {
      const held = members.filter((m) => kept.has(m.served.unit.name))
      const [first] = held
      const unit = first && kept.get(first.served.unit.name)
      if (!first || !unit) return undefined
      const end = ending(first.served.unit, now.version, type)
      return {
        devices: held.map((m) => m.fn),
        until: end.until,
        live: live(held, crashed),
        because: [...unit.because, end.reason, differing(now.version)],
      }
    },
  }
}

interface Fate {
  readonly tables: KdumpUnit['tables']
  readonly reason: Reason
}

interface Setting {
  readonly platform: Platform
  readonly now: RunningKernel
  readonly crashed: RunningKernel | undefined
  readonly enabled: (u: Iommu) => boolean
  readonly assume: (text: string) => void
}

function notRun({ kind, name }: Iommu): Fate {
  if (kind === 'vt-d')
    return {
      tables: 'dropped',
      reason: because('this kernel does not run VT-d, and switches translation off', 'intel_disable_iommus', name),
    }
  return {
    tables: 'untouched',
    reason: because("this kernel does not run the unit: the crashed kernel's tables stay in force", '20 §7', name),
  }
}

function driverOf(unit: Iommu, setting: Setting): Fate {
  switch (unit.kind) {
    case 'vt-d':
      return vtd(unit, setting)
    case 'amd-vi':
      return amd(unit, setting)
    case 'smmu-v3':
      return smmuV3(unit, setting.now.version)
    case 'smmu-v2':
    case 'virtio-iommu':
    case 'pamu':
      return {
        tables: 'dropped',
        reason: because('its driver resets the unit and attaches at once, also in a kdump kernel', '20 §7', unit.name),
      }
  }
}

function vtd(unit: Iommu, { platform, now, crashed, assume }: Setting): Fate {
  const mine = scalableMode(unit, platform, now)
  const theirs = crashed ? scalableMode(unit, platform, crashed) : mine
  if (mine !== undefined && theirs !== undefined && mine !== theirs)
    return {
      tables: 'dropped',
      reason: because(
        'the root table cannot be copied: its format can only be changed with translation off, so it is switched off',
        'copy_translation_tables',
        `${unit.name}: scalable mode was ${theirs ? 'on' : 'off'} and is ${mine ? 'on' : 'off'}`,
      ),
    }
  if (mine === undefined || theirs === undefined)
    assume(`${unit.name}: scalable mode is as in the crashed kernel, so that its tables can be copied`)
  return {
    tables: 'kept',
    reason: because(
      'root and context tables are copied from the crashed kernel',
      '20 §7; copy_translation_tables',
      unit.name,
    ),
  }
}

const ECAP_SMTS = 43n

/** sm_supported; undefined: the registers or the build do not say. */
export function scalableMode(
  unit: Iommu,
  platform: Platform,
  k: Pick<RunningKernel, 'version' | 'cmdline'>,
): boolean | undefined {
  if (!atLeast(k.version, 5, 0) || k.cmdline.scalable === false) return false
  const hardware = bit(unit.registers['ECAP_REG'], ECAP_SMTS)
  if (hardware === false) return false
  const built = platform.kernel.config?.['CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON']
  const wanted = k.cmdline.scalable ?? (built === undefined ? undefined : built === 'y')
  return wanted === false ? false : hardware === true ? wanted : undefined
}

function amd(unit: Iommu, { platform, now, enabled }: Setting): Fate {
  if (!atLeast(now.version, 4, 14))
    return {
      tables: 'dropped',
      reason: because(
        'before 4.14 (df3f7a6e8e85) every AMD unit starts with a device table of its own',
        'S3.4',
        unit.name,
      ),
    }
  const off = platform.iommus.find((u) => u.kind === 'amd-vi' && !enabled(u))
  if (off)
    return {
      tables: 'dropped',
      reason: because(
        'the device table is copied only if every unit was enabled',
        'copy_device_table',
        `${off.name} was not`,
      ),
    }
  return {
    tables: 'kept',
    reason: because('the device table is copied from the crashed kernel', 'S3.4; 20 §7; copy_device_table', unit.name),
  }
}

function smmuV3(unit: Iommu, version: Version): Fate {
  const dropped = (rule: string): Fate => ({
    tables: 'dropped',
    reason: because(rule, '20 §7; arm_smmu_device_reset', unit.name),
  })
  if (atLeast(version, 5, 2))
    return dropped(
      'the unit is reset: GBPA aborts all DMA until it runs again, event and PRI queues stay off, and devices are attached at once',
    )
  if (atLeast(version, 4, 19))
    return dropped('the unit is left disabled with GBPA aborting all DMA, and probing fails with -EBUSY')
  return dropped('the unit is reset, and devices are attached at once')
}

/** What attaches the device for real. */
function ending(unit: Iommu, version: Version, type: Decision): { until: string; reason: Reason } {
  const lazy = unit.kind === 'vt-d' && !atLeast(version, 5, 3)
  if (lazy)
    return {
      until: 'first DMA-API call',
      reason: because(
        'before 5.3 no device is given a domain at boot while tables are copied: the driver finds one when DMA is first mapped',
        'S3.4; get_valid_domain_for_dev',
        unit.name,
      ),
    }
  // dma-iommu serves AMD from 5.5 and VT-d from 5.11 on; their own DMA operations attached first, whatever the type.
  const direct = type.type === 'identity' && (unit.kind === 'vt-d' ? atLeast(version, 5, 11) : atLeast(version, 5, 5))
  if (direct)
    return {
      until: 'another domain is attached (VFIO)',
      reason: because(
        'the default domain is identity: dma-direct never calls iommu_deferred_attach',
        '20 §7; drivers/iommu/dma-iommu.c',
        unit.name,
      ),
    }
  return {
    until: 'first DMA-API call, or another domain is attached (VFIO)',
    reason: because(
      'is_attach_deferred: the default domain is set, but not attached',
      'S3.4; 20 §7; iommu_deferred_attach',
      unit.name,
    ),
  }
}

/** What the generic call says while the hardware does otherwise. */
const differing = (version: Version): Reason =>
  because(
    atLeast(version, 5, 3)
      ? "iommu_get_domain_for_dev answers the group's default domain, while the device still uses the crashed kernel's"
      : 'find_domain answers none, while the device still uses the crashed kernel’s',
    'S3.6',
  )

function live(members: readonly Member[], crashed: RunningKernel | undefined): string {
  if (!crashed) return "the crashed kernel's"
  const types = members.map(({ fn }) => {
    const group = crashed.groups.find((g) => g.members.some((m) => m.fn === fn))
    return group && domainOf(group.type, fn)
  })
  const words = [...new Set(types)].map((t) =>
    t === undefined
      ? 'none, its DMA is blocked'
      : t === 'identity'
        ? "the crashed kernel's: identity"
        : `the crashed kernel's mappings: ${t}`,
  )
  return words.join('; ')
}
