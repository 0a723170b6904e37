/**
 * Codes of completion records and SWERROR: what the model gives, and what it leaves out and why. Names and numbers:
 * Linux 6.12 include/uapi/linux/idxd.h, enum dsa_completion_status (70 §6).
 */

/** Codes of descriptors that are not executed, or not to their end, besides the handle's. */
export const FAILURES = {
  page_fault: 0x03,
  page_fault_invalid_request: 0x04,
  batch_failed: 0x05,
  list_page_fault: 0x06,
  unsupported_operation: 0x10,
  invalid_flags: 0x11,
  reserved_field: 0x12,
  transfer_size: 0x13,
  descriptor_count: 0x14,
  buffers_overlap: 0x16,
  dualcast_misaligned: 0x17,
  list_misaligned: 0x18,
  record_page_fault: 0x1a,
  record_misaligned: 0x1b,
  privilege: 0x1d,
  translation_failed: 0x22,
} as const
export type Failure = keyof typeof FAILURES
export const FAILURE_NAMES = Object.keys(FAILURES) as Failure[]

/** Completion codes that the model can produce. Nothing is written where the record itself cannot be. */
export const STATUS = { none: 0x00, success: 0x01, invalid_interrupt_handle: 0x19, ...FAILURES } as const

/** Codes that a device has and the model never gives: what they need is not in it. */
export const OUT_OF_SCOPE: ReadonlyMap<number, { readonly name: string; readonly why: string }> = new Map(
  (
    [
      [0x02, 'DSA_COMP_SUCCESS_PRED', 'compare operations: buffers have no contents'],
      [0x07, 'DSA_COMP_DR_OFFSET_NOINC', 'delta records: buffers have no contents'],
      [0x08, 'DSA_COMP_DR_OFFSET_ERANGE', 'delta records: buffers have no contents'],
      [0x09, 'DSA_COMP_DIF_ERR', 'data integrity fields: buffers have no contents'],
      [0x15, 'DSA_COMP_DR_ERANGE', 'delta record operations'],
      [0x1c, 'DSA_COMP_ADDR_ALIGN', 'operations on delta records, whose addresses must be aligned'],
      [0x1e, 'DSA_COMP_TRAFFIC_CLASS_CONF', 'the mapping of traffic classes to virtual channels'],
      [0x1f, 'DSA_COMP_PFAULT_RDBA', 'reading back'],
      [0x20, 'DSA_COMP_HW_ERR1', 'the hardware does not break'],
      [0x21, 'DSA_COMP_HW_ERR_DRB', 'the hardware does not break, and nothing is read back'],
      [0x26, 'DSA_COMP_DRAIN_EVL', 'the event log'],
      [0x27, 'DSA_COMP_BATCH_EVL_ERR', 'the event log'],
    ] as const
  ).map(([number, name, why]) => [number, { name, why }]),
)

/** Codes as SWERROR names them: `error_0x1b`. */
export const swCode = (code: number): string => `error_0x${code.toString(16)}`

/** Linux include/uapi/linux/idxd.h, enum dsa_opcode: those that the block tells apart. */
export const OPCODES = { batch: 0x01, drain: 0x02, memmove: 0x03, dualcast: 0x09, transl_fetch: 0x0a } as const

/** CMDSTS error codes (70 §5). */
export const COMMAND_ERRORS = {
  no_error: 0x00,
  device_not_enabled: 0x20,
  wq_enabled: 0x21,
  wq_not_enabled: 0x32,
  invalid_handle_index: 0x41,
  no_handle: 0x42,
} as const
