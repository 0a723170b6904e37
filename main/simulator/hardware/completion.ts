/**
 * Completion record, status byte. Source: Linux 6.12 include/uapi/linux/idxd.h (reference 70 §6): bit 7 says that the
 * fault was on a write, the low 7 bits are the code.
 */
import type { RegisterSpec } from './registers'

export const STATUS_NONE = 0x00
export const STATUS_SUCCESS = 0x01
/** "Invalid interrupt handle": every mismatch of PASID or PASID_EN at dispatch. */
export const STATUS_INVALID_INTERRUPT_HANDLE = 0x19

export const COMPLETION_STATUS: RegisterSpec = {
  name: 'Status',
  offset: 0,
  width: 8,
  fields: [
    { name: 'Write', msb: 7, lsb: 7, access: 'RO', meaning: 'The fault was on a write' },
    {
      name: 'Code',
      msb: 6,
      lsb: 0,
      access: 'RO',
      meaning: '0x00 not complete, 0x01 success, 0x19 invalid interrupt handle (the work was not done)',
    },
  ],
}
