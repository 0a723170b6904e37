/**
 * The edges that decide these races: which write of the entry has to arrive before which look at it, and who sees to
 * that (reference 70 §10, §11). Where the answer is "nobody", that is the headline.
 */
import type { Edge } from './edges'
import type { Descriptor, Flow } from './flow'
import type { Program, ProgramItem } from './setup'

export function criticalEdges(flow: Flow, programs: ReadonlyMap<string, Program>): void {
  for (const a of flow.controlArrivals) {
    for (const post of a.posts)
      flow.edges.add({
        before: post,
        after: a.arrival,
        enforcedBy: 'pcie',
        why: 'a posted write arrives after it was sent',
        cite: '85 §3',
      })
    for (const r of flow.readBacks) {
      if (r.vector === a.vector)
        flow.edges.add({
          before: a.arrival,
          after: r.step,
          enforcedBy: 'pcie',
          why: 'a read completion may not pass posted writes',
          cite: '85 §1, §3',
        })
    }
  }
  const guests = new Set(flow.setup.pasids.flatMap((p) => (p.guest === undefined ? [] : [p.name])))
  for (const d of flow.descriptors) {
    // Where guests have PASIDs of their own, work under the host's is not what the entry is meant for.
    if (guests.size > 0 && !guests.has(d.pasid)) continue
    const who = enforcer(flow, programs, d)
    for (const a of flow.controlArrivals) {
      if (a.vector !== d.vector || a.pasid !== d.pasid || a.mask) continue
      for (const check of d.checks) flow.edges.add({ before: a.arrival, after: check, ...who })
    }
  }
}

type Answer = Pick<Edge, 'enforcedBy' | 'why' | 'cite'>

/** Who sees to it that the entry holds the right PASID before the device looks at it for this submitter's work? */
function enforcer(flow: Flow, programs: ReadonlyMap<string, Program>, d: Descriptor): Answer {
  const items = programs.get(d.agent)?.items ?? []
  const submit = items.findIndex((i) => i.op === 'submit' && i.operands['as'] === d.name)
  const readBack = flow.readBacks.some((r) => r.vector === d.vector)
  const preparer = PREPARERS.find((a) => (programs.get(a)?.items ?? []).some((i) => prepares(i, d.vector)))
  const steps = programs.get(preparer ?? '')?.items ?? []
  const last = steps.reduce((n, i, at) => (prepares(i, d.vector) ? at : n), -1)
  if (preparer === d.agent && last < submit) {
    if (readBack)
      return {
        enforcedBy: 'trap',
        why: 'the host reads the entry back before the trap returns, and the guest submits after that',
        cite: '70 §10',
      }
    return {
      enforcedBy: 'nobody',
      why: 'both are posted writes from different CPUs, and the host does not read the entry back',
      cite: '70 §10 "slot write reaches the device before A5"',
    }
  }
  const waits = items.slice(0, submit + 1).flatMap((i) => awaited(i))
  const covered = waits.some(
    (w) =>
      steps.findIndex((i) => i.id !== undefined && (w === `${i.id}.return` || w.startsWith(`${i.id}.return`))) >=
        last || steps.findIndex((i) => i.id === w) > last,
  )
  if (covered && readBack)
    return {
      enforcedBy: 'software',
      why: 'the submitter waits until the entry is right',
      cite: '70 §11 B7a → first descriptor',
    }
  const why =
    waits.length > 0
      ? 'what the submitter waits for comes before the entry is right'
      : 'another CPU with the portal mapped may submit earlier'
  return { enforcedBy: 'nobody', why, cite: '70 §11 "B7a → first descriptor"' }
}

const PREPARERS = ['guest', 'guest2']

const prepares = (i: ProgramItem, vector: number): boolean =>
  (i.op === 'request_irq' || i.op === 'write_msixperm') && i.operands['vector'] === vector

/** Steps that an operation waits for by name. */
function awaited(i: ProgramItem): string[] {
  const text = `${i.when ?? ''} ${i.op === 'wait' ? String(i.operands['until']) : ''}`
  return [...text.matchAll(/done\(\s*([A-Za-z0-9_.]+)\s*\)/g)].map((m) => m[1] ?? '')
}
