/**
 * Which I/O virtual addresses user space may map: since 5.4 the container keeps a list from which reserved regions are
 * taken out; before, everything that the page table takes is accepted.
 *
 * Sources: 30 §6, §8; 40 §5, §10; 05.8.
 */
import { block } from '../../hardware/block'
import { ADDRESSES, FRAMES } from '../../hardware/upstream'

export const VFIO_IOVA = block({
  block: 'vfio-iova',
  title: 'Mappings of a VFIO container',
  cite: '30 §6, §8; 40 §10; 05.8',
  scope: 'Pages with names; sizes and alignment are taken as right.',
  parameters: {
    addresses: { names: ADDRESSES },
    frames: { names: FRAMES },
    list: { default: true, doc: 'the IOVA list of 5.4 is there' },
    region: { default: 'sw_msi', values: ['sw_msi', 'msi'], doc: 'reserved region of the group' },
    pages: { default: 3, min: 1, max: 3, doc: 'named pages of the software MSI window: sw0 …' },
  },
  indices: { w: 'pages' },
  ports: { iommu: ['smmu', 'x86-msi-window'] },
  operations: {
    map_dma: {
      doc: 'VFIO_IOMMU_MAP_DMA.',
      cite: '40 §10 steps 7, 9',
      by: ['vmm'],
      operands: {
        domain: { values: ['domain0', 'domain1'], default: 'domain0' },
        iova: { names: 'addresses' },
        frame: { names: 'frames', default: 'ram' },
      },
      steps: [
        {
          step: 'check',
          cases: [
            {
              if: 'list && region == sw_msi && any{w: {iova} == sw{w}}',
              label: '{iova} lies in the software MSI window',
              errno: 'EINVAL',
            },
            {
              if: 'list && region == msi && ({iova} == fee0 || {iova} == fee1 || {iova} == irte0 || {iova} == irte1)',
              name: 'window',
              label: '{iova} lies in the interrupt range',
              errno: 'EINVAL',
            },
            { label: '{iova} may be mapped' },
          ],
        },
        { call: 'iommu.map', with: { domain: '{domain}', iova: '{iova}', frame: '{frame}' } },
      ],
    },
  },
})
