/**
 * GICv2m: a frame of one page behind which every write raises a shared peripheral interrupt. The frame knows neither who
 * wrote nor whose interrupt it is.
 *
 * Sources: 60 §7 (offsets, fields, quirks: Linux drivers/irqchip/irq-gic-v2m.c), 00 S0.11; layout of MSI_IIDR and its
 * value on QEMU's virt board (unverified).
 */
import { block } from '../block'
import { STREAMS } from '../upstream'

export const GICV2M = block({
  block: 'gicv2m',
  title: 'GICv2m frame',
  cite: '60 §7; 00 S0.11',
  scope:
    'The first few SPIs of the frame. The address-only variant of Graviton, where the low address bits are the SPI, is left out.',
  parameters: {
    frame: { default: 'v2m', values: ['v2m', 'v2m1'], doc: 'which page it is' },
    base: { default: 80, min: 32, max: 1019, doc: 'first SPI: MSI_TYPER.BASE' },
    spis: { default: 2, min: 1, max: 4, doc: 'how many: MSI_TYPER.NUM' },
    quirk: {
      default: 'none',
      values: ['none', 'xgene', 'ns2'],
      doc: 'X-Gene takes the offset from the base, Broadcom NS2 the SPI less 32',
    },
    implementer: { default: 'qemu', values: ['qemu', 'xgene', 'ns2'], doc: 'what MSI_IIDR says' },
  },
  indices: { n: 'spis', s: STREAMS },
  ports: { bus: 'smmu' },
  registers: [
    {
      name: 'MSI_TYPER',
      offset: 0x008,
      fields: [
        { name: 'NUM', bits: '9:0', access: 'RO', reset: '{spis}', meaning: 'number of SPIs' },
        { name: 'Reserved', bits: '15:10', access: 'RSVD' },
        { name: 'BASE', bits: '25:16', access: 'RO', reset: '{base}', meaning: 'first SPI' },
        { name: 'Reserved2', bits: '31:26', access: 'RSVD' },
      ],
    },
    {
      name: 'MSI_SETSPI_NS',
      offset: 0x040,
      fields: [{ name: 'SPI', bits: '9:0', access: 'RO', fixed: 0, meaning: 'write only: raises the SPI written' }],
    },
    {
      name: 'MSI_IIDR',
      offset: 0xfcc,
      fields: [
        {
          name: 'IIDR',
          bits: '31:0',
          access: 'RO',
          values: { qemu: 0x05100000, xgene: 0x06000170, ns2: 0x0000013f },
          reset: '{implementer}',
          meaning: 'by which Linux knows the quirks',
        },
      ],
    },
  ],
  state: {
    raised: { per: ['n'], doc: 'the SPI has been raised' },
    from: {
      per: ['n'],
      range: [0, STREAMS],
      initial: STREAMS,
      doc: `who raised it last: its stream, ${STREAMS} nobody`,
    },
  },
  define: {
    spi: 'quirk == xgene ? bus.out_data + base : quirk == ns2 ? bus.out_data + 32 : bus.out_data',
  },
  faults: { out_of_range: 'the number written is no SPI of the frame: nothing happens' },
  behaviour: [
    {
      agent: 'frame',
      title: 'GICv2m frame',
      role: 'interrupt',
      steps: [
        {
          when: 'bus.out_valid && bus.out_frame == frame',
          cases: [
            {
              if: 'spi == {base+n}',
              per: ['n'],
              label: 'SPI {base+n} is raised, whoever wrote',
              set: { 'bus.out_valid': 'false', 'raised{n}': 'true', 'from{n}': 'bus.out_device' },
            },
            { fault: 'out_of_range', label: 'no SPI of this frame', set: { 'bus.out_valid': 'false' } },
          ],
        },
      ],
    },
  ],
})
