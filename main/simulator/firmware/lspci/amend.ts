/** Functions of a capture that could not read their capabilities, completed from a listing of the same machine. */
import type { PciFunction, PlatformWarning } from '../../platform/schema'
import type { PciTree } from '../sysfs/functions'
import { warning } from '../warnings'

const NAMES = ['express', 'msi', 'msix', 'pm', 'af', 'acs', 'ari', 'ats', 'pasid', 'pri', 'siov', 'sriov'] as const

export function amended(pci: PciTree, listed: PciTree, warnings: PlatformWarning[]): PciTree {
  const byBdf = new Map(listed.functions.map((fn) => [fn.bdf, fn]))
  let others = 0
  const functions = pci.functions.map((fn): PciFunction => {
    const said = byBdf.get(fn.bdf)
    if (!said || fn.unknown.length === 0) return fn
    const known = (one: PciFunction, key: 'vendor' | 'device'): boolean => !one.unknown.includes(key)
    const differs = (['vendor', 'device'] as const).some((key) => known(said, key) && said[key] !== fn[key])
    if (differs) {
      others++
      return fn
    }
    const learnt = NAMES.filter((name) => fn.unknown.includes(name) && !said.unknown.includes(name))
    const fields = Object.fromEntries(
      learnt.flatMap((name) => (said[name] === undefined ? [] : [[name, said[name]] as const])),
    )
    const present = said.present?.filter((name) => fn.unknown.includes(name)) ?? []
    return {
      ...fn,
      ...fields,
      ...(fn.interruptPin === undefined && said.interruptPin !== undefined ? { interruptPin: said.interruptPin } : {}),
      configSize: Math.max(fn.configSize, said.configSize),
      unknown: fn.unknown.filter((name) => !learnt.some((one) => one === name)),
      ...(present.length > 0 ? { present } : {}),
    }
  })
  if (others > 0)
    warnings.push(
      warning('IMPORT_CONFLICT', `${others} functions are other devices in the listing than in the capture: not used`),
    )
  return { ...pci, functions }
}
