/**
 * A function with MSI-X: capability, table, pending bits. A masked vector keeps its event in the pending bit; a message
 * is an ordinary write of the data to the address in the entry. The function can write other things as well: user space
 * that owns it can make it.
 *
 * Sources: 60 §11 (offsets, fields; semantics of masking as in the base specification, unverified), 40 §14 H4.
 */
import { block } from '../block'
import { ADDRESSES, DATA_MAX, ROOM, STREAMS, write } from '../upstream'

const VECTORS = 4
const vectors = Array.from({ length: VECTORS }, (_, v) => v)
const MASKED = 'Message_Control.FunctionMask || Table{v}.Mask'

export const MSIX_TABLE = block({
  block: 'msix-table',
  title: 'Function with MSI-X',
  cite: '60 §11; 40 §14',
  scope:
    'Writes of the host arrive at once (the read-back behind them is taken as done). The upper half of Message Data is 0. INTx is left out.',
  parameters: {
    vectors: { default: 1, min: 1, max: VECTORS, doc: 'entries of the table' },
    stream: { default: 0, min: 0, max: STREAMS - 1, doc: 'its StreamID and DeviceID' },
    addresses: { names: ADDRESSES, doc: 'addresses that messages may have' },
  },
  indices: { v: 'vectors' },
  ports: { iommu: ['smmu', 'x86-msi-window'] },
  registers: [
    {
      name: 'Message_Control',
      title: 'Message Control',
      table: 'MSI-X capability',
      offset: 2,
      width: 16,
      fields: [
        { name: 'Table Size', bits: '10:0', access: 'RO', reset: '{vectors-1}', meaning: 'entries less one' },
        { name: 'Reserved', bits: '13:11', access: 'RSVD' },
        { name: 'Function Mask', bits: 14, as: 'FunctionMask', meaning: 'all vectors are masked' },
        { name: 'MSI-X Enable', bits: 15, as: 'Enable', meaning: 'messages instead of INTx' },
      ],
    },
    {
      name: 'Table_Offset_BIR',
      title: 'Table Offset and BIR',
      table: 'MSI-X capability',
      offset: 4,
      fields: [
        { name: 'Table BIR', bits: '2:0', access: 'RO', fixed: 0, meaning: 'which BAR the table lies in' },
        { name: 'Table Offset', bits: '31:3', access: 'RO', fixed: 0, meaning: 'in units of 8 bytes' },
      ],
    },
    {
      name: 'PBA_Offset_BIR',
      title: 'PBA Offset and BIR',
      table: 'MSI-X capability',
      offset: 8,
      fields: [
        { name: 'PBA BIR', bits: '2:0', access: 'RO', fixed: 0 },
        { name: 'PBA Offset', bits: '31:3', access: 'RO', fixed: 0x100, meaning: '0x800' },
      ],
    },
    {
      name: 'Table',
      title: 'MSI-X table entry',
      table: 'MSI-X table',
      per: ['v'],
      width: 128,
      fields: [
        { name: 'Message Address', bits: '63:0', as: 'Address', names: 'addresses', meaning: 'lower and upper half' },
        { name: 'Message Data', bits: '79:64', as: 'Data', meaning: 'lower half' },
        { name: 'Message Data upper half', bits: '95:80', fixed: 0 },
        { name: 'Mask Bit', bits: 96, as: 'Mask', reset: true, meaning: 'Vector Control: hold messages back' },
        { name: 'Reserved', bits: '127:97', access: 'RSVD' },
      ],
    },
    {
      name: 'PBA',
      title: 'Pending bits',
      table: 'MSI-X pending bit array',
      width: 64,
      fields: vectors.map((v) => ({
        name: `Pending Bit ${v}`,
        bits: v,
        as: `P${v}`,
        access: 'RO' as const,
        meaning: 'an event waits for its mask to be cleared',
      })),
    },
  ],
  faults: {
    not_enabled: 'an event while MSI-X is off: no message',
    to_zero: 'a message went to address 0: the entry had not been written',
  },
  operations: {
    control: {
      doc: 'Write Message Control.',
      by: ['host', 'vmm'],
      operands: { enable: { flag: true, default: true }, function_mask: { flag: true, default: false } },
      steps: [
        {
          label: 'Message Control: enable {enable}, function mask {function_mask}',
          set: { 'Message_Control.Enable': '{enable}', 'Message_Control.FunctionMask': '{function_mask}' },
        },
      ],
    },
    write_message: {
      doc: 'Write address and data of an entry.',
      cite: '60 §11: Linux writes an entry while it is masked',
      by: ['host'],
      operands: { vector: { index: 'v' }, address: { expression: 'name' }, data: { expression: 'int' } },
      steps: [
        {
          step: 'address',
          label: 'Table[{vector}].Message Address written',
          set: { 'Table{vector}.Address': 'address' },
        },
        { step: 'data', label: 'Table[{vector}].Message Data written', set: { 'Table{vector}.Data': 'data' } },
      ],
    },
    mask: {
      doc: 'Set the mask bit of an entry.',
      by: ['host'],
      operands: { vector: { index: 'v' } },
      steps: [{ label: 'Table[{vector}].Mask Bit := 1', set: { 'Table{vector}.Mask': 'true' } }],
    },
    unmask: {
      doc: 'Clear the mask bit of an entry: what is pending goes out.',
      by: ['host'],
      operands: { vector: { index: 'v' } },
      steps: [{ label: 'Table[{vector}].Mask Bit := 0', set: { 'Table{vector}.Mask': 'false' } }],
    },
    interrupt: {
      doc: 'The function has an event for a vector.',
      by: ['device'],
      operands: { vector: { index: 'v' } },
      steps: [
        {
          when: ROOM,
          cases: [
            { if: '!Message_Control.Enable', fault: 'not_enabled', label: 'event {vector}, and MSI-X is off' },
            {
              if: 'Message_Control.FunctionMask || Table{vector}.Mask',
              name: 'pending',
              label: 'event {vector} is masked: pending',
              set: { 'PBA.P{vector}': 'true' },
            },
            {
              if: 'Table{vector}.Address == zero',
              fault: 'to_zero',
              label: 'message {vector} goes to address 0',
              set: write('{stream}', 'zero', 'Table{vector}.Data'),
            },
            {
              label: 'message {vector} is sent',
              set: write('{stream}', 'Table{vector}.Address', 'Table{vector}.Data'),
            },
          ],
        },
      ],
    },
    dma_write: {
      doc: 'The function writes what its owner tells it to, wherever that is.',
      by: ['device'],
      operands: {
        address: { names: 'addresses' },
        data: { integer: [0, DATA_MAX], default: 0 },
        pasid: { flag: true, default: false },
      },
      steps: [
        {
          when: ROOM,
          label: 'DMA write of {data} to {address}, PASID {pasid}',
          set: write('{stream}', '{address}', '{data}', '{pasid}'),
        },
      ],
    },
    reset_table: {
      doc: 'A reset that configuration space does not see clears the table, which lies in device memory.',
      cite: '40 §11 step 5, §14 H4',
      steps: [
        {
          label: 'reset: the table and the pending bits are cleared',
          set: {
            'Table{*v}.Address': 'zero',
            'Table{*v}.Data': '0',
            'Table{*v}.Mask': 'true',
            'PBA.P{*v}': 'false',
          },
        },
      ],
    },
  },
  behaviour: [
    {
      agent: 'pending',
      title: 'Pending vector',
      per: ['v'],
      steps: [
        {
          when: `PBA.P{v} && Message_Control.Enable && !(${MASKED}) && ${ROOM}`,
          label: 'pending message {v} is sent',
          set: { ...write('{stream}', 'Table{v}.Address', 'Table{v}.Data'), 'PBA.P{v}': 'false' },
        },
      ],
    },
  ],
})
