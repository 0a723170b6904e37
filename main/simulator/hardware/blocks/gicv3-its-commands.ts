/**
 * The commands of the GICv3 ITS: software writes them into a queue and moves GITS_CWRITER, the ITS carries them out and
 * moves GITS_CREADR.
 *
 * Sources: 60 §8; that a command about what is not mapped is ignored: one of the choices of the architecture (unverified).
 */
import type { CaseSpec, OperandSpec, OperationSpec } from '../block'

/** Commands that may stand in the queue at once; GITS_CWRITER may not come up with GITS_CREADR. */
const QUEUE = 4
const slots = Array.from({ length: QUEUE }, (_, i) => i)
/** Commands of 32 bytes in a queue of one 4 KiB page. */
const WRAP = 128
export const FIRST_LPI = 8192

const PARTS = ['command', 'device', 'event', 'lpi', 'valid'] as const
type Command = Record<(typeof PARTS)[number], string>

/** The slot that the write offset points to takes the command. */
const queued = (c: Command): Record<string, string> =>
  Object.fromEntries(
    slots.flatMap((i) => PARTS.map((p) => [`${p}${i}`, `GITS_CWRITER.Offset % ${QUEUE} == ${i} ? ${c[p]} : ${p}${i}`])),
  )

const command = (doc: string, label: string, operands: Record<string, OperandSpec>, c: Partial<Command>) => ({
  doc,
  by: ['host' as const],
  operands,
  steps: [
    {
      label: `${label} into the queue, GITS_CWRITER moved on`,
      when: `(GITS_CWRITER.Offset - GITS_CREADR.Offset + ${WRAP}) % ${WRAP} < ${QUEUE - 1}`,
      set: {
        ...queued({ command: 'SYNC', device: '0', event: '0', lpi: '0', valid: 'true', ...c }),
        'GITS_CWRITER.Offset': `(GITS_CWRITER.Offset + 1) % ${WRAP}`,
      },
    },
  ],
})

const VALID: OperandSpec = { flag: true, default: true, doc: 'V' }
const LPI: OperandSpec = { index: 'l', doc: 'LPI less 8192' }
const DEVICE: Record<string, OperandSpec> = { device: { index: 's', doc: 'DeviceID' } }
const EVENT: Record<string, OperandSpec> = { ...DEVICE, event: { index: 'e', doc: 'EventID' } }

/** The oldest command, where it is this one. */
const oldest = (i: number, name: string): string => `GITS_CREADR.Offset % ${QUEUE} == ${i} && command${i} == ${name}`
const NEXT = { 'GITS_CREADR.Offset': `(GITS_CREADR.Offset + 1) % ${WRAP}` }

const executed = (i: number) => [
  {
    if: `${oldest(i, 'MAPD')} && device${i} == {s}`,
    per: ['s'],
    name: `MAPD${i}`,
    label: 'MAPD: DeviceID {s} gets its interrupt translation table, or loses it',
    set: { ...NEXT, 'DTE{s}.Valid': `valid${i}`, 'ITE{s}_{*e}.Valid': 'false' },
  },
  {
    if: oldest(i, 'MAPC'),
    name: `MAPC${i}`,
    label: 'MAPC: collection 0 has its redistributor',
    set: { ...NEXT, 'CTE.Valid': `valid${i}` },
  },
  {
    if: `${oldest(i, 'MAPTI')} && device${i} == {s} && event${i} == {e} && DTE{s}.Valid`,
    per: ['s', 'e'],
    name: `MAPTI${i}`,
    label: 'MAPTI: DeviceID {s}, EventID {e} lead to an LPI',
    set: { ...NEXT, 'ITE{s}_{e}.Valid': 'true', 'ITE{s}_{e}.INTID': `${FIRST_LPI} + lpi${i}` },
  },
  {
    if: `${oldest(i, 'INV')} && device${i} == {s} && event${i} == {e} && ITE{s}_{e}.Valid && ITE{s}_{e}.INTID == ${FIRST_LPI} + {l}`,
    per: ['s', 'e', 'l'],
    name: `INV${i}`,
    label: 'INV: the redistributor reads the configuration of its LPI {l} again',
    set: { ...NEXT, 'cached{l}': 'LPI{l}.Enable' },
  },
  {
    if: `${oldest(i, 'DISCARD')} && device${i} == {s} && event${i} == {e} && ITE{s}_{e}.Valid`,
    per: ['s', 'e'],
    name: `DISCARD${i}`,
    label: 'DISCARD: DeviceID {s}, EventID {e} lead nowhere, what was pending is dropped',
    set: {
      ...NEXT,
      'ITE{s}_{e}.Valid': 'false',
      'pending{*l}': `ITE{s}_{e}.INTID == ${FIRST_LPI} + {l} ? false : pending{l}`,
    },
  },
  { if: oldest(i, 'SYNC'), name: `SYNC${i}`, label: 'SYNC: all before it is done', set: NEXT },
]

/** State of the queue: the commands that stand in it. */
export const QUEUE_STATE = Object.fromEntries(
  slots.flatMap((i) => [
    [`command${i}`, { values: ['SYNC', 'MAPD', 'MAPC', 'MAPTI', 'INV', 'DISCARD'] }],
    [`device${i}`, { range: [0, 2] as [number, number] }],
    [`event${i}`, { range: [0, 3] as [number, number] }],
    [`lpi${i}`, { range: [0, 7] as [number, number] }],
    [`valid${i}`, {}],
  ]),
)

/** What the ITS does with the oldest command. */
export const EXECUTED: CaseSpec[] = [
  ...slots.flatMap(executed),
  { fault: 'command_error', label: 'a command about what is not mapped: ignored', set: NEXT },
]

export const COMMANDS: Record<string, OperationSpec> = {
  mapd: command(
    'MAPD: give a DeviceID its table, or take it away.',
    'MAPD {device}, V {valid}',
    { ...DEVICE, valid: VALID },
    {
      command: 'MAPD',
      device: '{device}',
      valid: '{valid}',
    },
  ),
  mapc: command(
    'MAPC: collection 0 to a redistributor.',
    'MAPC 0, V {valid}',
    { valid: VALID },
    {
      command: 'MAPC',
      valid: '{valid}',
    },
  ),
  mapti: command(
    'MAPTI: an event of a device to an LPI.',
    'MAPTI {device}, {event}',
    { ...EVENT, lpi: LPI },
    {
      command: 'MAPTI',
      device: '{device}',
      event: '{event}',
      lpi: '{lpi}',
    },
  ),
  inv: command('INV: the configuration of an event has changed.', 'INV {device}, {event}', EVENT, {
    command: 'INV',
    device: '{device}',
    event: '{event}',
  }),
  discard: command('DISCARD: forget an event.', 'DISCARD {device}, {event}', EVENT, {
    command: 'DISCARD',
    device: '{device}',
    event: '{event}',
  }),
  sync: command('SYNC.', 'SYNC', {}, {}),
}
