/**
 * What every DMA translation unit has in common, and no more: an entry a requester that is absent, lets requests through
 * or names a domain; page tables a domain; an IOTLB tagged by domain that goes on answering until it is invalidated; a
 * window whose writes are interrupts. It is an abstraction: no register layout, one page a name, reads and writes alike.
 *
 * Sources: reference 20 (domains), 30 (regions, x86 interrupt window), 80 (VT-d's context entries, IOTLB tags).
 */
import { block } from '../block'

/** Domain objects that scenarios speak of, with the domain ids that tag the IOTLB. */
export const DOMAINS = { si: 1, si1: 2, dma0: 3, dma1: 4, fresh: 5, user: 6, blocked: 7, crashed: 8 }

/** Pages: as addresses that devices send, and as the memory that lies there. */
export const PAGES = {
  low: '0x1000',
  iova: '0x12340000',
  region: '0x7b800000',
  next: '0x7b801000',
  bounce: '0x7c000000',
  msi: '0xfee00000',
  high: '0x180000000',
  guest: '0x200000000',
  dump: '0x280000000',
}

/** The device's entry names this domain. */
const NAMED = '{page} != msi && TE && used{dev} == {domain}'
/** There is no table to walk: a domain that maps everything 1:1, or one in which nothing is left of it. */
const GONE = 'freed.{domain} && !(identity.{domain} && passthrough)'

