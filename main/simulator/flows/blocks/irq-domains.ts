/**
 * The kernel's list of MSI irq domains: which of them isolate, and which one each device has. What type 1 asks before
 * it hands a device out.
 *
 * Sources: 00 S0.8, S0.9, S0.10; 40 §4 (irq_domain_check_msi_remap), §6.
 */
import { block } from '../../hardware/block'
import { STREAMS } from '../../hardware/upstream'

export const IRQ_DOMAINS = block({
  block: 'irq-domains',
  title: 'MSI irq domains of the kernel',
  cite: '00 S0.8–S0.10; 40 §4',
  indices: { s: STREAMS },
  state: {
    isolating_domains: {
      range: [0, 4],
      doc: 'MSI domains that carry IRQ_DOMAIN_FLAG_MSI_REMAP (ISOLATED_MSI from 6.3)',
    },
    plain_domains: { range: [0, 4], doc: 'MSI domains that do not' },
    of: { per: ['s'], values: ['none', 'plain', 'isolating'], doc: 'the MSI domain of the device' },
  },
  define: {
    check_msi_remap: {
      per: [],
      is: 'plain_domains == 0',
      doc: 'irq_domain_check_msi_remap(): no MSI domain of the system lacks the flag; true without any',
    },
    isolated: { per: ['s'], is: 'of{s} == isolating', doc: 'msi_device_has_isolated_msi()' },
  },
  operations: {
    add: {
      doc: 'The driver of a controller creates its MSI domain: the ITS with the flag, a GICv2m frame without.',
      cite: '00 S0.8',
      by: ['host'],
      operands: { isolates: { flag: true } },
      steps: [
        {
          label: 'an MSI domain is created, isolating: {isolates}',
          set: {
            isolating_domains: '{isolates} ? isolating_domains + 1 : isolating_domains',
            plain_domains: '{isolates} ? plain_domains : plain_domains + 1',
          },
        },
      ],
    },
    assign: {
      doc: 'A device gets its MSI domain (msi-parent, msi-map, IORT).',
      by: ['host'],
      operands: { stream: { index: 's' }, domain: { values: ['plain', 'isolating'] } },
      steps: [{ label: 'device {stream}: an MSI domain that is {domain}', set: { 'of{stream}': '{domain}' } }],
    },
  },
})
