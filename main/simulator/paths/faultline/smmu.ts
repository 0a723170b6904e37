/**
 * Events of Arm SMMUs. SMMUv3: four 64-bit words after `event 0x10 received:` (arm_smmu_evtq_thread), and the decoded
 * lines of 6.15 on (arm_smmu_dump_event); record layout and events: Arm IHI 0070 §7.3. SMMUv2: `Unhandled context fault`
 * (arm_smmu_context_fault), bits of CBn_FSR: Arm IHI 0062.
 */
import { because } from '../../linux/reason'
import { code, refused, type Block } from '../hop'
import { bits, flag, hex64, words, type FaultLine } from './line'

interface Event {
  readonly code: number
  readonly name: string
  readonly condition: string
  readonly block: Block
  readonly register: string
  readonly field: string
}

const event = (
  number: number,
  name: string,
  condition: string,
  [block, register, field]: readonly [Block, string, string],
): Event => ({ code: number, name, condition, block, register, field })

export const SMMU_EVENTS: readonly Event[] = [
  event(0x01, 'F_UUT', 'unsupported upstream transaction', ['iommu', 'Transaction', 'type']),
  event(0x02, 'C_BAD_STREAMID', 'StreamID outside the stream table, or in a second-level table that is not there', [
    'domain',
    'SMMU_STRTAB_BASE_CFG',
    'LOG2SIZE, or L1STD.Span',
  ]),
  event(0x03, 'F_STE_FETCH', 'stream table entry unreadable', ['domain', 'SMMU_STRTAB_BASE', 'ADDR']),
  event(0x04, 'C_BAD_STE', 'stream table entry invalid: V=0, or fields that are reserved or not supported', [
    'domain',
    'STE',
    'V',
  ]),
  event(0x05, 'F_BAD_ATS_TREQ', 'ATS translation request where STE.EATS or STE.Config does not allow it', [
    'domain',
    'STE',
    'EATS',
  ]),
  event(0x06, 'F_STREAM_DISABLED', 'transaction without substream while STE.S1DSS terminates it', [
    'domain',
    'STE',
    'S1DSS',
  ]),
  event(0x07, 'F_TRANSL_FORBIDDEN', 'translated transaction where ATS is not allowed', ['domain', 'STE', 'EATS']),
  event(0x08, 'C_BAD_SUBSTREAMID', 'SubstreamID outside the context descriptor table, or stage 1 does not take any', [
    'domain',
    'STE',
    'S1CDMax',
  ]),
  event(0x09, 'F_CD_FETCH', 'context descriptor unreadable', ['domain', 'STE', 'S1ContextPtr']),
  event(0x0a, 'C_BAD_CD', 'context descriptor invalid: V=0, or fields that are reserved or not supported', [
    'domain',
    'CD',
    'V',
  ]),
  event(0x0b, 'F_WALK_EABT', 'translation table unreadable', [
    'translation',
    'Translation table descriptor',
    'address',
  ]),
  event(0x10, 'F_TRANSLATION', 'no valid translation: descriptor invalid, or address outside the input range', [
    'translation',
    'Translation table descriptor',
    'Valid',
  ]),
  event(0x11, 'F_ADDR_SIZE', 'address of a descriptor or the output larger than the output size', [
    'translation',
    'Translation table descriptor',
    'output address',
  ]),
  event(0x12, 'F_ACCESS', 'Access flag clear', ['translation', 'Translation table descriptor', 'AF']),
  event(0x13, 'F_PERMISSION', 'permissions do not allow the access', [
    'translation',
    'Translation table descriptor',
    'AP, XN',
  ]),
  event(0x20, 'F_TLB_CONFLICT', 'several TLB entries match', ['translation', 'TLB', 'entries']),
  event(0x21, 'F_CFG_CONFLICT', 'several configuration cache entries match', [
    'domain',
    'Configuration cache',
    'entries',
  ]),
  event(0x24, 'E_PAGE_REQUEST', 'hint that a page will be needed', [
    'translation',
    'Translation table descriptor',
    'Valid',
  ]),
  event(0x25, 'F_VMS_FETCH', 'VM structure unreadable', ['domain', 'STE', 'VMSPtr']),
]

