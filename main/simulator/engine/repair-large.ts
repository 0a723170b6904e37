/**
 * What is left of a model under added edges where its state space is too large to keep: each set of edges is compiled and
 * explored by itself, with what the explorer can leave out.
 */
import { compile, type Program } from '../model/compile'
import type { Model } from '../model/model'
import { withOrderings, type Ordering } from '../model/orderings'
import { Explorer } from './explore'
import { enabledAt, follow } from './path'
import type { Look } from './repair-graph'

export function* lookAt(
  model: Model,
  base: Program,
  edges: readonly Ordering[],
  maxStates: number,
  cancelled: () => boolean,
): Generator<void, { readonly look: Look; readonly transitions: number }> {
  const program = compile(withOrderings(model, edges))
  const explorer = new Explorer(program, { reduce: true, symmetry: true, maxStates })
  while (!explorer.advance(() => true)) {
    if (cancelled()) explorer.cancel()
    yield
  }
  const { findings, states, transitions } = explorer.result()
  const verdicts = findings.map((f) => f.verdict)
  const [run] = findings
    .flatMap((f) => (f.verdict === 'violated' && f.choices ? [f.choices] : []))
    .sort((a, b) => a.length - b.length)
    .map((choices) => {
      const path = follow(program, choices)
      return 'at' in path ? [] : path.steps
    })
  const look: Look = verdicts.includes('unwitnessed')
    ? { k: 'lost' }
    : run
      ? { k: 'bad', run, ...(isBad(base, run) ? { always: run } : {}) }
      : verdicts.includes('undecided')
        ? { k: 'unknown' }
        : { k: 'good', states }
  return { look, transitions }
}

/** A bad run under some edges is one of the unrepaired model too, unless it only ended because an edge held it. */
function isBad(base: Program, run: readonly number[]): boolean {
  let state: Uint32Array = base.initial.slice()
  for (const step of run) {
    const next = enabledAt(base, state).find((x) => x.step === step)
    if (!next) return false
    state = next.state
  }
  const violated = base.model.properties.some((p, i) => {
    if (p.kind === 'never' || p.kind === 'order') return base.test(i, state, 0)
    return p.kind === 'always' && !base.test(i, state, 0)
  })
  return violated || enabledAt(base, state).length === 0
}
