/** The hops of a request through a VT-d unit: what it walks, in its order, and the condition that it fails on. */
import type { Entry, Walked } from '../../hardware/entry'
import { translate } from '../../hardware/vtd/translate'
import type { Decision, Request } from '../../hardware/vtd/unit'
import { because, type Reason } from '../../linux/reason'
import type { Iommu } from '../../platform/schema'
import { accepted, code, refused, type Hop, type Said } from '../hop'
import { PLACES } from '../faultline/vtd-places'
import type { Lookup } from '../mapped'
import { shownRequester, type Scene } from '../situation'
import { program } from './vtd-tables'

export interface Passed {
  readonly hops: readonly Hop[]
  /** Where it goes on; undefined: refused. */
  readonly output: bigint | undefined
}

export type DmaRequest = Omit<Request, 'source'>

export function throughVtd(scene: Scene, iommu: Iommu, lookup: Lookup, request: DmaRequest): Passed {
  const { unit, memory, because: why } = program(scene, iommu, lookup, request.address, request.pasid)
  const decision = translate(unit, memory, { ...request, source: scene.requester })
  const rtaddr: Said = {
    block: 'iommu',
    at: iommu.name,
    register: 'RTADDR_REG',
    value: `0x${(unit.rootTable | (BigInt(unit.ttm) << 10n)).toString(16)}`,
    fields: { TTM: `${unit.ttm} (${unit.ttm === 1 ? 'scalable' : 'legacy'})` },
    chosen: ['RTA'],
    because: [because('the unit whose scope names the function decides', '90 §1', iommu.source), ...why],
  }
  const steps = decision.walked.map((w) => step(w, iommu, scene, lookup, request))
  const said = [rtaddr, ...steps]
  const { reason } = decision
  const ats = request.kind === 'translation'
  // A translation request that gets no permission is answered with success, and is refused all the same.
  const stopped = reason !== undefined && decision.outcome !== 'forwarded'
  if (!stopped) return { hops: said.map(accepted), output: decision.address ?? (ats ? request.address : undefined) }
  const last = said.at(-1)
  const hops = said.slice(0, -1).map(accepted)
  if (!last) return { hops, output: undefined }
  const place = PLACES.get(reason.code)
  const end = refused(
    {
      ...last,
      because: [
        ...last.because,
        because(
          reason.condition,
          'VT-d 5.10 Table 30; 80 §5',
          `field ${place?.field ?? ''}`,
          answer(decision),
          decision.logged ? 'recorded for software' : 'not recorded',
        ),
        ...missing(lookup, request, reason.code),
      ],
    },
    { code: code(reason.code), name: reason.name, condition: reason.condition },
  )
  return { hops: [...hops, end], output: undefined }
}

/** The entries that say which kind of domain it is. */
const DECIDES = new Set(['CONTEXT', 'PASIDTE', 'DTE', 'STE'])

const WORDS: Partial<Record<Decision['outcome'], string>> = {
  UR: 'answered as Unsupported Request',
  CA: 'answered as Completer Abort',
  success: 'the completion grants no permission',
}
const answer = (d: Decision): string => WORDS[d.outcome] ?? d.outcome

/** Why there is no translation, where that is the reason. */
function missing(lookup: Lookup, request: DmaRequest, reason: number): Reason[] {
  const absent = [0x05, 0x06, 0x71, 0x79, 0x85, 0x86]
  if (!absent.includes(reason) || request.pasid !== undefined) return []
  if (lookup.target) return []
  return [unmapped(lookup, request.address)]
}

export function unmapped(lookup: Lookup, iova: bigint): Reason {
  const at = `iova 0x${iova.toString(16)}`
  if (lookup.reserved)
    return because(
      'the address is reserved: the kernel never maps it',
      lookup.reserved.because.cite,
      at,
      lookup.reserved.because.rule,
    )
  if (lookup.domain === 'DMA-FQ')
    return because(
      'nothing is mapped there; one that was unmapped may still hit the IOTLB until the flush queue is drained',
      '20 §9',
      at,
    )
  if (lookup.domain === 'DMA') return because('nothing is mapped there, and unmapping invalidates at once', '20 §9', at)
  return because('nothing is mapped there', '40 §10', at)
}

/** Whose manual says what stands in the device's entry, and how tables are walked. */
const SOURCES: Readonly<Partial<Record<Iommu['kind'], readonly [entry: string, walk: string]>>> = {
  'vt-d': ['80 §2–§3', 'VT-d 5.10 ch. 3'],
  'amd-vi': ['AMD 48882, device table entry', 'AMD 48882, I/O page tables'],
  'smmu-v3': ['Arm IHI 0070, stream table and context descriptors', 'Arm ARM, VMSAv8-64 translation tables'],
}

/** What a walk read, as a hop. */
export function step(w: Walked, iommu: Iommu, scene: Scene, lookup: Lookup, request: DmaRequest): Said {
  const raw = w.entry?.raw ?? w.raw ?? 0n
  const paging = w.raw !== undefined
  return {
    block: paging ? 'translation' : 'domain',
    at: iommu.name,
    register: `${w.structure} at 0x${w.address.toString(16)}`,
    value: `0x${raw.toString(16)}`,
    ...(w.entry ? { fields: shown(w.entry) } : {}),
    chosen: ['addresses of tables', ...(w.entry && 'DID' in shown(w.entry) ? ['DID'] : [])],
    because: [
      ...(paging
        ? [because('page-table walk', SOURCES[iommu.kind]?.[1] ?? '80 §2', `iova 0x${request.address.toString(16)}`)]
        : [because(`the entry for ${shownRequester(scene.requester)}`, SOURCES[iommu.kind]?.[0] ?? '80 §2')]),
      ...(DECIDES.has(w.structure)
        ? [because(`the domain is ${lookup.domain}`, '20', ...lookup.because.flatMap((r) => [r.rule, ...r.facts]))]
        : []),
      ...(paging && lookup.target && request.pasid === undefined ? [lookup.target.why] : []),
    ],
  }
}

/** Fields that are not 0, and those that say whether anything is there. */
const shown = (entry: Entry): Record<string, string> =>
  Object.fromEntries(
    entry.register.fields
      .filter((f) => f.access !== 'RSVD' && (f.name === 'P' || f.name === 'TT' || entry.bits(f.name) !== 0n))
      .map((f) => [f.name, `0x${entry.bits(f.name).toString(16)}`]),
  )
