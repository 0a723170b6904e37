/**
 * Structures of VT-d in memory, bit by bit.
 * Source: VT-d 5.10 §9.1–9.11 (reference 80 §3, 60 §4–§5); bits 133 and 93:91 of the PASID table entry after Linux 6.12
 * drivers/iommu/intel/pasid.h, which older revisions define.
 */
import { register } from '../entry'

const RSVD = 'RSVD'

export const LEGACY_ROOT = register({
  name: 'ROOT',
  title: 'Root entry (legacy mode)',
  width: 128,
  fields: [
    { name: 'P', bits: 0, meaning: 'the context table of this bus is present' },
    { name: 'Reserved', bits: '11:1', access: RSVD },
    { name: 'CTP', bits: '63:12', meaning: 'context table pointer' },
    { name: 'Reserved1', bits: '127:64', access: RSVD },
  ],
})

export const LEGACY_CONTEXT = register({
  name: 'CONTEXT',
  title: 'Context entry (legacy mode)',
  width: 128,
  fields: [
    { name: 'P', bits: 0, meaning: 'present' },
    { name: 'FPD', bits: 1, meaning: 'fault processing disable: qualified faults are not logged' },
    {
      name: 'TT',
      bits: '3:2',
      meaning: 'translation type: 0 untranslated requests only, 1 all request types (device-TLB), 2 pass-through',
    },
    { name: 'Reserved', bits: '11:4', access: RSVD },
    { name: 'SSPTPTR', bits: '63:12', meaning: 'second-stage page-table pointer' },
    { name: 'AW', bits: '66:64', meaning: 'address width: 1 = 39 bit (3 levels), 2 = 48 (4), 3 = 57 (5)' },
    { name: 'AVAIL', bits: '70:67', meaning: 'available to software' },
    { name: 'Reserved1', bits: 71, access: RSVD },
    { name: 'DID', bits: '87:72', meaning: 'domain identifier' },
    { name: 'Reserved2', bits: '127:88', access: RSVD },
  ],
})

export const SCALABLE_ROOT = register({
  name: 'SMROOT',
  title: 'Root entry (scalable mode)',
  width: 128,
  fields: [
    { name: 'LP', bits: 0, meaning: 'lower half present: devices 0–15' },
    { name: 'Reserved', bits: '11:1', access: RSVD },
    { name: 'LCTP', bits: '63:12', meaning: 'lower context table pointer' },
    { name: 'UP', bits: 64, meaning: 'upper half present: devices 16–31' },
    { name: 'Reserved1', bits: '75:65', access: RSVD },
    { name: 'UCTP', bits: '127:76', meaning: 'upper context table pointer' },
  ],
})

export const SCALABLE_CONTEXT = register({
  name: 'SMCONTEXT',
  title: 'Context entry (scalable mode)',
  width: 256,
  fields: [
    { name: 'P', bits: 0, meaning: 'present' },
    { name: 'FPD', bits: 1, meaning: 'fault processing disable: qualified faults are not logged' },
    { name: 'DTE', bits: 2, meaning: 'device-TLB enable: translation and translated requests are allowed' },
    { name: 'PASIDE', bits: 3, meaning: 'requests with PASID are allowed' },
    { name: 'PRE', bits: 4, meaning: 'page-request enable (needs DTE)' },
    { name: 'HPTE', bits: 5, meaning: 'host permission table enable' },
    { name: 'EPTR', bits: 6, meaning: 'PASID on translated requests (needs PASIDE)' },
    { name: 'Reserved', bits: '8:7', access: RSVD },
    { name: 'PDTS', bits: '11:9', meaning: 'PASID directory of 2^(PDTS+7) entries; largest PASID 2^(PDTS+13)−1' },
    { name: 'PASIDDIRPTR', bits: '63:12', meaning: 'PASID directory pointer' },
    { name: 'RID_PASID', bits: '83:64', meaning: 'PASID of requests without PASID' },
    { name: 'RID_PRIV', bits: 84, meaning: 'requests without PASID are privileged' },
    { name: 'Reserved1', bits: '255:85', access: RSVD },
  ],
})

export const PASID_DIRECTORY = register({
  name: 'PASIDDIR',
  title: 'PASID directory entry',
  width: 64,
  fields: [
    { name: 'P', bits: 0, meaning: 'present' },
    { name: 'FPD', bits: 1, meaning: 'fault processing disable' },
    { name: 'Reserved', bits: '11:2', access: RSVD },
    { name: 'SMPTBLPTR', bits: '63:12', meaning: 'PASID table pointer: 64 entries of 64 bytes' },
  ],
})

