/**
 * The smallest change that lets a request through: changes are tried in this order, from a bit of the device to another
 * kernel, by running the same procedure on the changed situation.
 */
import { usableRanges, apertureOf, PAGE } from '../linux/iova'
import { eraFor } from '../linux/policies/eras'
import { atLeast } from '../linux/policies/policy'
import { hex } from '../platform/address'
import type { Path } from './hop'
import { sceneOf, type Scene, type Situation } from './situation'

export interface Change {
  readonly words: string
  readonly situation: Situation
  /** The request goes elsewhere. */
  readonly iova?: bigint
}

export interface Wanted {
  readonly iova?: bigint
  readonly pasid?: number | undefined
}

/** Procedures that are run at most: the order of the changes makes the likely ones cheap. */
const MOST_TRIES = 96
const MOST_CHANGES = 3

/** A single change where one is enough; else up to three, each of which gets further. Undefined: nothing helps. */
export function smallestChange(
  situation: Situation,
  wanted: Wanted,
  procedure: (changed: Situation, iova: bigint | undefined) => Path,
): string | undefined {
  let tries = 0
  const search = (s: Situation, asked: Wanted, refused: Path, left: number): string | undefined => {
    const further: { change: Change; path: Path }[] = []
    for (const change of changes(s, sceneOf(s), asked)) {
      if (++tries > MOST_TRIES) return undefined
      const path = procedure(change.situation, change.iova ?? asked.iova)
      if (path.accepted) return change.words
      if (getsFurther(path, refused)) further.push({ change, path })
    }
    if (left === 0) return undefined
    for (const { change, path } of further) {
      const rest = search(
        change.situation,
        { ...asked, ...(change.iova === undefined ? {} : { iova: change.iova }) },
        path,
        left - 1,
      )
      if (rest !== undefined) return `${change.words}, then ${rest}`
    }
    return undefined
  }
  return search(situation, wanted, procedure(situation, wanted.iova), MOST_CHANGES - 1)
}

/** The hop that refused lets it pass now; another, later one refuses. */
function getsFurther(now: Path, before: Path): boolean {
  const end = ({ hops }: Path): string => [hops.at(-1)?.at, hops.at(-1)?.register, hops.at(-1)?.refusal?.name].join(' ')
  return now.hops.length >= before.hops.length && end(now) !== end(before)
}

/** Command line options that open or close a path; a switch that is off is taken off the line, for the last one wins. */
const OPTIONS: readonly (readonly [words: string, word: string, instead: RegExp])[] = [
  ['intremap=on', 'intremap=on', /^(intremap=off|nointremap)$/],
  ['intel_iommu=on', 'intel_iommu=on', /^(intel_iommu=off|iommu=off)$/],
  ['intel_iommu=on,sm_on', 'intel_iommu=on,sm_on', /^intel_iommu=/],
  ['no amd_iommu=off', '', /^(amd_iommu=off|iommu=off)$/],
  ['no pci=noats', '', /^pci=noats$/],
  ['iommu.passthrough=1', 'iommu.passthrough=1', /^iommu(\.passthrough)?=/],
  ['intremap=off', 'intremap=off', /^intremap=/],
]

function* changes(s: Situation, scene: Scene, { iova, pasid }: Wanted): Generator<Change> {
  const { fn, plan } = scene
  for (const f of [fn, ...plan.board.topology.bridgesAbove(fn)])
    yield {
      words: `enable bus mastering of ${f.bdf} (Command.BME)`,
      situation: { ...s, busMaster: { ...s.busMaster, [f.bdf]: true } },
    }
  yield { words: 'enable MSI or MSI-X (pci_alloc_irq_vectors)', situation: { ...s, messages: true } }
  if (fn.driver === undefined || !s.busMaster[fn.bdf])
    yield { words: `bind a driver to ${fn.bdf}, which enables bus mastering and its interrupts`, situation: driven(s) }
  if (pasid !== undefined) {
    yield { words: 'enable PASID in the function (pci_enable_pasid)', situation: { ...s, pasidEnable: true } }
    yield {
      words: `bind PASID 0x${pasid.toString(16)} to an address space (iommu_sva_bind_device)`,
      situation: { ...s, pasids: [...s.pasids, pasid] },
    }
  }
  if (iova !== undefined) {
    const page = iova & ~(PAGE - 1n)
    const mapping = { iova: page, size: PAGE, write: true }
    yield {
      words: `map the page at ${hex(page)} ${s.assigned ? '(VFIO_IOMMU_MAP_DMA)' : '(DMA API)'}`,
      situation: { ...s, maps: [mapping, ...s.maps] },
    }
  }
  if (iova !== undefined) yield* elsewhere(s, scene)
  yield { words: 'map the doorbell page', situation: { ...s, doorbell: true } }
  yield { words: 'take the drivers off the bridges of its group', situation: { ...s, bindGroup: 2 } }
  yield { words: 'vfio_iommu_type1.allow_unsafe_interrupts=1', situation: { ...s, unsafe: true } }
  for (const [words, word, instead] of OPTIONS) {
    const kept = s.cmdline.split(/\s+/).filter((w) => w !== '' && !instead.test(w))
    const cmdline = [...kept, word].filter((w) => w !== '').join(' ')
    if (cmdline === s.cmdline) continue
    yield { words: `${words} on the kernel command line`, situation: { ...s, cmdline } }
  }
  for (const id of ['4.11', '6.1', '6.12']) {
    const policy = eraFor(id)
    if (policy && !atLeast(s.policy.version, ...policy.version))
      yield { words: `Linux ${id}`, situation: { ...s, policy } }
  }
}

/** A driver binds: it turns on what it needs. */
function driven(s: Situation): Situation {
  const functions = s.platform.functions.map((f) =>
    f.bdf === s.device && f.driver === undefined ? { ...f, driver: 'driver' } : f,
  )
  return {
    ...s,
    platform: { ...s.platform, functions },
    busMaster: { ...s.busMaster, [s.device]: true },
    messages: true,
  }
}

/** Reserved and unreachable addresses cannot be opened: the request has to go elsewhere. */
function* elsewhere(s: Situation, { group }: Scene): Generator<Change> {
  const [first] = group?.members ?? []
  if (!group || !first) return
  const range = usableRanges(apertureOf(first.served.unit), group.regions).find((r) => r.end - r.start >= PAGE * 2n)
  if (!range) return
  const iova = (range.start & ~(PAGE - 1n)) + PAGE
  yield {
    words: `use an address outside the reserved regions and within the aperture, such as ${hex(iova)}, and map it`,
    situation: { ...s, maps: [...s.maps, { iova, size: PAGE, write: true }] },
    iova,
  }
}
