/**
 * IOMMU groups as Linux makes them: one function after the other, in the order in which the IOMMU driver is told of
 * them. Source: drivers/iommu/iommu.c pci_device_group and its helpers (reference 10 §3).
 */
import type { PciFunction } from '../platform/schema'
import { ACS_REQUIRED, acsWords, isolates, kindOf, type Isolation } from './acs'
import { aliasWalk, areAliases } from './aliases'
import type { Board } from './board'
import type { SharedController } from './pamu'
import { because, type Reason } from './reason'

export interface Group {
  readonly devices: PciFunction[]
  /** Why members share it: one reason for each function that joined an existing group, and what would separate it. */
  readonly because: Reason[]
  readonly assumptions: Set<string>
}

interface Found {
  readonly group: Group
  readonly reason: Reason
}

/** `shared`: of a function whose unit cannot tell it from others behind its PCI controller. */
export function groupFunctions(
  board: Board,
  members: readonly PciFunction[],
  shared: (fn: PciFunction) => SharedController | undefined = () => undefined,
): Group[] {
  const grouping = new Grouping(board, shared)
  for (const fn of members) grouping.add(fn)
  return grouping.groups
}

class Grouping {
  readonly groups: Group[] = []
  private readonly of = new Map<PciFunction, Group>()
  private readonly isolation = new Map<PciFunction, Isolation>()
  private readonly ofController = new Map<string, Group>()
  constructor(
    private readonly board: Board,
    private readonly shared: (fn: PciFunction) => SharedController | undefined,
  ) {}

  add(fn: PciFunction): void {
    const assumptions = new Set<string>()
    const shared = this.shared(fn)
    const found = shared ? this.behind(shared, assumptions) : this.search(fn, assumptions)
    const group = found?.group ?? { devices: [], because: [], assumptions: new Set<string>() }
    if (!found) this.groups.push(group)
    else group.because.push(found.reason)
    group.devices.push(fn)
    for (const a of assumptions) group.assumptions.add(a)
    this.of.set(fn, group)
    if (shared) this.ofController.set(shared.root.id, group)
  }

  private behind({ root, reason, assumed }: SharedController, assumptions: Set<string>): Found | undefined {
    if (assumed !== undefined) assumptions.add(assumed)
    const group = this.ofController.get(root.id)
    return group && { group, reason }
  }

  private search(fn: PciFunction, assumptions: Set<string>): Found | undefined {
    const walk = aliasWalk(fn, this.board)
    let x = fn
    for (const alias of walk) {
      x = alias
      const group = this.of.get(alias)
      if (group)
        return {
          group,
          reason: {
            ...because(
              'its DMA may carry the requester ID of another',
              '10 §3 step 1',
              alias === fn ? fn.bdf : `${fn.bdf} is behind ${alias.bdf}, which takes over its requests`,
            ),
            apart: `a place that is not behind ${alias.bdf}: no setting tells requests apart that carry one requester ID`,
          },
        }
    }
    for (const bridge of this.board.topology.bridgesAbove(x)) {
      const hop = this.firstOpenHop(bridge, assumptions)
      if (!hop) break
      x = bridge
      const group = this.of.get(bridge)
      if (group)
        return {
          group,
          reason: {
            ...because(
              'the path to the root does not keep peers apart',
              '10 §3 step 3',
              ...hop.verdict.reason.facts,
              `${fn.bdf} is below ${bridge.bdf}`,
            ),
            apart: separator(hop.fn),
          },
        }
    }
    const seen = new Set<number>()
    return this.aliasSearch(x, seen, fn) ?? this.functionSearch(x, seen, fn, assumptions)
  }

  /** The nearest bridge from here upwards that does not isolate; undefined: the whole path does. */
  private firstOpenHop(
    bridge: PciFunction,
    assumptions: Set<string>,
  ): { fn: PciFunction; verdict: Isolation } | undefined {
    for (const hop of [bridge, ...this.board.topology.bridgesAbove(bridge)]) {
      const verdict = this.isolates(hop, assumptions)
      if (!verdict.isolated) return { fn: hop, verdict }
    }
    return undefined
  }

  private isolates(fn: PciFunction, assumptions: Set<string>): Isolation {
    let verdict = this.isolation.get(fn)
    if (!verdict) {
      verdict = isolates(fn, this.board)
      this.isolation.set(fn, verdict)
    }
    if (verdict.assumed) assumptions.add(verdict.assumed)
    return verdict
  }

  private aliasSearch(x: PciFunction, seen: Set<number>, fn: PciFunction): Found | undefined {
    const devfn = this.board.devfn(x)
    if (seen.has(devfn)) return undefined
    seen.add(devfn)
    const group = this.of.get(x)
    if (group)
      return {
        group,
        reason: because(
          'shares a requester ID or an open slot with a member',
          '10 §3 steps 4 and 5',
          `${fn.bdf} and ${x.bdf}`,
        ),
      }
    for (const other of this.board.sameBus(x)) {
      if (other === x || !areAliases(x, other, this.board)) continue
      const found = this.aliasSearch(other, seen, fn) ?? this.functionSearch(other, seen, fn, new Set())
      if (found) return found
    }
    return undefined
  }

  private functionSearch(
    x: PciFunction,
    seen: Set<number>,
    fn: PciFunction,
    assumptions: Set<string>,
  ): Found | undefined {
    if (!this.board.multifunction(x)) return undefined
    const mine = this.isolates(x, assumptions)
    if (mine.isolated) return undefined
    for (const other of this.board.sameBus(x)) {
      if (other === x || this.board.slot(other) !== this.board.slot(x)) continue
      const theirs = this.isolates(other, assumptions)
      if (theirs.isolated) continue
      const found = this.aliasSearch(other, seen, fn)
      if (found)
        return {
          group: found.group,
          reason: {
            ...because(
              'functions of one slot that may talk to each other',
              '10 §3 step 5',
              ...mine.reason.facts,
              ...theirs.reason.facts,
            ),
            apart: `${separator(x)}, or on ${other.bdf}: one of the two is enough`,
          },
        }
    }
    return undefined
  }
}

/** What has to change on a function so that it keeps its peers apart. */
function separator(fn: PciFunction): string {
  const missing = acsWords(ACS_REQUIRED)
  if (!fn.express) return `PCIe in place of the conventional ${fn.bdf}, which cannot have ACS`
  if (fn.acs) return `ACS ${missing} enabled on ${fn.bdf}, which offers ${acsWords(fn.acs.cap)}`
  const kind = kindOf(fn)
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind} with ACS ${missing} in place of ${fn.bdf}`
}
