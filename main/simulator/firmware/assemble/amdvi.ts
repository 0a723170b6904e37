/** IVRS on a topology → AMD IOMMUs, whom they serve, and IVMD regions (AMD IOMMU specification 5.2; Linux drivers/iommu/amd/init.c). */
import { formatRequester, hex, requesterId } from '../../platform/address'
import type { FirmwareRegion, Iommu } from '../../platform/schema'
import type { Ivhd, Ivmd, Ivrs, Madt } from '../../platform/tables'
import { warning } from '../warnings'
import type { Context, Units } from './units'

const LAST_DEVICE_ID = 0xffff

export function amdUnits(ivrs: Ivrs, madt: Madt | undefined, context: Context): Units {
  const chosen = chosenBlocks(ivrs)
  const remaps = coversIoApics(chosen, madt, context)
  const { topology } = context
  const claimed = new Map<string, number>()
  chosen.forEach((block, index) => {
    const ids = devicesOf(block)
    for (const fn of topology.functions) {
      const dma = topology.dmaFunction(fn)
      const address = topology.address(dma)
      const rid = requesterId(address)
      // The table lists the IOMMU's own function too; it does not translate itself (Linux init_iommu_one).
      if (address.segment === block.segment && rid !== block.deviceId && holds(ids, rid)) claimed.set(fn.bdf, index)
    }
  })
  const iommus = chosen.map((block, index): Iommu => {
    const name = `ivhd${index}`
    const seen = context.registers.find((entry) => entry.kind === 'amd-vi' && entry.name === name)
    return {
      name,
      kind: 'amd-vi',
      segment: block.segment,
      base: block.base,
      registers: {
        ...(block.efr === undefined ? {} : { EFR: block.efr }),
        ...(block.efr2 === undefined ? {} : { EFR2: block.efr2 }),
        ...seen?.registers,
      },
      interruptRemapping: remaps,
      serves: topology.functions.filter((fn) => claimed.get(fn.bdf) === index).map((fn) => fn.bdf),
      source: `IVRS IVHD type ${hex(block.type)} at ${hex(block.offset)}`,
    }
  })
  return { iommus, regions: ivrs.memory.flatMap((block) => regionOf(block, hidDevices(ivrs), context)) }
}

/**
 * Firmware describes one IOMMU up to three times. Linux uses blocks of one type only: that of the last block, within the
 * run of types up to 0x40, that has the first block's device id (get_highest_supported_ivhd_type, 90 §2).
 */
export function chosenBlocks(ivrs: Ivrs): Ivhd[] {
  const first = ivrs.order[0]
  if (!first) return []
  let type = first.type
  for (const block of ivrs.order) {
    if (block.type > 0x40) break
    if (block.deviceId === first.deviceId) type = block.type
  }
  return ivrs.hardware.filter((block) => block.type === type)
}

/** A device of the ACPI namespace that an IVHD block gives a device id (get_acpihid_device_id). */
interface HidDevice {
  /** `AMDI0020:0`; without an instance where the table names none. */
  readonly name: string
  readonly id: number
  readonly block: Ivhd
  readonly offset: number
}

export const hidDevices = (ivrs: Ivrs): HidDevice[] =>
  chosenBlocks(ivrs).flatMap((block) =>
    block.entries.flatMap((e): HidDevice[] => {
      if (e.kind !== 'acpi-hid' || !e.acpi) return []
      const uid = e.acpi.uid === undefined ? '' : `:${e.acpi.uid}`
      return [{ name: `${e.acpi.hid}${uid}`, id: e.deviceId, block, offset: e.offset }]
    }),
  )

type Range = readonly [first: number, last: number]

