/**
 * What software does to a DSA: commands through CMD/CMDSTS, the permission table, the memory behind a descriptor.
 * Source: Linux 6.12 drivers/dma/idxd/{device.c,registers.h}; DSA 3.0 (70 §4.2, §5).
 */
import type { z } from 'zod'
import type { BlockStep, OperationSpec } from '../block'
import { SUBMISSIONS } from './dsa-portals'

type Operation = z.input<typeof OperationSpec>
type Step = z.input<typeof BlockStep>

/** The write of CMD is posted, but the poll of CMDSTS behind it reads: everything before it has arrived. */
const POLLED = 'mmio.empty && !CMDSTS.ACTIVE'

/** CMD as it is written: code, operand, and a completion interrupt where the driver sleeps until then. */
const written = (name: string, operand: string, sleeps = true) => ({
  'CMD.COMMAND': name,
  'CMD.OPERAND': operand,
  'CMD.INT_REQ': sleeps,
})

/** The one work queue: index 0, or bit 0 of the mask form (15:0 queues, 19:16 which sixteen). */
const WQ_INDEX = '0'
const WQ_MASK = '1'

/** An error in CMDSTS; whether the driver makes an errno of it is the driver's affair. */
const refused = (test: string, error: string, cmd: ReturnType<typeof written>, errno?: 'ENXIO') => ({
  if: test,
  name: error,
  ...(errno ? { errno } : { return: true }),
  fault: 'command_refused',
  label: `${cmd['CMD.COMMAND']}: CMDSTS.ERR is ${error}`,
  set: { ...cmd, 'CMDSTS.ERR': error },
})

/** A command that stays active until the device has come to rest. */
function waiting(
  doc: string,
  cmd: ReturnType<typeof written>,
  begin: Readonly<Record<string, string | boolean>>,
  until: string,
  end: Readonly<Record<string, string | boolean>>,
  errno?: 'ENXIO',
): Operation {
  const name = cmd['CMD.COMMAND']
  const steps: Step[] = [
    {
      step: 'issue',
      when: POLLED,
      label: name,
      cases: [
        refused('WQCFG.STATE == disabled', 'wq_not_enabled', cmd, errno),
        { label: name, set: { ...cmd, 'CMDSTS.ACTIVE': true, 'CMDSTS.ERR': 'no_error', ...begin } },
      ],
    },
    { step: 'done', when: until, label: `${name} completes`, set: { 'CMDSTS.ACTIVE': false, ...end } },
  ]
  return { doc, cite: 'DSA 3.0; Linux 6.12 drivers/dma/idxd/device.c (70 §5)', by: ['host', 'vmm', 'guest'], steps }
}

const AT_REST = 'empty && pushed && released'
const PASID_AT_REST = 'all{d: work{d} == idle || work{d} == finished || by{d} != {pasid}} && pushed && released'

const handleRequest = (table: 'IMS' | 'MSI-X'): Operation => {
  const [index, first, handle] = table === 'IMS' ? ['s', 0, 'ims_handle'] : ['v', 1, 'msix_handle']
  const beyond = table === 'IMS' ? '{entry} >= slots' : '{entry} > vectors || {entry} < 1'
  // Handles of one generation are 1 … 4; a revocation makes all of them old.
  const cmd = written('cmd_request_handle', table === 'IMS' ? '65536 + {entry}' : '{entry}')
  const number = `{${index}}${first === 0 ? ' + 1' : ''} + 4 * generation`
  return {
    doc: `Command 13: a handle for an entry of the ${table} table, in CMDSTS.RESULT.`,
    cite: 'Linux 6.12 drivers/dma/idxd/device.c idxd_device_request_int_handle (70 §4.2)',
    by: ['host', 'vmm', 'guest'],
    operands: { entry: { integer: [0, 7] } },
    steps: [
      {
        when: POLLED,
        label: `request a handle of ${table} entry {entry}`,
        cases: [
          { if: 'handles == index', errno: 'EOPNOTSUPP' },
          refused(beyond, 'invalid_handle_index', cmd, 'ENXIO'),
          refused('used_handles >= free_handles', 'no_handle', cmd, 'ENXIO'),
          {
            per: [index],
            if: `{entry} == {${index}}`,
            set: {
              ...cmd,
              'CMDSTS.ERR': 'no_error',
              'CMDSTS.RESULT': number,
              [`${handle}{${index}}`]: number,
            },
          },
        ],
      },
    ],
  }
}

