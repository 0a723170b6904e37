/**
 * Submissions through the portals of a DSA: a posted store or a command with an answer. The portal says which table the
 * interrupt handle is of. Source: Linux 6.12 drivers/dma/idxd/submit.c, include/uapi/linux/idxd.h (70 §4, §7).
 */
import type { z } from 'zod'
import type { OperationSpec } from '../block'

type Operation = z.input<typeof OperationSpec>

const FORM: Operation['operands'] = {
  descriptor: { index: 'd' },
  handle: { expression: 'int', default: '0' },
  ims: { flag: true, default: true, doc: 'through an IMS portal; otherwise the handle is one of the MSI-X table' },
  opcode: { values: ['memmove', 'drain', 'transl_fetch', 'dualcast', 'batch'], default: 'memmove' },
  size: {
    values: ['kib_4', 'mib_4', 'descriptors_1', 'descriptors_2', 'descriptors_3'],
    default: 'kib_4',
    unnamed: true,
    doc: 'Transfer Size; of a batch, Descriptor Count: the descriptors after this one',
  },
  list: {
    values: ['list_aligned', 'list_misaligned'],
    default: 'list_aligned',
    unnamed: true,
    doc: 'Source Address; of a batch, Descriptor List Address',
  },
  destination: { values: ['apart', 'overlapping'], default: 'apart', unnamed: true, doc: 'Destination Address' },
  destination2: {
    values: ['same_offset', 'other_offset'],
    default: 'same_offset',
    unnamed: true,
    doc: 'Destination 2 Address of a dualcast',
  },
  record: {
    values: ['aligned', 'misaligned'],
    default: 'aligned',
    unnamed: true,
    doc: 'the completion record’s address',
  },
  rci: { flag: true, default: true, doc: 'request completion interrupt' },
  rcr: {
    expression: 'bool',
    default: true,
    doc: 'request completion record: otherwise one is written for errors only',
  },
  crav: { expression: 'bool', default: true, doc: 'completion record address valid' },
  bof: { expression: 'bool', default: false, doc: 'block on fault' },
  reserved: { expression: 'int', default: 0, doc: 'what stands in bits 30:20' },
}

const WRITTEN = {
  'DESC{descriptor}.HANDLE': 'handle',
  'DESC{descriptor}.OPCODE': '{opcode}',
  'DESC{descriptor}.XFER_SIZE': '{size}',
  'DESC{descriptor}.RECORD': '{record}',
  'DESC{descriptor}.SOURCE': '{list}',
  'DESC{descriptor}.DESTINATION': '{destination}',
  'DESC{descriptor}.DESTINATION2': '{destination2}',
  'DESC{descriptor}.RCI': '{rci}',
  'DESC{descriptor}.RCR': 'rcr',
  'DESC{descriptor}.CRAV': 'crav',
  'DESC{descriptor}.BOF': 'bof',
  'DESC{descriptor}.RSVD': 'reserved',
  'ims{descriptor}': '{ims}',
  'unrecorded{descriptor}': 'false',
  'batched{descriptor}': '0',
  'erred{descriptor}': 'false',
}
const FREE = 'work{descriptor} == idle || work{descriptor} == finished'

export const SUBMISSIONS: Record<string, Operation> = {
  list: {
    doc: 'Write a descriptor into memory, into the list of the batch whose descriptor is before it. PASID, privilege and the table of its handle are those of the batch.',
    cite: 'DSA 3.0; Linux 6.12 include/uapi/linux/idxd.h, desc_list_addr and desc_count (70 §4)',
    operands: FORM,
    steps: [
      {
        when: FREE,
        label: 'descriptor {descriptor} into a list',
        set: { ...WRITTEN, 'work{descriptor}': 'listed' },
      },
    ],
  },
  movdir64b: {
    doc: 'A 64-byte store to the portal of a dedicated queue: posted, without status. The PASID is that of WQCFG.',
    cite: '70 §7',
    operands: FORM,
    steps: [
      {
        posted: 'portal',
        when: FREE,
        label: 'descriptor {descriptor} to the portal',
        set: { ...WRITTEN, 'work{descriptor}': 'posted' },
      },
    ],
  },
  enqcmd: {
    doc: 'ENQCMD: non-posted, PASID of IA32_PASID on the wire; with `priv`, ENQCMDS with bit 31 set. A dedicated or disabled queue answers "retry" (ZF = 1).',
    cite: '70 §7',
    operands: { ...FORM, pasid: { names: 'pasids' }, priv: { expression: 'bool', default: false } },
    steps: [
      {
        when: FREE,
        label: 'ENQCMD of descriptor {descriptor} under {pasid}',
        cases: [
          { if: '!accepts || WQCFG.MODE == dedicated', name: 'retry', errno: 'EAGAIN' },
          {
            set: {
              ...WRITTEN,
              'work{descriptor}': 'queued',
              'by{descriptor}': '{pasid}',
              'DESC{descriptor}.PASID': '{pasid}',
              'DESC{descriptor}.PRIV': 'priv',
            },
          },
        ],
      },
    ],
  },
}