/** Ranges of requester IDs that a block's entries name, aliases included; in order and apart from each other. */
function devicesOf(block: Ivhd): Range[] {
  const ranges: Range[] = []
  let start: number | undefined
  for (const { kind, deviceId, sourceId } of block.entries) {
    if (sourceId !== undefined) ranges.push([sourceId, sourceId])
    switch (kind) {
      case 'all':
        ranges.push([0, LAST_DEVICE_ID])
        break
      case 'select':
      case 'extended-select':
      case 'alias-select':
        ranges.push([deviceId, deviceId])
        break
      case 'range-start':
      case 'extended-range-start':
      case 'alias-range-start':
        start = deviceId
        break
      case 'range-end':
        ranges.push([start ?? deviceId, deviceId])
        start = undefined
        break
      case 'special':
      case 'acpi-hid':
      case 'pad':
      case 'unknown':
        break
    }
  }
  return merged(ranges)
}

function merged(ranges: readonly Range[]): Range[] {
  const out: [number, number][] = []
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const open = out.at(-1)
    if (open && first <= open[1] + 1) open[1] = Math.max(open[1], last)
    else if (first <= last) out.push([first, last])
  }
  return out
}

const holds = (ranges: readonly Range[], id: number): boolean =>
  ranges.some(([first, last]) => id >= first && id <= last)

/** Linux remaps interrupts only when every I/O APIC has its entry (check_ioapic_information). */
function coversIoApics(blocks: readonly Ivhd[], madt: Madt | undefined, { warnings }: Context): boolean {
  const handles = new Set(
    blocks.flatMap((block) =>
      block.entries.flatMap((entry) => (entry.special?.variety === 'ioapic' ? [entry.special.handle] : [])),
    ),
  )
  const missing = (madt?.ioApics ?? []).filter((ioApic) => !handles.has(ioApic.id))
  for (const ioApic of missing)
    warnings.push(
      warning(
        'ACPI_NO_IOAPIC_SCOPE',
        `I/O APIC ${ioApic.id} has no entry in the IVRS: Linux leaves interrupt remapping off`,
        { file: 'IVRS' },
      ),
    )
  return handles.size > 0 && missing.length === 0
}

const IVMD_UNITY = 0x01
const IVMD_EXCLUSION = 0x08
const pageAlign = (x: bigint): bigint => BigInt.asUintN(64, (x + 0xfffn) & ~0xfffn)

function regionOf(block: Ivmd, others: readonly HidDevice[], context: Context): FirmwareRegion[] {
  const { topology, warnings } = context
  const first = block.type === 0x20 ? 0 : block.deviceId
  const last = block.type === 0x20 ? LAST_DEVICE_ID : block.type === 0x21 ? block.deviceId : block.auxiliary
  if (last < first || BigInt(block.length) === 0n) {
    warnings.push(
      warning(
        'ACPI_REGION_MALFORMED',
        `IVMD for ${formatRequester(first)}–${formatRequester(last)} of ${block.length} bytes`,
        {
          file: 'IVRS',
          offset: block.offset,
        },
      ),
    )
    if (BigInt(block.length) === 0n) return []
  }
  const devices = topology.functions.filter((fn) => {
    const address = topology.address(fn)
    const rid = requesterId(address)
    return address.segment === block.segment && rid >= first && rid <= last
  })
  const named = others.filter((d) => d.block.segment === block.segment && d.id >= first && d.id <= last)
  // init_memory_definitions looks at no block without one of these; init_unity_map_range rounds start and length up, each for itself.
  if ((block.flags & (IVMD_UNITY | IVMD_EXCLUSION)) === 0) return []
  const start = pageAlign(BigInt(block.start))
  return [
    {
      kind: 'ivmd',
      start: hex(start),
      end: hex(BigInt.asUintN(64, start + pageAlign(BigInt(block.length)) - 1n)),
      devices: devices.map((fn) => fn.bdf),
      ...(named.length > 0 ? { platformDevices: named.map((d) => d.name) } : {}),
      ...((block.flags & IVMD_EXCLUSION) !== 0 ? { exclusion: true } : {}),
      source: `IVRS IVMD type ${hex(block.type)} at ${hex(block.offset)}`,
    },
  ]
}
