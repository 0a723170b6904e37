/**
 * Outcomes that the axiomatic models allow a small program of several CPUs, found by trying every execution: the Arm
 * model (Armv8, other-multi-copy atomic: internal visibility, and no circle in "ordered before") and x86-TSO. It knows
 * nothing of buffers. After Pulte et al., "Simplifying ARM Concurrency" (POPL 2018), and Alglave et al., "Herding Cats".
 */

export type Access =
  | { readonly k: 'W'; readonly loc: string; readonly value: number; readonly address?: number | undefined }
  /** Store-release. */
  | { readonly k: 'L'; readonly loc: string; readonly value: number }
  /** Stores what an earlier load of this CPU put into a register. */
  | { readonly k: 'D'; readonly loc: string; readonly register: number }
  /** Its address may come from an earlier load’s register; `A`: load-acquire. */
  | { readonly k: 'R' | 'A'; readonly loc: string; readonly register: number; readonly address?: number | undefined }
  | { readonly k: 'dma_wmb' | 'dma_rmb' | 'dsb' }

interface Event {
  readonly cpu: number
  readonly at: number
  readonly access: Access
}
type Edge = readonly [number, number]

/** `r0_0=1 r1_0=0 x=1 y=2`, sorted: registers that were loaded and memory in the end. */
export function allowed(order: 'tso' | 'arm64', cpus: readonly (readonly Access[])[]): Set<string> {
  const events = cpus.flatMap((ops, cpu) => ops.map((access, at): Event => ({ cpu, at, access })))
  const locations = [...new Set(events.flatMap(({ access }) => ('loc' in access ? [access.loc] : [])))]
  const numbers = events.map((_, i) => i)
  const is = (i: number, k: 'R' | 'W'): boolean => {
    const kind = events[i]?.access.k
    return k === 'R' ? kind === 'R' || kind === 'A' : kind === 'W' || kind === 'D' || kind === 'L'
  }
  const loc = (i: number): string => {
    const access = events[i]?.access
    return access && 'loc' in access ? access.loc : ''
  }
  const before = (a: number, b: number): boolean =>
    events[a]?.cpu === events[b]?.cpu && (events[a]?.at ?? 0) < (events[b]?.at ?? 0)
  const same = (a: number, b: number): boolean => events[a]?.cpu === events[b]?.cpu
  const memory = numbers.filter((i) => is(i, 'R') || is(i, 'W'))
  const pairs = memory.flatMap((a) => memory.filter((b) => before(a, b)).map((b): Edge => [a, b]))
  const between = (a: number, b: number, k: Access['k']): boolean =>
    numbers.some((f) => events[f]?.access.k === k && before(a, f) && before(f, b))
  const loads = memory.filter((i) => is(i, 'R'))
  /** The load whose register a store takes its value from. */
  const source = (i: number): number | undefined => {
    const access = events[i]?.access
    return access?.k === 'D' ? loaded(i, access.register) : undefined
  }
  const loaded = (i: number, register: number): number | undefined =>
    loads.findLast((l) => before(l, i) && (events[l]?.access as { register: number }).register === register)
  /** The load whose register the address of an access was computed from. */
  const addressOf = (i: number): number | undefined => {
    const access = events[i]?.access
    return access && 'address' in access && access.address !== undefined ? loaded(i, access.address) : undefined
  }
  const kind = (i: number): Access['k'] | undefined => events[i]?.access.k
  /** dob: addr; addr; po; [W]. */
  const addressed = (a: number, b: number): boolean =>
    addressOf(b) === a || (is(b, 'W') && memory.some((m) => before(m, b) && addressOf(m) === a))
  /** bob of acquire and release. */
  const released = (a: number, b: number): boolean =>
    kind(a) === 'A' || kind(b) === 'L' || (kind(a) === 'L' && kind(b) === 'A')
  const fenced = (
    order === 'arm64'
      ? pairs.filter(
          ([a, b]) =>
            between(a, b, 'dsb') ||
            (is(a, 'R') && between(a, b, 'dma_rmb')) ||
            (is(a, 'W') && is(b, 'W') && between(a, b, 'dma_wmb')) ||
            source(b) === a ||
            addressed(a, b) ||
            released(a, b),
        )
      : pairs.filter(([a, b]) => !(is(a, 'W') && is(b, 'R')) || between(a, b, 'dsb'))
  ) as readonly Edge[]
  const out = new Set<string>()
  for (const rf of choices(loads.map((l) => [-1, ...memory.filter((w) => is(w, 'W') && loc(w) === loc(l))])))
    for (const co of choices(locations.map((x) => permutations(memory.filter((w) => is(w, 'W') && loc(w) === x)))))
      judge(rf, co)
  return out

  function judge(rf: readonly number[], co: readonly (readonly number[])[]): void {
    const from = new Map(loads.map((l, i) => [l, rf[i] ?? -1]))
    const co2 = co.flatMap((ws) => ws.flatMap((a, i) => ws.slice(i + 1).map((b): Edge => [a, b])))
    const rf2 = loads.flatMap((l): Edge[] => (from.get(l) === -1 ? [] : [[from.get(l) ?? -1, l]]))
    const fr = loads.flatMap((l) => {
      const ws = co[locations.indexOf(loc(l))] ?? []
      return ws.slice(ws.indexOf(from.get(l) ?? -1) + 1).map((w): Edge => [l, w])
    })
    const local = pairs.filter(([a, b]) => loc(a) === loc(b))
    if (circular([...local, ...co2, ...rf2, ...fr])) return
    const external = (edges: readonly Edge[]): Edge[] => edges.filter(([a, b]) => !same(a, b))
    if (order === 'tso') {
      if (circular([...fenced, ...external(rf2), ...co2, ...fr])) return
    } else {
      // A load that takes its value from a store of its own CPU, whose value or address was loaded, comes after that load.
      const forwarded = rf2.flatMap(([w, r]): Edge[] => {
        return [source(w), addressOf(w)].flatMap((s): Edge[] => (same(w, r) && s !== undefined ? [[s, r]] : []))
      })
      if (circular([...fenced, ...forwarded, ...external(rf2), ...external(co2), ...external(fr)])) return
    }
    const value = (i: number, depth = 0): number | undefined => {
      if (i === -1) return 0
      if (depth > events.length) return undefined
      const access = events[i]?.access
      if (access?.k === 'W' || access?.k === 'L') return access.value
      if (access?.k === 'R' || access?.k === 'A') return value(from.get(i) ?? -1, depth + 1)
      return value(source(i) ?? -1, depth + 1)
    }
    const registers = loads.map((l) => {
      const { register } = events[l]?.access as { register: number }
      return `r${events[l]?.cpu ?? 0}_${register}=${value(l)}`
    })
    const finals = locations.map((x, i) => `${x}=${value(co[i]?.at(-1) ?? -1)}`)
    out.add([...registers, ...finals].sort().join(' '))
  }
}

function circular(edges: readonly Edge[]): boolean {
  const next = new Map<number, number[]>()
  for (const [a, b] of edges) next.set(a, [...(next.get(a) ?? []), b])
  const state = new Map<number, 'open' | 'done'>()
  const visit = (n: number): boolean => {
    if (state.get(n) === 'done') return false
    if (state.get(n) === 'open') return true
    state.set(n, 'open')
    const found = (next.get(n) ?? []).some(visit)
    state.set(n, 'done')
    return found
  }
  return [...next.keys()].some(visit)
}

function choices<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((all, list) => all.flatMap((c) => list.map((x) => [...c, x])), [[]])
}

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length === 0) return [[]]
  return list.flatMap((x, i) => permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((p) => [x, ...p]))
}
