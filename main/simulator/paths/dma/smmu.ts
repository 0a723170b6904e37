/**
 * A request through an SMMUv3: stream table, context descriptors and stage 1 tables as the driver writes them, decided by
 * `translateSmmu`. Source: arm_smmu_make_*_ste, arm_smmu_make_s1_cd, arm_smmu_init_sid_strtab (a second-level table comes
 * with the first device of its 256 StreamIDs), arm_smmu_init_initial_stes.
 */
import { CD, L1STD, STE } from '../../hardware/smmuv3/entries'
import { EVENTS, translateSmmu, type SmmuUnit } from '../../hardware/smmuv3/translate'
import { atLeast } from '../../linux/policies/policy'
import { because } from '../../linux/reason'
import { streamId } from '../../linux/units'
import type { Iommu } from '../../platform/schema'
import { accepted, code, refused, type Refusal, type Said } from '../hop'
import type { Lookup, Target } from '../mapped'
import { shownRequester, type Scene } from '../situation'
import { step, unmapped, type DmaRequest, type Passed } from './vtd'
import { Words } from './words'

const STREAMS = 0x400000n
const SECOND = 0x500000n
const CONTEXTS = 0x8000000n
const TABLES = 0x110000n
const SVA_TABLES = 0x120000n
const SPLIT = 8
const LEVELS = 4
const UNIT: SmmuUnit = {
  enabled: true,
  gbpaAbort: true,
  atsCheck: true,
  streamTable: STREAMS,
  log2size: 16,
  split: SPLIT,
  oas: 48,
  stage1: true,
  stage2: true,
}

export function throughSmmuV3(scene: Scene, iommu: Iommu, lookup: Lookup, request: DmaRequest): Passed {
  const { plan, fn } = scene
  const stream = streamId(plan.board, fn, scene.requester)
  const memory = tables(scene, iommu, lookup, request, stream)
  const { kind, address, pasid } = request
  const access = request.access === 'write' || request.access === 'atomic' ? 'write' : 'read'
  const decision = translateSmmu(UNIT, memory, {
    stream,
    ...(pasid === undefined ? {} : { substream: pasid }),
    kind: kind === 'page' ? 'untranslated' : kind,
    access,
    address,
  })
  const base: Said = {
    block: 'iommu',
    at: iommu.name,
    register: 'SMMU_STRTAB_BASE_CFG',
    value: `0x${((1n << 16n) | (BigInt(SPLIT) << 6n) | 16n).toString(16)}`,
    fields: { StreamID: `0x${stream.toString(16)}`, FMT: '1 (two levels)', SPLIT: `${SPLIT}`, LOG2SIZE: '16' },
    chosen: ['LOG2SIZE'],
    because: [
      because(
        'the requester ID becomes a StreamID',
        '90; IORT or iommu-map',
        shownRequester(scene.requester),
        iommu.source,
      ),
    ],
  }
  const said = [base, ...decision.walked.map((w) => step(w, iommu, scene, lookup, request))]
  if (decision.outcome === 'bypass' || decision.outcome === 'translated')
    return { hops: said.map(accepted), output: decision.address }
  const event = decision.event
  const why: Refusal = event
    ? { code: code(EVENTS[event].code), name: event, condition: EVENTS[event].condition }
    : { name: 'STE.Config=0b000', condition: 'the entry aborts, and no event is recorded' }
  const last = said.at(-1) ?? base
  const missing = event === 'F_TRANSLATION' && pasid === undefined ? [unmapped(lookup, address)] : []
  const end = refused(
    {
      ...last,
      because: [
        ...last.because,
        because(
          why.condition,
          'Arm IHI 0070 §7.3',
          why.name,
          decision.recorded ? 'recorded in the event queue' : 'not recorded',
        ),
        ...missing,
      ],
    },
    why,
  )
  return { hops: [...said.slice(0, -1).map(accepted), end], output: undefined }
}

function tables(scene: Scene, iommu: Iommu, lookup: Lookup, request: DmaRequest, stream: number): Words {
  const { plan, fn, situation } = scene
  const memory = new Words()
  const { domain } = lookup
  const near = plan.board.platform.functions.some(
    (f) =>
      plan.units.served.get(f)?.unit === iommu &&
      streamId(plan.board, f, plan.board.topology.requesters(f)[0] ?? 0) >> SPLIT === stream >> SPLIT,
  )
  if (domain === 'blocked' && !near) return memory
  memory.entry(STREAMS + BigInt((stream >> SPLIT) * 8), L1STD, { Span: SPLIT + 1, L2Ptr: SECOND >> 6n })
  const at = SECOND + BigInt((stream & (2 ** SPLIT - 1)) * 64)
  if (domain === 'blocked') {
    // Before 5.2 what was never attached bypasses; since then it aborts.
    memory.entry(at, STE, { V: 1, Config: atLeast(plan.policy.version, 5, 2) ? 0 : 4 })
    return memory
  }
  if (domain === 'identity') {
    memory.entry(at, STE, { V: 1, Config: 4 })
    return memory
  }
  const pasids = fn.pasid && (situation.pasidEnable ?? fn.pasid.enabled) ? Math.min(fn.pasid.width, 20) : 0
  memory.entry(at, STE, {
    V: 1,
    Config: 5,
    S1ContextPtr: CONTEXTS >> 6n,
    S1CDMax: pasids,
    S1DSS: pasids > 0 ? 2 : 0,
    S1STALLD: 1,
    EATS: fn.ats?.enabled === true && plan.cmdline.ats ? 1 : 0,
  })
  descriptor(memory, 0, TABLES, request.address, lookup.target)
  const { pasid } = request
  if (pasid !== undefined && pasid !== 0 && situation.pasids.includes(pasid))
    descriptor(memory, pasid, SVA_TABLES, request.address, {
      physical: 0x20000000n | (request.address & 0xfffn),
      write: true,
      chosen: true,
      why: because("the process's page tables, taken as present", '80 §9'),
    })
  return memory
}

/** 48-bit input, 4 KiB granule; Access flag and unprivileged access set, AP[2] where it is read only. */
function descriptor(memory: Words, substream: number, root: bigint, iova: bigint, target: Target | undefined): void {
  memory.entry(CONTEXTS + BigInt(substream * 64), CD, {
    V: 1,
    AA64: 1,
    T0SZ: 16,
    EPD1: 1,
    IPS: 5,
    R: 1,
    A: 1,
    ASET: 1,
    ASID: 1 + (substream % 0xffff),
    TTB0: root >> 4n,
  })
  if (!target) return
  memory.map(root, LEVELS, iova, {
    table: (next) => next | 3n,
    leaf: ((target.physical >> 12n) << 12n) | 3n | (1n << 10n) | (1n << 6n) | (target.write ? 0n : 1n << 7n),
  })
}
