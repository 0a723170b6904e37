/**
 * Registers and table entries of the PAMU, verbatim (reference 50 §1, §1.1; drivers/iommu/fsl_pamu.h of 4.19).
 *
 * An entry (PAACE) is 64 bytes of big-endian words; the second half is reserved and left out. Words are shown in the
 * order in which they stand, each from its own bit 31 down as the driver's masks have it.
 */
import type { z } from 'zod'
import type { BlockField, BlockRegister } from '../block'
import { AP } from '../pamu-words'

type Field = z.input<typeof BlockField>
type Register = z.input<typeof BlockRegister>

/** Fields of one word at their place in the entry. */
const word = (n: number, fields: readonly Field[]): Field[] =>
  fields.map((f) => {
    const [msb = '0', lsb = msb] = String(f.bits).split(':')
    return { ...f, bits: `${Number(msb) + 32 * n}:${Number(lsb) + 32 * n}` }
  })

const ATTRIBUTES: Field[] = [
  { name: 'AP', bits: '4:3', values: AP, meaning: '0 denied, 1 query (read), 2 update (write), 3 all' },
  { name: 'DD', bits: 2, fixed: 0, meaning: 'destination: 0 host, 1 I/O' },
]

/** Words 2 … 7 are the same in primary and secondary entries. */
const common = (boot: 'primary' | 'secondary'): Field[] => [
  ...word(2, [
    { name: 'DID', bits: '31:24', fixed: 0, meaning: 'destination ID' },
    { name: 'PID', bits: '23:16', fixed: 0, meaning: 'partition ID' },
    { name: 'SNPID', bits: '15:8', fixed: 0, meaning: 'snoop ID' },
    { name: 'CR', bits: 7, fixed: 1, meaning: 'coherency required' },
  ]),
  ...word(3, [
    { name: 'CID', bits: '23:16', fixed: 0, meaning: 'stash target cache ID' },
    ...(boot === 'primary'
      ? [{ name: 'WCE', bits: '7:4', meaning: 'sub-windows: 2^(WCE+1), where MW is set' }]
      : [{ name: 'WCE', bits: '7:4', fixed: 0, meaning: 'of the primary entry only' }]),
    {
      name: 'ATM',
      bits: '3:2',
      values: { none: 0, window: 1, page: 2 },
      meaning: 'address translation: 0 none, 1 window, 2 page',
    },
    { name: 'OTM', bits: '1:0', fixed: 0, meaning: 'operation translation: 0 none, 1 immediate, 2 indexed' },
  ]),
  ...word(4, [
    { name: 'Reserved', bits: '31:4', access: 'RSVD' },
    { name: 'TWBAH', bits: '3:0', meaning: 'translated window base, address 35:32' },
  ]),
  ...word(5, [
    { name: 'TWBAL', bits: '31:12', meaning: 'translated window base, address 31:12' },
    { name: 'SWSE', bits: '11:6', meaning: 'size of the sub-window’s mapping: 2^(SWSE+1)' },
  ]),
  ...word(6, [
    { name: 'FSPI', bits: '15:0', fixed: 0, meaning: 'index of the first secondary entry; not modelled, see scope' },
  ]),
  ...word(7, [{ name: 'OMI', bits: '15:0', fixed: 0, meaning: 'operation mapping index' }]),
]

/** As `pamu_init_ppaace` leaves it at boot: valid, no translation, all access, 64 GiB. */
const PPAACE: Register = {
  name: 'PPAACE',
  title: 'Primary PAACE',
  per: ['l'],
  table: 'PPAACT (primary entries)',
  width: 256,
  cite: '50 §1.1, §1.2',
  fields: [
    { name: 'WBAH', bits: '3:0', meaning: 'window base, address 35:32' },
    ...word(1, [
      { name: 'WBAL', bits: '31:12', meaning: 'window base, address 31:12' },
      { name: 'WSE', bits: '11:6', reset: 35, meaning: 'size of the window: 2^(WSE+1); 0x23 is 64 GiB' },
      { name: 'MW', bits: 5, meaning: 'has sub-windows' },
      ...ATTRIBUTES.map((f) => (f.name === 'AP' ? { ...f, reset: 'all' } : f)),
      { name: 'PT', bits: 1, fixed: 0, meaning: '0 primary, 1 secondary' },
      { name: 'V', bits: 0, reset: 1, meaning: 'valid: the LIODN may do DMA' },
    ]),
    ...common('primary'),
  ],
}

const SPAACE: Register = {
  name: 'SPAACE',
  title: 'Secondary PAACE',
  per: ['l', 's'],
  table: 'SPAACT (sub-windows from 1 on)',
  width: 256,
  cite: '50 §1.1',
  fields: [
    ...word(1, [
      { name: 'LIODN', bits: '31:16', fixed: 0, meaning: 'the LIODN it belongs to, for debugging' },
      ...ATTRIBUTES,
      { name: 'PT', bits: 1, fixed: 1, meaning: '0 primary, 1 secondary' },
      { name: 'V', bits: 0, meaning: 'valid' },
    ]),
    ...common('secondary'),
  ],
}

