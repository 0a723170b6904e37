/**
 * An independent reading of what a litmus scenario means and of what repairs it, slow and small: no part of it is shared
 * with the simulator. Values are numbers (booleans 0 and 1, enumerations by place).
 */
import fc from 'fast-check'
import { stringify } from 'yaml'

export interface LitmusVariable {
  readonly kind: 'bool' | 'range' | 'enum'
  /** Of a range and of an enumeration: 0 … top. */
  readonly top: number
}
export interface LitmusStep {
  readonly name: string
  readonly when?: readonly [variable: number, value: number]
  /** `add`: a range variable is raised by one instead of set. */
  readonly set?: { readonly variable: number; readonly value: number; readonly add: boolean }
  readonly optional: boolean
  readonly posted: boolean
  /** The agent waits until the step of this one that resumes it. */
  readonly trap?: number
  readonly resume?: number
}
export type LitmusProperty =
  | { readonly k: 'never' | 'always' | 'sometimes' | 'end'; readonly test: readonly (readonly [number, number])[] }
  | { readonly k: 'order'; readonly before: string; readonly after: string }
export interface Litmus {
  readonly variables: readonly LitmusVariable[]
  readonly agents: readonly (readonly LitmusStep[])[]
  readonly properties: readonly LitmusProperty[]
}
export type LitmusEdge = readonly [before: string, after: string]

interface State {
  readonly at: readonly number[]
  readonly values: readonly number[]
  /** Posted steps on their way, in order. */
  readonly posted: readonly LitmusStep[]
}

/** Every property holds, each `sometimes` is seen, every mandatory step is done, and no edge holds a step for ever. */
export function isGood(l: Litmus, edges: readonly LitmusEdge[]): boolean {
  const seen = new Set<string>()
  const witnessed = new Set<number>()
  const open: State[] = [{ at: l.agents.map(() => 0), values: l.variables.map(() => 0), posted: [] }]
  for (let s = open.pop(); s; s = open.pop()) {
    const { ways, held } = waysFrom(l, s, edges)
    if (ways.length === 0) {
      if (held) return false
      const undone = l.agents.some((steps, a) => steps.some((x, i) => !x.optional && i >= (s.at[a] ?? 0)))
      if (undone || s.posted.length > 0) return false
      if (l.properties.some((p) => p.k === 'end' && !p.test.every(([v, x]) => s.values[v] === x))) return false
    }
    for (const way of ways) {
      if (way === 'out') return false
      for (const [i, p] of l.properties.entries()) {
        if (p.k === 'order') {
          if (isDone(l, way, p.after) && !isDone(l, way, p.before)) return false
          continue
        }
        const holds = p.test.every(([v, x]) => way.values[v] === x)
        if ((p.k === 'never' && holds) || (p.k === 'always' && !holds)) return false
        if (p.k === 'sometimes' && holds) witnessed.add(i)
      }
      const key = JSON.stringify([way.at, way.values, way.posted.map((x) => x.name)])
      if (!seen.has(key)) {
        seen.add(key)
        open.push(way)
      }
    }
  }
  return l.properties.every((p, i) => p.k !== 'sometimes' || witnessed.has(i))
}

function isDone(l: Litmus, s: State, name: string): boolean {
  return l.agents.some((steps, a) => steps.slice(0, s.at[a] ?? 0).some((x) => x.name === name))
}

function waysFrom(
  l: Litmus,
  s: State,
  edges: readonly LitmusEdge[],
): { readonly ways: readonly (State | 'out')[]; readonly held: boolean } {
  const ways: (State | 'out')[] = []
  let held = false
  const apply = (x: LitmusStep): readonly number[] | 'out' => {
    if (!x.set) return s.values
    const { variable, value, add } = x.set
    const next = add ? (s.values[variable] ?? 0) + 1 : value
    if (next > (l.variables[variable]?.top ?? 0)) return 'out'
    return s.values.map((v, i) => (i === variable ? next : v))
  }
  for (const [a, steps] of l.agents.entries()) {
    const place = s.at[a] ?? 0
    const x = steps[place]
    if (!x) continue
    if (x.when && s.values[x.when[0]] !== x.when[1]) continue
    const waits = steps.slice(0, place).some((y) => y.trap !== undefined && !isDone(l, s, resumes(l, y.trap, a)))
    if (waits) continue
    if (edges.some(([before, after]) => after === x.name && !isDone(l, s, before))) {
      held = true
      continue
    }
    const at = s.at.map((n, i) => (i === a ? n + 1 : n))
    if (x.posted) {
      ways.push({ at, values: s.values, posted: [...s.posted, x] })
      continue
    }
    const values = apply(x)
    ways.push(values === 'out' ? 'out' : { at, values, posted: s.posted })
  }
  const [arriving, ...behind] = s.posted
  if (arriving) {
    const values = apply(arriving)
    ways.push(values === 'out' ? 'out' : { at: s.at, values, posted: behind })
  }
  return { ways, held }
}

const resumes = (l: Litmus, agent: number, whom: number): string =>
  l.agents[agent]?.find((x) => x.resume === whom)?.name ?? ''

