/** The platform of a scenario, and where its device sits on it. Platforms that a scenario only names come in as data. */
import { err, fault, ok, type Fault, type Result } from '../faults'
import type { InterruptRoute } from '../hardware/messages'
import { placeable } from '../platform/place'
import { Platform } from '../platform/schema'
import type { ScenarioDocument } from './document'
import type { Scenario } from './schema'

export type PlatformRef = { readonly builtin: string } | { readonly imported: string } | { readonly file: string }

/** A platform read by the host, or why there is none. */
export interface PlatformResource {
  readonly ref: PlatformRef
  readonly platform?: Platform | undefined
  readonly fault?: Fault | undefined
}

export const sameRef = (a: PlatformRef, b: PlatformRef): boolean => JSON.stringify(a) === JSON.stringify(b)

export function refOf(reference: Scenario['platform']): PlatformRef | null {
  if (reference === undefined || 'doorbellPlatform' in reference) return null
  return reference
}

/** A device of the scenario on its platform. */
export interface PlacedDevice {
  readonly id: string
  /** Section of `blocks` that it is. */
  readonly block: string
  readonly under: string | null
  readonly route: InterruptRoute
}

export interface Placement {
  readonly platform: Platform | null
  readonly devices: readonly PlacedDevice[]
  readonly warnings: readonly Fault[]
}

const ASSUMED: InterruptRoute = {
  controller: 'assumed',
  hops: ['device', 'root complex (no platform: assumed)', 'interrupt remapping (assumed)', 'CPU'],
  requesterId: 0,
}

export function placeDevices(
  d: ScenarioDocument,
  scenario: Scenario,
  resources: readonly PlatformResource[],
): Result<Placement> {
  const read = platformOf(d, scenario, resources)
  if (!read.ok) return read
  const platform = read.value
  const devices: PlacedDevice[] = []
  const warnings: Fault[] = []
  for (const [id, { block, under }] of Object.entries(scenario.devices)) {
    const at = d.at(['devices', id, 'under'])
    if (under === undefined) {
      devices.push({ id, block, under: null, route: ASSUMED })
      continue
    }
    if (!platform)
      return err(
        fault('PLATFORM_UNKNOWN_BDF', `${under}: the scenario has no platform`, {
          ...at,
          hint: 'add "platform: { builtin: … }", or take "under" out',
        }),
      )
    const placed = placeable(platform, under)
    if (!placed.ok) return err({ ...placed.error, ...at })
    const p = placed.value
    const controller = platform.msiControllers.find((m) => m.name === p.msiController)
    const elsewhere = controller?.kind === 'gicv2m' || controller?.kind === 'gicv3-its' || controller?.kind === 'mpic'
    const said = [...p.warnings, ...(elsewhere ? [otherDoorbell(under, controller.name)] : [])]
    warnings.push(...said.map((w) => ({ ...w, ...at })))
    devices.push({
      id,
      block,
      under,
      route: {
        controller: controller?.kind ?? 'assumed',
        hops: p.route,
        requesterId: requesterIdOf(under),
        ...(elsewhere && controller.doorbell ? { doorbell: BigInt(controller.doorbell) } : {}),
        ...(controller?.spis ? { firstSpi: controller.spis.base } : {}),
      },
    })
  }
  return ok({ platform, devices, warnings })
}

/** DSA refuses any other address (70 §3): on such a board the model stands for a generic IMS device. */
function otherDoorbell(under: string, controller: string): Fault {
  return fault(
    'PLACE_OTHER_DOORBELL',
    `messages of ${under} go to ${controller}, but DSA's IMS takes only addresses 0xFEExxxxx: the model assumes an entry that takes any address`,
  )
}

function platformOf(
  d: ScenarioDocument,
  scenario: Scenario,
  resources: readonly PlatformResource[],
): Result<Platform | null> {
  const reference = scenario.platform
  if (reference === undefined) return ok(null)
  const ref = refOf(reference)
  if (ref === null) return ok(Platform.parse(reference))
  const at = d.at(['platform'])
  const found = resources.find((r) => sameRef(r.ref, ref))
  if (found?.platform) return ok(found.platform)
  const what =
    'builtin' in ref
      ? `no built-in platform is called ${ref.builtin}`
      : 'imported' in ref
        ? `no imported platform is called ${ref.imported}`
        : `the platform file ${ref.file} could not be read`
  return err({ ...(found?.fault ?? fault('PLATFORM_UNKNOWN', what)), ...at })
}

/** Bus, device and function as 16 bits: `0000:6a:01.0` → 0x6a08. */
export function requesterIdOf(bdf: string): number {
  const m = /([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/.exec(bdf)
  return m ? (parseInt(m[1] ?? '0', 16) << 8) | (parseInt(m[2] ?? '0', 16) << 3) | Number(m[3]) : 0
}
