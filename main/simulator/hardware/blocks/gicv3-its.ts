/**
 * GICv3 ITS: a write of an EventID to GITS_TRANSLATER carries its DeviceID beside it; device table and interrupt
 * translation table turn both into an LPI and a collection. Software changes the tables by commands in a queue.
 *
 * Sources: 60 §8 (Linux irq-gic-v3-its.c, arm-gic-v3.h), 00 S0.8, S0.11; that a command or a message with an unmapped
 * DeviceID or EventID is dropped, and the redistributor's cached configuration until INV: the architecture (UFM).
 */
import { block, type OperationSpec } from '../block'
import { STREAMS } from '../upstream'

/** Commands that may stand in the queue at once; GITS_CWRITER may not come up with GITS_CREADR. */
const QUEUE = 4
const slots = Array.from({ length: QUEUE }, (_, i) => i)
/** Commands of 32 bytes in a queue of one 4 KiB page. */
const WRAP = 128
const FIRST_LPI = 8192

const PARTS = ['command', 'device', 'event', 'lpi', 'valid'] as const
type Command = Record<(typeof PARTS)[number], string>

/** The slot that the write offset points to takes the command. */
const queued = (c: Command): Record<string, string> =>
  Object.fromEntries(
    slots.flatMap((i) => PARTS.map((p) => [`${p}${i}`, `GITS_CWRITER.Offset % ${QUEUE} == ${i} ? ${c[p]} : ${p}${i}`])),
  )

