/**
 * Work queue configuration, the dword at byte 8 of WQCFG.
 * Source: Linux 6.12 drivers/dma/idxd/registers.h (reference 70 §7).
 */
import type { RegisterSpec } from './registers'

export const WQCFG_PASID: RegisterSpec = {
  name: 'WQCFG[8]',
  offset: 8,
  width: 32,
  fields: [
    { name: 'Reserved', msb: 31, lsb: 30, access: 'RSVD', meaning: 'Reserved' },
    { name: 'Priv', msb: 29, lsb: 29, access: 'RW', meaning: 'Privileged work of a dedicated queue' },
    {
      name: 'PASID_EN',
      msb: 28,
      lsb: 28,
      access: 'RW',
      meaning: 'Work in this queue carries a PASID; the entry it names must have PASID_EN equal to this bit',
    },
    {
      name: 'PASID',
      msb: 27,
      lsb: 8,
      access: 'RW',
      meaning: 'PASID of a dedicated queue (20 bits); a shared queue takes it from the descriptor',
    },
    { name: 'Priority', msb: 7, lsb: 4, access: 'RW', meaning: 'Priority among the queues of a group' },
    { name: 'PRS_DIS', msb: 3, lsb: 3, access: 'RW', meaning: 'Page requests disabled' },
    { name: 'ATS_DIS', msb: 2, lsb: 2, access: 'RW', meaning: 'Address translation service disabled' },
    { name: 'BOF', msb: 1, lsb: 1, access: 'RW', meaning: 'Block on fault' },
    { name: 'Mode', msb: 0, lsb: 0, access: 'RW', meaning: '0 shared, 1 dedicated' },
  ],
}
