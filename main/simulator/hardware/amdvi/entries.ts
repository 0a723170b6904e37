/**
 * Structures of AMD-Vi in memory.
 * Source: Linux 6.12 drivers/iommu/amd/amd_iommu_types.h (device table bits, IRTE unions; reference 60 §6); which device
 * table bits are reserved follows QEMU hw/i386/amd_iommu.h; fields that neither names are marked (unverified).
 */
import { register } from '../entry'

const RSVD = 'RSVD'

export const DTE = register({
  name: 'DTE',
  title: 'Device table entry',
  width: 256,
  fields: [
    { name: 'V', bits: 0, meaning: 'valid: 0 forwards DMA untranslated' },
    { name: 'TV', bits: 1, meaning: 'translation information valid' },
    { name: 'Reserved', bits: '6:2', access: RSVD },
    { name: 'HAD', bits: '8:7', meaning: 'host Accessed/Dirty update' },
    { name: 'Mode', bits: '11:9', meaning: 'paging mode: 0 none, 1–6 levels, 7 reserved' },
    { name: 'Root', bits: '51:12', meaning: 'page table root pointer' },
    { name: 'PPR', bits: 52, meaning: 'page requests enabled' },
    { name: 'GPRP', bits: 53, meaning: 'PASID on page request responses (unverified)' },
    { name: 'GIOV', bits: 54, meaning: 'guest I/O protection valid' },
    { name: 'GV', bits: 55, meaning: 'guest translation valid (PASID)' },
    { name: 'GLX', bits: '57:56', meaning: 'guest levels translated' },
    { name: 'GCR3A', bits: '60:58', meaning: 'guest CR3 table root 14:12' },
    { name: 'IR', bits: 61, meaning: 'read permission' },
    { name: 'IW', bits: 62, meaning: 'write permission' },
    { name: 'Reserved1', bits: 63, access: RSVD },
    { name: 'DomainID', bits: '79:64', meaning: 'domain identifier' },
    { name: 'GCR3B', bits: '95:80', meaning: 'guest CR3 table root 30:15' },
    { name: 'I', bits: 96, meaning: 'IOTLB enable: ATS requests are allowed' },
    { name: 'SE', bits: 97, meaning: 'suppress I/O page fault events after the first (unverified)' },
    { name: 'SA', bits: 98, meaning: 'suppress all I/O page fault events' },
    { name: 'IoCtl', bits: '100:99', meaning: 'port I/O control (unverified)' },
    { name: 'Cache', bits: 101, meaning: 'IOTLB cache hint (unverified)' },
    { name: 'SD', bits: 102, meaning: 'snoop disable (unverified)' },
    { name: 'EX', bits: 103, meaning: 'allow exclusion' },
    { name: 'SysMgt', bits: '105:104', meaning: 'system management messages' },
    { name: 'Reserved2', bits: 106, access: RSVD },
    { name: 'GCR3C', bits: '127:107', meaning: 'guest CR3 table root 51:31' },
    { name: 'IV', bits: 128, meaning: 'interrupt map valid: 0 passes interrupts unmapped' },
    { name: 'IntTabLen', bits: '132:129', meaning: 'the table has 2^IntTabLen entries; above 11 reserved' },
    { name: 'IG', bits: 133, meaning: 'ignore unmapped interrupts: no event (unverified)' },
    { name: 'IntTabRoot', bits: '179:134', meaning: 'interrupt table root pointer 51:6' },
    { name: 'Reserved3', bits: '183:180', access: RSVD },
    { name: 'InitPass', bits: 184, meaning: 'INIT passes' },
    { name: 'EIntPass', bits: 185, meaning: 'external interrupts pass' },
    { name: 'NMIPass', bits: 186, meaning: 'NMI passes' },
    { name: 'Reserved4', bits: 187, access: RSVD },
    { name: 'IntCtl', bits: '189:188', meaning: 'fixed and arbitrated interrupts: 0 aborted, 1 forwarded, 2 remapped' },
    { name: 'Lint0Pass', bits: 190, meaning: 'LINT0 passes' },
    { name: 'Lint1Pass', bits: 191, meaning: 'LINT1 passes' },
    { name: 'Other', bits: '255:192', meaning: 'attributes, not decided here' },
  ],
})

