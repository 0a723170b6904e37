/** What the inspector says about a node: name and value pairs in groups, in the words of the specification. */
import type { Platform } from '../../preload/contract'
import { hex4, idText, vendorName } from '../model/pci'
import type { GraphNode } from '../model/topology'
import { checkWord } from './describe'

export interface Fact {
  name: string
  value: string
  mono?: boolean
}
export interface FactGroup {
  title: string
  facts: Fact[]
}

type Pairs = readonly (readonly [name: string, value: string | undefined, mono?: 'mono'])[]
const group = (title: string, pairs: Pairs): FactGroup => ({
  title,
  facts: pairs.flatMap(([name, value, mono]) =>
    value === undefined || value === '' ? [] : [{ name, value, mono: mono !== undefined }],
  ),
})
const onOff = (enabled: boolean): string => (enabled ? 'enabled' : 'not enabled')
const yesNo = (is: boolean | undefined): string | undefined => (is === undefined ? undefined : is ? 'yes' : 'no')

export function facts(node: GraphNode, platform: Platform): FactGroup[] {
  const groups = rawFacts(node, platform)
  return groups.filter((g) => g.facts.length > 0)
}

function rawFacts(node: GraphNode, platform: Platform): FactGroup[] {
  switch (node.kind) {
    case 'root':
      return [
        group('Root', [
          ['segment', hex4(node.root.segment), 'mono'],
          ['first bus', `0x${node.root.bus.toString(16).padStart(2, '0')}`, 'mono'],
          ['functions', String(node.functions)],
        ]),
      ]
    case 'iommu': {
      const { iommu } = node
      return [
        group('Unit', [
          ['base', iommu.base, 'mono'],
          ['segment', iommu.segment === undefined ? undefined : hex4(iommu.segment), 'mono'],
          ['interrupt remapping', yesNo(iommu.interruptRemapping) ?? 'not known'],
          ['serves', `${iommu.serves.length} functions`],
          ['source', iommu.source],
        ]),
        group(
          'Registers',
          Object.entries(iommu.registers).map(([name, value]) => [name, value, 'mono'] as const),
        ),
      ]
    }
    case 'msi': {
      const { msi } = node
      return [
        group('Controller', [
          ['doorbell', msi.doorbell, 'mono'],
          ['size', msi.size, 'mono'],
          ['takes messages of', `${msi.serves.length} functions`],
          ['source', msi.source],
        ]),
      ]
    }
    case 'many':
      return [
        group('Folded: all alike, with what is below them', [
          ['here', String(node.ids.length)],
          ['functions', String(node.functions)],
          ['vendor : device', idText(node.fn), 'mono'],
          ['driver', node.fn.driver, 'mono'],
          ['first', node.fn.bdf, 'mono'],
          ['last', node.ids.at(-1), 'mono'],
        ]),
      ]
    case 'vdev':
      return [
        group('Virtual device', [
          ['kind', node.device.kind],
          ['under', node.device.under ?? 'not placed', 'mono'],
          ['PASID', checkWord(node.device.check)],
        ]),
        {
          title: 'How its interrupt travels',
          facts: node.device.route.map((hop, i) => ({ name: String(i + 1), value: hop })),
        },
      ]
    case 'bridge':
    case 'function':
      return functionFacts(node, platform)
  }
}

function functionFacts(node: GraphNode & { kind: 'bridge' | 'function' }, platform: Platform): FactGroup[] {
  const { fn } = node
  const regions = platform.regions.filter((r) => r.devices.includes(fn.bdf))
  const bus = (n: number): string => n.toString(16).padStart(2, '0')
  return [
    group('Function', [
      ['vendor : device', `${idText(fn)}${vendorName(fn.vendor) ? ` (${vendorName(fn.vendor)})` : ''}`, 'mono'],
      ['class', `0x${fn.class.toString(16).padStart(6, '0')}`, 'mono'],
      ['express', fn.express ? `${fn.express.type}, version ${fn.express.version}` : undefined],
      [
        'buses',
        fn.bridge ? `${bus(fn.bridge.primary)} → ${bus(fn.bridge.secondary)}–${bus(fn.bridge.subordinate)}` : undefined,
        'mono',
      ],
      ['driver', fn.driver, 'mono'],
      ['bus master', yesNo(fn.busMaster)],
      ['physical function', fn.physfn, 'mono'],
      ['NUMA node', fn.numaNode === undefined ? undefined : String(fn.numaNode)],
      ['configuration space', fn.configSize > 0 ? `${fn.configSize} bytes read` : undefined],
    ]),
    group('Capabilities', [
      [
        'MSI-X',
        fn.msix
          ? `${fn.msix.vectors} vectors, ${onOff(fn.msix.enabled)}, table BAR${fn.msix.tableBir}+0x${fn.msix.tableOffset.toString(16)}`
          : undefined,
      ],
      [
        'MSI',
        fn.msi
          ? `${fn.msi.vectors} vectors, ${onOff(fn.msi.enabled)}${fn.msi.maskable ? ', maskable' : ''}`
          : undefined,
      ],
      ['IMS', fn.siov ? (fn.siov.ims ? 'interrupt message store' : 'SIOV without IMS') : undefined],
      ['PASID', fn.pasid ? `${fn.pasid.width} bits, ${onOff(fn.pasid.enabled)}` : undefined],
      ['ATS', fn.ats ? `${onOff(fn.ats.enabled)}, queue depth ${fn.ats.queueDepth}` : undefined],
      ['PRI', fn.pri ? onOff(fn.pri.enabled) : undefined],
      ['ACS', fn.acs ? `cap 0x${hex4(fn.acs.cap)}, ctrl 0x${hex4(fn.acs.ctrl)}` : undefined, 'mono'],
      ['SR-IOV', fn.sriov ? `${fn.sriov.enabled} of ${fn.sriov.total} VFs` : undefined],
      ['not readable', fn.unknown.length > 0 ? fn.unknown.join(', ') : undefined],
    ]),
    group('Way of its messages', [
      ['IOMMU', node.iommus.join(', ') || 'none', 'mono'],
      ['MSI controller', node.msis.join(', ') || 'none', 'mono'],
    ]),
    group(
      'Firmware regions',
      regions.map((r) => [r.kind.toUpperCase(), `${r.start}–${r.end}`, 'mono'] as const),
    ),
  ]
}
