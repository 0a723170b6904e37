/** Sections → one record per address: what all mentions of a function together say, the fullest one first. */
import { formatAddress, parseAddress, type PciAddress } from '../../platform/address'
import type { PlatformWarning } from '../../platform/schema'
import { warning } from '../warnings'
import { readBody, type BodyFacts } from './body'
import type { Header } from './header'
import type { Section } from './sections'

export interface Record {
  readonly bdf: string
  readonly address: PciAddress
  readonly header: Header
  readonly body: BodyFacts
  readonly bytes: Uint8Array
  /** The bridge above, where -P shows it. */
  readonly above?: string
  /** Line of the section that the capabilities are from, 1-based. */
  readonly line: number
}

interface Mention {
  readonly section: Section
  readonly body: BodyFacts
}

const RANK: { readonly [seen in BodyFacts['seen']]: number } = { none: 0, cut: 1, denied: 2, shown: 3, extended: 4 }

/** More mentions of one function tell nothing new. */
const MENTION_LIMIT = 32

export function recordsOf(sections: readonly Section[], warnings: PlatformWarning[]): Record[] {
  const places = new Places(sections)
  const mentions = new Map<string, { at: Place; all: Mention[] }>()
  for (const section of sections) {
    const at = places.of(section.header.place)
    if (!at) continue
    const bdf = formatAddress(at.address)
    const known = mentions.get(bdf)
    const mention = { section, body: readBody(section.body) }
    if (!known) mentions.set(bdf, { at, all: [mention] })
    else if (sameDevice(known.all, section.header)) {
      if (known.all.length < MENTION_LIMIT) known.all.push(mention)
    } else
      warnings.push(
        warning('LSPCI_CONFLICT', `line ${section.line}: ${bdf} was another device above; this mention is ignored`),
      )
  }
  if (places.guessed > 0)
    warnings.push(
      warning(
        'TOPOLOGY_GUESSED',
        `${places.guessed} bus numbers follow from the order of a listing with -P, which does not print them`,
      ),
    )
  return [...mentions].map(([bdf, { at, all }]) => merged(bdf, at, all))
}

function sameDevice(all: readonly Mention[], header: Header): boolean {
  return all.every(({ section: { header: other } }) =>
    (['vendor', 'device', 'class'] as const).every(
      (key) => other[key] === undefined || header[key] === undefined || other[key] === header[key],
    ),
  )
}

function merged(bdf: string, at: Place, all: readonly Mention[]): Record {
  const best = all.toSorted((a, b) => RANK[b.body.seen] - RANK[a.body.seen])
  const first = best[0]
  const header = Object.assign({}, ...best.map(({ section }) => section.header).reverse()) as Header
  const body = Object.assign({}, ...best.map((mention) => mention.body).reverse()) as BodyFacts
  const bytes = all.map(({ section }) => section.bytes).reduce((a, b) => (b.length > a.length ? b : a))
  return {
    bdf,
    address: at.address,
    header,
    body,
    bytes,
    ...(at.above === undefined ? {} : { above: at.above }),
    line: first?.section.line ?? 0,
  }
}

interface Place {
  readonly address: PciAddress
  readonly above?: string
}

/** Addresses, and the paths of -P, whose later steps may lack the bus: then the bridge's secondary bus tells it. */
class Places {
  guessed = 0
  private readonly secondary = new Map<string, number>()
  private readonly used = new Map<number, number>()
  private readonly byPath = new Map<string, Place>()

  constructor(sections: readonly Section[]) {
    for (const { header } of sections) {
      const first = parseAddress(header.place.split('/')[0] ?? '')
      if (first) this.use(first)
    }
    for (const { header, body } of sections) {
      const line = body.find((text) => /^\s*Bus: primary=/.test(text))
      const secondary = /secondary=([0-9a-f]{2})/i.exec(line ?? '')?.[1]
      if (secondary !== undefined) this.secondary.set(header.place, parseInt(secondary, 16))
    }
  }

  of(place: string): Place | undefined {
    const known = this.byPath.get(place)
    if (known) return known
    const slash = place.lastIndexOf('/')
    const resolved = slash < 0 ? this.whole(place) : this.step(place.slice(0, slash), place.slice(slash + 1))
    if (resolved) this.byPath.set(place, resolved)
    return resolved
  }

  private whole(text: string): Place | undefined {
    const address = parseAddress(text)
    return address && { address }
  }

  private step(before: string, text: string): Place | undefined {
    const above = this.of(before)
    const { segment } = above?.address ?? { segment: 0 }
    const last = parseAddress(text.includes(':') ? text : `00:${text}`)
    if (!above || !last) return undefined
    const address = { ...last, segment, bus: text.includes(':') ? last.bus : this.busBelow(before, segment) }
    this.use(address)
    return { address, above: formatAddress(above.address) }
  }

  private busBelow(place: string, segment: number): number {
    const known = this.secondary.get(place)
    if (known !== undefined) return known
    this.guessed++
    const next = Math.min(0xff, (this.used.get(segment) ?? 0) + 1)
    this.secondary.set(place, next)
    this.used.set(segment, next)
    return next
  }

  private use({ segment, bus }: PciAddress): void {
    this.used.set(segment, Math.max(bus, this.used.get(segment) ?? 0))
  }
}
