/**
 * A function with MSI: one message register in configuration space, whose low data bits the function changes for
 * further vectors. Mask and pending bits are optional; without them nothing holds a message back while its registers
 * are being written.
 *
 * Sources: 60 §10 (offsets, fields; semantics as in the base specification, unverified).
 */
import { block } from '../block'
import { ADDRESSES, ROOM, STREAMS, write } from '../upstream'

const VECTORS = 4
const vectors = Array.from({ length: VECTORS }, (_, v) => v)
const bits = (name: string, as: string, meaning: string, access: 'RO' | 'RW') =>
  vectors.map((v) => ({ name: `${name} ${v}`, bits: v, as: `${as}${v}`, access, meaning }))

/** The data of a vector: its low bits are the number of the vector, modulo those in use. */
const dataOf = (v: string): string => `Message_Data.Data + (enabled == 0 ? 0 : enabled == 1 ? ${v} % 2 : ${v})`

export const MSI_CAPABILITY = block({
  block: 'msi-capability',
  title: 'Function with MSI',
  cite: '60 §10',
  scope:
    'Configuration writes take effect at once. Data is a multiple of the number of vectors, as the base specification asks. INTx is left out.',
  parameters: {
    enabled: { default: 0, min: 0, max: 2, doc: 'Multiple Message Enable: log2 of the vectors in use' },
    per_vector_masking: { default: true, doc: 'the function has mask and pending bits' },
    stream: { default: 0, min: 0, max: STREAMS - 1, doc: 'its StreamID and DeviceID' },
    addresses: { names: ADDRESSES, doc: 'addresses that messages may have' },
  },
  indices: { v: VECTORS },
  ports: { iommu: ['smmu', 'x86-msi-window'] },
  registers: [
    {
      name: 'Message_Control',
      title: 'Message Control',
      offset: 2,
      width: 16,
      fields: [
        { name: 'MSI Enable', bits: 0, as: 'Enable', meaning: 'messages instead of INTx' },
        { name: 'Multiple Message Capable', bits: '3:1', access: 'RO', fixed: 2, meaning: 'log2: 4 vectors' },
        {
          name: 'Multiple Message Enable',
          bits: '6:4',
          as: 'MME',
          reset: '{enabled}',
          meaning: 'log2 of the vectors in use',
        },
        { name: '64-bit Address Capable', bits: 7, access: 'RO', fixed: 1 },
        { name: 'Per-Vector Masking Capable', bits: 8, as: 'PVM', access: 'RO', reset: '{per_vector_masking}' },
        { name: 'Reserved', bits: '15:9', access: 'RSVD' },
      ],
    },
    {
      name: 'Message_Address',
      title: 'Message Address',
      offset: 4,
      width: 64,
      fields: [
        { name: 'Message Address', bits: '63:0', as: 'Address', names: 'addresses', meaning: 'lower and upper half' },
      ],
    },
    {
      name: 'Message_Data',
      title: 'Message Data',
      offset: 0xc,
      width: 16,
      fields: [{ name: 'Message Data', bits: '15:0', as: 'Data' }],
    },
    {
      name: 'Mask_Bits',
      title: 'Mask Bits',
      offset: 0x10,
      fields: bits('Mask Bit', 'M', 'hold messages of the vector back', 'RW'),
    },
    {
      name: 'Pending_Bits',
      title: 'Pending Bits',
      offset: 0x14,
      fields: bits('Pending Bit', 'P', 'an event waits for its mask to be cleared', 'RO'),
    },
  ],
  faults: { not_enabled: 'an event while MSI is off: no message' },
  operations: {
    control: {
      doc: 'Write MSI Enable.',
      by: ['host', 'vmm'],
      operands: { enable: { flag: true, default: true } },
      steps: [{ label: 'MSI Enable := {enable}', set: { 'Message_Control.Enable': '{enable}' } }],
    },
    write_message: {
      doc: 'Write Message Address and Message Data: two configuration writes.',
      by: ['host'],
      operands: { address: { expression: 'name' }, data: { expression: 'int' } },
      steps: [
        { step: 'address', label: 'Message Address written', set: { 'Message_Address.Address': 'address' } },
        { step: 'data', label: 'Message Data written', set: { 'Message_Data.Data': 'data' } },
      ],
    },
    mask: {
      doc: 'Set the mask bit of a vector, where there is one.',
      by: ['host'],
      operands: { vector: { index: 'v' } },
      steps: [
        {
          cases: [
            { if: '!per_vector_masking', name: 'none', label: 'the function has no mask bits' },
            { label: 'Mask Bit {vector} := 1', set: { 'Mask_Bits.M{vector}': 'true' } },
          ],
        },
      ],
    },
    unmask: {
      doc: 'Clear the mask bit of a vector: what is pending goes out.',
      by: ['host'],
      operands: { vector: { index: 'v' } },
      steps: [
        {
          cases: [
            { if: '!per_vector_masking', name: 'none', label: 'the function has no mask bits' },
            { label: 'Mask Bit {vector} := 0', set: { 'Mask_Bits.M{vector}': 'false' } },
          ],
        },
      ],
    },
    interrupt: {
      doc: 'The function has an event for a vector.',
      by: ['device'],
      operands: { vector: { integer: [0, VECTORS - 1] } },
      steps: [
        {
          when: ROOM,
          cases: [
            { if: '!Message_Control.Enable', fault: 'not_enabled', label: 'event {vector}, and MSI is off' },
            {
              if: 'Mask_Bits.M{vector}',
              name: 'pending',
              label: 'event {vector} is masked: pending',
              set: { 'Pending_Bits.P{vector}': 'true' },
            },
            {
              label: 'message {vector} is sent',
              set: write('{stream}', 'Message_Address.Address', dataOf('{vector}')),
            },
          ],
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
          when: `Pending_Bits.P{v} && Message_Control.Enable && !Mask_Bits.M{v} && ${ROOM}`,
          label: 'pending message {v} is sent',
          set: {
            ...write('{stream}', 'Message_Address.Address', dataOf('{v}')),
            'Pending_Bits.P{v}': 'false',
          },
        },
      ],
    },
  ],
})
