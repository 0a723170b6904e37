/**
 * The units without a decision procedure of their own, at the level of what their drivers program: SMMUv2, virtio-iommu
 * and PAMU. Sources: arm-smmu.c, virtio-iommu.c, fsl_pamu.c; conditions as in the readers of fault lines.
 */
import { because, type Reason } from '../../linux/reason'
import type { Iommu } from '../../platform/schema'
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
      ? known(Object.values(VIRTIO_FAULTS), word)
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