export const TRANSLATION_UNIT = block({
  block: 'translation-unit',
  title: 'DMA translation unit (abstract)',
  cite: '20; 30; 80',
  scope:
    'Two devices, pages by name, no levels of tables, no permissions, no context cache and no register layout. An IOTLB entry is made by use and may go at any moment; nothing is fetched ahead.',
  parameters: {
    domains: { names: DOMAINS, doc: 'domain objects with their domain ids' },
    pages: { names: PAGES, doc: 'pages with their addresses' },
    enabled: { default: true, doc: 'it translates from the start' },
    at_start: {
      default: 'absent',
      values: ['absent', 'bypass', 'crashed'],
      doc: 'entries as firmware or the crashed kernel left them',
    },
    passthrough: { default: true, doc: 'identity domains need no tables (VT-d: ECAP.PT)' },
    aliased: { default: false, doc: 'both devices send with one requester id (conventional PCI behind a bridge)' },
    caches: { default: true, doc: 'there is an IOTLB' },
  },
  indices: { dev: 2, domain: 'domains', page: 'pages' },
  state: {
    TE: { initial: '{enabled}', label: 'translates' },
    entry: { per: ['dev'], names: 'domains', and: ['absent', 'bypass'], initial: '{at_start}' },
    shared: { names: 'domains', and: ['absent', 'bypass'], initial: '{at_start}', label: 'entry of the bridge' },
    pte: { per: ['domain', 'page'], names: 'pages', and: ['none'], initial: 'none', label: 'maps' },
    iotlb: { per: ['domain', 'page'], names: 'pages', and: ['none'], initial: 'none', label: 'IOTLB' },
    freed: { per: ['domain'], doc: 'its tables have been given back', label: 'tables freed' },
    running: { per: ['dev'], initial: true, doc: 'it goes on with what it was told before', label: 'runs' },
    landed: {
      per: ['dev', 'page'],
      names: 'pages',
      and: ['never', 'blocked', 'interrupt', 'freed'],
      initial: 'never',
      doc: 'where the last request for the page went',
    },
  },
  define: {
    used: { per: ['dev'], is: 'aliased ? shared : entry{dev}' },
    identity: { per: ['domain'], is: '{domain} == si || {domain} == si1' },
    /** The crashed kernel’s tables, as they were found, hold the buffer that its devices still write to. */
    table: { per: ['domain', 'page'], is: '{domain} == crashed && {page} == dump ? dump : pte.{domain}.{page}' },
  },
  faults: {
    no_entry: 'the requester has no entry',
    not_mapped: 'the page is not mapped in the domain',
    freed_table: 'tables that had been given back were walked or written',
  },
  operations: {
    enable: { doc: 'Begin to translate.', by: ['host'], steps: [{ label: 'translation is on', set: { TE: true } }] },
    map: {
      doc: 'Map a page in the tables of a domain.',
      by: ['host', 'vmm'],
      operands: { domain: { names: 'domains' }, page: { names: 'pages' }, frame: { names: 'pages' } },
      steps: [
        {
          label: '{domain}: {page} → {frame}',
          cases: [{ if: 'freed.{domain}', fault: 'freed_table' }, { set: { 'pte.{domain}.{page}': '{frame}' } }],
        },
      ],
    },
    unmap: {
      doc: 'Take a page out of the tables; the IOTLB still has it.',
      by: ['host', 'vmm'],
      operands: { domain: { names: 'domains' }, page: { names: 'pages' } },
      steps: [
        {
          label: '{domain}: {page} unmapped',
          cases: [{ if: 'freed.{domain}', fault: 'freed_table' }, { set: { 'pte.{domain}.{page}': 'none' } }],
        },
      ],
    },
    flush: {
      doc: 'Invalidate the IOTLB of a domain, and wait for it.',
      by: ['host', 'vmm'],
      operands: { domain: { names: 'domains' } },
      steps: [{ label: 'IOTLB of {domain} invalidated', set: { 'iotlb.{domain}.{*page}': 'none' } }],
    },
    reset: {
      doc: 'Reset the device: it stops what an earlier owner had told it to do.',
      by: ['host', 'vmm'],
      operands: { dev: { index: 'dev' } },
      steps: [{ label: 'device {dev} is reset', set: { 'running{dev}': false } }],
    },
    dma: {
      doc: 'The device sends a request for a page.',
      by: ['device', 'other'],
      operands: { dev: { index: 'dev' }, page: { names: 'pages' } },
      steps: [
        {
          any: true,
          label: 'device {dev} sends to {page}',
          cases: [
            {
              if: '{page} == msi',
              name: 'interrupt',
              label: 'device {dev} writes to {page}: an interrupt, not memory',
              set: { 'landed{dev}.{page}': 'interrupt' },
            },
            {
              if: '{page} != msi && (!TE || used{dev} == bypass)',
              name: 'bypass',
              label: 'device {dev} reaches {page}: nothing translates',
              set: { 'landed{dev}.{page}': '{page}' },
            },
            {
              if: '{page} != msi && TE && used{dev} == absent',
              fault: 'no_entry',
              label: 'device {dev} is refused {page}: no entry',
              set: { 'landed{dev}.{page}': 'blocked' },
            },
            {
              per: ['domain'],
              if: `${NAMED} && identity.{domain} && !(${GONE})`,
              name: 'identity',
              label: 'device {dev} reaches {page} through {domain}, 1:1',
              set: { 'landed{dev}.{page}': '{page}' },
            },
            {
              per: ['domain'],
              if: `${NAMED} && ${GONE}`,
              fault: 'freed_table',
              label: 'device {dev}: the freed tables of {domain} are walked for {page}',
              set: { 'landed{dev}.{page}': 'freed' },
            },
            {
              per: ['domain'],
              if: `${NAMED} && !identity.{domain} && !freed.{domain} && table.{domain}.{page} == none`,
              fault: 'not_mapped',
              label: 'device {dev} is refused {page}: not mapped in {domain}',
              set: { 'landed{dev}.{page}': 'blocked' },
            },
            {
              per: ['domain'],
              if: `${NAMED} && !identity.{domain} && !freed.{domain} && table.{domain}.{page} != none`,
              name: 'walk',
              label: 'device {dev} sends to {page}, through the tables of {domain}',
              set: {
                'landed{dev}.{page}': 'table.{domain}.{page}',
                'iotlb.{domain}.{page}': 'caches ? table.{domain}.{page} : none',
              },
            },
            {
              per: ['domain'],
              if: `${NAMED} && iotlb.{domain}.{page} != none`,
              name: 'hit',
              label: 'device {dev} sends to {page}, by the IOTLB of {domain}',
              set: { 'landed{dev}.{page}': 'iotlb.{domain}.{page}' },
            },
          ],
        },
      ],
    },
  },
})
