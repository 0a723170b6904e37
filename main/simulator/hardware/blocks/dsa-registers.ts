/**
 * Registers of the Intel Data Streaming Accelerator as the block shows them.
 * Source: DSA 3.0 (341204-006); Linux 6.12 drivers/dma/idxd/registers.h, include/uapi/linux/idxd.h (70 §1–§7).
 */
import type { z } from 'zod'
import type { BlockField, BlockRegister } from '../block'
import { COMMAND_ERRORS, FAILURES, OPCODES, STATUS, swCode } from './dsa-codes'

type Register = z.input<typeof BlockRegister>
type Field = z.input<typeof BlockField>

const bit = (name: string, at: number, meaning = '', reset?: boolean): Field => ({
  name,
  bits: at,
  meaning,
  ...(reset === undefined ? {} : { reset }),
})
const reserved = (bits: string | number): Field => ({ name: 'Reserved', bits, access: 'RSVD' })

const GENERAL: Register[] = [
  {
    name: 'GENCFG',
    title: 'BAR0',
    offset: 0x80,
    fields: [
      { name: 'Read buffer limit', bits: '7:0' },
      bit('User interrupt enable', 12, 'user-mode interrupts'),
      bit('Event log enable', 13),
    ],
  },
  {
    name: 'GENCTRL',
    offset: 0x88,
    fields: [
      bit('SOFTERR', 0, 'software error interrupt enable', true),
      bit('HALT', 1, 'halt state interrupt enable'),
      bit('EVLINT', 2, 'event log interrupt enable'),
    ],
  },
  {
    name: 'GENSTS',
    offset: 0x90,
    fields: [
      {
        name: 'STATE',
        bits: '1:0',
        access: 'RO',
        values: { device_disabled: 0, device_enabled: 1, device_drain: 2, device_halt: 3 },
        reset: '{device}',
      },
      {
        name: 'RESET_TYPE',
        bits: '3:2',
        access: 'RO',
        values: { reset_soft: 0, reset_flr: 1, reset_warm: 2, reset_cold: 3 },
      },
    ],
  },
  {
    name: 'INTCAUSE',
    offset: 0x98,
    fields: [
      { ...bit('ERR', 0, 'software error'), access: 'W1C' },
      { ...bit('CMD', 1, 'command completion'), access: 'W1C' },
      { ...bit('OCCUPY', 2, 'work queue occupancy'), access: 'W1C' },
      { ...bit('PERFMON', 3, 'perfmon overflow'), access: 'W1C' },
      { ...bit('HALT', 4, 'halt state'), access: 'W1C' },
      { ...bit('EVL', 5, 'event log'), access: 'W1C' },
      { ...bit('INT_HANDLE_REVOKED', 31, 'interrupt handles revoked: request them again'), access: 'W1C' },
    ],
  },
  {
    name: 'CMD',
    offset: 0xa0,
    fields: [
      { name: 'OPERAND', bits: '19:0', meaning: 'index, bit mask of queues, handle (bit 16: IMS) or PASID' },
      {
        name: 'COMMAND',
        bits: '24:20',
        values: {
          no_command: 0,
          cmd_enable_wq: 6,
          cmd_disable_wq: 7,
          cmd_drain_wq: 8,
          cmd_abort_wq: 9,
          cmd_reset_wq: 10,
          cmd_drain_pasid: 11,
          cmd_abort_pasid: 12,
          cmd_request_handle: 13,
          cmd_release_handle: 14,
        },
      },
      bit('INT_REQ', 31, 'request a completion interrupt'),
    ],
  },
  {
    name: 'CMDSTS',
    offset: 0xa8,
    fields: [
      { name: 'ERR', bits: '7:0', access: 'RO', values: COMMAND_ERRORS },
      { name: 'RESULT', bits: '23:8', access: 'RO', meaning: 'the handle, after a request' },
      { name: 'ACTIVE', bits: 31, access: 'RO' },
    ],
  },
  {
    name: 'SWERROR',
    offset: 0xc0,
    width: 256,
    fields: [
      { ...bit('VALID', 0), access: 'W1C' },
      { ...bit('OVERFLOW', 1, 'a second error came while VALID was set'), access: 'W1C' },
      { name: 'DESC_VALID', bits: 2, access: 'RO', meaning: 'operation and PASID are valid' },
      { name: 'WQ_IDX_VALID', bits: 3, access: 'RO' },
      { name: 'BATCH', bits: 4, access: 'RO' },
      { name: 'FAULT_RW', bits: 5, access: 'RO' },
      { name: 'PRIV', bits: 6, access: 'RO' },
      {
        name: 'ERROR',
        bits: '15:8',
        access: 'RO',
        values: {
          no_software_error: 0,
          error_0x19: 0x19,
          ...Object.fromEntries(Object.values(FAILURES).map((code) => [swCode(code), code])),
        },
      },
      { name: 'WQ_IDX', bits: '23:16', access: 'RO' },
      { name: 'OPERATION', bits: '39:32', access: 'RO', values: { no_operation: 0x00, ...OPCODES } },
      { name: 'PASID', bits: '59:40', access: 'RO', names: 'pasids' },
      { name: 'BATCH_IDX', bits: '79:64', access: 'RO' },
      {
        name: 'INVALID_FLAGS',
        bits: '127:96',
        access: 'RO',
        values: { no_flags: 0, flag_block_on_fault: 0x02 },
        meaning: 'with error 0x11: the flags of the descriptor that are not allowed',
      },
      { name: 'ADDRESS', bits: '191:128', access: 'RO', fixed: 0 },
    ],
  },
]

