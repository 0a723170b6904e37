/**
 * The allocator that the 2016 series proposed: user space gives a window, and doorbells get pages of it with a count of
 * their users. Whether there is a window, and whether it suffices, is found out when an interrupt is requested.
 *
 * Sources: 00 S0.1, S0.7; drivers/iommu/msi-iommu.c of the 2016 series (iommu_msi_set_aperture,
 * iommu_msi_get_doorbell_iova and its errnos, iommu_msi_put_doorbell_iova).
 */
import { block } from '../../hardware/block'
import { ALLOC, DOORBELL_INDICES, DOORBELL_IOVA, DOORBELL_PARAMETERS, freed, MAPPED, PAGES } from './doorbell-pages'

const OF = 'domain == {d}'

export const RESERVED_IOVA = block({
  block: 'reserved-iova',
  title: 'Reserved IOVA allocator of 2016',
  cite: '00 S0.7; msi-iommu.c of the 2016 series',
  scope: 'Three pages at most, one window a domain, atomic under its lock. The window begins at sw0 of the model.',
  parameters: DOORBELL_PARAMETERS,
  indices: DOORBELL_INDICES,
  ports: { iommu: 'smmu' },
  state: {
    alive: { per: ['d'], doc: 'the domain is allocated' },
    cookie: { per: ['d'], doc: 'iommu_get_msi_cookie() was called for it' },
    window: { per: ['d'], range: [0, PAGES], doc: 'pages that user space gave' },
    used: { per: ['d', 'w'], doc: 'the page is given to a doorbell' },
    iova: DOORBELL_IOVA,
    users: { per: ['d', 'doorbell'], range: [0, 3], doc: 'kref of the mapping' },
  },
  operations: {
    alloc: ALLOC,
    get: {
      doc: 'iommu_get_msi_cookie(): prepare the domain for doorbell mappings.',
      by: ['host', 'vmm'],
      operands: { domain: { names: 'contexts' } },
      steps: [{ label: 'MSI cookie of {domain}', set: { 'cookie.{domain}': 'true' } }],
    },
    set_aperture: {
      doc: 'iommu_msi_set_aperture(), from a DMA_MAP with the reserved MSI IOVA flag.',
      cite: '00 S0.7',
      by: ['vmm'],
      operands: { domain: { names: 'contexts', default: 'domain0' }, pages: { integer: [1, PAGES] } },
      steps: [
        {
          label: 'a window of {pages} pages for {domain}',
          cases: [
            { if: '!cookie.{domain}', errno: 'ENODEV' },
            { if: 'window.{domain} > 0', errno: 'EINVAL' },
            { set: { 'window.{domain}': '{pages}' } },
          ],
        },
      ],
    },
    map_doorbell: {
      doc: 'iommu_msi_get_doorbell_iova(): find the mapping and count one more user, or make it.',
      by: ['host', 'vmm'],
      operands: { domain: { expression: 'name' }, frame: { names: 'doorbells' } },
      steps: [
        {
          cases: [
            { if: `${OF} && !cookie.{d}`, per: ['d'], label: '{d} has no MSI cookie', errno: 'ENODEV' },
            { if: `${OF} && window.{d} == 0`, per: ['d'], label: 'user space gave no window', errno: 'EINVAL' },
            {
              if: `${OF} && users.{d}.{frame} > 0`,
              per: ['d'],
              name: 'found',
              label: '{frame} is mapped already: one more user',
              set: { 'users.{d}.{frame}': 'users.{d}.{frame} + 1' },
            },
            {
              if: `${OF} && {w} < window.{d} && !used.{d}_{w}`,
              per: ['d', 'w'],
              label: '{frame} is mapped at sw{w} of {d}',
              set: {
                'used.{d}_{w}': 'true',
                'users.{d}.{frame}': '1',
                ...MAPPED,
              },
            },
            { label: 'the window is used up', errno: 'ENOMEM' },
          ],
        },
      ],
    },
    put_doorbell: {
      doc: 'iommu_msi_put_doorbell_iova(): the last user unmaps the page and gives it back.',
      by: ['host', 'vmm'],
      operands: { domain: { names: 'contexts', default: 'domain0' }, frame: { names: 'doorbells' } },
      steps: [
        {
          cases: [
            {
              if: 'users.{domain}.{frame} > 1',
              name: 'kept',
              label: '{frame} has users left',
              set: { 'users.{domain}.{frame}': 'users.{domain}.{frame} - 1' },
            },
            {
              if: 'iova.{domain}.{frame} == sw{w}',
              per: ['w'],
              label: 'the page of {frame} is given back',
              set: {
                'users.{domain}.{frame}': '0',
                'used.{domain}_{w}': 'false',
                'iova.{domain}.{frame}': 'nowhere',
                'iommu.PTE.{domain}.sw{w}.V': 'false',
              },
            },
            { name: 'none', label: '{frame} is not mapped' },
          ],
        },
      ],
    },
    free: freed('iommu_domain_free().', {
      'window.{domain}': '0',
      'users.{domain}.{*doorbell}': '0',
      'used.{domain}_{*w}': 'false',
    }),
  },
})