export const PASID_ENTRY = register({
  name: 'PASIDTE',
  title: 'PASID table entry',
  width: 512,
  fields: [
    { name: 'P', bits: 0, meaning: 'present' },
    { name: 'FPD', bits: 1, meaning: 'fault processing disable: qualified faults are not logged' },
    {
      name: 'AW',
      bits: '4:2',
      meaning: 'second-stage levels: 1 = 3 (39 bit), 2 = 4 (48), 3 = 5 (57); must be in SAGAW',
    },
    { name: 'Reserved', bits: 5, access: RSVD },
    { name: 'PGTT', bits: '8:6', meaning: 'translation type: 1 first stage, 2 second stage, 3 nested, 4 pass-through' },
    { name: 'SSADE', bits: 9, meaning: 'second-stage Accessed/Dirty enable' },
    { name: 'Reserved1', bits: '11:10', access: RSVD },
    { name: 'SSPTPTR', bits: '63:12', meaning: 'second-stage page-table pointer' },
    { name: 'DID', bits: '79:64', meaning: 'domain identifier' },
    { name: 'Reserved2', bits: '86:80', access: RSVD },
    { name: 'PWSNP', bits: 87, meaning: 'page-walk snoop' },
    { name: 'PGSNP', bits: 88, meaning: 'page snoop' },
    { name: 'CD', bits: 89, meaning: 'cache disable (memory type, older revisions)' },
    { name: 'EMTE', bits: 90, meaning: 'extended memory type enable' },
    { name: 'EMT', bits: '93:91', meaning: 'extended memory type (unverified)' },
    { name: 'PWT', bits: 94, meaning: 'memory type, older revisions (unverified)' },
    { name: 'PCD', bits: 95, meaning: 'memory type, older revisions (unverified)' },
    { name: 'PAT', bits: '127:96', meaning: 'page attribute table' },
    { name: 'SRE', bits: 128, meaning: 'supervisor requests are allowed' },
    { name: 'ERE', bits: 129, meaning: 'execute requests are allowed (older revisions)' },
    { name: 'FSPM', bits: '131:130', meaning: 'first-stage paging mode: 0 = 4 levels, 1 = 5 levels' },
    { name: 'WPE', bits: 132, meaning: 'write protect for supervisor requests' },
    { name: 'NXE', bits: 133, meaning: 'no-execute enable (older revisions)' },
    { name: 'SMEP', bits: 134, meaning: 'supervisor-mode execution prevention (older revisions, unverified)' },
    { name: 'EAFE', bits: 135, meaning: 'extended Accessed flag enable' },
    { name: 'Reserved3', bits: '139:136', access: RSVD },
    { name: 'FSPTPTR', bits: '191:140', meaning: 'first-stage page-table pointer' },
    {
      name: 'HPT',
      bits: '255:192',
      meaning: 'host permission table root and size (newer revisions; layout unverified)',
    },
    { name: 'Reserved4', bits: '511:256', access: RSVD },
  ],
})

export const IRTE_REMAPPED = register({
  name: 'IRTE',
  title: 'Interrupt remapping table entry, remapped format',
  width: 128,
  fields: [
    { name: 'P', bits: 0, meaning: 'present' },
    { name: 'FPD', bits: 1, meaning: 'fault processing disable: qualified faults are not logged' },
    { name: 'DM', bits: 2, meaning: 'destination mode: 0 physical, 1 logical' },
    { name: 'RH', bits: 3, meaning: 'redirection hint' },
    { name: 'TM', bits: 4, meaning: 'trigger mode: 0 edge, 1 level' },
    { name: 'DLM', bits: '7:5', meaning: 'delivery mode' },
    { name: 'AVAIL', bits: '11:8', meaning: 'available to software' },
    { name: 'Reserved', bits: '14:12', access: RSVD },
    { name: 'IM', bits: 15, meaning: 'interrupt mode: 0 remapped, 1 posted' },
    { name: 'V', bits: '23:16', meaning: 'vector' },
    { name: 'Reserved1', bits: '31:24', access: RSVD },
    { name: 'DST', bits: '63:32', meaning: 'destination: xAPIC in 47:40, x2APIC all 32 bits' },
    { name: 'SID', bits: '79:64', meaning: 'source identifier: requester ID, or start and end bus' },
    { name: 'SQ', bits: '81:80', meaning: 'source-id qualifier: 0 all bits, 1 ignore bit 2, 2 bits 2:1, 3 bits 2:0' },
    { name: 'SVT', bits: '83:82', meaning: 'source validation: 0 none, 1 SID with SQ, 2 bus range, 3 reserved' },
    { name: 'Reserved2', bits: '127:84', access: RSVD },
  ],
})