const CITE = 'Arm IHI 0070 §7.3'
const CLASSES = ['CD', 'TTD', 'IN', 'reserved']

/** Words of one record; undefined: no event of this number. */
export function smmuRecord(record: readonly bigint[]): FaultLine | undefined {
  const [first = 0n, second = 0n, third = 0n, fourth = 0n] = record
  const known = SMMU_EVENTS.find((e) => BigInt(e.code) === bits(first, 7, 0))
  if (!known) return undefined
  const addressed = (known.code >= 0x10 && known.code <= 0x13) || known.code === 0x05 || known.code === 0x07
  const sid = bits(first, 63, 32)
  const pasid = flag(first, 11) ? bits(first, 31, 12) : undefined
  const fields: Record<string, string> = {
    field: known.field,
    StreamID: `0x${sid.toString(16)}`,
    ...(pasid === undefined ? {} : { SubstreamID: `0x${pasid.toString(16)}` }),
  }
  if (addressed) {
    fields['InputAddr'] = `0x${third.toString(16)}`
    fields['access'] =
      `${flag(second, 33) ? 'privileged' : 'unprivileged'} ${flag(second, 34) ? 'instruction' : 'data'}`
    fields['stage'] = flag(second, 39) ? '2' : '1'
    fields['class'] = CLASSES[Number(bits(second, 41, 40))] ?? ''
    if (flag(second, 39)) fields['IPA'] = `0x${(bits(fourth, 51, 12) << 12n).toString(16)}`
    if (flag(second, 31)) fields['stalled'] = `STAG 0x${bits(second, 15, 0).toString(16)}`
  }
  return lineOf(known, fields, {
    device: `StreamID 0x${sid.toString(16)}`,
    ...(addressed ? { address: `0x${third.toString(16)}`, access: flag(second, 35) ? 'read' : 'write' } : {}),
    ...(pasid === undefined ? {} : { pasid: `0x${pasid.toString(16)}` }),
  })
}

function lineOf(
  known: Event,
  fields: Record<string, string>,
  named: Pick<FaultLine, 'device' | 'address' | 'access' | 'pasid'>,
): FaultLine {
  return {
    source: 'Linux arm-smmu-v3',
    ...named,
    hop: refused(
      {
        block: known.block,
        at: 'SMMUv3',
        register: known.register,
        value: named.address ?? fields['fetch_addr'] ?? '',
        fields,
        because: [because(known.condition, CITE, ...Object.entries(fields).map(([k, v]) => `${k} ${v}`))],
      },
      { code: code(known.code), name: known.name, condition: known.condition },
    ),
  }
}

export function readSmmuV3(text: string): FaultLine | { readonly unknown: string } | undefined {
  const decoded = /\bevent: ([FCE]_[A-Z_]{2,20}) client: (.{1,64}?) sid: (0x[0-9a-f]{1,8}|0)\b/i.exec(text)
  if (decoded) return readDecoded(text, decoded)
  const header = /\bevent 0x([0-9a-f]{1,2}) received:/i.exec(text)
  if (!header) return undefined
  const record = words(text.slice(header.index)).slice(0, 4)
  const number = parseInt(header[1] ?? '', 16)
  const known = SMMU_EVENTS.find((e) => e.code === number)
  if (!known) return { unknown: `SMMUv3 has no event ${code(number)}` }
  if (record.length === 0) return lineOf(known, { field: known.field }, {})
  if (bits(record[0] ?? 0n, 7, 0) !== BigInt(number))
    return {
      unknown: `its first word is of event ${code(Number(bits(record[0] ?? 0n, 7, 0)))}, the line says ${code(number)}`,
    }
  return smmuRecord(record)
}

