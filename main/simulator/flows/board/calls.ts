/** What a call step names, and whether it can end with an errno. */
import type { OperationSpec } from '../../hardware/block'
import { isCall, type CallStep } from './frame'
import type { Instance } from './instance'

/** Whether some step of an operation, or of what it calls, returns an errno; remembered, as callers ask again and again. */
export class Failures {
  private readonly known = new Map<OperationSpec, Map<Instance, boolean>>()

  constructor(private readonly instances: ReadonlyMap<string, Instance>) {}

  any(o: OperationSpec, i: Instance): boolean {
    const mine = this.known.get(o) ?? new Map<Instance, boolean>()
    this.known.set(o, mine)
    const answer = mine.get(i) ?? mayFail(o, i, this.instances)
    mine.set(i, answer)
    return answer
  }
}

function mayFail(
  o: OperationSpec,
  instance: Instance,
  instances: ReadonlyMap<string, Instance>,
  seen = new Set<string>(),
): boolean {
  return o.steps.some((s) => {
    if (!isCall(s)) return s.errno !== undefined || (s.cases ?? []).some((c) => c.errno !== undefined)
    if (s.swallow || s.discard) return false
    const { target, operation, name } = called(instance, s, instances)
    const key = `${target?.setup.name ?? ''} ${name}`
    if (!target || !operation || seen.has(key)) return false
    seen.add(key)
    return mayFail(operation, target, instances, seen)
  })
}

/** What a call step names: an operation of this block, or of what a port is tied to. */
export function called(instance: Instance, s: CallStep, instances: ReadonlyMap<string, Instance>) {
  const dot = s.call.indexOf('.')
  const target = dot < 0 ? instance : instances.get(instance.setup.ports.get(s.call.slice(0, dot)) ?? '')
  const name = s.call.slice(dot + 1)
  return { target, name, operation: target?.setup.spec.operations[name] }
}
