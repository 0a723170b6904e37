/** The x86 interrupt window: VT-d's remapping table, AMD's, or none. */
import { deliverAmd, EVENTS } from '../../hardware/amdvi/decide'
import { DTE, IRTE128, IRTE32 } from '../../hardware/amdvi/entries'
import { encodeEntry } from '../../hardware/entry'
import { IRTE_REMAPPED } from '../../hardware/vtd/entries'
import { deliver, type InterruptUnit } from '../../hardware/vtd/interrupt'
import { bit } from '../../linux/decision'
import { because } from '../../linux/reason'
import type { MsiController } from '../../platform/schema'
import { amdUnit, INTERRUPT_FIELDS, interruptEntry } from '../dma/amd'
import { Words } from '../dma/words'
import { PLACES } from '../faultline/vtd-places'
import { accepted, code, refused, type Hop, type Said } from '../hop'
import { sourceFields } from '../requester'
import { shownRequester, type Scene } from '../situation'
import { target, type Message } from './message'

export function throughRemapping(scene: Scene, controller: MsiController, message: Message, vector: number): Hop[] {
  if (controller.kind === 'vt-d-ir') return vtd(scene, controller, message, vector)
  if (controller.kind === 'amd-ir') return amd(scene, controller, message, vector)
  return [
    accepted({
      block: 'remapping',
      at: 'none',
      register: 'none',
      value: '0x0',
      because: [
        because(
          'no remapping: the message is delivered without any check of who sent it',
          '60 §3 step 3',
          controller.name,
        ),
      ],
    }),
  ]
}

const TABLE = 0x300000n
const ECAP_EIM = 4n

function vtd(scene: Scene, controller: MsiController, message: Message, vector: number): Hop[] {
  const { plan } = scene
  const { platform } = plan.board
  const iommu = platform.iommus.find((u) => controller.name === `${u.name}-ir`)
  const name = iommu?.name ?? controller.name
  const eim =
    platform.tables?.dmar?.x2apicOptOut !== true &&
    platform.iommus.every((u) => u.kind !== 'vt-d' || bit(u.registers['ECAP_REG'], ECAP_EIM) === true)
  const unit: InterruptUnit = {
    ires: true,
    cfis: false,
    table: TABLE,
    eime: eim,
    size: 15,
    haw: platform.tables?.dmar?.hostAddressWidth ?? 46,
  }
  const { destination, vector: v } = target(vector)
  const { rule, ...source } = sourceFields(scene.aliases, plan.board)
  const raw = encodeEntry(IRTE_REMAPPED, { P: 1, RH: 1, V: v, DST: eim ? destination : destination << 8, ...source })
  const request = { source: scene.requester, address: message.address, data: message.data }
  const first = deliver(unit, { read: () => 0n }, request)
  const at = TABLE + BigInt((first.index ?? 0) * 16)
  const decision = deliver(
    unit,
    { read: (a) => (a === at ? raw & 0xffffffffffffffffn : a === at + 8n ? raw >> 64n : 0n) },
    request,
  )
  const status: Said = {
    block: 'iommu',
    at: name,
    register: 'IRTA_REG',
    value: `0x${(TABLE | (eim ? 0x800n : 0n) | 0xfn).toString(16)}`,
    fields: { EIME: eim ? '1' : '0', S: '15 (65536 entries)', 'GSTS.IRES': '1', 'GSTS.CFIS': '0' },
    chosen: ['IRTA'],
    because: [
      because(
        'a DWORD write without PASID to 0xFEExxxxx is an interrupt request; compatibility format is blocked',
        '60 §3; iommu_enable_irq_remapping',
        controller.source,
      ),
    ],
  }
  const irte: Said = {
    block: 'remapping',
    at: name,
    register: `IRTE[${decision.index ?? 0}]`,
    value: `0x${raw.toString(16).padStart(32, '0')}`,
    fields: {
      P: '1',
      IM: '0',
      V: `0x${v.toString(16)}`,
      DST: `0x${destination.toString(16)}`,
      SID: `0x${source.SID.toString(16).padStart(4, '0')}`,
      SQ: `${source.SQ}`,
      SVT: `${source.SVT}`,
    },
    chosen: ['index', 'V', 'DST'],
    because: [
      because(rule, 'set_msi_sid; 60 §4', `sent by ${shownRequester(scene.requester)}`),
      ...(scene.situation.assigned && bit(iommu?.registers['CAP_REG'], 59n)
        ? [
            because(
              'with a posted-interrupt bypass KVM rewrites it in posted format (IM=1)',
              '60 §5',
              `${name}: CAP_REG.PI is 1`,
            ),
          ]
        : []),
    ],
  }
  if (decision.outcome !== 'blocked' || !decision.reason) return [accepted(status), accepted(irte)]
  const { reason } = decision
  const why = { code: code(reason.code), name: reason.name, condition: reason.condition }
  return PLACES.get(reason.code)?.block === 'remapping'
    ? [accepted(status), refused(irte, why)]
    : [refused(status, why)]
}

/** The table is the requester's own: the device table entry selects it, so the entry has no source field (60 §6). */
function amd(scene: Scene, controller: MsiController, message: Message, vector: number): Hop[] {
  const iommu = scene.plan.board.platform.iommus.find((u) => controller.name === `${u.name}-ir`)
  const name = iommu?.name ?? controller.name
  const unit = amdUnit(iommu)
  const { destination, vector: v } = target(vector)
  const index = message.data & 0x7ff
  const memory = new Words()
  memory.entry(unit.deviceTable + BigInt(scene.requester * 32), DTE, { V: 1, TV: 1, ...INTERRUPT_FIELDS })
  const values = { RemapEn: 1, Vector: v, Destination: destination }
  const at = interruptEntry(unit, index)
  const raw = encodeEntry(unit.ga ? IRTE128 : IRTE32, values)
  if (unit.ga) memory.put(at, 128, raw)
  else memory.put(at & ~7n, 64, at & 4n ? raw << 32n : raw)
  const decision = deliverAmd(unit, memory, { source: scene.requester, data: message.data })
  const dte: Said = {
    block: 'iommu',
    at: name,
    register: 'DTE',
    value: `0x${(decision.walked[0]?.entry?.raw ?? 0n).toString(16)}`,
    fields: { IV: '1', IntCtl: '2 (remap)', IntTabLen: '9 (512 entries)' },
    chosen: ['IntTabRoot'],
    because: [
      because(
        'the device table entry of the requester selects its own interrupt table',
        '60 §6; set_dte_irq_entry',
        shownRequester(scene.requester),
        controller.source,
      ),
    ],
  }
  const irte: Said = {
    block: 'remapping',
    at: name,
    register: `IRTE[${index}]`,
    value: `0x${raw.toString(16)}`,
    fields: {
      RemapEn: '1',
      IntType: '0 (fixed)',
      Vector: `0x${v.toString(16)}`,
      Destination: `0x${destination.toString(16)}`,
    },
    chosen: ['index', 'Vector', 'Destination'],
    because: [
      because(
        unit.ga ? '128-bit entry (guest virtual APIC supported)' : '32-bit entry',
        '60 §6',
        `${name}: EFR ${iommu?.registers['EFR'] ?? 'not known'}`,
        decision.why,
      ),
    ],
  }
  const { event } = decision
  if (!event) return [accepted(dte), accepted(irte)]
  const why = { code: code(EVENTS[event]), name: event, condition: decision.why }
  return decision.walked.length > 1 ? [accepted(dte), refused(irte, why)] : [refused(dte, why)]
}
