/**
 * DMAR and INTR-REMAP lines. Formats: dmar_fault_do_one of Linux 2.6.3x (two lines), 3.x … 5.13 (reason in decimal) and
 * 5.14 on (reason with 0x, PASID or NO_PASID); Xen's iommu_page_fault_do_one (reason in hex without 0x).
 */
import { DMA_REASONS, INTERRUPT_REASONS, type FaultReason } from '../../hardware/vtd/reasons'
import { code } from '../hop'
import { BDF, hex64, type FaultLine } from './line'
import { faultLine, hex } from './reason'
import { PLACES } from './vtd-places'
import { readStatus } from './vtd-status'

/** Words of old kernels that printed no number, or whose number is worth checking: from drivers/iommu/intel/dmar.c. */
const KERNEL_WORDS: readonly (readonly [string, number])[] = [
  ['Present bit in root entry is clear', 0x01],
  ['Present bit in context entry is clear', 0x02],
  ['Invalid context entry', 0x03],
  ['Access beyond MGAW', 0x04],
  ['PTE Write access is not set', 0x05],
  ['PTE Read access is not set', 0x06],
  ['Next page table ptr is invalid', 0x07],
  ['Root table address invalid', 0x08],
  ['Context table ptr is invalid', 0x09],
  ['non-zero reserved fields in RTP', 0x0a],
  ['non-zero reserved fields in CTP', 0x0b],
  ['non-zero reserved fields in PTE', 0x0c],
  ['PCE for translation request specifies blocking', 0x0d],
  ['Detected reserved fields in the decoded interrupt-remapped request', 0x20],
  ['Interrupt index exceeded the interrupt-remapping table size', 0x21],
  ['Present field in the IRTE entry is clear', 0x22],
  ['Error accessing interrupt-remapping table pointed by IRTA_REG', 0x23],
  ['Detected reserved fields in the IRTE entry', 0x24],
  ['Blocked a compatibility format interrupt request', 0x25],
  ['Blocked an interrupt request due to source-id verification failure', 0x26],
]

const DEVICE = new RegExp(`(?:Request device|device)\\s{0,2}\\[{1,2}${BDF}\\]`, 'i')

/** Undefined: no such line. A line of this kind whose reason is missing or unknown says so in `unknown`. */
export function readVtd(text: string): FaultLine | { readonly unknown: string } | undefined {
  const interrupt = /INTR-REMAP/.test(text)
  const access = /\[DMA (Read|Write)\b/i.exec(text)?.[1]?.toLowerCase()
  // Old kernels print the reason in a line of its own.
  const alone = /\bDMAR:? ?\[fault reason/i.test(text)
  if (!interrupt && !alone && (access === undefined || !/Request device|fault addr/i.test(text)))
    return readStatus(text)
  const number = reasonNumber(text)
  if (number === undefined) return { unknown: 'it names no fault reason' }
  const reason = DMA_REASONS.get(number) ?? INTERRUPT_REASONS.get(number)
  const place = PLACES.get(number)
  if (!reason || !place) return { unknown: `VT-d has no fault reason ${code(number)}` }
  // `[0x6a:0x01.0]` is one era's way to write it.
  const device = DEVICE.exec(
    text.replaceAll(/\b0x([0-9a-f]{2})(?=:0x[0-9a-f]{2}\.|\.[0-7]\])/gi, '$1'),
  )?.[1]?.toLowerCase()
  const address = hex64(/fault addr:?\s{0,2}((?:0x)?[0-9a-f]{1,16})\b/i.exec(text)?.[1])
  const index = hex64(/fault index:?\s{0,2}((?:0x)?[0-9a-f]{1,16})\b/i.exec(text)?.[1])
  return faultLine(
    { ...place, code: number, name: reason.name, condition: reason.condition },
    {
      source: /\(XEN\)|\[VT-D\]/.test(text) ? 'Xen VT-d' : 'Linux intel-iommu',
      device,
      address,
      ...(access === 'read' || access === 'write' ? { access } : {}),
      pasid: pasidOf(text),
      at: 'VT-d unit',
      fields: index === undefined ? {} : { 'fault index': hex(index) },
      cite: `VT-d 5.10 Table ${INTERRUPT_REASONS.has(number) ? '15' : '30'}; 80 §5, 60 §3`,
      facts: facts(reason, { device, index }),
    },
  )
}

function facts(reason: FaultReason, at: { device: string | undefined; index: bigint | undefined }): string[] {
  return [
    ...(at.device === undefined ? [] : [`requester ${at.device}`]),
    ...(at.index === undefined ? [] : [`interrupt index ${at.index}`]),
    reason.qualified ? 'would not be logged with FPD=1' : 'logged whatever FPD says',
  ]
}

/** Hex with `0x` or `h`, and in Xen's words; decimal in Linux before 5.14. Without a number the kernel's words decide. */
function reasonNumber(text: string): number | undefined {
  const [, prefix, digits, suffix] = /fault reason:?\s{0,2}(0x)?([0-9a-f]{1,4})(h?)\]?/i.exec(text) ?? []
  if (digits !== undefined) {
    const isHex = prefix !== undefined || suffix === 'h' || /[a-f]/i.test(digits)
    return parseInt(digits, isHex ? 16 : 10)
  }
  const xen = /\breason ([0-9a-f]{2}) -/i.exec(text)?.[1]
  if (xen !== undefined) return parseInt(xen, 16)
  return KERNEL_WORDS.find(([words]) => text.includes(words))?.[1]
}

/** `PASID ffffffff`: 5.x's way to say that there was none. */
function pasidOf(text: string): bigint | undefined {
  const pasid = hex64(/(?<!NO_)PASID ((?:0x)?[0-9a-f]{1,8})\b/i.exec(text)?.[1])
  return pasid === undefined || pasid === 0xffffffffn ? undefined : pasid
}