/** The same in the file format. */
export function litmusText(l: Litmus): string {
  const word = (v: number, value: number): string | number | boolean => {
    const { kind } = l.variables[v] ?? { kind: 'range' }
    return kind === 'bool' ? value === 1 : kind === 'enum' ? `e${v}_${value}` : value
  }
  const test = (list: readonly (readonly [number, number])[]): string =>
    list.map(([v, x]) => `v${v} == ${word(v, x)}`).join(' && ')
  return stringify({
    doorbell: 1,
    title: 'random',
    litmus: {
      variables: Object.fromEntries(
        l.variables.map((v, i) => [
          `v${i}`,
          v.kind === 'bool'
            ? false
            : v.kind === 'range'
              ? { range: [0, v.top], initial: 0 }
              : { enum: Array.from({ length: v.top + 1 }, (_, x) => `e${i}_${x}`), initial: `e${i}_0` },
        ]),
      ),
      agents: Object.fromEntries(
        l.agents.map((steps, a) => [
          `A${a}`,
          steps.map((s) => ({
            step: s.name,
            ...(s.when ? { when: test([s.when]) } : {}),
            ...(s.set
              ? {
                  set: {
                    [`v${s.set.variable}`]: s.set.add ? `v${s.set.variable} + 1` : word(s.set.variable, s.set.value),
                  },
                }
              : {}),
            ...(s.optional ? { optional: true } : {}),
            ...(s.posted ? { posted: 'link' } : {}),
            ...(s.trap === undefined ? {} : { trap: `A${s.trap}` }),
            ...(s.resume === undefined ? {} : { resume: `A${s.resume}` }),
          })),
        ]),
      ),
      properties: l.properties.map((p, i) => ({
        name: `p${i}`,
        ...(p.k === 'order' ? { order: { before: p.before, after: p.after } } : { [p.k]: test(p.test) }),
      })),
    },
  })
}

const VARIABLES: readonly LitmusVariable[] = [
  { kind: 'bool', top: 1 },
  { kind: 'bool', top: 1 },
  { kind: 'range', top: 2 },
  { kind: 'enum', top: 2 },
]
const literal = fc.nat({ max: 3 }).chain((v) => fc.tuple(fc.constant(v), fc.nat({ max: VARIABLES[v]?.top ?? 1 })))
const often = <T>(a: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T | undefined> =>
  fc.option(a, { freq, nil: undefined })

/** Scenarios of 2 to 4 agents with few steps each. */
export const randomLitmus: fc.Arbitrary<Litmus> = fc
  .record({
    agents: fc.array(
      fc.array(
        fc.record({
          when: fc.tuple(fc.nat({ max: 3 }), literal),
          set: often(fc.tuple(literal, fc.nat({ max: 3 })), 6),
          optional: fc.nat({ max: 5 }),
          posted: fc.nat({ max: 5 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      { minLength: 2, maxLength: 4 },
    ),
    trap: fc.nat({ max: 3 }),
    tests: fc.array(
      fc.tuple(fc.nat({ max: 5 }), fc.array(literal, { minLength: 1, maxLength: 2 }), fc.nat(), fc.nat()),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
  })
  .map(({ agents, trap, tests }): Litmus => {
    const named = agents.map((steps, a) =>
      steps.map((s, i): LitmusStep => ({
        name: `s${a}_${i}`,
        ...(s.when[0] === 0 ? { when: s.when[1] } : {}),
        ...(s.set
          ? { set: { variable: s.set[0][0], value: s.set[0][1], add: s.set[0][0] === 2 && s.set[1] > 0 } }
          : {}),
        optional: s.optional === 0,
        posted: s.posted === 0,
        // The first agent traps into the last one, now and then.
        ...(trap === 0 && a === 0 && i === 0 ? { trap: agents.length - 1 } : {}),
        ...(trap === 0 && a === agents.length - 1 && i === steps.length - 1 ? { resume: 0 } : {}),
      })),
    )
    const names = named.flatMap((steps) => steps.map((s) => s.name))
    const properties = tests.map(([k, test, x, y]): LitmusProperty => {
      const before = names[x % names.length] ?? ''
      const after = names[y % names.length] ?? ''
      if (k === 5 && before !== after) return { k: 'order', before, after }
      return { k: (['never', 'always', 'sometimes', 'sometimes', 'end', 'end'] as const)[k] ?? 'never', test }
    })
    return { variables: VARIABLES, agents: named, properties }
  })

/** Every edge between steps of different agents. */
export const edgesOf = (l: Litmus): LitmusEdge[] =>
  l.agents.flatMap((from, a) =>
    l.agents.flatMap((to, b) => (a === b ? [] : from.flatMap((x) => to.map((y): LitmusEdge => [x.name, y.name])))),
  )

/** Every order of one agent's steps that moving one of them gives, if it is good. */
export function goodMoves(l: Litmus): string[] {
  return l.agents.flatMap((steps, a) => {
    const orders = new Map<string, readonly LitmusStep[]>()
    steps.forEach((s, from) =>
      steps.forEach((_, to) => {
        const order = steps.filter((__, i) => i !== from)
        order.splice(to, 0, s)
        orders.set(order.map((x) => x.name).join(), order)
      }),
    )
    orders.delete(steps.map((x) => x.name).join())
    return [...orders].flatMap(([name, order]) =>
      isGood({ ...l, agents: l.agents.map((x, i) => (i === a ? order : x)) }, []) ? [name] : [],
    )
  })
}