function readDecoded(text: string, m: RegExpExecArray): FaultLine | { readonly unknown: string } {
  const [, name = '', client = '', sid = ''] = m
  const known = SMMU_EVENTS.find((e) => e.name === name.toUpperCase())
  if (!known) return { unknown: `SMMUv3 has no event ${name}` }
  const number = (key: string): bigint | undefined =>
    hex64(new RegExp(`\\b${key}: (0x[0-9a-f]{1,16}|0)\\b`).exec(text)?.[1])
  const [address, ipa, fetched, ssid] = [number('iova'), number('ipa'), number('fetch_addr'), number('ssid')]
  const how = /\b(priv|unpriv) (data|inst) (read|write) (s1|s2) "([^"]{1,60})"/.exec(text)
  const show = (x: bigint | undefined): string | undefined => (x === undefined ? undefined : `0x${x.toString(16)}`)
  const fields: Record<string, string> = { field: known.field, StreamID: sid }
  if (ipa !== undefined && how?.[4] === 's2') fields['IPA'] = `0x${ipa.toString(16)}`
  if (fetched !== undefined) fields['fetch_addr'] = `0x${fetched.toString(16)}`
  if (how)
    Object.assign(fields, {
      access: `${how[1] ?? ''} ${how[2] ?? ''}`,
      stage: how[4] === 's2' ? '2' : '1',
      class: how[5] ?? '',
    })
  const shown = show(address)
  return lineOf(known, fields, {
    device: client.startsWith('(') ? `StreamID ${sid}` : client,
    ...(shown === undefined ? {} : { address: shown }),
    ...(how?.[3] === 'read' || how?.[3] === 'write' ? { access: how[3] } : {}),
    ...(ssid === undefined || ssid === 0n ? {} : { pasid: `0x${ssid.toString(16)}` }),
  })
}

/** Lowest set bit first, as the hardware's list. */
export const FSR: readonly (readonly [number, string, string, string])[] = [
  [1, 'TF', 'translation fault: no valid descriptor', 'Valid'],
  [2, 'AFF', 'Access flag fault', 'AF'],
  [3, 'PF', 'permission fault', 'AP, XN'],
  [4, 'EF', 'external abort on a table walk', 'address'],
  [5, 'TLBMCF', 'TLB match conflict', 'TLB'],
  [6, 'TLBLKF', 'TLB lock fault', 'TLB'],
  [7, 'ASF', 'address size fault', 'output address'],
  [8, 'UUT', 'unsupported upstream transaction', 'type'],
]

export function readSmmuV2(text: string): FaultLine | { readonly unknown: string } | undefined {
  const [, fsrText, iovaText] = /context fault: fsr=(0x[0-9a-f]{1,8}), iova=(0x[0-9a-f]{1,16})/i.exec(text) ?? []
  const fsr = hex64(fsrText)
  const iova = hex64(iovaText)
  if (fsr === undefined || iova === undefined) return undefined
  const cause = FSR.find(([n]) => flag(fsr, n))
  if (!cause) return { unknown: `CBn_FSR 0x${fsr.toString(16)} has no fault bit set` }
  const [number, name, condition, field] = cause
  const fsynr = hex64(/fsynr=(0x[0-9a-f]{1,8})/i.exec(text)?.[1])
  const sid = hex64(/cbfrsynra=(0x[0-9a-f]{1,8})/i.exec(text)?.[1])
  const access = fsynr === undefined ? undefined : flag(fsynr, 4) ? 'write' : 'read'
  return {
    source: 'Linux arm-smmu',
    ...(sid === undefined ? {} : { device: `StreamID 0x${bits(sid, 15, 0).toString(16)}` }),
    address: `0x${iova.toString(16)}`,
    ...(access ? { access } : {}),
    hop: refused(
      {
        block: number === 8 ? 'iommu' : 'translation',
        at: 'SMMUv2',
        register: 'CBn_FSR',
        value: `0x${fsr.toString(16)}`,
        fields: { field },
        because: [
          because(condition, 'Arm IHI 0062 CBn_FSR; drivers/iommu/arm/arm-smmu/arm-smmu.c', `bit ${number} ${name}`),
        ],
      },
      { code: `bit ${number}`, name: `FSR.${name}`, condition },
    ),
  }
}
