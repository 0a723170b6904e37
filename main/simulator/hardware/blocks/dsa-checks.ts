/**
 * Why a DSA does not execute a descriptor, or not to its end, besides its interrupt handle: codes of 70 §6. An error goes
 * into the completion record where there is one to write, else into SWERROR. That a record which cannot be written is
 * told in SWERROR, under the record's address, is what Linux 5.11 drivers/dma/idxd/irq.c match_fault lives on; that other
 * errors are only told there without a record, and that the completion interrupt comes all the same, is unverified against
 * the manual.
 */
import type { z } from 'zod'
import type { CaseSpec } from '../block'
import { FAILURES, swCode, type Failure } from './dsa-codes'

type Case = z.input<typeof CaseSpec>

/** Only the first error is kept; a second sets OVERFLOW (70 §6). `test`: whether there is one at all. */
export const logged = (error: string, test = 'true'): Record<string, string> => {
  const first = `${test} && !SWERROR.VALID`
  return {
    'SWERROR.VALID': `SWERROR.VALID || ${test}`,
    'SWERROR.OVERFLOW': `SWERROR.OVERFLOW || SWERROR.VALID && ${test}`,
    'SWERROR.ERROR': `${first} ? ${error} : SWERROR.ERROR`,
    'SWERROR.PASID': `${first} ? by{d} : SWERROR.PASID`,
    'SWERROR.OPERATION': `${first} ? DESC{d}.OPCODE : SWERROR.OPERATION`,
    'SWERROR.PRIV': `${first} ? DESC{d}.PRIV : SWERROR.PRIV`,
    'SWERROR.BATCH': `${first} ? batched{d} > 0 : SWERROR.BATCH`,
    'SWERROR.BATCH_IDX': `${first} && batched{d} > 0 ? batched{d} - 1 : SWERROR.BATCH_IDX`,
    'SWERROR.DESC_VALID': `SWERROR.DESC_VALID || ${test}`,
    'SWERROR.WQ_IDX_VALID': `SWERROR.WQ_IDX_VALID || ${test}`,
    'INTCAUSE.ERR': `INTCAUSE.ERR || ${test} && GENCTRL.SOFTERR`,
  }
}

/** What every failing descriptor leaves behind for its batch and its record. */
export const FAILED = { 'erred{d}': 'batched{d} > 0', 'unrecorded{d}': '!record_mapped' }

const code = (error: Failure): string => `0x${FAILURES[error].toString(16).padStart(2, '0')}`

interface Check {
  readonly error: Failure
  readonly when: string
  readonly label: string
  readonly more?: Readonly<Record<string, string>>
}

const UNWRITABLE = '(!DESC{d}.CRAV || DESC{d}.RECORD == misaligned || !record_mapped)'

const failed = ({ error, when, label, more = {} }: Check): Case => ({
  if: `work{d} == executing && (${when})`,
  fault: error,
  label: `descriptor {d}: ${label}: ${code(error)}`,
  set: {
    'work{d}': 'failed',
    'error{d}': error,
    ...FAILED,
    ...logged(swCode(FAILURES[error]), UNWRITABLE),
    ...more,
  },
})

/** Operations that read and write memory. */
export const MOVES = '(DESC{d}.OPCODE == memmove || DESC{d}.OPCODE == dualcast)'

