/** Explanations in the contract's shapes: for the worker, and for the command line in its own thread. */
import type { ExplainedFault, ExplainedHop, ExplainedPath, ScenarioView } from '../../preload/contract'
import { err, fault, ok, type Result } from '../simulator/faults'
import { reasons } from '../simulator/linux/report'
import { explainDma, explainMsi, explainSlot, type Explained } from '../simulator/paths/explain'
import { decodeFault } from '../simulator/paths/faultline/decode'
import type { Hop } from '../simulator/paths/hop'
import type { Situation } from '../simulator/paths/situation'
import type { Platform } from '../simulator/platform/schema'
import { workOf } from './slots'
import { findDevice, planMachine, type PlanOptions } from './planning'

export interface PathQuestion extends PlanOptions {
  readonly device: string
  /** Absent: whether its driver is vfio-pci. */
  readonly assigned?: boolean | undefined
  readonly unsafe: boolean
  readonly maps: readonly { readonly iova: bigint | string; readonly size: bigint | string }[]
}

export interface DmaQuestion extends PathQuestion {
  readonly iova: bigint | string
  readonly write: boolean
  readonly pasid?: number | undefined
  readonly request: 'untranslated' | 'translation' | 'translated'
}

/** Errors: USAGE for an unknown policy, PLATFORM_UNKNOWN_BDF. */
export function reportMsiPath(
  platform: Platform,
  question: PathQuestion & { readonly vector: number },
): Result<ExplainedPath> {
  const s = situationOf(platform, question)
  return s.ok ? ok(reported(explainMsi(s.value, question.vector))) : s
}

/** Errors: USAGE for an unknown policy, PLATFORM_UNKNOWN_BDF. */
export function reportDmaPath(platform: Platform, question: DmaQuestion): Result<ExplainedPath> {
  const s = situationOf(platform, question)
  if (!s.ok) return s
  const { iova, write, pasid, request } = question
  return ok(reported(explainDma(s.value, { iova: BigInt(iova), write, pasid, kind: request })))
}

/**
 * An interrupt of a scenario's virtual device, with its entry as it is in that state (one number a variable).
 * Errors: those of `reportMsiPath`; SCENARIO_VECTOR_RANGE when the scenario has no such entry.
 */
export function reportSlotPath(
  view: ScenarioView,
  state: ArrayLike<number>,
  device: ScenarioView['devices'][number],
  question: PathQuestion & { readonly vector: number; readonly pasid?: number | undefined },
): Result<ExplainedPath> {
  const work = workOf(view, device, state, question.vector, question.pasid)
  if (!work || !view.platform)
    return err(
      fault('SCENARIO_VECTOR_RANGE', `${device.id} has no entry for vector ${question.vector} in a message store`, {
        hint: 'vector 0 is the device’s own; vector 1 has the first entry',
      }),
    )
  const s = situationOf(view.platform, question)
  return s.ok ? ok(reported(explainSlot(s.value, work))) : s
}

/** Errors: FAULT_LINE_UNKNOWN, FAULT_LINE_AMBIGUOUS. */
export function explainFaultLine(text: string): Result<ExplainedFault> {
  const found = decodeFault(text)
  if (!found.ok) return found
  const { hop, ...line } = found.value
  return ok({ accepted: false, hops: [hopOf(hop)], fault: line })
}

function situationOf(platform: Platform, q: PathQuestion): Result<Situation> {
  const plan = planMachine(platform, q)
  if (!plan.ok) return plan
  const device = findDevice(plan.value, q.device)
  if (!device.ok) return device
  return ok({
    platform,
    policy: plan.value.policy,
    cmdline: plan.value.cmdline.text,
    kdump: q.kdump === true,
    device: device.value.bdf,
    assigned: q.assigned ?? device.value.driver === 'vfio-pci',
    unsafe: q.unsafe,
    bindGroup: 1,
    busMaster: {},
    pasids: [],
    maps: q.maps.map((m) => ({ iova: BigInt(m.iova), size: BigInt(m.size), write: true })),
    doorbell: false,
  })
}

const reported = ({ accepted, hops, fix }: Explained): ExplainedPath => ({
  accepted,
  hops: hops.map(hopOf),
  ...(fix === undefined ? {} : { fix }),
})

const hopOf = ({ fields, chosen, because, ...hop }: Hop): ExplainedHop => ({
  ...hop,
  ...(fields ? { fields: { ...fields } } : {}),
  ...(chosen && chosen.length > 0 ? { chosen: [...chosen] } : {}),
  because: reasons(because),
})
