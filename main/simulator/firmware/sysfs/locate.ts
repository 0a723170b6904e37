/**
 * Where the PCI functions of a capture are. Best is the device path, which is the topology itself:
 * sys/devices/pci0000:00/0000:00:02.0/0000:01:00.0. Its text survives in links even where the folders do not.
 * A listing without paths (sys/bus/pci/devices copied as folders) leaves the bus numbers of bridges.
 */
import { byCodePoint, type Files } from '../tree'

export interface Located {
  readonly bdf: string
  /** Folder with the attribute files. */
  readonly folder: string
  /** Root bus and bridges above, root first: `['pci0000:00', '0000:00:02.0']`; undefined when no path tells. */
  readonly above?: readonly string[]
}

const ROOT_NAME = /^pci[0-9a-f]{4,8}:[0-9a-f]{2}$/
const BDF_NAME = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/
const MARKS = ['config', 'vendor', 'class']
const LISTING = 'sys/bus/pci/devices'

export function locateFunctions(files: Files): Located[] {
  const found = new Map<string, Located>()
  for (const folder of files.folders('sys/devices')) {
    const above = ancestry(folder)
    const bdf = above?.pop()
    if (bdf !== undefined && !found.has(bdf) && isFunction(files, folder)) found.set(bdf, { bdf, folder, above })
  }
  for (const bdf of files.list(LISTING)) {
    if (found.has(bdf) || !BDF_NAME.test(bdf)) continue
    const folder = `${LISTING}/${bdf}`
    if (!isFunction(files, folder)) continue
    const link = files.linkText(folder)
    const above = link === undefined ? undefined : ancestry(link)
    if (above?.pop() === bdf) found.set(bdf, { bdf, folder, above })
    else found.set(bdf, { bdf, folder })
  }
  return [...found.values()].sort((a, b) => byCodePoint(a.bdf, b.bdf))
}

const isFunction = (files: Files, folder: string): boolean => MARKS.some((mark) => files.has(`${folder}/${mark}`))

/** The chain from the root bus to the function that a path ends with; undefined for any other path. */
function ancestry(path: string): string[] | undefined {
  const parts = path.split('/')
  let first = parts.length
  while (first > 0 && BDF_NAME.test(parts[first - 1] ?? '')) first--
  if (first === parts.length || !ROOT_NAME.test(parts[first - 1] ?? '')) return undefined
  return parts.slice(first - 1)
}

/** The function above a root bus, where there is one: …/0000:00:0e.0/pci10000:e0/10000:e0:06.0 (VMD). */
export function functionAboveRoot(folder: string): string | undefined {
  const parts = folder.split('/')
  const root = parts.findLastIndex((part) => ROOT_NAME.test(part))
  const before = parts[root - 1]
  return before !== undefined && BDF_NAME.test(before) ? before : undefined
}
