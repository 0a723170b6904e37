/** Small boards that reach the faults of blocks which no built-in scenario is about. */

/** First the host's operations, one after the other, then the device's. */
const board = (blocks: string, host: readonly string[], device: readonly string[] = []): string => `doorbell: 1
title: A board
blocks: { ${blocks} }
programs:
  host: [${[...host, '{ wait: { until: "true" }, id: SET }'].join(', ')}]
${device.length > 0 ? `  device: [${['{ wait: { until: done(SET) } }', ...device].join(', ')}]\n` : ''}`

const SMMU = 'smmu: { kind: smmu }, nic: { kind: msix-table, stream: 1 }'
const bypass = '{ smmu.configure: { stream: 1, config: bypass, domain: domain0 } }'
const write = (to: string): string => `{ nic.dma_write: { ${to} } }`
const stage1 = (more = ''): string => `{ smmu.configure: { stream: 1, config: s1_translate, domain: domain0${more} } }`

const smmu = [
  board(SMMU, [stage1(', valid: false')], [write('address: sw0')]),
  board(SMMU, [stage1()], [write('address: sw0, pasid: true')]),
  board(`${SMMU}, frame: { kind: gicv2m, base: 80 }`, [bypass], [write('address: v2m, data: 79')]),
]

const ITS = `${SMMU}, its: { kind: gicv3-its }`
const toIts = [write('address: its, data: 0')]
const its = [
  board(ITS, ['{ its.mapti: { device: 1, event: 0, lpi: 1 } }', 'its.wait']),
  board(
    ITS,
    [bypass, '{ its.mapd: { device: 1 } }', '{ its.mapti: { device: 1, event: 0, lpi: 1 } }', 'its.wait'],
    toIts,
  ),
  board(ITS, [bypass, '{ its.control: { enabled: false } }'], toIts),
]

const STREAMS = 'smmu: { kind: smmuv3-stream, streams: 2 }'
const stream = (more: string): string => `{ smmu.write_ste: { stream: 1${more} } }`
const descriptor = '{ smmu.write_cd: { stream: 1, substream: 1, owner: before } }'
const access = (AT = 0, substream?: number): string =>
  `{ smmu.${substream === undefined ? 'access_plain' : 'access'}: { stream: 1, job: before, AT: ${AT}${substream === undefined ? '' : `, substream: ${substream}`} } }`
const streams = [
  board(STREAMS, [stream(''), '{ write: { register: smmu.STRTAB_BASE_CFG, value: 0 } }'], [access()]),
  board(STREAMS, [stream(', V: false')], [access()]),
  board(STREAMS, [stream(', EATS: 0')], [access(1), access(2)]),
  board(STREAMS, [stream(', S1DSS: terminate')], [access()]),
  board(STREAMS, [stream(', S1CDMax: 0')], [access(0, 1)]),
  board(STREAMS, [stream('')], [access(0, 1)]),
  board(STREAMS, [stream(''), descriptor, '{ smmu.unmap: { owner: before } }'], [access(0, 1)]),
]

const AMD = 'unit: { kind: amdvi-unit }'
const entry = (more: string): string => `{ unit.write_dte: { function: 0${more} } }`
const amd = [
  board(AMD, [entry(', IntCtl: reserved')], ['{ unit.message: { function: 0 } }']),
  board(AMD, [entry(', IR: false')], ['{ unit.dma: { function: 0 } }']),
  board(AMD, [entry('')], ['{ unit.dma: { function: 0, AT: 1 } }']),
]

const VTD = 'unit: { kind: vtd-unit }, context: { kind: vtd-context }, pasid: { kind: vtd-pasid }'
const vtd = [
  board('unit: { kind: vtd-unit }, ir: { kind: vtd-irte }', [], ['{ ir.signal: { entry: 0, from: own, owner: own } }']),
  board(VTD, ['context.disable_ats'], ['{ pasid.dma_ats: { pasid: 1, job: before } }']),
  board(VTD, ['context.disable_pasid'], ['{ pasid.dma: { pasid: 1, job: before } }']),
]

const window = (remapping: boolean): string =>
  `vtd: { kind: x86-msi-window, remapping: ${remapping} }, nic: { kind: msix-table, stream: 1 }`
