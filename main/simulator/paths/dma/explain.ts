/** A DMA request of a function, hop by hop, to memory or to the hop that refuses it. */
import { INTERRUPT_REASONS } from '../../hardware/vtd/reasons'
import { inInterruptRange } from '../../hardware/vtd/unit'
import { because } from '../../linux/reason'
import { handedOver } from '../assignment'
import { masters, onBus } from '../bus'
import { accepted, code, refused, type Hop, type Path } from '../hop'
import { sceneOf, type Scene, type Situation } from '../situation'
import { translated, unitBefore } from './unit'
import type { DmaRequest } from './vtd'

export interface DmaQuestion {
  readonly iova: bigint
  readonly write: boolean
  readonly pasid: number | undefined
  readonly kind: 'untranslated' | 'translation' | 'translated'
}

export function dmaPath(situation: Situation, question: DmaQuestion): Path {
  const scene = sceneOf(situation)
  const hops: Hop[] = []
  const refusedBy = (more: readonly Hop[]): boolean => {
    hops.push(...more)
    return hops.at(-1)?.decision === 'refused'
  }
  const end = (): Path => ({ accepted: hops.at(-1)?.decision === 'accepted', hops })
  if (refusedBy(handedOver(scene)) || refusedBy(masters(scene)) || refusedBy(prefix(scene, question))) return end()
  const request: DmaRequest = {
    kind: question.kind,
    access: question.write ? 'write' : 'read',
    address: question.iova,
    ...(question.pasid === undefined ? {} : { pasid: question.pasid }),
  }
  const at = { untranslated: '0b00', translation: '0b01', translated: '0b10' }[question.kind]
  const shown: Record<string, string> =
    question.pasid === undefined ? {} : { PASID: `0x${question.pasid.toString(16)}` }
  hops.push(onBus(scene, question.write ? 'write' : 'read', question.iova, { AT: at, ...shown }, []))
  const interrupts =
    scene.plan.board.platform.arch === 'x86' && question.pasid === undefined && question.kind === 'untranslated'
  if (interrupts && inInterruptRange(question.iova))
    return { accepted: false, hops: [...hops, interruptRange(scene, question)] }
  const { hops: met, output } = translated(scene, request)
  if (refusedBy(met) || output === undefined) return end()
  hops.push(
    accepted({
      block: 'memory',
      at: 'memory',
      register: 'physical address',
      value: `0x${output.toString(16)}`,
      ...(output === question.iova ? {} : { chosen: ['physical address'] }),
      because: [
        because(
          question.write ? 'the write lands there' : 'the read is answered from there',
          '85 §2',
          output === question.iova ? 'the address as it was sent' : 'as the page tables say',
        ),
      ],
    }),
  )
  return end()
}

/** A request with PASID: the function must have the capability, enabled and wide enough. */
function prefix({ fn, situation }: Scene, { pasid, kind }: DmaQuestion): Hop[] {
  const hops: Hop[] = []
  const ats = fn.ats
  if (kind !== 'untranslated') {
    const said = {
      block: 'device',
      at: fn.bdf,
      register: 'ATS Control',
      value: ats?.enabled ? '0x8000' : '0x0',
      fields: { Enable: ats?.enabled ? '1' : '0' },
      because: [
        because(
          'only a function whose ATS is enabled translates for itself',
          '95 §3',
          ats ? 'the capability is there' : 'no ATS capability',
        ),
      ],
    } as const
    if (!ats?.enabled)
      return [
        refused(said, {
          name: 'ATS Enable=0',
          condition: ats ? 'ATS is not enabled' : 'the function has no ATS capability',
        }),
      ]
    hops.push(accepted(said))
  }
  if (pasid === undefined) return hops
  const enabled = situation.pasidEnable ?? fn.pasid?.enabled === true
  const width = fn.pasid?.width ?? 0
  const said = {
    block: 'device',
    at: fn.bdf,
    register: 'PASID Control',
    value: fn.pasid && enabled ? '0x1' : '0x0',
    fields: { Enable: fn.pasid && enabled ? '1' : '0', 'Max PASID Width': `${width}` },
    because: [
      because(
        'requests with a PASID need the capability, enabled',
        '80 §1; 95 §3',
        fn.pasid
          ? `${width} bits`
          : fn.unknown.includes('pasid')
            ? 'the input could not show the capability'
            : 'no PASID capability',
      ),
    ],
  } as const
  if (!fn.pasid)
    return [...hops, refused(said, { name: 'no PASID', condition: 'the function has no PASID capability' })]
  if (!enabled)
    return [...hops, refused(said, { name: 'PASID Enable=0', condition: 'PASID is not enabled in the function' })]
  if (pasid >= 2 ** width)
    return [...hops, refused(said, { name: 'PASID too wide', condition: `the function sends PASIDs of ${width} bits` })]
  return [...hops, accepted(said)]
}

/** DMA is no interrupt: only a DWORD write without PASID is, and that is what `explain msi` follows. */
function interruptRange(scene: Scene, { iova, write }: DmaQuestion): Hop {
  const unit = unitBefore(scene)
  const reason = INTERRUPT_REASONS.get(0x29)
  const vtd = unit?.kind === 'vt-d'
  return refused(
    {
      block: 'window',
      at: unit?.name ?? 'root complex',
      register: '0xFEExxxxx',
      value: `0x${iova.toString(16)}`,
      fields: { field: 'request type and size' },
      because: [
        because(
          'the range is never memory to a request without PASID: a DWORD write there is an interrupt message, anything else is refused',
          '60 §3 step 1; 00 S0.2',
          write ? 'a DMA write is not one DWORD' : 'a read is no message',
        ),
      ],
    },
    vtd && reason
      ? { code: code(0x29), name: reason.name, condition: reason.condition }
      : unit?.kind === 'amd-vi'
        ? {
            code: '0x08',
            name: 'INVALID_DEVICE_REQUEST',
            condition: write
              ? 'write in the interrupt address range that is no message'
              : 'read or non-posted write in the interrupt address range',
          }
        : { name: 'interrupt address range', condition: 'no memory answers there' },
  )
}
