/**
 * Intel Data Streaming Accelerator with one work queue: portals, dispatch check, completion record, interrupt.
 * Source: DSA 3.0 (341204-006); Linux 6.12 drivers/dma/idxd (70 §1–§7, §12).
 */
import { block } from '../block'
import { COMMANDS } from './dsa-commands'
import { ENGINE } from './dsa-engine'
import { CHECK_FAULTS, WRONG } from './dsa-checks'
import { FAILURE_NAMES } from './dsa-codes'
import { DSA_REGISTERS } from './dsa-registers'
import { ADDRESSES, MESSAGES, PASIDS } from './pasids'

export const DSA = block({
  block: 'dsa',
  title: 'Intel Data Streaming Accelerator',
  cite: 'DSA 3.0 (341204-006); Linux 6.12 drivers/dma/idxd (70 §1–§7)',
  scope:
    'One work queue. Capability registers and the event log are left out, and the error codes of what buffers hold (compare, delta records, DIF), of traffic classes, of reading back and of broken hardware; one pair of buffers for all descriptors. The list of a batch is the descriptors after it; those of it that were not listed are no-ops. A drain waits until the queue and the engines are empty. The command completion interrupt is taken as handled at once.',
  parameters: {
    vectors: { default: 1, max: 3, doc: 'MSI-X vectors for completions; vector 0, for device causes, is not counted' },
    slots: { default: 1, max: 4, doc: 'IMS entries' },
    descriptors: { default: 1, min: 1, max: 4 },
    check: {
      default: 'dispatch',
      values: ['dispatch', 'send', 'none'],
      doc: 'where PASIDs are compared: when work is dispatched (DSA), when the message is sent (a generic IMS device), nowhere',
    },
    handles: {
      default: 'requested',
      values: ['requested', 'index'],
      doc: 'whether command 13 is supported; otherwise the handle is the index of the entry',
    },
    free_handles: { default: 4, doc: 'handles that the device has' },
    mode: { default: 'shared', values: ['shared', 'dedicated'] },
    device: { default: 'device_enabled', values: ['device_disabled', 'device_enabled'], doc: 'GENSTS.STATE' },
    queue: { default: 'disabled', values: ['disabled', 'enabled'], doc: 'state of the queue at first' },
    pasid_en: { default: true, doc: 'PASID_EN of the queue at first' },
    privileged: { default: false, doc: 'WQCFG.PRIV: whether privileged descriptors are allowed in a shared queue' },
    block_on_fault: { default: false, doc: 'WQCFG.BOF: whether a descriptor may wait for a page' },
    max_transfer_shift: { default: 21, max: 31, doc: 'WQCFG.MAX_XFER_SHIFT: 21 is 2 MiB' },
    max_batch_shift: { default: 5, max: 15, doc: 'WQCFG.MAX_BATCH_SHIFT: 5 is 32 descriptors' },
    overlap_copy: { default: true, doc: 'GENCAP bit 1: a memmove may overlap itself' },
    record_tc: {
      default: 0,
      max: 1,
      doc: 'traffic class of completion records (descriptor flag); interrupts use 0',
    },
    keeps_pending: { default: true, doc: 'Pending outlives the entry being written anew' },
    pasids: { names: PASIDS, doc: 'PASIDs on the wire' },
    addresses: { names: ADDRESSES, message: 'address' },
    messages: { names: MESSAGES, message: 'data' },
  },
  indices: { v: [1, 'vectors'], s: 'slots', d: 'descriptors', e: 'descriptors' },
  registers: DSA_REGISTERS,
  state: {
    work: {
      per: ['d'],
      values: [
        'idle',
        'posted',
        'queued',
        'executing',
        'executed',
        'refused',
        'failed',
        'sending',
        'finished',
        'listed',
      ],
      doc: 'where the descriptor is',
    },
    error: { per: ['d'], values: FAILURE_NAMES, doc: 'why it failed' },
    mapped: { initial: true, doc: 'the pages of all sources and destinations are there' },
    translates: { initial: true, doc: 'the IOMMU translates for the device' },
    answers_invalid: { doc: 'page requests are answered Invalid Request' },
    list_mapped: { initial: true, doc: 'the pages of all descriptor lists are there' },
    record_mapped: { initial: true, doc: 'the pages of all completion records are there' },
    unrecorded: { per: ['d'], doc: 'the page of its completion record was not there' },
    batched: { per: ['d'], range: [0, 3], doc: 'its place in its batch, from 1; 0 when it was submitted by itself' },
    erred: { per: ['d'], doc: 'it failed as one of a batch' },
    ims: { per: ['d'], initial: true, doc: 'it came through an IMS portal' },
    by: { per: ['d'], names: 'pasids', doc: 'PASID it was submitted with' },
    entry: { per: ['d'], range: [0, 3], doc: 'entry that its handle named' },
    dropped: { per: ['d'], doc: 'MOVDIR64B into a shared or disabled queue: nobody is told' },
    generation: { range: [0, 1], doc: 'how often all handles were revoked' },
    ims_handle: { per: ['s'], range: [0, 11], doc: 'handle of the entry, 0 before one is requested' },
    msix_handle: { per: ['v'], range: [0, 11] },
    releasing_msix: { per: ['v'] },
    pba: { per: ['v'], doc: 'Pending bit of the MSI-X entry' },
    releasing: { per: ['s'], doc: 'Pending is cleared and the message not yet on its way' },
    msg: { per: ['s'], doc: 'a message of this entry has reached the interrupt controller' },
    msg_pasid: { per: ['s'], names: 'pasids', doc: 'PASID that stood in the entry when it was sent' },
    msg_data: { per: ['s'], names: 'messages' },
    msgx: { per: ['v'] },
    msgx_pasid: { per: ['v'], names: 'pasids' },
    closing: { doc: 'Disable WQ is under way: nothing new is accepted' },
    aborting: { values: ['no_abort', 'abort_all', 'abort_one'] },
    abort_for: { names: 'pasids' },
  },
  define: {
    accepts: 'WQCFG.STATE == enabled && !closing && GENSTS.STATE == device_enabled',
    hit_ims: {
      per: ['d', 's'],
      is: 'ims{d} && (handles == index ? DESC{d}.HANDLE == {s} : DESC{d}.HANDLE == ims_handle{s} && ims_handle{s} > 4 * generation)',
      doc: 'the handle names this IMS entry',
    },
    hit_msix: {
      per: ['d', 'v'],
      is: '!ims{d} && (handles == index ? DESC{d}.HANDLE == {v} : DESC{d}.HANDLE == msix_handle{v} && msix_handle{v} > 4 * generation)',
    },
    hit: { per: ['d'], is: 'any{s: hit_ims{d}_{s}} || any{v: hit_msix{d}_{v}}' },
    same_en: {
      per: ['d'],
      is: 'any{s: hit_ims{d}_{s} && IMS{s}.PASID_EN == WQCFG.PASID_EN} || any{v: hit_msix{d}_{v} && MSIXPERM{v}.PASID_EN == WQCFG.PASID_EN}',
    },
    same_pasid: {
      per: ['d'],
      is: '!WQCFG.PASID_EN || any{s: hit_ims{d}_{s} && IMS{s}.PASID == by{d}} || any{v: hit_msix{d}_{v} && MSIXPERM{v}.PASID == by{d}}',
    },
    passes: { per: ['d'], is: 'hit{d} && (check != dispatch || same_en{d} && same_pasid{d})' },
    ends_early: { per: ['d'], is: 'aborting == abort_all || aborting == abort_one && by{d} == abort_for' },
    no_record: {
      per: ['d'],
      is: '!DESC{d}.CRAV || DESC{d}.RECORD == misaligned || unrecorded{d}',
      doc: 'there is nowhere to write a completion record to',
    },
    others_done: { per: ['d'], is: 'sum{e: work{e} == idle || work{e} == finished || work{e} == listed ? 0 : 1} <= 1' },
    count: {
      per: ['d'],
      is: 'DESC{d}.XFER_SIZE == descriptors_1 ? 1 : DESC{d}.XFER_SIZE == descriptors_2 ? 2 : DESC{d}.XFER_SIZE == descriptors_3 ? 3 : 0',
      doc: 'Descriptor Count',
    },
    batching: {
      per: ['d'],
      is: `work{d} == executing && DESC{d}.OPCODE == batch && !(${WRONG})`,
      doc: 'the descriptors of its list are being fetched and executed',
    },
    batch_done: {
      per: ['d'],
      is: 'all{e: {e} <= {d} || {e} - {d} > count{d} || work{e} != listed && (batched{e} != {e} - {d} || work{e} == finished || work{e} == idle)}',
    },
    empty: 'all{d: work{d} == idle || work{d} == finished || work{d} == listed}',
    landed: 'portal.empty && all{d: work{d} != posted}',
    pushed: 'tc0.empty && tc1.empty',
    released: {
      per: [],
      is: 'all{s: !releasing{s}} && all{v: !releasing_msix{v}}',
      doc: 'no message is between its Pending bit and the link',
    },
    used_handles: 'sum{s: ims_handle{s} > 4 * generation ? 1 : 0} + sum{v: msix_handle{v} > 4 * generation ? 1 : 0}',
  },
  faults: {
    invalid_handle: 'the handle is out of range, not requested or revoked: 0x19',
    pasid_en_mismatch: 'PASID_EN of the entry differs from that of the work queue: 0x19',
    pasid_mismatch: 'the entry holds another PASID than the descriptor was submitted with: 0x19',
    ...CHECK_FAULTS,
    command_refused: 'a command ended with an error in CMDSTS',
  },
  channels: {
    mmio: { capacity: 4 },
    portal: { capacity: 2 },
    tc0: { capacity: 3 },
    tc1: { capacity: 2 },
  },
  operations: COMMANDS,
  behaviour: ENGINE,
})
