/**
 * Structures of SMMUv3 in memory, stage 1.
 * Source: Linux 6.12 drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h (bit positions). Fields that it does not name are left
 * out: which of the rest are RES0 is not checked here.
 */
import { register } from '../entry'

export const L1STD = register({
  name: 'L1STD',
  title: 'Level 1 stream table descriptor',
  width: 64,
  fields: [
    { name: 'Span', bits: '4:0', meaning: '2^(Span−1) entries at level 2; 0: invalid' },
    { name: 'L2Ptr', bits: '51:6', meaning: 'level 2 array' },
  ],
})

export const STE = register({
  name: 'STE',
  title: 'Stream table entry',
  width: 512,
  fields: [
    { name: 'V', bits: 0, meaning: 'valid' },
    { name: 'Config', bits: '3:1', meaning: '0xx abort, 4 bypass, 5 stage 1, 6 stage 2, 7 both' },
    { name: 'S1Fmt', bits: '5:4', meaning: 'context descriptor table: 0 linear, 1 two levels of 4 KiB, 2 of 64 KiB' },
    { name: 'S1ContextPtr', bits: '51:6', meaning: 'context descriptor table' },
    { name: 'S1CDMax', bits: '63:59', meaning: '2^S1CDMax context descriptors; 0: no substreams' },
    { name: 'S1DSS', bits: '65:64', meaning: 'without SubstreamID: 0 terminate, 1 bypass stage 1, 2 descriptor 0' },
    { name: 'S1CIR', bits: '67:66', meaning: 'inner cacheability' },
    { name: 'S1COR', bits: '69:68', meaning: 'outer cacheability' },
    { name: 'S1CSH', bits: '71:70', meaning: 'shareability' },
    { name: 'S1STALLD', bits: 91, meaning: 'stalls disabled' },
    { name: 'EATS', bits: '93:92', meaning: 'ATS: 0 aborted, 1 full, 2 split stage' },
    { name: 'STRW', bits: '95:94', meaning: 'stream world' },
    { name: 'SHCFG', bits: '109:108', meaning: 'shareability override' },
    { name: 'S2VMID', bits: '143:128', meaning: 'VMID' },
    { name: 'S2T0SZ', bits: '165:160', meaning: 'stage 2 input size' },
    { name: 'S2SL0', bits: '167:166', meaning: 'stage 2 start level' },
    { name: 'S2TG', bits: '175:174', meaning: 'stage 2 granule' },
    { name: 'S2PS', bits: '178:176', meaning: 'stage 2 output size' },
    { name: 'S2AA64', bits: 179, meaning: 'stage 2 tables are AArch64' },
    { name: 'S2ENDI', bits: 180, meaning: 'stage 2 tables are big-endian' },
    { name: 'S2PTW', bits: 182, meaning: 'protected table walk' },
    { name: 'S2S', bits: 185, meaning: 'stage 2 stall' },
    { name: 'S2R', bits: 186, meaning: 'stage 2 faults are recorded' },
    { name: 'S2TTB', bits: '243:196', meaning: 'stage 2 table' },
  ],
})

export const L1CD = register({
  name: 'L1CD',
  title: 'Level 1 context descriptor',
  width: 64,
  fields: [
    { name: 'V', bits: 0, meaning: 'valid' },
    { name: 'L2Ptr', bits: '51:12', meaning: 'level 2 array of 1024 (64 KiB) or 64 (4 KiB) descriptors' },
  ],
})

export const CD = register({
  name: 'CD',
  title: 'Context descriptor',
  width: 512,
  fields: [
    { name: 'T0SZ', bits: '5:0', meaning: 'input size: 64 − T0SZ bits' },
    { name: 'TG0', bits: '7:6', meaning: 'granule: 0 = 4 KiB, 1 = 64 KiB, 2 = 16 KiB' },
    { name: 'IR0', bits: '9:8', meaning: 'inner cacheability' },
    { name: 'OR0', bits: '11:10', meaning: 'outer cacheability' },
    { name: 'SH0', bits: '13:12', meaning: 'shareability' },
    { name: 'EPD0', bits: 14, meaning: 'walks by TTB0 are disabled' },
    { name: 'ENDI', bits: 15, meaning: 'tables are big-endian' },
    { name: 'EPD1', bits: 30, meaning: 'walks by TTB1 are disabled' },
    { name: 'V', bits: 31, meaning: 'valid' },
    { name: 'IPS', bits: '34:32', meaning: 'output size: 0 = 32 bits, 1 = 36, 2 = 40, 3 = 42, 4 = 44, 5 = 48, 6 = 52' },
    { name: 'TBI0', bits: 38, meaning: 'top byte ignored' },
    { name: 'AA64', bits: 41, meaning: 'tables are AArch64' },
    { name: 'HD', bits: 42, meaning: 'hardware keeps the dirty state' },
    { name: 'HA', bits: 43, meaning: 'hardware keeps the Access flag' },
    { name: 'S', bits: 44, meaning: 'stall' },
    { name: 'R', bits: 45, meaning: 'faults are recorded' },
    { name: 'A', bits: 46, meaning: 'faults abort; 0: reads as zero, writes ignored' },
    { name: 'ASET', bits: 47, meaning: 'ASID set' },
    { name: 'ASID', bits: '63:48', meaning: 'ASID' },
    { name: 'TTB0', bits: '115:68', meaning: 'table' },
  ],
})
