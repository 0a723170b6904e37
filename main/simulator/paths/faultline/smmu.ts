/**
 * Events of Arm SMMUs. SMMUv3: four 64-bit words after `event 0x10 received:` (arm_smmu_evtq_thread), and the decoded
 * lines of 6.15 on (arm_smmu_dump_event); record layout and events: Arm IHI 0070 §7.3. SMMUv2: `Unhandled context fault`
 * (arm_smmu_context_fault), bits of CBn_FSR: Arm IHI 0062.
 */
import { EVENT_CODES, type EventName } from '../../hardware/smmuv3/events'
import { code } from '../hop'
import { bits, flag, hex64, words, type FaultLine } from './line'
import { faultLine, hex, reason, type FaultReason, type Told } from './reason'

const event = (name: EventName, condition: string, place: Parameters<typeof reason>[3]): FaultReason =>
  reason(EVENT_CODES[name], name, condition, place)

export const SMMU_EVENTS: readonly FaultReason[] = [
  event('F_UUT', 'unsupported upstream transaction', ['iommu', 'Transaction', 'type']),
  event('C_BAD_STREAMID', 'StreamID outside the stream table, or in a second-level table that is not there', [
    'domain',
    'SMMU_STRTAB_BASE_CFG',
    'LOG2SIZE, or L1STD.Span',
  ]),
  event('F_STE_FETCH', 'stream table entry unreadable', ['domain', 'SMMU_STRTAB_BASE', 'ADDR']),
  event('C_BAD_STE', 'stream table entry invalid: V=0, or fields that are reserved or not supported', [
    'domain',
    'STE',
    'V',
  ]),
  event('F_BAD_ATS_TREQ', 'ATS translation request where STE.EATS or STE.Config does not allow it', [
    'domain',
    'STE',
    'EATS',
  ]),
  event('F_STREAM_DISABLED', 'transaction without substream while STE.S1DSS terminates it', ['domain', 'STE', 'S1DSS']),
  event('F_TRANSL_FORBIDDEN', 'translated transaction where ATS is not allowed', ['domain', 'STE', 'EATS']),
  event('C_BAD_SUBSTREAMID', 'SubstreamID outside the context descriptor table, or stage 1 does not take any', [
    'domain',
    'STE',
    'S1CDMax',
  ]),
  event('F_CD_FETCH', 'context descriptor unreadable', ['domain', 'STE', 'S1ContextPtr']),
  event('C_BAD_CD', 'context descriptor invalid: V=0, or fields that are reserved or not supported', [
    'domain',
    'CD',
    'V',
  ]),
  event('F_WALK_EABT', 'translation table unreadable', ['translation', 'Translation table descriptor', 'address']),
  event('F_TRANSLATION', 'no valid translation: descriptor invalid, or address outside the input range', [
    'translation',
    'Translation table descriptor',
    'Valid',
  ]),
  event('F_ADDR_SIZE', 'address of a descriptor or the output larger than the output size', [
    'translation',
    'Translation table descriptor',
    'output address',
  ]),
  event('F_ACCESS', 'Access flag clear', ['translation', 'Translation table descriptor', 'AF']),
  event('F_PERMISSION', 'permissions do not allow the access', [
    'translation',
    'Translation table descriptor',
    'AP, XN',
  ]),
  event('F_TLB_CONFLICT', 'several TLB entries match', ['translation', 'TLB', 'entries']),
  event('F_CFG_CONFLICT', 'several configuration cache entries match', ['domain', 'Configuration cache', 'entries']),
  event('E_PAGE_REQUEST', 'hint that a page will be needed', ['translation', 'Translation table descriptor', 'Valid']),
  event('F_VMS_FETCH', 'VM structure unreadable', ['domain', 'STE', 'VMSPtr']),
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
    StreamID: hex(sid),
    ...(pasid === undefined ? {} : { SubstreamID: hex(pasid) }),
  }
  if (addressed) {
    fields['InputAddr'] = hex(third)
    fields['access'] =
      `${flag(second, 33) ? 'privileged' : 'unprivileged'} ${flag(second, 34) ? 'instruction' : 'data'}`
    fields['stage'] = flag(second, 39) ? '2' : '1'
    fields['class'] = CLASSES[Number(bits(second, 41, 40))] ?? ''
    if (flag(second, 39)) fields['IPA'] = hex(bits(fourth, 51, 12) << 12n)
    if (flag(second, 31)) fields['stalled'] = `STAG ${hex(bits(second, 15, 0))}`
  }
  return v3Line(known, fields, {
    device: `StreamID ${hex(sid)}`,
    ...(addressed ? { address: third, access: flag(second, 35) ? 'read' : 'write' } : {}),
    pasid,
  })
}