/** In this order, where several apply: which of them the device reports then, no source says. */
const BEFORE: readonly Check[] = [
  {
    error: 'unsupported_operation',
    // Neither a batch nor a drain may be in a batch (unverified).
    when: 'DESC{d}.OPCODE == transl_fetch || batched{d} > 0 && (DESC{d}.OPCODE == batch || DESC{d}.OPCODE == drain)',
    label: 'the operation is not supported',
  },
  {
    error: 'invalid_flags',
    when: 'DESC{d}.BOF && !WQCFG.BOF',
    label: 'block on fault is not allowed in this queue',
    more: {
      'SWERROR.INVALID_FLAGS': `${UNWRITABLE} && !SWERROR.VALID ? flag_block_on_fault : SWERROR.INVALID_FLAGS`,
    },
  },
  { error: 'reserved_field', when: 'DESC{d}.RSVD != 0', label: 'a reserved field is not 0' },
  {
    error: 'transfer_size',
    when: `${MOVES} && (DESC{d}.XFER_SIZE == mib_4 ? WQCFG.MAX_XFER_SHIFT < 22 : WQCFG.MAX_XFER_SHIFT < 12)`,
    label: 'its size is above MAX_XFER_SHIFT',
  },
  {
    error: 'descriptor_count',
    // A batch of one is refused by the first version of the device (unverified).
    when: 'DESC{d}.OPCODE == batch && (count{d} < 2 || WQCFG.MAX_BATCH_SHIFT < 1 || count{d} > 2 && WQCFG.MAX_BATCH_SHIFT < 2)',
    label: 'its descriptor count is below 2 or above MAX_BATCH_SHIFT',
  },
  {
    error: 'list_misaligned',
    when: 'DESC{d}.OPCODE == batch && DESC{d}.SOURCE == list_misaligned',
    label: 'its descriptor list is misaligned',
  },
  {
    error: 'buffers_overlap',
    when: 'DESC{d}.OPCODE == memmove && DESC{d}.DESTINATION == overlapping && !overlap_copy',
    label: 'source and destination overlap, and GENCAP has no overlapping copy',
  },
  {
    error: 'dualcast_misaligned',
    when: 'DESC{d}.OPCODE == dualcast && DESC{d}.DESTINATION2 == other_offset',
    label: 'its destinations differ in bits 11:0',
  },
  {
    error: 'record_misaligned',
    when: 'DESC{d}.CRAV && DESC{d}.RECORD == misaligned',
    label: 'the completion record is misaligned',
  },
  {
    error: 'privilege',
    when: 'WQCFG.MODE == shared && DESC{d}.PRIV && !WQCFG.PRIV',
    label: 'privileged, which this queue does not allow',
  },
  {
    error: 'list_page_fault',
    when: 'DESC{d}.OPCODE == batch && !list_mapped',
    label: 'a page of its list is not there',
  },
]

const WHILE: readonly Check[] = [
  {
    error: 'translation_failed',
    when: `${MOVES} && !translates`,
    label: 'the IOMMU completes its translation request as unsupported or aborted',
  },
  {
    error: 'page_fault_invalid_request',
    when: `${MOVES} && !mapped && DESC{d}.BOF`,
    label: 'a page is not there and its page request is answered Invalid Request',
  },
  { error: 'page_fault', when: `${MOVES} && !mapped`, label: 'a page is not there, executed in part' },
  {
    error: 'batch_failed',
    when: 'DESC{d}.OPCODE == batch && any{e: batched{e} == {e} - {d} && erred{e}}',
    label: 'a descriptor of the batch failed',
  },
]

/** Whether something is wrong with it before its descriptor list or its buffers are looked at. */
export const WRONG = BEFORE.map(({ when }) => `(${when})`).join(' || ')

export const CHECKS: readonly Case[] = [
  ...[...BEFORE, ...WHILE].map(failed),
  {
    if: 'work{d} == executing && DESC{d}.CRAV && DESC{d}.RCR && !record_mapped',
    fault: 'record_page_fault',
    label: 'descriptor {d} executed, and the page of its completion record is not there: 0x1a',
    set: { 'work{d}': 'executed', 'unrecorded{d}': 'true', ...logged(swCode(FAILURES.record_page_fault)) },
  },
]

/** What a fault of the block is called, with its code. */
export const CHECK_FAULTS: Readonly<Record<Failure, string>> = {
  page_fault: 'a page is not there and the descriptor does not block on faults: 0x03',
  page_fault_invalid_request: 'a page is not there and its page request was answered Invalid Request: 0x04',
  batch_failed: 'a descriptor of the batch failed: 0x05',
  list_page_fault: 'a page of the descriptor list is not there: 0x06',
  unsupported_operation: 'the operation is not supported: 0x10',
  invalid_flags: 'a flag of the descriptor is not allowed: 0x11',
  reserved_field: 'a reserved field is not 0: 0x12',
  transfer_size: 'the transfer size is out of range: 0x13',
  descriptor_count: 'the descriptor count of a batch is out of range: 0x14',
  buffers_overlap: 'source and destination overlap: 0x16',
  dualcast_misaligned: 'the destinations of a dualcast are misaligned to each other: 0x17',
  list_misaligned: 'the descriptor list of a batch is misaligned: 0x18',
  record_page_fault: 'the page of the completion record is not there: 0x1a',
  record_misaligned: 'the completion record is misaligned: 0x1b',
  privilege: 'privileged accesses are not allowed in this queue: 0x1d',
  translation_failed: 'an address was not translated for another reason than a page that is not there: 0x22',
}