const handleRelease = (table: 'IMS' | 'MSI-X'): Operation => {
  const [index, handle] = table === 'IMS' ? ['s', 'ims_handle'] : ['v', 'msix_handle']
  const cmd = written('cmd_release_handle', `${table === 'IMS' ? '65536 + ' : ''}${handle}{entry}`, false)
  return {
    doc: `Command 14: the handle of an entry of the ${table} table is given back.`,
    cite: 'Linux 6.12 drivers/dma/idxd/device.c idxd_device_release_int_handle (70 §4.2)',
    by: ['host', 'vmm', 'guest'],
    operands: { entry: { index } },
    steps: [
      {
        when: POLLED,
        label: `release the handle of ${table} entry {entry}`,
        cases: [
          refused(`${handle}{entry} <= 4 * generation`, 'invalid_handle_index', cmd, 'ENXIO'),
          { set: { ...cmd, 'CMDSTS.ERR': 'no_error', [`${handle}{entry}`]: '0' } },
        ],
      },
    ],
  }
}

export const COMMANDS: Record<string, Operation> = {
  ...SUBMISSIONS,
  configure_wq: {
    doc: 'WQCFG of a disabled queue: its PASID (dedicated) and PASID enable. While the queue is enabled the write has no effect.',
    cite: '70 §7, §8.2',
    by: ['host', 'vmm', 'guest'],
    operands: { pasid: { names: 'pasids' }, pasid_en: { flag: true, default: true } },
    steps: [
      {
        label: 'WQCFG: PASID {pasid}, PASID_EN {pasid_en}',
        cases: [
          { if: 'WQCFG.STATE == enabled', name: 'ignored' },
          { set: { 'WQCFG.PASID': '{pasid}', 'WQCFG.PASID_EN': '{pasid_en}' } },
        ],
      },
    ],
  },
  enable_wq: {
    doc: 'Command 6. The driver takes "already enabled" for a success.',
    cite: 'Linux 6.12 drivers/dma/idxd/device.c idxd_wq_enable (70 §5)',
    by: ['host', 'vmm', 'guest'],
    steps: [
      {
        when: POLLED,
        label: 'cmd_enable_wq',
        cases: [
          refused('GENSTS.STATE != device_enabled', 'device_not_enabled', written('cmd_enable_wq', WQ_INDEX), 'ENXIO'),
          refused('WQCFG.STATE == enabled', 'wq_enabled', written('cmd_enable_wq', WQ_INDEX)),
          { set: { ...written('cmd_enable_wq', WQ_INDEX), 'CMDSTS.ERR': 'no_error', 'WQCFG.STATE': 'enabled' } },
        ],
      },
    ],
  },
  disable_wq: waiting(
    'Command 7: nothing new is accepted, what is in the queue is completed.',
    written('cmd_disable_wq', WQ_MASK),
    { closing: true },
    AT_REST,
    { closing: false, 'WQCFG.STATE': 'disabled' },
    'ENXIO',
  ),
  drain_wq: waiting(
    'Command 8: waits for the descriptors in the queue and their interrupts. The driver does not look at its status.',
    written('cmd_drain_wq', WQ_MASK),
    {},
    AT_REST,
    {},
  ),
  abort_wq: waiting(
    'Command 9: the descriptors in the queue are discarded, without record or interrupt.',
    written('cmd_abort_wq', WQ_MASK),
    { aborting: 'abort_all' },
    AT_REST,
    { aborting: 'no_abort' },
  ),
  reset_wq: waiting(
    'Command 10: like abort, then the queue is disabled and its configuration cleared.',
    written('cmd_reset_wq', WQ_MASK),
    { closing: true, aborting: 'abort_all' },
    AT_REST,
    { closing: false, aborting: 'no_abort', 'WQCFG.STATE': 'disabled', 'WQCFG.PASID': 'nil', 'WQCFG.PASID_EN': false },
  ),
  drain_pasid: {
    ...waiting(
      'Command 11: after it no memory writes, translation requests or interrupts for the PASID. No new work of it may be submitted meanwhile.',
      written('cmd_drain_pasid', '{pasid.code}'),
      {},
      PASID_AT_REST,
      {},
    ),
    operands: { pasid: { names: 'pasids' } },
  },
  abort_pasid: {
    ...waiting(
      'Command 12: like drain PASID, but the work is discarded.',
      written('cmd_abort_pasid', '{pasid.code}'),
      { aborting: 'abort_one', abort_for: '{pasid}' },
      PASID_AT_REST,
      { aborting: 'no_abort' },
    ),
    operands: { pasid: { names: 'pasids' } },
  },
  request_ims_handle: handleRequest('IMS'),
  request_msix_handle: handleRequest('MSI-X'),
  release_ims_handle: handleRelease('IMS'),
  release_msix_handle: handleRelease('MSI-X'),
  revoke_handles: {
    doc: 'All handles become invalid (live migration): INTCAUSE bit 31.',
    cite: '70 §4.2',
    by: ['device', 'vmm', 'other'],
    steps: [
      {
        label: 'interrupt handles revoked',
        cases: [
          { if: 'generation == 1', name: 'again', label: 'handles are revoked once in this model' },
          { set: { generation: '1', 'INTCAUSE.INT_HANDLE_REVOKED': true } },
        ],
      },
    ],
  },
  write_msixperm: {
    doc: 'Write a permission entry of the device’s own MSI-X table (posted).',
    cite: 'Linux 6.12 drivers/dma/idxd/device.c idxd_device_set_perm_entry (70 §4.2)',
    by: ['host', 'vmm', 'guest'],
    operands: { vector: { index: 'v' }, pasid: { names: 'pasids' }, pasid_en: { flag: true, default: true } },
    steps: [
      {
        posted: 'mmio',
        label: 'MSIXPERM[{vector}] := {pasid}, PASID_EN {pasid_en}',
        set: { 'MSIXPERM{vector}.PASID': '{pasid}', 'MSIXPERM{vector}.PASID_EN': '{pasid_en}' },
      },
    ],
  },
  unmap_buffers: {
    doc: 'The pages of sources and destinations go: a descriptor that runs into them faults, or waits where it may block.',
    cite: '70 §6',
    by: ['host', 'vmm', 'guest'],
    steps: [{ label: 'the buffers are unmapped', set: { mapped: false } }],
  },
  map_buffers: {
    doc: 'The pages of sources and destinations are there.',
    by: ['host', 'vmm', 'guest'],
    steps: [{ label: 'the buffers are mapped', set: { mapped: true } }],
  },
  answer_invalid: {
    doc: 'The page request service answers Invalid Request: a descriptor that blocks on a fault fails instead.',
    cite: '70 §6',
    by: ['host', 'vmm', 'guest'],
    steps: [{ label: 'page requests are answered Invalid Request', set: { answers_invalid: true } }],
  },
  refuse_translations: {
    doc: 'The IOMMU completes translation requests as unsupported or aborted (a PASID entry that is not present, say).',
    cite: '70 §6',
    by: ['host', 'vmm', 'guest'],
    steps: [{ label: 'translation requests are refused', set: { translates: false } }],
  },
  unmap_lists: {
    doc: 'The pages of descriptor lists go.',
    cite: '70 §6',
    by: ['host', 'vmm', 'guest'],
    steps: [{ label: 'the descriptor lists are unmapped', set: { list_mapped: false } }],
  },
  unmap_records: {
    doc: 'The pages of completion records go.',
    cite: '70 §6',
    by: ['host', 'vmm', 'guest'],
    steps: [{ label: 'the completion records are unmapped', set: { record_mapped: false } }],
  },
  read_back: {
    doc: 'Read a register: every earlier posted write to the device has arrived, and every message that it had sent, when the completion comes.',
    cite: '85 §3, §7 L7, L10',
    steps: [
      {
        when: 'mmio.empty && tc0.empty && all{d: work{d} != sending} && released',
        label: 'read-back completes',
      },
    ],
  },
}
