/**
 * Fault reasons of VT-d as data: number, the specification's short name, the condition, whether a walked structure's
 * FPD keeps it out of the log, and what a device gets for an ATS translation request.
 * Source: VT-d 5.10 Table 30 (DMA, reference 80 §5) and Table 15 (interrupts, reference 60 §3).
 */

/** Answer to a translation request: Unsupported Request, Completer Abort, or success with these permissions. */
export type AtsAnswer = 'UR' | 'CA' | 'no-permission' | 'effective-permission' | 'none'

export interface FaultReason {
  readonly code: number
  readonly name: string
  readonly condition: string
  /** "Qualified": not logged when a structure that was walked has FPD=1. The request is blocked all the same. */
  readonly qualified: boolean
  readonly ats: AtsAnswer
  /** Answer to a translated request, where the table gives it separately. */
  readonly translated: 'UR' | 'CA'
}

const Q = true
const N = false
type Row = readonly [number, string, string, boolean, AtsAnswer, ('UR' | 'CA')?]

const DMA: readonly Row[] = [
  [0x01, 'LRT.2', 'legacy root entry not present', N, 'UR'],
  [0x02, 'LCT.2', 'legacy context entry not present', Q, 'UR'],
  [
    0x03,
    'LCT.4',
    'legacy context programmed wrong: address width or translation type unsupported, or second-stage root unreadable',
    Q,
    'CA',
  ],
  [
    0x04,
    'LGN.1',
    'address beyond min(MGAW, AW), or an untranslated output above the host address width',
    Q,
    'no-permission',
  ],
  [0x05, 'LGN.2', 'write or AtomicOp without write permission', Q, 'effective-permission'],
  [0x06, 'LGN.3', 'read or AtomicOp without read permission', Q, 'effective-permission'],
  [0x07, 'LSS.1', 'legacy second-stage entry unreadable', Q, 'CA'],
  [0x08, 'LRT.1', 'legacy root entry unreadable', N, 'CA'],
  [0x09, 'LCT.1', 'legacy context entry unreadable', N, 'CA'],
  [0x0a, 'LRT.3', 'reserved bits in a legacy root entry', N, 'CA'],
  [0x0b, 'LCT.3', 'reserved bits in a legacy context entry', Q, 'CA'],
  [0x0c, 'LSS.2', 'reserved bits in a legacy second-stage entry', Q, 'CA'],
  [0x0d, 'LCT.5', 'the translation type blocks translation and translated requests', Q, 'UR'],
  [0x0e, 'LGN.4', 'output address in the interrupt address range 0xfeexxxxx', Q, 'CA'],
  [0x30, 'RTA.1', 'root table address register programmed wrong: table mode reserved or not supported', N, 'CA'],
  [0x31, 'RTA.2', 'request with PASID in legacy mode', N, 'UR'],
  [0x32, 'RTA.3', 'page request in legacy mode', N, 'none'],
  [0x33, 'RTA.4', 'abort-DMA mode', N, 'UR'],
  [0x34, 'RTA.5', 'execute-requested on hardware of major version 8 or later', N, 'UR'],
  [0x38, 'SRT.1', 'scalable root entry unreadable', N, 'CA'],
  [0x39, 'SRT.2', 'half of a scalable root entry not present', N, 'UR'],
  [0x3a, 'SRT.3', 'reserved bits in a scalable root entry', N, 'CA'],
  [0x40, 'SCT.1', 'scalable context entry unreadable', N, 'CA'],
  [0x41, 'SCT.2', 'scalable context entry not present', Q, 'UR'],
  [0x42, 'SCT.3', 'reserved bits in a scalable context entry', Q, 'CA'],
  [
    0x43,
    'SCT.4',
    'scalable context entry inconsistent: DTE=0 with PRE=1, RID_PASID beyond PDTS, or EPTR=1 with PASIDE=0',
    Q,
    'CA',
  ],
  [0x44, 'SCT.5', 'translation or translated request while DTE=0', Q, 'UR'],
  [0x45, 'SCT.6', 'request with PASID while PASIDE=0', Q, 'UR'],
  [0x46, 'SCT.7', 'PASID beyond PDTS', Q, 'UR'],
  [0x47, 'SCT.8', 'page request while PRE=0', Q, 'none'],
  [0x48, 'SCT.9', 'explicit PASID equal to RID_PASID', Q, 'UR'],
  [0x49, 'SCT.10', 'translated request with PASID while EPTR=0', Q, 'none'],
  [0x50, 'SPD.1', 'PASID directory entry unreadable', N, 'CA'],
  [0x51, 'SPD.2', 'PASID directory entry not present', Q, 'no-permission'],
  [0x52, 'SPD.3', 'reserved bits in a PASID directory entry', Q, 'CA'],
  [0x58, 'SPT.1', 'PASID table entry unreadable', N, 'CA'],
  [0x59, 'SPT.2', 'PASID table entry not present', Q, 'no-permission'],
  [0x5a, 'SPT.3', 'reserved bits in a PASID table entry', Q, 'CA'],
  [0x5b, 'SPT.4', 'PASID table entry programmed wrong: AW, PGTT, FSPM, or FSPTPTR too wide', Q, 'CA'],
  [0x5c, 'SPT.5', 'execute-requested without support (major version 7 or earlier)', Q, 'no-permission'],
  [0x5d, 'SPT.6', 'privileged request while SRE=0', Q, 'no-permission'],
  [0x60, 'SPT.9', 'translated address beyond the size of the host permission table', Q, 'none'],
  [0x70, 'SFS.1', 'first-stage entry unreadable', Q, 'no-permission'],
  [0x71, 'SFS.2', 'first-stage entry not present', Q, 'no-permission'],
  [0x72, 'SFS.3', 'reserved bits in a first-stage entry', Q, 'no-permission'],
  [0x73, 'SFS.4', 'first-stage root unreadable', Q, 'no-permission'],
  [0x74, 'SFS.5', 'nested: first-stage address too wide for the second stage', Q, 'no-permission'],
  [0x75, 'SFS.6', 'nested: no second-stage read permission for the first-stage root', Q, 'no-permission'],
  [0x76, 'SFS.7', 'nested: no second-stage read permission for a first-stage entry', Q, 'no-permission'],
  [0x77, 'SFS.8', 'nested: no second-stage write permission for an Accessed or Dirty update', Q, 'no-permission'],
  [0x78, 'SSS.1', 'second-stage entry unreadable', Q, 'CA'],
  [0x79, 'SSS.2', 'second-stage entry with neither read nor write', Q, 'no-permission'],
  [0x7a, 'SSS.3', 'reserved bits in a second-stage entry', Q, 'CA'],
  [0x7b, 'SSS.4', 'second-stage root unreadable', Q, 'CA'],
  [0x7c, 'SSS.5', 'second-stage Accessed or Dirty update needed, but walks are not snooped', Q, 'CA'],
  [0x7d, 'SSS.6', 'second-stage Accessed or Dirty update failed', Q, 'CA'],
  [0x80, 'SGN.1', 'input address not canonical', Q, 'no-permission'],
  [0x81, 'SGN.2', 'user request to a supervisor page', Q, 'no-permission'],
  [0x83, 'SGN.4', 'address above the host address width', Q, 'no-permission'],
  [0x84, 'SGN.5', 'second-stage-only address beyond min(MGAW, AW)', Q, 'no-permission'],
  [0x85, 'SGN.6', 'write or AtomicOp without write permission', Q, 'effective-permission'],
  [0x86, 'SGN.7', 'read or AtomicOp without read permission', Q, 'effective-permission'],
  [0x87, 'SGN.8', 'output address in the interrupt address range 0xfeexxxxx', Q, 'CA'],
  [0x89, 'SGN.10', 'PASID above the supported size (PSS)', Q, 'UR'],
  [0x90, 'SFS.9', 'first-stage Accessed or Dirty update needed, but walks are not snooped', Q, 'no-permission'],
  [0x91, 'SFS.10', 'first-stage Accessed or Dirty update failed', Q, 'no-permission'],
  [0xa0, 'HPT.1', 'host permission table entry unreadable', Q, 'none', 'CA'],
  [0xa1, 'HPT.2', 'reserved bits in a host permission table entry', Q, 'none', 'CA'],
  [0xa2, 'HPT.3', 'host permission table root unreadable', Q, 'none', 'CA'],
  [0xa3, 'HPT.4', 'zero-length translated read ended early', Q, 'none'],
  [0xa4, 'HPT.5', 'host permission table without write permission', Q, 'none'],
  [0xa5, 'HPT.6', 'host permission table without read permission', Q, 'none'],
]

