/**
 * Which IOMMU units the kernel runs, and which functions get a group at all: by build options, command line and
 * firmware's soundness (reference 05.3, 05.16, 05.17; 20 §3).
 */
import { formatAddress } from '../platform/address'
import type { Iommu, PciFunction } from '../platform/schema'
import type { DeviceScope } from '../platform/tables'
import type { Board } from './board'
import type { CommandLine } from './cmdline'
import { graphicsLeftOut, integratedLeftOut, isGraphics, isIntegrated } from './graphics'
import { atLeast, type KernelPolicy, type Version } from './policies/policy'
import { because, type Reason } from './reason'

export interface Served {
  readonly unit: Iommu
  readonly reason: Reason
}

export interface Units {
  readonly served: ReadonlyMap<PciFunction, Served>
  /** Why a function has no unit, or no group under its unit. */
  readonly unserved: ReadonlyMap<PciFunction, Reason>
  /** Units that the kernel does not run, and why. */
  readonly dead: ReadonlyMap<Iommu, Reason>
  readonly assumptions: readonly string[]
}

export function activeUnits(
  board: Board,
  cmdline: CommandLine,
  { version }: Pick<KernelPolicy, 'version'>,
  untrusted: ReadonlySet<PciFunction>,
): Units {
  const { platform } = board
  const served = new Map<PciFunction, Served>()
  const unserved = new Map<PciFunction, Reason>()
  const assumptions: string[] = []
  const dead = new Map<Iommu, Reason>()
  for (const unit of platform.iommus) {
    const reason =
      notRun(board, unit, cmdline, version, assumptions) ?? leftOut(board, unit, cmdline, version, untrusted)
    if (reason) dead.set(unit, reason)
    else if (unit.kind === 'vt-d' && unit.registers['CAP_REG'] === undefined && unit.serves.length > 0)
      assumptions.push(
        `${unit.name}: its capability registers are not known, taken as those of hardware (no caching mode) with pass-through, 48-bit addresses and interrupt remapping`,
      )
  }
  const unitOf = new Map(platform.iommus.flatMap((u) => u.serves.map((bdf) => [bdf, u] as const)).reverse())
  for (const fn of board.scanOrder) {
    const unit = unitOf.get(fn.bdf)
    if (!unit)
      unserved.set(
        fn,
        because(
          'no IOMMU unit names it',
          '90 §1; 05.16',
          platform.iommus.length > 0 ? `${fn.bdf} is in no unit's scope` : 'the platform has no IOMMU',
        ),
      )
    else if (dead.has(unit)) unserved.set(fn, dead.get(unit) ?? because('the unit does not run', '20 §3'))
    else if (isUnitItself(fn, unit))
      unserved.set(fn, because("the IOMMU's own function never has a group", '05.16', fn.bdf))
    else served.set(fn, { unit, reason: because('served by', '90', `${unit.name}: ${unit.source}`) })
  }
  probeTimeGroups(board, served, unserved, assumptions)
  return { served, unserved, dead, assumptions }
}

const isUnitItself = (fn: PciFunction, unit: Iommu): boolean =>
  fn.bdf === unit.name ||
  (unit.kind === 'amd-vi' && fn.class >> 8 === 0x0806) ||
  (unit.kind === 'virtio-iommu' && fn.vendor === 0x1af4 && fn.device === 0x1057)

function notRun(
  board: Board,
  unit: Iommu,
  c: CommandLine,
  version: Version,
  assumptions: string[],
): Reason | undefined {
  const { platform } = board
  if (c.off && platform.arch === 'x86') return because('switched off', '20 §3', 'iommu=off')
  if (unit.kind === 'vt-d') {
    if (c.intel === false) return because('switched off', '20 §3', 'intel_iommu=off')
    if (c.intel === undefined) {
      const built = onByDefault(platform)
      if (built === undefined)
        assumptions.push('the kernel runs VT-d by default (CONFIG_INTEL_IOMMU_DEFAULT_ON is not known)')
      else if (!built && forcedByFirmware(board, c, version) === undefined)
        return because('not on by default', '20 §3', 'CONFIG_INTEL_IOMMU_DEFAULT_ON is not set', 'no intel_iommu=on')
    }
    const scope = wrongScope(board)
    if (scope) return because('the DMAR table is refused: a device scope has the wrong type', '05.3', scope)
  }
  if (unit.kind === 'amd-vi' && !c.amd) return because('switched off', '20 §3', 'amd_iommu=off')
  return tooOld(board, unit, version)
}