const x86 = [
  board(window(true), [], [write('address: irte1, data: 1')]),
  board(window(true), [], [write('address: irte1')]),
  board(window(false), [], [write('address: user0')]),
]

const pci = [
  board('vtd: { kind: x86-msi-window }, nic: { kind: msi-capability }', [], ['{ nic.interrupt: { vector: 0 } }']),
  board('nic: { kind: pci-function }', ['{ nic.set_master: { on: true } }'], ['nic.interrupt']),
  board(
    'nic: { kind: pci-function }',
    ['{ nic.set_master: { on: true } }', '{ nic.set_msix: { on: true } }', '{ nic.mask_all: { on: true } }'],
    ['nic.interrupt'],
  ),
  board('nic: { kind: pci-function }', ['{ nic.set_master: { on: true } }'], ['nic.page_request']),
]

const tolerant = (operation: string): string => `{ ${operation}, on_error: continue }`
const DSA = (more: string): string => `dev: { kind: dsa${more} }`
/** A descriptor that fails: into its record, and where it has none into SWERROR. */
const failing = (what: string, first = 'dev.read_back', parameters = ''): string[] =>
  ['', ', crav: false'].map((more) =>
    board(DSA(`, queue: enabled${parameters}`), [
      first,
      `{ dev.enqcmd: { descriptor: 0, pasid: guest, rci: false, ${what}${more} } }`,
    ]),
  )
const dsa = [
  board(DSA(', device: device_disabled'), [tolerant('dev.enable_wq: {}')]),
  board(DSA(', queue: enabled'), [tolerant('dev.enable_wq: {}'), tolerant('dev.request_ims_handle: { entry: 7 }')]),
  board(DSA(''), [tolerant('dev.drain_wq: {}')]),
  board(DSA(', free_handles: 0'), [tolerant('dev.request_ims_handle: { entry: 0 }')]),
  ...['opcode: transl_fetch', 'bof: true', 'reserved: 1', 'size: mib_4', 'priv: true'].flatMap((what) => failing(what)),
  ...failing('size: kib_4', 'dev.unmap_buffers'),
  failing('record: misaligned')[0] ?? '',
  ...failing('bof: true', 'dev.unmap_buffers, dev.answer_invalid', ', block_on_fault: true'),
  ...failing('size: kib_4', 'dev.refuse_translations'),
  ...failing('destination: overlapping', 'dev.read_back', ', overlap_copy: false'),
  ...failing('opcode: dualcast, destination2: other_offset'),
  failing('size: kib_4', 'dev.unmap_records')[0] ?? '',
  ...['size: descriptors_1', 'size: descriptors_2, list: list_misaligned'].flatMap((what) =>
    failing(`opcode: batch, ${what}`),
  ),
  ...failing('opcode: batch, size: descriptors_2', 'dev.unmap_lists'),
  ...failing(
    'opcode: batch, size: descriptors_2',
    '{ dev.list: { descriptor: 1, rci: false, reserved: 1 } }',
    ', descriptors: 2',
  ),
]

const PAMU = 'pamu: { kind: pamu, spaaces: 4 }'
const liodn = (n: number): string => tolerant(`pamu.config_ppaace: { liodn: ${n}, start: 0, size: 65536, count: 4 }`)
const VFIO =
  'pamu: { kind: pamu }, mpic: { kind: mpic-msi }, dev: { kind: pamu-endpoint }, domain: { kind: fsl-pamu-domain }, group: { kind: vfio-pamu-group }, c: { kind: vfio-pamu }'
const vmm = (calls: readonly string[]): string => board(VFIO, []).replace('  host: [', `  user: [${calls.join(', ')}, `)
const geometry = ['group.set_container', 'group.set_iommu', '{ c.set_attr_geometry: { start: 0, size: 256 } }']
const pamu = [
  board(PAMU, [liodn(0), liodn(1)]),
  vmm([...geometry, '{ c.set_attr_windows: { count: 0 } }']),
  vmm([...geometry, '{ c.set_attr_windows: { count: 4 } }', '{ c.map_dma: { at: 0, size: 32 } }']),
]

export const BOARDS: readonly string[] = [...smmu, ...its, ...streams, ...amd, ...vtd, ...x86, ...pci, ...dsa, ...pamu]