/** Every one of them blocks the message as an Unsupported Request (60 §3). */
const INTERRUPT: readonly (readonly [number, string, boolean])[] = [
  [0x20, 'reserved bits in a remappable interrupt request', N],
  [0x21, 'interrupt index beyond the interrupt remapping table', N],
  [0x22, 'interrupt remapping table entry not present', Q],
  [0x23, 'interrupt remapping table unreadable', N],
  [0x24, 'reserved bits in a present interrupt remapping table entry', Q],
  [0x25, 'compatibility format interrupt blocked', N],
  [0x26, 'requester ID does not pass the source validation of the entry', Q],
  [0x27, 'posted interrupt descriptor unreadable or not updatable', Q],
  [0x28, 'reserved bits in a posted interrupt descriptor', Q],
  [0x29, 'illegal request without PASID to the interrupt address range', N],
  [0x2a, 'extended interrupt mode required but not enabled', N],
  [0x2b, 'interrupt remapping required but not enabled', N],
]

const reason = ([code, name, condition, qualified, ats, translated]: Row): FaultReason => ({
  code,
  name,
  condition,
  qualified,
  ats,
  translated: translated ?? (ats === 'CA' ? 'CA' : 'UR'),
})

export const DMA_REASONS: ReadonlyMap<number, FaultReason> = new Map(DMA.map((r) => [r[0], reason(r)]))
/** They have numbers only. */
export const INTERRUPT_REASONS: ReadonlyMap<number, FaultReason> = new Map(
  INTERRUPT.map(([code, condition, qualified]) => [
    code,
    reason([code, `${code.toString(16).toUpperCase()}h`, condition, qualified, 'none']),
  ]),
)
