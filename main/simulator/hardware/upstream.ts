/**
 * What a function's requests are made of on their way up: the addresses that the MSI boards speak of, and the input of
 * the block that stands between functions and memory. An MSI is a memory write like any other; whether it is one is
 * decided by where it goes.
 *
 * Sources: reference 60 §1, §7, §8 (doorbells), 30 §7 (window of the software MSI region), 40 §11; addresses of QEMU's
 * virt board as captured.
 */
import type { BlockSpec } from './block'

/** Addresses as they stand in messages: I/O virtual or physical, whichever the path makes of them. */
export const ADDRESSES = {
  zero: 0x0, // a message register after reset
  sw0: 0x08000040, // first page of the software MSI window, MSI_SETSPI_NS or GITS_TRANSLATER in it
  sw1: 0x08001040,
  sw2: 0x08002040,
  user0: 0x40000040, // where user space puts the guest's memory
  v2m: 0x08020040, // MSI_SETSPI_NS of the first GICv2m frame
  v2m1: 0x08021040, // of the second
  its: 0x08090040, // GITS_TRANSLATER
  fee0: 0xfee00000, // compatibility format, destination APIC 0
  fee1: 0xfee01000, // destination APIC 1
  irte0: 0xfee00018, // remappable format, SHV, handle 0
  irte1: 0xfee00038, // handle 1
} as const

/** Page frame numbers of what a page table may point at. */
export const FRAMES = { none: 0, ram: 0x80000, host: 0x90000, v2m: 0x8020, v2m1: 0x8021, its: 0x8090 } as const

/** Largest data payload that the model carries: SPI numbers end at 1019 (60 §7). */
export const DATA_MAX = 1023
/** Functions are told apart by their stream: 0, 1, 2. */
export const STREAMS = 3

/** State of a block that takes requests of functions: one at a time, in order. */
export const INPUT: BlockSpec['state'] = {
  in_valid: { per: [], and: [], doc: 'a request is at the input' },
  in_stream: { per: [], and: [], range: [0, STREAMS - 1], doc: 'StreamID, from the requester ID' },
  in_address: { per: [], and: [], names: 'addresses', doc: 'address of the request' },
  in_data: { per: [], and: [], range: [0, DATA_MAX], doc: 'data of the request' },
  in_pasid: { per: [], and: [], doc: 'the request carries a PASID' },
}

/** A request may go up: posted writes do not overtake each other (85 §1). */
export const ROOM = '!iommu.in_valid'

/** A memory write on its way up; nothing on the wire tells a message from other writes. */
export const write = (stream: string, address: string, data: string, pasid = 'false'): Record<string, string> => ({
  'iommu.in_valid': 'true',
  'iommu.in_stream': stream,
  'iommu.in_address': address,
  'iommu.in_data': data,
  'iommu.in_pasid': pasid,
})
