/**
 * MSI-X table entry, 16 bytes. Source: PCI MSI-X capability (reference 60 §11); Linux writes an entry masked, then
 * address and data, then unmasks. In the mediated device the guest's entry is emulated and only its mask bit matters.
 */
import type { RegisterSpec } from './registers'

export const MSIX_STRIDE = 16

export const MSIX_VECTOR_CONTROL: RegisterSpec = {
  name: 'Vector Control',
  offset: 12,
  width: 32,
  fields: [
    { name: 'ST Upper', msb: 31, lsb: 24, access: 'RW', meaning: 'Steering tag, upper half (optional)' },
    { name: 'ST Lower', msb: 23, lsb: 16, access: 'RW', meaning: 'Steering tag, lower half (optional)' },
    { name: 'Reserved', msb: 15, lsb: 1, access: 'RSVD', meaning: 'Reserved' },
    {
      name: 'Mask',
      msb: 0,
      lsb: 0,
      access: 'RW',
      meaning: 'The function may not send this vector; Pending is set instead',
    },
  ],
}
