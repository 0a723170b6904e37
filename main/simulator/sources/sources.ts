/**
 * What a citation stands on. Doorbell cites its own notes by section, which nobody else can open; this says what each
 * section was taken from: kernel files and functions, specifications, mails, kernels that were booted.
 */
import { BOOTED } from './booted'
import { IDXD_CHAPTER } from './idxd'
import { INTERRUPTS } from './interrupts'
import { mentions } from './keys'
import { DOMAINS, GROUPS } from './linux-groups'
import { REGIONS } from './linux-regions'
import { VFIO } from './linux-vfio'
import { PAMU } from './pamu'
import { PASID } from './pasid'
import { ACPI, LSPCI, ORDERING } from './pcie'
import type { Chapter, Ground } from './source'
import { THREAD_2013, THREAD_2016, THREAD_DOMAINS, THREAD_IMS, THREAD_REGIONS } from './threads'

/** In the order in which they are listed. */
export const CHAPTERS: readonly { readonly title: string; readonly sections: Chapter }[] = [
  { title: 'The thread of 2016: MSI mapping and isolation', sections: THREAD_2016 },
  { title: 'The thread of 2013: PAMU and VFIO', sections: THREAD_2013 },
  { title: 'The thread of May 2019: relaxable regions', sections: THREAD_REGIONS },
  { title: 'The thread of April 2019: default domains', sections: THREAD_DOMAINS },
  { title: 'The thread of 2021: IMS and PASIDs', sections: THREAD_IMS },
  { title: 'Booted kernels', sections: BOOTED },
  { title: 'IOMMU groups', sections: GROUPS },
  { title: 'Default domains', sections: DOMAINS },
  { title: 'Reserved regions', sections: REGIONS },
  { title: 'VFIO', sections: VFIO },
  { title: 'PAMU and MPIC', sections: PAMU },
  { title: 'Interrupt messages', sections: INTERRUPTS },
  { title: 'DSA and idxd', sections: IDXD_CHAPTER },
  { title: 'PASIDs and VT-d', sections: PASID },
  { title: 'PCIe ordering', sections: ORDERING },
  { title: 'ACPI tables', sections: ACPI },
  { title: 'lspci and sysfs', sections: LSPCI },
]

const GROUNDS: ReadonlyMap<string, Ground> = new Map(CHAPTERS.flatMap(({ sections }) => Object.entries(sections)))
const RANK: ReadonlyMap<string, number> = new Map([...GROUNDS.keys()].map((key, i) => [key, i]))

export interface Source {
  /** The section ("20 §2"), or words of the citation that name a source themselves ("arm-smmu-v3.h"). */
  readonly key: string
  /** What it stands on; the words again where they are the source. */
  readonly text: string
  /** The citation names a section that is not there: a mistake in Doorbell. */
  readonly dangling?: true
}

/** What was seen is said with it: there is no file to open. */
const words = (key: string, { about, from, unverified }: Ground): string =>
  `${from}${key.startsWith('05.') ? `: ${about}` : ''}${unverified === undefined ? '' : ` (unverified: ${unverified})`}`

/** `part` is tried first: "70 §8 G2" has a source of its own, "50 §6.2 bug 6" that of its section. */
function lookUp(key: string, part: string | undefined): Source {
  const narrow = part === undefined ? undefined : `${key} ${part}`
  const found = narrow !== undefined && GROUNDS.has(narrow) ? narrow : key
  const ground = GROUNDS.get(found)
  return ground ? { key: found, text: words(found, ground) } : { key, text: key, dangling: true }
}

/** Words that a citation puts before a section, or in place of one. */
const tidy = (text: string): string =>
  text
    .replace(/\breference\b/g, '')
    .replace(/[\s(,:]+$/, '')
    .trim()

/** Everything that a citation such as "40 §9; 00 S0.15" or "VT-d 5.10 §9.11 (60 §5)" names, in its order. Empty: nothing. */
export function sourceOf(cite: string): readonly Source[] {
  const found = new Map<string, Source>()
  const add = (source: Source): void => {
    if (!found.has(source.key)) found.set(source.key, source)
  }
  let begin = 0
  const named = mentions(cite)
  // A part ends at a semicolon; what a section's own words say ("step 5: …") belongs to the section.
  for (const part of cite.split(';')) {
    const end = begin + part.length
    const here = named.filter((m) => m.start >= begin && m.start < end)
    const own = tidy(part.slice(0, (here[0]?.start ?? end) - begin))
    if (own !== '') add({ key: own, text: own })
    for (const { key, part: narrow } of here) add(lookUp(key, narrow))
    begin = end + 1
  }
  return [...found.values()]
}

/** Section → what it stands on, each once, in the order of the chapters, of all these citations. */
export function sourcesOf(cites: Iterable<string>): Record<string, string> {
  const found = new Map<string, string>()
  for (const cite of new Set(cites)) {
    for (const { key, text } of sourceOf(cite)) if (RANK.has(key)) found.set(key, text)
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (RANK.get(a) ?? 0) - (RANK.get(b) ?? 0)))
}

/** Every citation in an answer of the planner or of a run: what stands under `cite`, however deep. */
export function citesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(citesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === 'cite' && typeof inner === 'string' ? [inner] : citesIn(inner),
  )
}
