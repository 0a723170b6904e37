/** What stands in a fault recording register after a refusal (VT-d 5.10 §11; reference 80 §5). */
import { encodeEntry } from '../entry'
import { FAULT_RECORD } from './entries'
import type { InterruptDecision } from './interrupt'
import type { Decision, Request } from './unit'

const ADDRESS_TYPES: Readonly<Record<Request['kind'], number>> = {
  untranslated: 0,
  translation: 1,
  translated: 2,
  page: 0,
}

/** The 128 bits for a DMA request; undefined where nothing is recorded. */
export function faultRecord(request: Request, decision: Decision): bigint | undefined {
  if (!decision.reason || !decision.logged) return undefined
  const atomic = request.access === 'atomic'
  return encodeEntry(FAULT_RECORD, {
    FI: request.address >> 12n,
    SID: request.source,
    FR: decision.reason.code,
    PP: request.pasid !== undefined,
    PV: request.pasid ?? 0,
    PRIV: request.privileged === true,
    EXE: request.execute === true,
    AT: ADDRESS_TYPES[request.kind],
    T1: request.kind !== 'page' && request.access !== 'write',
    T2: request.kind === 'page' || atomic,
    F: true,
  })
}

/** The 128 bits for an interrupt request; the index stands in 63:48. */
export function interruptRecord(source: number, decision: InterruptDecision): bigint | undefined {
  if (!decision.reason || !decision.logged) return undefined
  const index = BigInt(decision.index ?? 0) & 0xffffn
  return encodeEntry(FAULT_RECORD, { FI: index << 36n, SID: source, FR: decision.reason.code, F: true })
}
