/**
 * The other units, at the level of what their drivers program: AMD device table entries, stream table entries of an
 * SMMUv3 with their context descriptor, the stream mapping of an SMMUv2, virtio-iommu and PAMU.
 * Sources: set_dte_entry, arm_smmu_make_s1_cd and arm_smmu_init_initial_stes, arm-smmu.c, virtio-iommu.c, fsl_pamu.c;
 * conditions as in the readers of fault lines.
 */
import { because, type Reason } from '../../linux/reason'
import { streamId } from '../../linux/units'
import { atLeast } from '../../linux/policies/eras'
import type { Iommu } from '../../platform/schema'
import { AMD_EVENTS, REQUEST_TYPES } from '../faultline/amd'
import { SMMU_EVENTS } from '../faultline/smmu'
import { VIRTIO_FAULTS } from '../faultline/virtio'
import { accepted, code, refused, type Hop, type Refusal, type Said } from '../hop'
import type { Lookup } from '../mapped'
import { shownRequester, type Scene } from '../situation'
import { unmapped, type DmaRequest, type Passed } from './vtd'

const known = (
  list: readonly { readonly code: number; readonly name: string; readonly condition: string }[],
  name: string,
  condition?: string,
): Refusal => {
  const e = list.find((x) => x.name === name)
  return { code: code(e?.code ?? 0), name, condition: condition ?? e?.condition ?? name }
}

const stop = (hops: readonly Hop[], said: Said, why: Refusal, ...more: Reason[]): Passed => ({
  hops: [
    ...hops,
    refused({ ...said, because: [...said.because, because(why.condition, 'see refusal', why.name), ...more] }, why),
  ],
  output: undefined,
})

/** The page-table hop, alike for all of them. */
function walk(
  hops: readonly Hop[],
  at: string,
  register: string,
  lookup: Lookup,
  request: DmaRequest,
  refusal: { readonly absent: Refusal; readonly readOnly: Refusal },
): Passed {
  const { target } = lookup
  const write = request.access === 'write' || request.access === 'atomic'
  const said: Said = {
    block: 'translation',
    at,
    register,
    value: target ? `0x${((target.physical >> 12n) << 12n).toString(16)}` : '0x0',
    fields: target ? { permission: target.write ? 'read, write' : 'read' } : { valid: '0' },
    ...(target?.chosen ? { chosen: ['output address'] } : {}),
    because: [target ? target.why : unmapped(lookup, request.address)],
  }
  if (!target) return stop(hops, said, refusal.absent)
  if (write && !target.write) return stop(hops, said, refusal.readOnly)
  return { hops: [...hops, accepted(said)], output: target.physical }
}

export function throughAmd(scene: Scene, iommu: Iommu, lookup: Lookup, request: DmaRequest): Passed {
  const identity = lookup.domain === 'identity'
  const ats = scene.fn.ats?.enabled === true && scene.plan.cmdline.ats
  const dte: Said = {
    block: 'domain',
    at: iommu.name,
    register: 'DTE',
    value: identity ? '0x6000000000000003' : '0x6000000000000603',
    fields: { V: '1', TV: '1', Mode: identity ? '0' : '3', IR: '1', IW: '1', I: ats ? '1' : '0', GV: '0' },
    chosen: ['Page Table Root Pointer', 'DomainID'],
    because: [
      because(
        `the device table entry of ${shownRequester(scene.requester)}: the domain is ${lookup.domain}`,
        'set_dte_entry; AMD 48882 §2.2.2',
        ...lookup.because.flatMap((r) => [r.rule, ...r.facts]),
      ),
    ],
  }
  if (request.pasid !== undefined)
    return stop(
      [],
      dte,
      known(AMD_EVENTS, 'IO_PAGE_FAULT', 'request with PASID while GV=0: no guest translation is set up (UFM)'),
    )
  if (request.kind !== 'untranslated' && !ats)
    return stop([], dte, known(AMD_EVENTS, 'INVALID_DEVICE_REQUEST', REQUEST_TYPES[1]))
  if (identity || request.kind === 'translated') return { hops: [accepted(dte)], output: request.address }
  const flags = (write: boolean, present: boolean) =>
    `, flags 0x${((write ? 0x20 : 0) | (present ? 0x50 : 0)).toString(16).padStart(4, '0')}`
  const write = request.access !== 'read'
  return walk([accepted(dte)], iommu.name, 'PTE', lookup, request, {
    absent: known(AMD_EVENTS, 'IO_PAGE_FAULT', `page not present${flags(write, false)}`),
    readOnly: known(AMD_EVENTS, 'IO_PAGE_FAULT', `page present, but write not allowed${flags(true, true)}`),
  })
}

