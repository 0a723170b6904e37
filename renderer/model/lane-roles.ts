/** Lanes of the timeline have one role more than agents: queues. It looks like the link that the queue belongs to. */
import type { RunLane } from '../../preload/contract'
import { ROLE_ORDER, ROLE_WORD } from './lanes'

export type LaneRole = RunLane['role']
export const LANE_ROLE_ORDER: readonly LaneRole[] = [...ROLE_ORDER, 'queue']
export const LANE_ROLE_WORD: Record<LaneRole, string> = { ...ROLE_WORD, queue: 'writes on their way' }
export const laneToken = (role: LaneRole): string => `lane-${role === 'queue' ? 'fabric' : role}`