const command = (doc: string, label: string, operands: OperationSpec['operands'], c: Partial<Command>) => ({
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

const DEVICE: OperationSpec['operands'] = { device: { index: 's', doc: 'DeviceID' } }
const EVENT: OperationSpec['operands'] = { ...DEVICE, event: { index: 'e', doc: 'EventID' } }

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

const ERROR = {
  fault: 'command_error',
  label: 'a command about what is not mapped: ignored',
  set: NEXT,
}

export const GICV3_ITS = block({
  block: 'gicv3-its',
  title: 'GICv3 ITS',
  cite: '60 §8; 00 S0.8, S0.11',
  scope:
    'One collection, three commands under way at once, commands with an error ignored (UFM). Device, translation and collection tables have a layout of the implementation’s own: shown is what they hold.',
  parameters: {
    events: { default: 2, min: 1, max: 4, doc: 'EventIDs of an interrupt translation table' },
    lpis: { default: 4, min: 1, max: 8, doc: `LPIs, from ${FIRST_LPI}` },
  },
  indices: { s: STREAMS, e: 'events', l: 'lpis' },
  ports: { bus: 'smmu' },
  registers: [
    {
      name: 'GITS_CTLR',
      table: 'ITS control frame',
      offset: 0x0,
      fields: [
        { name: 'Enabled', bits: 0, reset: true, meaning: 'the ITS takes messages and commands' },
        { name: 'Quiescent', bits: 31, access: 'RO', fixed: 0, meaning: 'nothing is under way' },
      ],
    },
    {
      name: 'GITS_CWRITER',
      table: 'ITS control frame',
      offset: 0x88,
      width: 64,
      fields: [
        { name: 'Retry', bits: 0, fixed: 0, meaning: 'go on after a stall' },
        { name: 'Offset', bits: '19:5', meaning: 'where software writes the next command' },
      ],
    },
    {
      name: 'GITS_CREADR',
      table: 'ITS control frame',
      offset: 0x90,
      width: 64,
      fields: [
        { name: 'Stalled', bits: 0, access: 'RO', fixed: 0, meaning: 'a command could not be carried out' },
        { name: 'Offset', bits: '19:5', access: 'RO', meaning: 'the next command that the ITS reads' },
      ],
    },
    {
      name: 'GITS_TRANSLATER',
      table: 'ITS translation frame',
      offset: 0x10040,
      fields: [
        { name: 'EventID', bits: '31:0', access: 'RO', fixed: 0, meaning: 'write only: the event to translate' },
      ],
    },
    {
      name: 'DTE',
      title: 'Device table entry',
      table: 'Device table',
      per: ['s'],
      fields: [{ name: 'Valid', bits: 0, meaning: 'the device has an interrupt translation table' }],
    },
    {
      name: 'ITE',
      title: 'Interrupt translation entry',
      table: 'Interrupt translation tables',
      per: ['s', 'e'],
      width: 64,
      fields: [
        { name: 'Valid', bits: 0 },
        { name: 'INTID', bits: '16:1', meaning: 'the LPI' },
      ],
    },
    {
      name: 'CTE',
      title: 'Collection table entry 0',
      table: 'Collection table',
      fields: [{ name: 'Valid', bits: 0, meaning: 'the collection has a redistributor' }],
    },
    {
      name: 'LPI',
      title: 'LPI configuration',
      table: 'LPI configuration table',
      per: ['l'],
      width: 8,
      fields: [
        { name: 'Enable', bits: 0 },
        { name: 'RES1', bits: 1, access: 'RO', fixed: 1 },
        { name: 'Priority', bits: '7:2', fixed: 0x28, meaning: 'priority 0xa0' },
      ],
    },
  ],
  state: {
    ...Object.fromEntries(
      slots.flatMap((i) => [
        [`command${i}`, { values: ['SYNC', 'MAPD', 'MAPC', 'MAPTI', 'INV', 'DISCARD'] }],
        [`device${i}`, { range: [0, STREAMS - 1] }],
        [`event${i}`, { range: [0, 3] }],
        [`lpi${i}`, { range: [0, 7] }],
        [`valid${i}`, {}],
      ]),
    ),
    cached: { per: ['l'], doc: 'the redistributor holds the LPI enabled' },
    pending: { per: ['l'] },
    raised: { per: ['l'], doc: 'the LPI has gone to its CPU' },
    from: { per: ['l'], range: [0, STREAMS], initial: STREAMS, doc: `who raised it last: DeviceID, ${STREAMS} nobody` },
  },
  define: {
    ready: { per: [], is: 'GITS_CREADR.Offset == GITS_CWRITER.Offset', doc: 'every command has been carried out' },
    quiet: 'ready && all{l: !(pending{l} && cached{l})}',
  },
  faults: {
    command_error: 'a command named a DeviceID or an EventID that is not mapped',
    unmapped_device: 'a message of a DeviceID without a table: discarded',
    unmapped_event: 'a message with an EventID that is not mapped: discarded',
    unmapped_collection: 'the collection of the event has no redistributor: discarded',
    disabled: 'GITS_CTLR.Enabled is clear: the message is discarded',
  },
  operations: {
    mapd: command(
      'MAPD: give a DeviceID its table, or take it away.',
      'MAPD {device}, V {valid}',
      { ...DEVICE, valid: { flag: true, default: true } },
      {
        command: 'MAPD',
        device: '{device}',
        valid: '{valid}',
      },
    ),
    mapc: command(
      'MAPC: collection 0 to a redistributor.',
      'MAPC 0, V {valid}',
      { valid: { flag: true, default: true } },
      {
        command: 'MAPC',
        valid: '{valid}',
      },
    ),
    mapti: command(
      'MAPTI: an event of a device to an LPI.',
      'MAPTI {device}, {event}',
      { ...EVENT, lpi: { index: 'l' } },
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
    configure: {
      doc: 'Write an LPI’s byte of the configuration table; the redistributor may hold the old one until INV.',
      by: ['host'],
      operands: { lpi: { index: 'l' }, enable: { flag: true, default: true } },
      steps: [{ label: 'LPI {lpi}: Enable {enable} in memory', set: { 'LPI{lpi}.Enable': '{enable}' } }],
    },
    control: {
      doc: 'Write GITS_CTLR.',
      by: ['host'],
      operands: { enabled: { flag: true } },
      steps: [{ label: 'GITS_CTLR.Enabled := {enabled}', set: { 'GITS_CTLR.Enabled': '{enabled}' } }],
    },
    wait: {
      doc: 'Wait until GITS_CREADR has come up with GITS_CWRITER.',
      by: ['host'],
      steps: [{ label: 'GITS_CREADR has come up with GITS_CWRITER', when: 'ready' }],
    },
  },
  behaviour: [
    {
      agent: 'commands',
      title: 'ITS command queue',
      role: 'interrupt',
      steps: [
        {
          when: 'GITS_CTLR.Enabled && GITS_CREADR.Offset != GITS_CWRITER.Offset',
          cases: [...slots.flatMap(executed), ERROR],
        },
      ],
    },
    {
      agent: 'translater',
      title: 'GITS_TRANSLATER',
      role: 'interrupt',
      steps: [
        {
          when: 'bus.out_valid && bus.out_frame == its',
          cases: [
            { if: '!GITS_CTLR.Enabled', fault: 'disabled', label: 'the ITS is off', set: { 'bus.out_valid': 'false' } },
            {
              if: 'any{s: bus.out_device == {s} && !DTE{s}.Valid}',
              fault: 'unmapped_device',
              label: 'the DeviceID has no table: discarded',
              set: { 'bus.out_valid': 'false' },
            },
            {
              if: '!any{s: any{e: bus.out_device == {s} && bus.out_data == {e} && ITE{s}_{e}.Valid}}',
              fault: 'unmapped_event',
              label: 'the EventID is not mapped: discarded',
              set: { 'bus.out_valid': 'false' },
            },
            {
              if: '!CTE.Valid',
              fault: 'unmapped_collection',
              label: 'the collection has no redistributor: discarded',
              set: { 'bus.out_valid': 'false' },
            },
            {
              if: `any{s: any{e: bus.out_device == {s} && bus.out_data == {e} && ITE{s}_{e}.INTID == ${FIRST_LPI} + {l}}}`,
              per: ['l'],
              label: 'LPI {l} is pending',
              set: { 'bus.out_valid': 'false', 'pending{l}': 'true', 'from{l}': 'bus.out_device' },
            },
          ],
        },
      ],
    },
    {
      agent: 'redistributor',
      title: 'Redistributor, LPI',
      role: 'interrupt',
      per: ['l'],
      steps: [
        {
          when: 'pending{l} && cached{l}',
          label: 'LPI {l} goes to its CPU',
          set: { 'pending{l}': 'false', 'raised{l}': 'true' },
        },
      ],
    },
  ],
})