const at = (name: string, offset: number, fields: Field[], title?: string): Register => ({
  name,
  offset,
  fields,
  ...(title ? { title } : {}),
})
const whole = (name: string, meaning: string): Field[] => [{ name, bits: '31:0', fixed: 0, meaning }]

/** The registers of one instance (stride 0x1000); what the model never moves is shown as it stands. */
const REGISTERS: Register[] = [
  at('PPBAH', 0x0, whole('PPBAH', 'primary table base, high')),
  at('PPBAL', 0x4, whole('PPBAL', 'primary table base, low')),
  at('PPLAH', 0x8, whole('PPLAH', 'primary table limit, high')),
  at('PPLAL', 0xc, whole('PPLAL', 'primary table limit, low')),
  at('SPBAH', 0x10, whole('SPBAH', 'secondary table base, high')),
  at('SPBAL', 0x14, whole('SPBAL', 'secondary table base, low')),
  at('SPLAH', 0x18, whole('SPLAH', 'secondary table limit, high')),
  at('SPLAL', 0x1c, whole('SPLAL', 'secondary table limit, low')),
  at('OBAH', 0x20, whole('OBAH', 'operation mapping table base, high')),
  at('OBAL', 0x24, whole('OBAL', 'operation mapping table base, low')),
  at('POES1', 0x40, whole('POES1', 'operation error status 1')),
  at('POES2', 0x44, whole('POES2', 'operation error status 2')),
  at('POEAH', 0x48, whole('POEAH', 'operation error address, high')),
  at('POEAL', 0x4c, whole('POEAL', 'operation error address, low')),
  at(
    'AVS1',
    0x50,
    [
      { name: 'LIODN', bits: '31:16', meaning: 'the offender' },
      { name: 'PDV', bits: 14, fixed: 0 },
      { name: 'GCV', bits: 13, fixed: 0 },
      { name: 'LAV', bits: '12:10', meaning: 'LIODN access violation; 1 (0x400): not in the PPAACT' },
      { name: 'WAV', bits: '9:7', meaning: 'window access violation' },
      { name: 'APV', bits: '6:3', meaning: 'access permission violation' },
      { name: 'OTV', bits: '2:1', fixed: 0, meaning: 'operation translation violation' },
      { name: 'AV', bits: 0, meaning: 'access violation' },
    ],
    'Access Violation Status 1',
  ),
  at('AVS2', 0x54, whole('AVS2', 'access violation status 2')),
  at('AVAH', 0x58, [{ name: 'AVAH', bits: '3:0', meaning: 'address of the violation, 35:32' }]),
  at('AVAL', 0x5c, [{ name: 'AVAL', bits: '31:12', meaning: 'address of the violation, 31:12' }]),
  at('EECTL', 0x60, whole('EECTL', 'ECC error control')),
  at('EEDET', 0x6c, whole('EEDET', 'ECC error detect')),
  at('UDAD', 0x90, whole('UDAD', 'usage and debug')),
  at('PR1', 0xbf8, [{ name: 'REVISION', bits: '15:0', fixed: 0x0110, meaning: 'revision (unverified)' }]),
  at('PC2', 0xc04, [
    { name: 'MLIODN', bits: '31:16', fixed: 0x4ff, meaning: 'largest LIODN (unverified: as the driver limits)' },
  ]),
  at('PC3', 0xc08, [{ name: 'MWCE', bits: '24:21', fixed: 7, meaning: 'most sub-windows: 2^(1+MWCE)' }]),
  at(
    'PC',
    0xc10,
    [
      { name: 'PGC', bits: 31, fixed: 0, meaning: 'gate closed: all DMA is refused' },
      { name: 'PE', bits: 30, fixed: 1, meaning: 'PAMU enabled' },
      { name: 'OCE', bits: 12, fixed: 1, meaning: 'OMT cache enabled' },
      { name: 'SPCC', bits: 4, fixed: 0x1, meaning: 'SPAACE cache' },
      { name: 'PPCC', bits: 0, fixed: 0x1, meaning: 'PPAACE cache' },
    ],
    'PAMU Control',
  ),
  at(
    'PICS',
    0xc1c,
    [
      { name: 'AVS', bits: 3, access: 'W1C', meaning: 'access violation status' },
      { name: 'AVIE', bits: 2, fixed: 1, meaning: 'access violation interrupt enable' },
    ],
    'PAMU Interrupt Control and Status',
  ),
]

export const PAMU_REGISTERS = [PPAACE, SPAACE, ...REGISTERS.map((r) => ({ ...r, table: 'PAMU registers' }))]