const v3Line = (
  known: FaultReason,
  fields: Readonly<Record<string, string>>,
  named: Pick<Told, 'device' | 'address' | 'access' | 'pasid'>,
): FaultLine => faultLine(known, { source: 'Linux arm-smmu-v3', at: 'SMMUv3', cite: CITE, fields, ...named })

export function readSmmuV3(text: string): FaultLine | { readonly unknown: string } | undefined {
  const decoded = /\bevent: ([FCE]_[A-Z_]{2,20}) client: (.{1,64}?) sid: (0x[0-9a-f]{1,8}|0)\b/i.exec(text)
  if (decoded) return readDecoded(text, decoded)
  const header = /\bevent 0x([0-9a-f]{1,2}) received:/i.exec(text)
  if (!header) return undefined
  const record = words(text.slice(header.index)).slice(0, 4)
  const number = parseInt(header[1] ?? '', 16)
  const known = SMMU_EVENTS.find((e) => e.code === number)
  if (!known) return { unknown: `SMMUv3 has no event ${code(number)}` }
  if (record.length === 0) return v3Line(known, {}, {})
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
  const fields: Record<string, string> = { StreamID: sid }
  if (ipa !== undefined && how?.[4] === 's2') fields['IPA'] = hex(ipa)
  if (fetched !== undefined) fields['fetch_addr'] = hex(fetched)
  if (how)
    Object.assign(fields, {
      access: `${how[1] ?? ''} ${how[2] ?? ''}`,
      stage: how[4] === 's2' ? '2' : '1',
      class: how[5] ?? '',
    })
  return v3Line(known, fields, {
    device: client.startsWith('(') ? `StreamID ${sid}` : client,
    address,
    ...(how?.[3] === 'read' || how?.[3] === 'write' ? { access: how[3] } : {}),
    pasid: ssid === 0n ? undefined : ssid,
  })
}

/** Lowest set bit first, as the hardware's list. */
export const FSR: readonly FaultReason[] = [
  reason(1, 'FSR.TF', 'translation fault: no valid descriptor', ['translation', 'CBn_FSR', 'Valid']),
  reason(2, 'FSR.AFF', 'Access flag fault', ['translation', 'CBn_FSR', 'AF']),
  reason(3, 'FSR.PF', 'permission fault', ['translation', 'CBn_FSR', 'AP, XN']),
  reason(4, 'FSR.EF', 'external abort on a table walk', ['translation', 'CBn_FSR', 'address']),
  reason(5, 'FSR.TLBMCF', 'TLB match conflict', ['translation', 'CBn_FSR', 'TLB']),
  reason(6, 'FSR.TLBLKF', 'TLB lock fault', ['translation', 'CBn_FSR', 'TLB']),
  reason(7, 'FSR.ASF', 'address size fault', ['translation', 'CBn_FSR', 'output address']),
  reason(8, 'FSR.UUT', 'unsupported upstream transaction', ['iommu', 'CBn_FSR', 'type']),
]

export function readSmmuV2(text: string): FaultLine | { readonly unknown: string } | undefined {
  const [, fsrText, iovaText] = /context fault: fsr=(0x[0-9a-f]{1,8}), iova=(0x[0-9a-f]{1,16})/i.exec(text) ?? []
  const fsr = hex64(fsrText)
  const iova = hex64(iovaText)
  if (fsr === undefined || iova === undefined) return undefined
  const cause = FSR.find((f) => flag(fsr, f.code))
  if (!cause) return { unknown: `CBn_FSR ${hex(fsr)} has no fault bit set` }
  const fsynr = hex64(/fsynr=(0x[0-9a-f]{1,8})/i.exec(text)?.[1])
  const sid = hex64(/cbfrsynra=(0x[0-9a-f]{1,8})/i.exec(text)?.[1])
  const access = fsynr === undefined ? undefined : flag(fsynr, 4) ? 'write' : 'read'
  const bit = `bit ${cause.code}`
  return faultLine(cause, {
    source: 'Linux arm-smmu',
    ...(sid === undefined ? {} : { device: `StreamID ${hex(bits(sid, 15, 0))}` }),
    address: iova,
    ...(access ? { access } : {}),
    at: 'SMMUv2',
    value: hex(fsr),
    code: bit,
    cite: 'Arm IHI 0062 CBn_FSR; drivers/iommu/arm/arm-smmu/arm-smmu.c',
    facts: [`${bit} ${cause.name.replace('FSR.', '')}`],
  })
}
