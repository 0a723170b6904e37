/** Functions that a plan adds, in the platform as the window shows it. Pure. */
import type { PciFunction, Platform } from '../../preload/contract'

/** Units and controllers serve a virtual function as they serve its physical function. */
export function withPlanned(platform: Platform, planned: readonly PciFunction[]): Platform {
  const more = planned.filter((f) => !platform.functions.some((x) => x.bdf === f.bdf))
  if (more.length === 0) return platform
  const joined = <T extends { serves: string[] }>(units: readonly T[]): T[] =>
    units.map((unit) => {
      const here = new Set(unit.serves)
      return { ...unit, serves: [...unit.serves, ...more.filter((f) => here.has(f.physfn ?? '')).map((f) => f.bdf)] }
    })
  return {
    ...platform,
    functions: [...platform.functions, ...more],
    iommus: joined(platform.iommus),
    msiControllers: joined(platform.msiControllers),
  }
}

/** Virtual functions that exist already. */
export const existing = (platform: Platform, bdf: string): number =>
  platform.functions.filter((f) => f.physfn === bdf).length
