/** The observations in a capture: sys/kernel/iommu_groups, the links to them, whom sys/class/iommu serves, `reset_method`. */
import { parseAddress } from '../../platform/address'
import type { Observations } from '../../platform/observations'
import { captureRoot } from '../import'
import { Files, type FileTree } from '../tree'
import { Collected, groupPlace, isDomainType, regionOf } from './collect'

const GROUPS = 'sys/kernel/iommu_groups'

/** Empty where the capture has none. What a plan is made from is read elsewhere and never looks at these. */
export function observationsOf(tree: FileTree): Observations {
  const files = new Files(tree, captureRoot(tree) ?? '')
  const seen = new Collected()
  for (const name of files.list(GROUPS)) {
    if (!/^\d{1,7}$/.test(name)) continue
    const id = Number(name)
    const folder = `${GROUPS}/${name}`
    for (const device of files.list(`${folder}/devices`)) seen.add(id, device)
    const type = files.text(`${folder}/type`)
    if (type !== undefined && isDomainType(type)) seen.type(id, type)
    for (const line of (files.text(`${folder}/reserved_regions`) ?? '').split('\n')) {
      const region = regionOf(line)
      if (region) seen.region(groupPlace(id), region)
    }
  }
  // Links do not survive in every archive's iommu_groups; those of the devices say the same.
  for (const folder of files.folders('sys/devices')) {
    const link = files.linkText(`${folder}/iommu_group`)
    const id = link === undefined ? undefined : /iommu_groups\/(\d{1,7})$/.exec(link)?.[1]
    const device = folder.slice(folder.lastIndexOf('/') + 1)
    if (id !== undefined && seen.groupOfDevice(device) === undefined) seen.add(Number(id), device)
    const methods = files.text(`${folder}/reset_method`)
    if (methods !== undefined && parseAddress(device)) seen.reset(device, methods)
  }
  for (const unit of files.list('sys/class/iommu'))
    for (const device of files.list(`sys/class/iommu/${unit}/devices`)) seen.serves(unit, device)
  return seen.result()
}
