/** An imported machine for a person: its PCIe tree with IOMMU and MSI controller beside each function, and the warnings. */
import type { PciFunction, Platform } from '../../../preload/contract'
import { columns, plural, wrap } from './table'

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0')

export function formatPlatform(kind: string, platform: Platform): string {
  const { functions, iommus, msiControllers, kernel, regions, warnings } = platform
  const release = kernel.release === undefined ? '' : `, Linux ${kernel.release}`
  const head = `${platform.name}: ${kind}, ${platform.arch}${release}, ${plural(functions.length, 'PCI function')}\n`
  const units = iommus.map(({ name, kind, base, interruptRemapping, serves }) => [
    name,
    kind,
    base ?? '',
    interruptRemapping === undefined ? '' : interruptRemapping ? 'remaps interrupts' : 'does not remap interrupts',
    `serves ${serves.length}`,
  ])
  const controllers = msiControllers.map(({ name, kind, doorbell, serves }) => [
    name,
    kind,
    doorbell ?? '',
    '',
    `serves ${serves.length}`,
  ])
  const asked = regions.map((r) => [
    r.kind,
    `${r.start}–${r.end}`,
    [...r.devices, ...(r.platformDevices ?? [])].join(' '),
  ])
  const section = (title: string, rows: string[][]) =>
    rows.length === 0 ? '' : `\n${title}\n${columns(rows, { indent: '  ' })}`
  return (
    head +
    section('IOMMUs', units) +
    section('MSI controllers', controllers) +
    section('Regions that firmware asks for', asked) +
    section('Functions', treeRows(platform)) +
    formatWarnings(warnings)
  )
}

function treeRows(platform: Platform): string[][] {
  const below = new Map<string, PciFunction[]>()
  for (const fn of platform.functions) {
    const list = below.get(fn.parent)
    if (list) list.push(fn)
    else below.set(fn.parent, [fn])
  }
  const servant = (list: readonly { name: string; serves: readonly string[] }[], bdf: string) =>
    list.flatMap(({ name, serves }) => (serves.includes(bdf) ? [name] : [])).join(' ')
  const rows: string[][] = []
  const visit = (fn: PciFunction, depth: number) => {
    const ids = `${hex(fn.vendor, 4)}:${hex(fn.device, 4)}`
    const what = fn.express?.type ?? (fn.headerType === 1 ? 'bridge' : '')
    rows.push([
      '  '.repeat(depth) + fn.bdf,
      ids,
      hex(fn.class, 6),
      what,
      servant(platform.iommus, fn.bdf),
      servant(platform.msiControllers, fn.bdf),
      fn.driver ?? '',
    ])
    for (const child of below.get(fn.bdf) ?? []) visit(child, depth + 1)
  }
  for (const root of platform.roots) for (const fn of below.get(root.id) ?? []) visit(fn, 0)
  if (rows.length > 0) rows.unshift(['BDF', 'ID', 'class', 'type', 'IOMMU', 'MSI', 'driver'])
  return rows
}

function formatWarnings(warnings: Platform['warnings']): string {
  if (warnings.length === 0) return ''
  const lines = warnings.flatMap(({ code, message }) =>
    wrap(`${message} [${code}]`, 110).map((line, i) => (i === 0 ? '  - ' : '    ') + line),
  )
  return `\nWarnings\n${lines.join('\n')}\n`
}
