/** A pasted line of a kernel log, or the words of a fault record, as the hop that refused. */
import { err, fault, ok, type Result } from '../../faults'
import { readAmd } from './amd'
import { readIdxd, swError } from './idxd'
import { MAX_LINE, words, type FaultLine } from './line'
import { readSmmuV2, readSmmuV3, smmuRecord } from './smmu'
import { readVirtio } from './virtio'
import { readVtd } from './vtd'

const READERS = [readVtd, readAmd, readSmmuV3, readSmmuV2, readIdxd, readVirtio] as const

/** What each fault has once, whoever wrote it: a paste of several is read up to the second. */
const FAULT =
  /Request device|Event logged \[|\bevent 0x[0-9a-f]{1,2} received:|\bevent: [FCE]_|context fault: fsr=|fault from EP|\berr\[0\]:/g

const HINT =
  'a DMAR or INTR-REMAP line with its fault reason, or its fault status register, AMD-Vi "Event logged […]", arm-smmu-v3 "event 0x10 received:" with its words, arm-smmu "context fault", virtio-iommu "page fault from EP", or idxd "err[0]: 0x…"'

/**
 * At most 8192 characters are read, and of several faults the first; `further` says how many there are besides. Errors: FAULT_LINE_UNKNOWN (no such line, or a reason that the specification does not
 * have), FAULT_LINE_AMBIGUOUS (bare words that two kinds of record could hold).
 */
export function decodeFault(pasted: string): Result<FaultLine> {
  // Terminals wrap, and mails break lines: any white space is one blank.
  const text = pasted
    .slice(0, MAX_LINE)
    .replace(/[\s\0]+/g, ' ')
    .trim()
  const [, second, ...others] = [...text.matchAll(FAULT)].map(({ index }) => index)
  const first = text.slice(0, second)
  for (const read of READERS) {
    const found = read(first)
    if (found === undefined) continue
    if ('unknown' in found)
      return err(fault('FAULT_LINE_UNKNOWN', `a fault line, but ${found.unknown}`, { hint: HINT }))
    return ok(second === undefined ? found : { ...found, further: others.length + 1 })
  }
  return bare(text)
}

/** Nothing but words: a record of an SMMUv3 event queue, or SWERROR. */
function bare(text: string): Result<FaultLine> {
  const record = words(text)
  const alone = /^(?:0x[0-9a-f]{16}[ ,]{0,2}){2,4}$/i.test(text)
  const event = alone ? smmuRecord(record) : undefined
  const error = alone ? swError(record) : undefined
  if (event && error)
    return err(
      fault(
        'FAULT_LINE_AMBIGUOUS',
        `these words could be ${event.hop.refusal?.name ?? ''} of an SMMUv3 or ${error.hop.refusal?.name ?? ''} of idxd`,
        {
          hint: 'put "event 0x10 received:" or "err[0]:" before them, as the driver prints them',
        },
      ),
    )
  const found = event ?? error
  return found ? ok(found) : err(fault('FAULT_LINE_UNKNOWN', 'no fault line that Doorbell knows', { hint: HINT }))
}