const WQCFG: Register = {
  name: 'WQCFG',
  table: 'Work queue configuration (OFFSETS.WQCFG × 0x100)',
  width: 256,
  cite: 'Linux 6.12 drivers/dma/idxd/registers.h, union wqcfg (70 §7)',
  fields: [
    { name: 'WQ_SIZE', bits: '15:0' },
    { name: 'WQ_THRESHOLD', bits: '47:32', meaning: 'shared queues' },
    {
      name: 'MODE',
      bits: 64,
      values: { shared: 0, dedicated: 1 },
      reset: '{mode}',
      meaning: '0 shared, 1 dedicated',
    },
    { name: 'BOF', bits: 65, reset: '{block_on_fault}', meaning: 'descriptors may ask to block on a page fault' },
    bit('ATS_DIS', 66),
    bit('PRS_DIS', 67),
    { name: 'PRIORITY', bits: '71:68' },
    { name: 'PASID', bits: '91:72', names: 'pasids', meaning: 'PASID of a dedicated queue' },
    {
      name: 'PASID_EN',
      bits: 92,
      reset: '{pasid_en}',
      meaning: 'work carries a PASID; the entry must have the same PASID_EN',
    },
    { name: 'PRIV', bits: 93, reset: '{privileged}', meaning: 'descriptors may ask for privileged accesses' },
    {
      name: 'MAX_XFER_SHIFT',
      bits: '100:96',
      reset: '{max_transfer_shift}',
      meaning: 'the largest transfer is 2 to the power of it',
    },
    {
      name: 'MAX_BATCH_SHIFT',
      bits: '104:101',
      reset: '{max_batch_shift}',
      meaning: 'the largest batch has 2 to the power of it descriptors',
    },
    { name: 'OCCUPANCY_HANDLE', bits: '143:128' },
    bit('OCCUPANCY_TABLE_SEL', 144, '0 MSI-X, 1 IMS'),
    { name: 'MODE_SUPPORT', bits: 221, access: 'RO' },
    { name: 'STATE', bits: '223:222', access: 'RO', values: { disabled: 0, enabled: 1 }, reset: '{queue}' },
  ],
}

