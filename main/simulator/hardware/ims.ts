/**
 * Interrupt Message Store, array form: one 16-byte entry per interrupt in the device.
 * Source: DSA 3.0, chapter on the interrupt message storage (reference 70 §3); Linux ims-msi's split of the control
 * word (reference 60 §12.1): bits 2:0 belong to the interrupt layer, 31:3 are auxiliary.
 */
import type { RegisterSpec } from './registers'

/** Bytes from one entry to the next. */
export const IMS_STRIDE = 16

export const IMS_ADDRESS_LOW: RegisterSpec = {
  name: 'Message Address Low',
  offset: 0,
  width: 32,
  fields: [
    {
      name: 'Address',
      msb: 31,
      lsb: 2,
      access: 'RW',
      meaning: 'Message address 31:2; reset value of the dword 0xFEE00000',
    },
    { name: 'Ignored', msb: 1, lsb: 0, access: 'RSVD', meaning: 'Bits 1:0 are ignored' },
  ],
}

export const IMS_ADDRESS_HIGH: RegisterSpec = {
  name: 'Message Address High',
  offset: 4,
  width: 32,
  fields: [
    {
      name: 'Address',
      msb: 31,
      lsb: 0,
      access: 'RW',
      meaning:
        'Message address 63:32. Address bits 63:20 must equal 0x00000000FEE, otherwise writing the address has no effect',
    },
  ],
}

export const IMS_DATA: RegisterSpec = {
  name: 'Message Data',
  offset: 8,
  width: 32,
  fields: [{ name: 'Data', msb: 31, lsb: 0, access: 'RW', meaning: 'Data of the interrupt message' }],
}

export const IMS_CONTROL: RegisterSpec = {
  name: 'Control',
  offset: 12,
  width: 32,
  fields: [
    { name: 'PASID', msb: 31, lsb: 12, access: 'RW', meaning: 'PASID that may use this entry (20 bits)' },
    { name: 'Reserved', msb: 11, lsb: 4, access: 'RSVD', meaning: 'Reserved' },
    { name: 'PASID_EN', msb: 3, lsb: 3, access: 'RW', meaning: 'Compare the PASID of the work with this entry' },
    { name: 'Ignore', msb: 2, lsb: 2, access: 'RW', meaning: 'Send no completion interrupt through this entry' },
    { name: 'Pending', msb: 1, lsb: 1, access: 'RO', meaning: 'An interrupt waits for the entry to be unmasked' },
    { name: 'Mask', msb: 0, lsb: 0, access: 'RW', meaning: 'Hold interrupts back and set Pending instead' },
  ],
}

export const IMS_ENTRY: readonly RegisterSpec[] = [IMS_ADDRESS_LOW, IMS_ADDRESS_HIGH, IMS_DATA, IMS_CONTROL]
