/** PASIDs of the mediated-device scenarios, by name: every block that holds PASIDs knows the same ones. */
export const PASIDS = {
  nil: 0x00000,
  /** The mediated device's default, from the aux domain. */
  host: 0x00010,
  /** The host PASID behind the guest's own number. */
  guest: 0x0002a,
  other: 0x00031,
  /** What stands in an uninitialised variable. */
  garbage: 0xa5a5a,
  /** INVALID_IOASID is 32 ones; the field takes 20 of them. */
  invalid: 0xfffff,
} as const

/** PASIDs as the guest numbers them (SPIDs). */
export const GUEST_PASIDS = { no_spid: 0, g1: 0x5, g2: 0x6 } as const

/** Message data in compatibility format: the vector. The odd ones belong to somebody else. */
export const MESSAGES = {
  no_data: 0,
  irq0: 0x22,
  irq0_odd: 0x23,
  irq1: 0x24,
  irq1_odd: 0x25,
  irq2: 0x26,
  irq2_odd: 0x27,
  irq3: 0x28,
  irq3_odd: 0x29,
} as const

/** Message addresses in compatibility format: APIC ID 1 for every interrupt. */
export const ADDRESSES = {
  fee_reset: 0xfee00000,
  address0: 0xfee01000,
  address1: 0xfee01000,
  address2: 0xfee01000,
  address3: 0xfee01000,
} as const
