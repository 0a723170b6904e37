/**
 * GICv3 ITS: a write of an EventID to GITS_TRANSLATER carries its DeviceID beside it; device table and interrupt
 * translation table turn both into an LPI and a collection. Software changes the tables by commands in a queue.
 *
 * Sources: 60 §8 (Linux irq-gic-v3-its.c, arm-gic-v3.h), 00 S0.8, S0.11; that a command or a message with an unmapped
 * DeviceID or EventID is dropped, and the redistributor's cached configuration until INV: the architecture (unverified).
 */
import { block } from '../block'
import { STREAMS } from '../upstream'
import { COMMANDS, EXECUTED, FIRST_LPI, QUEUE_STATE } from './gicv3-its-commands'

export const GICV3_ITS = block({
  block: 'gicv3-its',
  title: 'GICv3 ITS',
  cite: '60 §8; 00 S0.8, S0.11',
  scope:
    'One collection, three commands under way at once, commands with an error ignored (unverified). Device, translation and collection tables have a layout of the implementation’s own: shown is what they hold.',
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
      name: 'GITS_TYPER',
      table: 'ITS control frame',
      offset: 0x8,
      width: 64,
      cite: '60 §8; layout and values unverified',
      fields: [
        { name: 'Physical', bits: 0, access: 'RO', fixed: 1, meaning: 'physical LPIs' },
        { name: 'ITT_entry_size', bits: '7:4', access: 'RO', fixed: 7, meaning: 'bytes of an entry less one' },
        { name: 'ID_bits', bits: '12:8', access: 'RO', fixed: 15, meaning: 'bits of an EventID less one' },
        { name: 'Devbits', bits: '17:13', access: 'RO', fixed: 15, meaning: 'bits of a DeviceID less one' },
      ],
    },
    {
      name: 'GITS_CBASER',
      table: 'ITS control frame',
      offset: 0x80,
      width: 64,
      cite: '60 §8; layout unverified',
      fields: [
        { name: 'Size', bits: '7:0', fixed: 0, meaning: '4 KiB pages of the queue less one: 128 commands' },
        { name: 'Physical_Address', bits: '51:12', fixed: 0x48000, meaning: 'where the queue lies' },
        { name: 'Valid', bits: 63, fixed: 1 },
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
    ...QUEUE_STATE,
    cached: { per: ['l'], doc: 'the redistributor holds the LPI enabled' },
    pending: { per: ['l'] },
    raised: { per: ['l'], doc: 'the LPI has gone to its CPU' },
    from: { per: ['l'], range: [0, STREAMS], initial: STREAMS, doc: `who raised it last: DeviceID, ${STREAMS} nobody` },
  },
  define: {
    ready: { per: [], is: 'GITS_CREADR.Offset == GITS_CWRITER.Offset', doc: 'every command has been carried out' },
  },
  faults: {
    command_error: 'a command named a DeviceID or an EventID that is not mapped',
    unmapped_device: 'a message of a DeviceID without a table: discarded',
    unmapped_event: 'a message with an EventID that is not mapped: discarded',
    unmapped_collection: 'the collection of the event has no redistributor: discarded',
    disabled: 'GITS_CTLR.Enabled is clear: the message is discarded',
  },
  operations: {
    ...COMMANDS,
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
          cases: EXECUTED,
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
