/**
 * Shared virtual addressing: the ladder that a user of PASIDs climbs, rung by rung, and what the rungs add up to for a
 * process, for the kernel itself and for a guest. The first rung that is missing says what is needed.
 */
import type { PciFunction } from '../../platform/schema'
import type { Plan } from '../plan'
import { deviceRungs } from './device'
import { defaultDomainRung, guestPasidRung, instructionRungs, kernelPasidRung } from './host'
import { RUNG, rung, type Rung } from './rung'
import { nestingRung, supervisorRung, unitRungs } from './unit'
import { isIdxd, pasidUses, type PasidUse } from './uses'

export interface SvaLadder {
  readonly rungs: readonly Rung[]
  readonly uses: readonly PasidUse[]
}

export function svaLadder(plan: Plan, fn: PciFunction): SvaLadder {
  const served = plan.units.served.get(fn)
  const own = served
    ? [
        defaultDomainRung(plan, fn, served),
        kernelPasidRung(plan, served),
        ...(served.unit.kind === 'vt-d' ? [supervisorRung(served)] : []),
        nestingRung(served),
      ]
    : []
  const rungs = [
    rung(RUNG.iommu, served !== undefined, served ? served.unit.name : 'no unit serves it', '80'),
    ...(served ? unitRungs(plan, served) : []),
    ...deviceRungs(plan, fn, served),
    ...(isIdxd(fn) ? instructionRungs(plan) : []),
    ...own,
    guestPasidRung(plan),
  ]
  return { rungs, uses: pasidUses(plan, fn, served?.unit.kind, rungs) }
}