export function throughSmmuV3(scene: Scene, iommu: Iommu, lookup: Lookup, request: DmaRequest): Passed {
  const { plan, fn } = scene
  const sid = streamId(plan.board, fn, scene.requester)
  const config = lookup.domain === 'blocked' ? 0 : lookup.domain === 'identity' ? 4 : 5
  const ats = config === 5 && fn.ats?.enabled === true && plan.cmdline.ats
  const pasids = config === 5 && fn.pasid?.enabled === true
  const stream: Said = {
    block: 'iommu',
    at: iommu.name,
    register: 'SMMU_STRTAB_BASE_CFG',
    value: `0x${sid.toString(16)}`,
    fields: { StreamID: `0x${sid.toString(16)}` },
    because: [
      because(
        'the requester ID becomes a StreamID',
        '90; IORT or iommu-map',
        shownRequester(scene.requester),
        iommu.source,
      ),
    ],
  }
  const ste: Said = {
    block: 'domain',
    at: iommu.name,
    register: 'STE',
    value: `0x${((BigInt(config) << 1n) | 1n).toString(16)}`,
    fields: {
      V: '1',
      Config: { 0: '0b000 (abort)', 4: '0b100 (bypass)', 5: '0b101 (stage 1)' }[config] ?? '',
      EATS: ats ? '1' : '0',
      S1CDMax: `${pasids ? (fn.pasid?.width ?? 0) : 0}`,
    },
    chosen: ['S1ContextPtr'],
    because: [
      because(
        `the stream table entry: the domain is ${lookup.domain}`,
        'Arm IHI 0070 §5.2; arm_smmu_make_*_ste',
        ...lookup.because.flatMap((r) => [r.rule, ...r.facts]),
      ),
    ],
  }
  if (config === 0) {
    const near = plan.board.platform.functions.some(
      (f) =>
        plan.units.served.get(f)?.unit === iommu &&
        streamId(plan.board, f, plan.board.topology.requesters(f)[0] ?? 0) >> 8 === sid >> 8,
    )
    if (!near)
      return stop(
        [],
        stream,
        known(
          SMMU_EVENTS,
          'C_BAD_STREAMID',
          'the second-level stream table of its StreamID was never allocated (two-level table)',
        ),
      )
    const abort = !atLeast(plan.policy.version, 5, 2)
    if (!abort)
      return stop([accepted(stream)], ste, {
        name: 'STE.Config=0b000',
        condition: 'the initial entry aborts, and no event is recorded',
      })
    return { hops: [accepted(stream), accepted(ste)], output: request.address }
  }
  const hops = [accepted(stream)]
  if (request.pasid !== undefined && !pasids) return stop(hops, ste, known(SMMU_EVENTS, 'C_BAD_SUBSTREAMID'))
  if (request.kind === 'translation' && !ats) return stop(hops, ste, known(SMMU_EVENTS, 'F_BAD_ATS_TREQ'))
  if (request.kind === 'translated' && !ats) return stop(hops, ste, known(SMMU_EVENTS, 'F_TRANSL_FORBIDDEN'))
  hops.push(accepted(ste))
  if (config === 4 || request.kind === 'translated') return { hops, output: request.address }
  const bound = request.pasid === undefined || request.pasid === 0 || scene.situation.pasids.includes(request.pasid)
  const cd: Said = {
    block: 'domain',
    at: iommu.name,
    register: 'CD',
    value: bound ? '0x80000000' : '0x0',
    fields: {
      V: bound ? '1' : '0',
      ...(request.pasid === undefined ? {} : { SubstreamID: `0x${request.pasid.toString(16)}` }),
    },
    chosen: ['ASID', 'TTB0'],
    because: [
      because(
        'the context descriptor of the substream',
        'Arm IHI 0070 §5.4',
        bound ? 'stage 1, TTB0' : 'no address space was bound to this PASID',
      ),
    ],
  }
  if (!bound) return stop(hops, cd, known(SMMU_EVENTS, 'C_BAD_CD'))
  hops.push(accepted(cd))
  const sva: Lookup =
    request.pasid === undefined
      ? lookup
      : {
          ...lookup,
          target: {
            physical: 0x20000000n | (request.address & 0xfffn),
            write: true,
            chosen: true,
            why: because("the process's page tables, taken as present", '80 §9'),
          },
        }
  return walk(hops, iommu.name, 'Translation table descriptor', sva, request, {
    absent: known(SMMU_EVENTS, 'F_TRANSLATION'),
    readOnly: known(SMMU_EVENTS, 'F_PERMISSION'),
  })
}

/** SMMUv2, virtio-iommu and PAMU: one entry, one walk. */
export function throughOther(scene: Scene, iommu: Iommu, lookup: Lookup, request: DmaRequest): Passed {
  const virtio = iommu.kind === 'virtio-iommu'
  const entry: Said = {
    block: 'domain',
    at: iommu.name,
    register: virtio ? 'ATTACH' : iommu.kind === 'pamu' ? 'PAACE' : 'S2CR',
    value: `0x${scene.requester.toString(16)}`,
    fields: { domain: lookup.domain },
    because: [
      because(
        `${shownRequester(scene.requester)}: the domain is ${lookup.domain}`,
        '20; 50',
        ...lookup.because.flatMap((r) => [r.rule, ...r.facts]),
      ),
    ],
  }
  const fault = (word: string, bit: string, condition: string): Refusal =>
    virtio
      ? known(VIRTIO_FAULTS, word)
      : iommu.kind === 'pamu'
        ? { name: 'AVS1 access violation', condition }
        : { name: bit, condition }
  if (lookup.domain === 'blocked')
    return stop([], entry, fault('VIRTIO_IOMMU_FAULT_R_DOMAIN', 'GFSR.USF', 'no stream mapping or domain for it'))
  if (request.pasid !== undefined || request.kind !== 'untranslated')
    return stop([], entry, { name: 'unsupported', condition: 'the unit takes no PASID and no ATS' })
  // PAMU: every LIODN has a window over the whole space since boot, until user space sets its own.
  const open = lookup.domain === 'identity' || (iommu.kind === 'pamu' && lookup.domain === 'unknown')
  if (open) return { hops: [accepted(entry)], output: request.address }
  return walk(
    [accepted(entry)],
    iommu.name,
    virtio ? 'MAP' : iommu.kind === 'pamu' ? 'PAACE window' : 'Translation table descriptor',
    lookup,
    request,
    {
      absent: fault('VIRTIO_IOMMU_FAULT_R_MAPPING', 'FSR.TF', 'translation fault: no valid descriptor'),
      readOnly: fault('VIRTIO_IOMMU_FAULT_R_MAPPING', 'FSR.PF', 'permission fault'),
    },
  )
}
