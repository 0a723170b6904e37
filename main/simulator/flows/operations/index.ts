/** The table of operations: scenario validation, completion in the editor and the flows all read it. */
import { assert } from '../../faults'
import { DEVICE_OPERATIONS } from './device'
import { GUEST_OPERATIONS } from './guest'
import { HOST_OPERATIONS, IRQCHIP_OPERATIONS, VMM_OPERATIONS } from './host-side'
import type { Operation } from './operation'

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [...GUEST_OPERATIONS, ...VMM_OPERATIONS, ...HOST_OPERATIONS, ...IRQCHIP_OPERATIONS, ...DEVICE_OPERATIONS].map((o) => [
    o.name,
    o,
  ]),
)

export function operationNamed(name: string): Operation {
  const o = OPERATIONS.get(name)
  assert(o, `operation ${name}`)
  return o
}

export { EVENTS, PROGRAM_AGENTS, type Operation, type ProgramAgent } from './operation'
