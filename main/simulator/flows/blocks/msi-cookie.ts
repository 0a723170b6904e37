/**
 * Where doorbells get their I/O virtual address: the MSI cookie of a domain, which hands out pages of the software MSI
 * window one after the other and takes none back before the domain is freed; or, since 2025, a table of the iommufd
 * context from which every domain is loaded before it is attached.
 *
 * Sources: 30 §7 (cookie, bump allocator without a bound), 40 §4, §5; 00 S0.6, S0.15; "iommufd: Implement sw_msi support
 * natively" for the context's table.
 */
import { block } from '../../hardware/block'
import { ALLOC, DOORBELL_INDICES, DOORBELL_IOVA, DOORBELL_PARAMETERS, freed, MAPPED, PAGES } from './doorbell-pages'

const OF = 'domain == {d}'
const NEXT = `(owner == context ? next_of_context : next.{d}) == {w}`

export const MSI_COOKIE = block({
  block: 'msi-cookie',
  title: 'IOMMU domains and their MSI pages',
  cite: '30 §7; 00 S0.15',
  scope: 'Three pages of the window. Atomic under msi_prepare_lock.',
  parameters: {
    ...DOORBELL_PARAMETERS,
    owner: { default: 'domain', values: ['domain', 'context'], doc: 'who remembers the IOVA of a doorbell' },
    pages: { default: PAGES, min: 1, max: PAGES, doc: 'pages left in the window (256 in all at 4 KiB, 16 at 64 KiB)' },
    iommu_dma: { default: true, doc: 'CONFIG_IOMMU_DMA' },
  },
  indices: DOORBELL_INDICES,
  ports: { iommu: 'smmu' },
  state: {
    alive: { per: ['d'], doc: 'the domain is allocated' },
    cookie: { per: ['d'], doc: 'the domain has an MSI cookie' },
    next: { per: ['d'], range: [0, PAGES], doc: 'next page of the window' },
    next_of_context: { range: [0, PAGES] },
    iova: DOORBELL_IOVA,
    table: { per: ['doorbell'], names: 'addresses', and: ['nowhere'], initial: 'nowhere', doc: 'of the context' },
    past_window: { doc: 'a doorbell was mapped behind the end of the window' },
  },
  faults: { use_after_free: 'memory of a domain is used after the domain was freed' },
  operations: {
    alloc: ALLOC,
    get: {
      doc: 'iommu_get_msi_cookie(): the domain may map doorbells.',
      cite: '30 §7',
      by: ['host', 'vmm'],
      operands: { domain: { names: 'contexts' } },
      steps: [
        {
          label: 'MSI cookie of {domain}',
          cases: [
            { if: '!iommu_dma', errno: 'ENODEV' },
            { if: 'cookie.{domain}', errno: 'EEXIST' },
            { set: { 'cookie.{domain}': 'true' } },
          ],
        },
      ],
    },
    map_doorbell: {
      doc: 'iommu_dma_get_msi_page(): the page of a doorbell gets its IOVA, when it has none yet.',
      cite: '30 §7',
      by: ['host', 'vmm'],
      operands: { domain: { expression: 'name' }, frame: { names: 'doorbells' } },
      steps: [
        {
          cases: [
            {
              if: `${OF} && !alive.{d}`,
              per: ['d'],
              fault: 'use_after_free',
              label: 'the page list of {d} is read, and {d} is freed',
            },
            {
              if: `${OF} && !cookie.{d}`,
              per: ['d'],
              name: 'no-cookie',
              label: '{d} has no cookie: the message keeps the physical address',
            },
            {
              if: `${OF} && iova.{d}.{frame} != nowhere`,
              per: ['d'],
              name: 'found',
              label: '{frame} is mapped in {d} already',
            },
            {
              if: `owner == context && ${OF} && table.{frame} == sw{w}`,
              per: ['d', 'w'],
              name: 'again',
              label: '{frame} gets the IOVA that it has elsewhere in the context, sw{w}',
              set: {
                ...MAPPED,
              },
            },
            {
              if: `${OF} && ${NEXT} && iommu.PTE.{d}.sw{w}.V`,
              per: ['d', 'w'],
              name: 'taken',
              label: 'sw{w} is next, and something is mapped there',
              errno: 'ENOMEM',
            },
            {
              if: `${OF} && ${NEXT}`,
              per: ['d', 'w'],
              label: '{frame} is mapped at sw{w} of {d}',
              set: {
                'table.{frame}': 'owner == context ? sw{w} : table.{frame}',
                'next.{d}': 'owner == context ? next.{d} : {w+1}',
                next_of_context: 'owner == context ? {w+1} : next_of_context',
                past_window: 'past_window || {w} >= pages',
                ...MAPPED,
              },
            },
            { name: 'none-left', label: 'no page of the window has a name here', errno: 'ENOMEM' },
          ],
        },
      ],
    },
    install: {
      doc: 'Every doorbell of the context is loaded into a domain before the domain is attached (2025).',
      cite: '00 S0.15; "iommufd: Implement sw_msi support natively"',
      by: ['host', 'vmm'],
      operands: { domain: { names: 'contexts' } },
      steps: [
        {
          label: 'the doorbells of the context are mapped in {domain}',
          set: {
            'iova.{domain}.{*doorbell}': 'table.{doorbell}',
            'iommu.PTE.{domain}.sw{*w}.V': 'any{doorbell: table.{doorbell} == sw{w}} || iommu.PTE.{domain}.sw{w}.V',
            'iommu.PTE.{domain}.sw{*w}.OA':
              'table.its == sw{w} ? its : table.v2m == sw{w} ? v2m : table.v2m1 == sw{w} ? v2m1 : iommu.PTE.{domain}.sw{w}.OA',
          },
        },
      ],
    },
    free: freed('iommu_domain_free(): page table, cookie and page list are gone.', { 'next.{domain}': '0' }),
  },
})