const TABLES: Register[] = [
  {
    name: 'IMS',
    per: ['s'],
    table: 'Interrupt message storage (OFFSETS.IMS × 0x100, 16 bytes each)',
    width: 128,
    cite: 'DSA 3.0, interrupt message storage (70 §3)',
    fields: [
      {
        name: 'Message Address',
        as: 'ADDRESS',
        bits: '63:0',
        names: 'addresses',
        meaning: 'bits 1:0 are ignored; 63:20 must be 0x00000000FEE, other writes have no effect',
      },
      { name: 'Message Data', as: 'DATA', bits: '95:64', names: 'messages' },
      { name: 'Mask', as: 'MASK', bits: 96, reset: true },
      { name: 'Pending', as: 'PENDING', bits: 97, access: 'RO' },
      { name: 'Ignore', as: 'IGNORE', bits: 98 },
      { name: 'PASID_EN', bits: 99 },
      reserved('107:100'),
      { name: 'PASID', bits: '127:108', names: 'pasids' },
    ],
  },
  {
    name: 'MSIXPERM',
    per: ['v'],
    table: 'MSI-X permission table (OFFSETS.MSIXPERM × 0x100, 8 bytes each)',
    cite: '70 §2',
    fields: [
      reserved('1:0'),
      bit('IGNORE', 2, 'no completion interrupt is sent for this entry'),
      bit('PASID_EN', 3, 'compare the PASID of the descriptor with this entry'),
      reserved('11:4'),
      { name: 'PASID', bits: '31:12', names: 'pasids' },
    ],
  },
  {
    name: 'MSIX',
    per: ['v'],
    table: 'MSI-X vector control (offset 12 of each entry), and its Pending bit',
    offset: 12,
    cite: '60 §11',
    fields: [{ name: 'Mask Bit', bits: 0, as: 'MASK', reset: true }],
  },
]

const WORK: Register[] = [
  {
    name: 'DESC',
    per: ['d'],
    table: 'Descriptors in the queue and the engine',
    width: 512,
    cite: 'Linux 6.12 include/uapi/linux/idxd.h, struct dsa_hw_desc (70 §4)',
    fields: [
      { name: 'PASID', bits: '19:0', names: 'pasids' },
      { name: 'Reserved', as: 'RSVD', bits: '30:20' },
      bit('PRIV', 31),
      bit('FENCE', 32),
      bit('BOF', 33),
      bit('CRAV', 34, 'completion record address valid', true),
      bit('RCR', 35, 'request completion record', true),
      bit('RCI', 36, 'request completion interrupt', true),
      { name: 'OPCODE', bits: '63:56', values: OPCODES, reset: 'memmove' },
      {
        name: 'Completion Record Address',
        as: 'RECORD',
        bits: '127:64',
        values: { aligned: 0x1000, misaligned: 0x1008 },
        meaning: 'a multiple of 32',
      },
      {
        name: 'Source Address',
        as: 'SOURCE',
        bits: '191:128',
        values: { list_aligned: 0x2000, list_misaligned: 0x2020 },
        meaning: 'of a batch: Descriptor List Address, a multiple of 64',
      },
      {
        name: 'Destination Address',
        as: 'DESTINATION',
        bits: '255:192',
        values: { apart: 0x10000, overlapping: 0x2800 },
      },
      {
        name: 'Transfer Size',
        as: 'XFER_SIZE',
        bits: '287:256',
        values: { kib_4: 0x1000, mib_4: 0x400000, descriptors_1: 1, descriptors_2: 2, descriptors_3: 3 },
        meaning: 'of a batch: Descriptor Count',
      },
      { name: 'HANDLE', bits: '303:288', meaning: 'interrupt handle; the portal says of which table' },
      {
        name: 'Destination 2 Address',
        as: 'DESTINATION2',
        bits: '383:320',
        values: { same_offset: 0x20000, other_offset: 0x20800 },
        meaning: 'of a dualcast: bits 11:0 as those of the first',
      },
    ],
  },
  {
    name: 'COMP',
    per: ['d'],
    table: 'Completion records in memory',
    width: 8,
    cite: '70 §6',
    fields: [{ name: 'STATUS', bits: '7:0', values: STATUS }],
  },
]

/** First what an interrupt depends on. */
export const DSA_REGISTERS: Register[] = [...TABLES, ...WORK, WQCFG, ...GENERAL]
