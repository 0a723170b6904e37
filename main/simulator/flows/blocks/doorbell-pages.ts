/**
 * What the allocators of doorbell addresses have in common: domains, the doorbells that they map, and named pages at the
 * start of the window that they map them at.
 * Source: 30 §7; 00 S0.1, S0.7.
 */
import type { z } from 'zod'
import type { OperationSpec } from '../../hardware/block'
import { ADDRESSES } from '../../hardware/upstream'

type Operation = z.input<typeof OperationSpec>

/** Pages at the start of the window that have names: sw0, sw1, sw2. */
export const PAGES = 3

export const DOORBELL_PARAMETERS = {
  addresses: { names: ADDRESSES },
  contexts: { names: { domain0: 0x1000, domain1: 0x1001 }, doc: 'the domains' },
  doorbells: { names: { v2m: 0x8020, v2m1: 0x8021, its: 0x8090 }, doc: 'pages with a doorbell in them' },
}

export const DOORBELL_INDICES = { d: 'contexts', doorbell: 'doorbells', w: PAGES }

/** The address of each doorbell in each domain. */
export const DOORBELL_IOVA = {
  per: ['d', 'doorbell'],
  names: 'addresses',
  and: ['nowhere'],
  initial: 'nowhere',
}

export const ALLOC: Operation = {
  doc: 'iommu_domain_alloc().',
  by: ['host', 'vmm'],
  operands: { domain: { names: 'contexts' } },
  steps: [{ label: '{domain} is allocated', set: { 'alive.{domain}': 'true' } }],
}

/** `{frame}` is at sw{w} of {d}. */
export const MAPPED = {
  'iova.{d}.{frame}': 'sw{w}',
  'iommu.PTE.{d}.sw{w}.V': 'true',
  'iommu.PTE.{d}.sw{w}.OA': '{frame}',
}

/** {domain} is gone, and with it all that was mapped in its window; `more`: what the allocator keeps besides. */
export const freed = (doc: string, more: Readonly<Record<string, string>>): Operation => ({
  doc,
  by: ['host', 'vmm'],
  operands: { domain: { names: 'contexts' } },
  steps: [
    {
      label: '{domain} is freed',
      set: {
        'alive.{domain}': 'false',
        'cookie.{domain}': 'false',
        ...more,
        'iova.{domain}.{*doorbell}': 'nowhere',
        'iommu.PTE.{domain}.sw{*w}.V': 'false',
      },
    },
  ],
})