/** Kernels that had no driver for the unit yet, or none that looked into this firmware. */
function tooOld({ platform }: Board, unit: Iommu, version: Version): Reason | undefined {
  const acpi = platform.tables?.deviceTree === undefined
  const before = (major: number, minor: number, what: string): Reason | undefined =>
    atLeast(version, major, minor)
      ? undefined
      : because(`no kernel before ${major}.${minor} ${what}`, 'drivers/iommu, drivers/acpi', unit.name)
  if (unit.kind === 'virtio-iommu')
    return acpi ? before(5, 14, 'finds a virtio-iommu by ACPI (VIOT)') : before(5, 3, 'has a driver for virtio-iommu')
  if (acpi && (unit.kind === 'smmu-v3' || unit.kind === 'smmu-v2') && platform.tables?.iort)
    return before(4, 10, 'finds an SMMU by ACPI (IORT)')
  return undefined
}

/** init_no_remapping_devices: a unit that serves graphics alone is ignored where VT-d is left out for graphics (20 §4). */
function leftOut(
  board: Board,
  unit: Iommu,
  c: CommandLine,
  version: Version,
  untrusted: ReadonlySet<PciFunction>,
): Reason | undefined {
  const firmware = board.platform.tables?.dmar?.units.find((u) => u.base === unit.base && u.segment === unit.segment)
  if (unit.kind !== 'vt-d' || !firmware || firmware.includeAll) return undefined
  const served = unit.serves.flatMap((bdf) => board.topology.find(bdf) ?? [])
  if (served.length === 0 || !served.every((fn) => isGraphics(fn))) return undefined
  const why =
    graphicsLeftOut(board, c, version, untrusted) ??
    (served.every((fn) => isIntegrated(fn)) ? integratedLeftOut(board, c) : undefined)
  return why === undefined
    ? undefined
    : because('the unit serves graphics alone, and is ignored', '20 §4; init_no_remapping_devices', unit.name, why)
}

/** Undefined: the build is not known. */
function onByDefault({ kernel }: Board['platform']): boolean | undefined {
  const on = kernel.config?.['CONFIG_INTEL_IOMMU_DEFAULT_ON']
  if (on === 'y' || kernel.config?.['CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF'] === 'y') return true
  return on === undefined ? undefined : false
}

/** VT-d runs, though it is not on by default, because firmware opts in and there is an external-facing port (5.0; 20 §3). */
export function forcedByFirmware(board: Board, c: CommandLine, version: Version): string | undefined {
  if (!atLeast(version, 5, 0) || c.intel !== undefined || onByDefault(board.platform) !== false || !optIn(board))
    return undefined
  return 'DMAR: DMA control opt-in, an external-facing port, no intel_iommu=on'
}

function optIn(board: Board): boolean {
  return (
    board.platform.tables?.dmar?.dmaControlOptIn === true &&
    board.platform.functions.some((f) => f.externalFacing === true)
  )
}

/** An endpoint scope on a bridge, or a bridge scope on an endpoint, makes dmar_insert_dev_scope fail and with it all of VT-d. */
function wrongScope(board: Board): string | undefined {
  const dmar = board.platform.tables?.dmar
  if (!dmar) return undefined
  const lists: readonly { segment: number; scopes: readonly DeviceScope[] }[] = [
    ...dmar.units,
    ...dmar.reservedMemory,
    ...dmar.rootPortAts,
    ...dmar.soc,
  ]
  for (const { segment, scopes } of lists) {
    for (const s of scopes) {
      const fn = functionOf(board, segment, s)
      if (!fn) continue
      const bad =
        s.type === 'endpoint'
          ? fn.headerType !== 0
          : s.type === 'bridge' && fn.headerType === 0 && fn.class >> 16 !== 0x06
      if (bad) return `scope at 0x${s.offset.toString(16)} says ${s.type}, ${fn.bdf} has header type ${fn.headerType}`
    }
  }
  return undefined
}