export const IRTE_POSTED = register({
  name: 'IRTE',
  title: 'Interrupt remapping table entry, posted format',
  width: 128,
  fields: [
    { name: 'P', bits: 0, meaning: 'present' },
    { name: 'FPD', bits: 1, meaning: 'fault processing disable: qualified faults are not logged' },
    { name: 'Reserved', bits: '7:2', access: RSVD },
    { name: 'AVAIL', bits: '11:8', meaning: 'available to software' },
    { name: 'Reserved1', bits: '13:12', access: RSVD },
    { name: 'URG', bits: 14, meaning: 'urgent: a notification goes out although SN is set' },
    { name: 'IM', bits: 15, meaning: 'interrupt mode: 0 remapped, 1 posted' },
    { name: 'VV', bits: '23:16', meaning: 'virtual vector' },
    { name: 'Reserved2', bits: '37:24', access: RSVD },
    { name: 'PDAL', bits: '63:38', meaning: 'posted descriptor address 31:6' },
    { name: 'SID', bits: '79:64', meaning: 'source identifier: requester ID, or start and end bus' },
    { name: 'SQ', bits: '81:80', meaning: 'source-id qualifier' },
    { name: 'SVT', bits: '83:82', meaning: 'source validation type' },
    { name: 'Reserved3', bits: '95:84', access: RSVD },
    { name: 'PDAH', bits: '127:96', meaning: 'posted descriptor address 63:32' },
  ],
})

export const POSTED_DESCRIPTOR = register({
  name: 'PID',
  title: 'Posted interrupt descriptor',
  width: 512,
  fields: [
    { name: 'PIR', bits: '255:0', meaning: 'posted interrupt requests, one bit a vector' },
    { name: 'ON', bits: 256, meaning: 'outstanding notification' },
    { name: 'SN', bits: 257, meaning: 'suppress notification' },
    { name: 'Reserved', bits: '271:258', access: RSVD },
    { name: 'NV', bits: '279:272', meaning: 'notification vector' },
    { name: 'Reserved1', bits: '287:280', access: RSVD },
    { name: 'NDST', bits: '319:288', meaning: 'notification destination: xAPIC in 303:296' },
    { name: 'Reserved2', bits: '511:320', access: RSVD },
  ],
})

/** One of the fault recording registers: a register of the unit, though it looks like an entry. */
export const FAULT_RECORD = register({
  name: 'FRCD',
  title: 'Fault Recording',
  cite: 'VT-d 5.10 §11 (80 §5); coding of T1 and T2 (unverified)',
  offset: 0x220,
  width: 128,
  fields: [
    { name: 'Reserved', bits: '11:0', access: RSVD },
    { name: 'FI', bits: '63:12', access: 'RO', meaning: 'faulting address 63:12, or interrupt index in 63:48' },
    { name: 'SID', bits: '79:64', access: 'RO', meaning: 'requester ID' },
    { name: 'Reserved1', bits: '91:80', access: RSVD },
    { name: 'T2', bits: 92, access: 'RO', meaning: 'type, with T1: 0 write or read, 1 page request or AtomicOp' },
    { name: 'PRIV', bits: 93, access: 'RO', meaning: 'privileged request' },
    { name: 'EXE', bits: 94, access: 'RO', meaning: 'execute-requested' },
    { name: 'PP', bits: 95, access: 'RO', meaning: 'the request had a PASID' },
    { name: 'FR', bits: '103:96', access: 'RO', meaning: 'fault reason' },
    { name: 'PV', bits: '123:104', access: 'RO', meaning: 'PASID value' },
    {
      name: 'AT',
      bits: '125:124',
      access: 'RO',
      meaning: 'address type: 0 untranslated, 1 translation request, 2 translated',
    },
    { name: 'T1', bits: 126, access: 'RO', meaning: 'type, with T2: 0 write or page request, 1 read or AtomicOp' },
    { name: 'F', bits: 127, access: 'W1C', meaning: 'a fault is recorded here' },
  ],
})
