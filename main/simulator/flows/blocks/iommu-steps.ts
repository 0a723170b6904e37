/** Attaching, mapping and freeing: what the other operations of the IOMMU core are made of. Sources: see iommu-core.ts. */
import type { z } from 'zod'
import type { BlockSpec } from '../../hardware/block'

export type Operations = NonNullable<z.input<typeof BlockSpec>['operations']>
type Step = Operations[string]['steps'][number]
type Call = Extract<Step, { call: string }>

export const GROUP = { index: 'group' } as const
export const DEV = { index: 'dev' } as const
export const DOMAIN = { names: 'domains' } as const

/** Taking and leaving group->mutex, as part of a step's `set`. */
export const LOCK = { 'mutex{group}': true }
export const UNLOCK = { 'mutex{group}': false }

/** Write the entry of the device, and that of the bridge where it sends with the bridge's requester id. */
export const entry = (dev: string, domain: string): Record<string, string> => ({
  [`unit.entry${dev}`]: domain,
  'unit.shared': `unit.aliased ? ${domain} : unit.shared`,
})

/** Attach every device of the group, one after the other, then switch group->domain. */
export const ATTACH_ALL: Call = { call: 'attach', with: { group: '{group}', domain: '{domain}' } }
export const MAP_DIRECT: Call = { call: 'create_direct_mappings', with: { group: '{group}', domain: '{domain}' } }
/** The default domain that is being replaced is freed; a static identity domain never is. */
export const FREE_DEFAULT: Step = {
  step: 'free',
  cases: [
    {
      per: ['domain'],
      if: 'default_domain{group} == {domain} && !(unit.identity.{domain} && freeing == static)',
      label: '{domain}, the default of group {group}, is freed',
      set: { 'unit.freed.{domain}': true },
    },
    { name: 'kept', label: 'nothing is freed' },
  ],
}

const page = (p: string): [string, string] => [
  `unit.pte.{domain}.${p}`,
  `any{dev: member{dev}_{group} && regions.mapped{dev}.${p}} ? ${p} : unit.pte.{domain}.${p}`,
]

export const ATTACH: Operations = {
  attach: {
    doc: 'Attach every device of a group to a domain.',
    by: ['host'],
    operands: { group: GROUP, domain: DOMAIN },
    steps: [
      { call: 'attach_device', with: { dev: 0, domain: '{domain}' }, if: 'member0_{group}' },
      { call: 'attach_device', with: { dev: 1, domain: '{domain}' }, if: 'member1_{group}' },
      { step: 'group', label: 'group {group} uses {domain}', set: { 'group_domain{group}': '{domain}' } },
    ],
  },
  attach_device: {
    doc: 'Write the entry of one device.',
    by: ['host'],
    operands: { dev: DEV, domain: DOMAIN },
    steps: [
      {
        label: 'device {dev} is attached to {domain}',
        cases: [
          {
            if: 'unit.freed.{domain}',
            fault: 'use_after_free',
            label: 'device {dev} is attached to {domain}, which had been freed',
            set: { ...entry('{dev}', '{domain}'), 'archdata{dev}': '{domain}', 'deferred{dev}': false },
          },
          { set: { ...entry('{dev}', '{domain}'), 'archdata{dev}': '{domain}', 'deferred{dev}': false } },
        ],
      },
    ],
  },
  defer: {
    doc: 'The group has its default domain, but the entries stay as the crashed kernel left them.',
    cite: '20 §7; 00 S3.4',
    by: ['host'],
    operands: { group: GROUP, domain: DOMAIN },
    steps: [
      {
        label: 'the attach of group {group} to {domain} is deferred',
        set: {
          'group_domain{group}': '{domain}',
          deferred0: 'member0_{group} ? true : deferred0',
          deferred1: 'member1_{group} ? true : deferred1',
        },
      },
    ],
  },
  attach_default: {
    doc: 'The attach that was deferred, at the first call of the DMA API (iommu_deferred_attach).',
    cite: '20 §7',
    by: ['host'],
    operands: { dev: DEV, group: GROUP },
    steps: [
      {
        label: 'device {dev} is attached to the default of its group',
        set: {
          ...entry('{dev}', 'default_domain{group}'),
          'archdata{dev}': 'default_domain{group}',
          'deferred{dev}': false,
        },
      },
    ],
  },
  create_direct_mappings: {
    doc: 'Map the direct and relaxable regions of the group 1:1 in a DMA domain.',
    cite: '30 §5',
    by: ['host'],
    operands: { group: GROUP, domain: DOMAIN },
    steps: [
      {
        label: 'firmware’s regions are mapped 1:1 in {domain}',
        cases: [
          { if: 'unit.identity.{domain}', name: 'identity', label: '{domain} maps everything 1:1 by itself' },
          { set: Object.fromEntries(['low', 'region', 'next'].map(page)) },
        ],
      },
    ],
  },
  alloc_domain: {
    doc: 'Allocate a domain: empty tables, and a domain id that may have been in use before.',
    by: ['host'],
    operands: { domain: DOMAIN },
    steps: [
      { label: '{domain} is allocated', set: { 'unit.freed.{domain}': false, 'unit.pte.{domain}.{*page}': 'none' } },
    ],
  },
  free_domain: {
    doc: 'Free a domain, its tables and its domain id, invalidating the IOTLB first or not at all.',
    cite: '80; 00 S3.3',
    by: ['host'],
    operands: { domain: DOMAIN, flush: { flag: true, default: true } },
    steps: [
      { call: 'unit.flush', with: { domain: '{domain}' }, if: '{flush}' },
      {
        step: 'free',
        cases: [
          {
            if: 'unit.identity.{domain} && freeing == static',
            name: 'static',
            label: 'freeing {domain} does nothing',
          },
          { label: '{domain} is freed', set: { 'unit.freed.{domain}': true } },
        ],
      },
    ],
  },
}