export const IRTE32 = register({
  name: 'IRTE',
  title: 'Interrupt remapping table entry, 32 bits',
  fields: [
    { name: 'RemapEn', bits: 0, meaning: 'valid' },
    { name: 'SupIOPF', bits: 1, meaning: 'suppress I/O page fault events' },
    { name: 'IntType', bits: '4:2', meaning: 'interrupt type: 0 fixed, 1 arbitrated' },
    { name: 'RqEoi', bits: 5, meaning: 'request EOI' },
    { name: 'DM', bits: 6, meaning: 'destination mode: 1 logical' },
    { name: 'GuestMode', bits: 7, meaning: 'must be 0 in this format' },
    { name: 'Destination', bits: '15:8', meaning: 'APIC ID' },
    { name: 'Vector', bits: '23:16', meaning: 'vector' },
    { name: 'Reserved', bits: '31:24', access: RSVD },
  ],
})

export const IRTE128 = register({
  name: 'IRTE',
  title: 'Interrupt remapping table entry, 128 bits',
  width: 128,
  fields: [
    { name: 'RemapEn', bits: 0, meaning: 'valid' },
    { name: 'SupIOPF', bits: 1, meaning: 'suppress I/O page fault events' },
    { name: 'IntType', bits: '4:2', meaning: 'interrupt type: 0 fixed, 1 arbitrated' },
    { name: 'RqEoi', bits: 5, meaning: 'request EOI' },
    { name: 'DM', bits: 6, meaning: 'destination mode: 1 logical' },
    { name: 'GuestMode', bits: 7, meaning: '0: remapped' },
    { name: 'Destination', bits: '31:8', meaning: 'APIC ID 23:0' },
    { name: 'GATag', bits: '63:32', meaning: 'tag for the guest APIC log' },
    { name: 'Vector', bits: '71:64', meaning: 'vector' },
    { name: 'Reserved', bits: '75:72', access: RSVD },
    { name: 'Root', bits: '115:76', meaning: 'guest APIC root pointer 51:12' },
    { name: 'Reserved1', bits: '119:116', access: RSVD },
    { name: 'DestinationHi', bits: '127:120', meaning: 'APIC ID 31:24' },
  ],
})

export const IRTE128_GUEST = register({
  name: 'IRTE',
  title: 'Interrupt remapping table entry, 128 bits, guest APIC form',
  width: 128,
  fields: [
    { name: 'RemapEn', bits: 0, meaning: 'valid' },
    { name: 'SupIOPF', bits: 1, meaning: 'suppress I/O page fault events' },
    { name: 'GALogIntr', bits: 2, meaning: 'log interrupts of a guest that does not run' },
    { name: 'Reserved', bits: '5:3', access: RSVD },
    { name: 'IsRun', bits: 6, meaning: 'the vCPU runs' },
    { name: 'GuestMode', bits: 7, meaning: '1: guest APIC' },
    { name: 'Destination', bits: '31:8', meaning: 'APIC ID 23:0 of the processor that the vCPU runs on' },
    { name: 'GATag', bits: '63:32', meaning: 'tag for the guest APIC log' },
    { name: 'Vector', bits: '71:64', meaning: 'virtual vector' },
    { name: 'Reserved1', bits: '75:72', access: RSVD },
    { name: 'Root', bits: '115:76', meaning: 'guest APIC root pointer 51:12' },
    { name: 'Reserved2', bits: '119:116', access: RSVD },
    { name: 'DestinationHi', bits: '127:120', meaning: 'APIC ID 31:24' },
  ],
})
