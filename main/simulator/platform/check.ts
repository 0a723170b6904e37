/** What a platform must be beyond its shape: one tree without gaps, and references that lead somewhere. */
import { nearest } from '../faults'
import type { Platform } from './schema'

export interface Problem {
  /** Keys and indexes that lead to the value. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

export function checkPlatform(platform: Platform): Problem[] {
  const problems: Problem[] = []
  const bdfs = new Map(platform.functions.map((fn) => [fn.bdf, fn]))
  const roots = new Set(platform.roots.map((root) => root.id))
  duplicates(
    platform.functions.map((fn) => fn.bdf),
    'functions',
    'bdf',
    problems,
  )
  duplicates(
    platform.roots.map((root) => root.id),
    'roots',
    'id',
    problems,
  )
  duplicates(
    platform.iommus.map((unit) => unit.name),
    'iommus',
    'name',
    problems,
  )
  duplicates(
    platform.msiControllers.map((unit) => unit.name),
    'msiControllers',
    'name',
    problems,
  )

  const known = (bdf: string, path: (string | number)[]): void => {
    if (bdfs.has(bdf)) return
    const near = nearest(bdf, bdfs.keys())
    problems.push({
      path,
      message: `there is no function ${bdf}${near === undefined ? '' : `: did you mean ${near}?`}`,
    })
  }
  platform.functions.forEach((fn, i) => {
    const path = ['functions', i, 'parent']
    if (!roots.has(fn.parent)) {
      const parent = bdfs.get(fn.parent)
      if (!parent) problems.push({ path, message: `parent ${fn.parent} is neither a function nor a root bus` })
      else if (parent.headerType === 0) problems.push({ path, message: `parent ${fn.parent} is no bridge` })
      else if (isOwnAncestor(fn.bdf, bdfs)) problems.push({ path, message: `${fn.bdf} is above itself` })
    }
    if (fn.physfn !== undefined) known(fn.physfn, ['functions', i, 'physfn'])
  })
  platform.roots.forEach((root, i) => {
    if (root.behind !== undefined) known(root.behind, ['roots', i, 'behind'])
  })
  platform.iommus.forEach((unit, i) => unit.serves.forEach((bdf, j) => known(bdf, ['iommus', i, 'serves', j])))
  platform.msiControllers.forEach((unit, i) =>
    unit.serves.forEach((bdf, j) => known(bdf, ['msiControllers', i, 'serves', j])),
  )
  platform.regions.forEach((region, i) => region.devices.forEach((bdf, j) => known(bdf, ['regions', i, 'devices', j])))
  const units = new Map<string, string>()
  platform.iommus.forEach((unit, i) =>
    unit.serves.forEach((bdf, j) => {
      const other = units.get(bdf)
      if (other !== undefined)
        problems.push({ path: ['iommus', i, 'serves', j], message: `${bdf} is served by ${other} already` })
      units.set(bdf, unit.name)
    }),
  )
  return problems
}

function duplicates(names: readonly string[], list: string, key: string, problems: Problem[]): void {
  const seen = new Set<string>()
  names.forEach((name, i) => {
    if (seen.has(name)) problems.push({ path: [list, i, key], message: `${name} occurs twice` })
    seen.add(name)
  })
}

function isOwnAncestor(bdf: string, bdfs: ReadonlyMap<string, { parent: string }>): boolean {
  let up = bdfs.get(bdf)?.parent
  for (let hops = 0; up !== undefined && hops <= bdfs.size; hops++) {
    if (up === bdf) return true
    up = bdfs.get(up)?.parent
  }
  return false
}
