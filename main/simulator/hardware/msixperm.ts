/**
 * MSI-X permission table: one 8-byte stride per MSI-X entry, only the low dword is used.
 * Source: Linux 6.12 drivers/dma/idxd/registers.h and DSA 3.0 (reference 70 §2). In the mediated device this is an
 * emulated table: the guest's write is trapped.
 */
import type { RegisterSpec } from './registers'

export const MSIXPERM_STRIDE = 8

/** Bits that the early emulations let a guest write (reference 70 §2). */
export const MSIXPERM_WRITE_MASK = 0xfffff00d

export const MSIXPERM: RegisterSpec = {
  name: 'MSIXPERM',
  offset: 0,
  width: 32,
  fields: [
    {
      name: 'PASID',
      msb: 31,
      lsb: 12,
      access: 'RW',
      meaning: 'PASID that may use this MSI-X entry (20 bits); a guest writes its own, guest PASID',
    },
    { name: 'Reserved', msb: 11, lsb: 4, access: 'RSVD', meaning: 'Reserved' },
    { name: 'PASID_EN', msb: 3, lsb: 3, access: 'RW', meaning: 'Compare the PASID of the descriptor with this entry' },
    { name: 'Ignore', msb: 2, lsb: 2, access: 'RW', meaning: 'No completion interrupt is sent for this entry' },
    { name: 'Reserved1', msb: 1, lsb: 0, access: 'RSVD', meaning: 'Reserved (early emulations: 1 pending, 0 mask)' },
  ],
}