/** The function that a device scope names; undefined where the board has none there. */
export function functionOf(board: Board, segment: number, s: DeviceScope): PciFunction | undefined {
  let bus = s.startBus
  let fn: PciFunction | undefined
  for (const hop of s.path) {
    if (fn) {
      if (!fn.bridge) return undefined
      bus = fn.bridge.secondary
    }
    fn = board.topology.find(formatAddress({ segment, bus, device: hop.device, function: hop.function }))
    if (!fn) return undefined
  }
  return fn
}

/**
 * Arm SMMUs and virtio-iommu learn of a function when a driver tries to bind to it; a StreamID that is taken leaves the
 * later one without a group. x86 units are told of every function at boot.
 */
function probeTimeGroups(
  board: Board,
  served: Map<PciFunction, Served>,
  unserved: Map<PciFunction, Reason>,
  assumptions: string[],
): void {
  const taken = new Map<string, PciFunction>()
  const real = new Set(board.platform.functions.map((f) => board.topology.requesters(f)[0]))
  const late = [...served].filter(
    ([, s]) => s.unit.kind === 'smmu-v3' || s.unit.kind === 'smmu-v2' || s.unit.kind === 'virtio-iommu',
  )
  // Drivers of ports and bridges are built in and bind before the modules of endpoints.
  for (const [fn, s] of [...late.filter(([f]) => f.headerType !== 0), ...late.filter(([f]) => f.headerType === 0)]) {
    const drop = (reason: Reason) => {
      served.delete(fn)
      unserved.set(fn, reason)
    }
    const hostBridge = board.platform.arch === 'x86' && fn.class >> 8 === 0x0600
    if (fn.driver === undefined && !hostBridge) {
      drop(
        because('no driver has tried to bind: its group would be made then', '05.16, 05.17', `${fn.bdf} has no driver`),
      )
      assumptions.push(`${fn.bdf}: no driver ever tried to bind to it`)
      continue
    }
    const streams = board.topology.requesters(fn)
    if (s.unit.kind === 'virtio-iommu') {
      const ghost = streams.find((rid) => !real.has(rid))
      if (ghost !== undefined)
        drop(
          because(
            'virtio-iommu has no endpoint for a requester ID that its traffic may carry',
            '05.17',
            `${fn.bdf} may appear as 0x${ghost.toString(16)}`,
          ),
        )
      continue
    }
    const ids = streams.map((rid) => streamId(board, fn, rid))
    const other = ids.map((id) => taken.get(`${s.unit.name} ${id}`)).find((x) => x !== undefined)
    if (other) {
      drop(
        because(
          'its StreamID is taken',
          '05.17; arm_smmu_insert_master',
          `${fn.bdf} and ${other.bdf} share StreamID 0x${(ids.find((id) => taken.has(`${s.unit.name} ${id}`)) ?? 0).toString(16)}`,
        ),
      )
      continue
    }
    for (const id of ids) taken.set(`${s.unit.name} ${id}`, fn)
  }
}

/** The StreamID of a requester ID, by the mappings of IORT or device tree; the requester ID itself where neither says. */
export function streamId(board: Board, fn: PciFunction, rid: number): number {
  const segment = board.topology.address(fn).segment
  const iort = board.platform.tables?.iort
  const complex = iort?.nodes.find((n) => n.type === 'root-complex' && n.segment === segment)
  for (const m of complex?.mappings ?? []) {
    if (m.single) return m.outputBase
    if (rid >= m.inputBase && rid <= m.inputBase + m.count) return m.outputBase + rid - m.inputBase
  }
  const host = board.platform.tables?.deviceTree?.pciHosts.find((h) => (h.segment ?? 0) === segment)
  const masked = rid & (host?.iommuMapMask ?? 0xffffffff)
  for (const m of host?.iommuMap ?? [])
    if (masked >= m.inputBase && masked < m.inputBase + m.length) return m.outputBase + masked - m.inputBase
  return rid
}
