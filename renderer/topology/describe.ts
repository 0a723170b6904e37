/** Words for nodes: two lines on the card, and everything that a search may find. */
import { className, idText, shortBdf, vendorName } from '../model/pci'
import type { VirtualDevice, GraphNode } from '../model/topology'

const IOMMU_WORD = {
  'vt-d': 'Intel VT-d',
  'amd-vi': 'AMD-Vi',
  'smmu-v3': 'Arm SMMUv3',
  'smmu-v2': 'Arm SMMUv2',
  'virtio-iommu': 'virtio-iommu',
  pamu: 'Freescale PAMU',
}
const MSI_WORD = {
  'x86-apic': 'x86 local APIC',
  'vt-d-ir': 'VT-d interrupt remapping',
  'amd-ir': 'AMD interrupt remapping',
  gicv2m: 'GICv2m',
  'gicv3-its': 'GICv3 ITS',
  mpic: 'OpenPIC MSI',
}

export interface Words {
  title: string
  line: string
}

export function words(node: GraphNode, segments: number): Words {
  switch (node.kind) {
    case 'msi':
      return { title: node.msi.name, line: MSI_WORD[node.msi.kind] }
    case 'iommu':
      return { title: node.iommu.name, line: IOMMU_WORD[node.iommu.kind] }
    case 'root':
      return { title: node.root.id, line: `root, ${node.functions} function${node.functions === 1 ? '' : 's'}` }
    case 'bridge':
    case 'function':
      return { title: shortBdf(node.fn.bdf, segments), line: className(node.fn) }
    case 'many':
      return {
        title: `${node.ids.length} × ${className(node.fn)}`,
        line: `${shortBdf(node.fn.bdf, segments)} … ${shortBdf(node.ids.at(-1) ?? node.fn.bdf, segments)}`,
      }
    case 'vdev':
      return {
        title: node.device.id,
        line: [node.device.kind, checkWord(node.device.check)].filter(Boolean).join(', '),
      }
  }
}

export function checkWord(check: VirtualDevice['check']): string | undefined {
  if (check === null) return undefined
  return check === 'none' ? 'no PASID check' : `checks at ${check}`
}

/** What a node can do, shortest first: shown as small badges on its card. */
export function abilities(node: GraphNode): string[] {
  if (node.kind !== 'function' && node.kind !== 'bridge') {
    return node.kind === 'iommu' && node.iommu.interruptRemapping ? ['IR'] : []
  }
  const { fn } = node
  return [
    fn.siov?.ims && 'IMS',
    fn.pasid && 'PASID',
    fn.ats && 'ATS',
    fn.pri && 'PRI',
    fn.sriov && 'SR-IOV',
    fn.physfn && 'VF',
    fn.acs && 'ACS',
  ].filter((word): word is string => typeof word === 'string')
}

export function searchText(node: GraphNode): string {
  const base = words(node, 2)
  const more: (string | undefined)[] =
    node.kind === 'function' || node.kind === 'bridge'
      ? [node.fn.bdf, idText(node.fn), vendorName(node.fn.vendor), node.fn.driver, ...node.iommus, ...abilities(node)]
      : node.kind === 'msi'
        ? [node.msi.doorbell]
        : node.kind === 'iommu'
          ? [node.iommu.base]
          : []
  return [base.title, base.line, ...more].filter(Boolean).join(' ')
}
