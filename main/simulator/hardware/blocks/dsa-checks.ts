/**
 * Why a DSA does not execute a descriptor, or not to its end, besides its interrupt handle: codes of 70 §6. An error goes
 * into the completion record where there is one to write, else into SWERROR; the completion interrupt comes all the same
 * (both unverified against the manual).
 */
import type { z } from 'zod'
import type { CaseSpec } from '../block'
import { FAILURES, swCode, type Failure } from './dsa-registers'

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
    'SWERROR.DESC_VALID': `SWERROR.DESC_VALID || ${test}`,
    'SWERROR.WQ_IDX_VALID': `SWERROR.WQ_IDX_VALID || ${test}`,
    'INTCAUSE.ERR': `INTCAUSE.ERR || ${test} && GENCTRL.SOFTERR`,
  }
}

const failed = (error: Failure, when: string, label: string, more: Readonly<Record<string, string>> = {}): Case => ({
  if: `work{d} == executing && (${when})`,
  fault: error,
  label: `descriptor {d}: ${label}: ${code(error)}`,
  set: { 'work{d}': 'failed', 'error{d}': error, ...logged(swCode(FAILURES[error]), 'no_record{d}'), ...more },
})

const code = (error: Failure): string => `0x${FAILURES[error].toString(16).padStart(2, '0')}`

/** In this order, where several apply: which of them the device reports then, no source says. */
export const CHECKS: readonly Case[] = [
  failed('unsupported_operation', 'DESC{d}.OPCODE == transl_fetch', 'the operation is not supported'),
  failed('invalid_flags', 'DESC{d}.BOF && !WQCFG.BOF', 'block on fault is not allowed in this queue', {
    'SWERROR.INVALID_FLAGS': 'no_record{d} && !SWERROR.VALID ? flag_block_on_fault : SWERROR.INVALID_FLAGS',
  }),
  failed('reserved_field', 'DESC{d}.RSVD != 0', 'a reserved field is not 0'),
  failed(
    'transfer_size',
    'DESC{d}.OPCODE == memmove && (DESC{d}.XFER_SIZE == mib_4 ? WQCFG.MAX_XFER_SHIFT < 22 : WQCFG.MAX_XFER_SHIFT < 12)',
    'its size is above MAX_XFER_SHIFT',
  ),
  failed('record_misaligned', 'DESC{d}.CRAV && DESC{d}.RECORD == misaligned', 'the completion record is misaligned'),
  failed(
    'privilege',
    'WQCFG.MODE == shared && DESC{d}.PRIV && !WQCFG.PRIV',
    'privileged, which this queue does not allow',
  ),
  failed('page_fault', 'DESC{d}.OPCODE == memmove && !mapped', 'a page is not there, executed in part'),
]

/** What a fault of the block is called, with its code. */
export const CHECK_FAULTS: Readonly<Record<Failure, string>> = {
  page_fault: 'a page is not there and the descriptor does not block on faults: 0x03',
  unsupported_operation: 'the operation is not supported: 0x10',
  invalid_flags: 'a flag of the descriptor is not allowed: 0x11',
  reserved_field: 'a reserved field is not 0: 0x12',
  transfer_size: 'the transfer size is out of range: 0x13',
  record_misaligned: 'the completion record is misaligned: 0x1b',
  privilege: 'privileged accesses are not allowed in this queue: 0x1d',
}
