import type { Ivhd, IvhdEntry, Ivmd, Ivrs } from '../../../platform/tables'
import { Writer, byOffset, withHeader } from './writer'

/** Parsing what this prints gives the same table, offsets included, for tables without unknown blocks. */
export function printIvrs(ivrs: Ivrs): Uint8Array {
  const body = new Writer().u32(ivrs.info).zeros(8)
  const blocks = [
    ...ivrs.hardware.map((block) => ({ offset: block.offset, content: hardware(block) })),
    ...ivrs.memory.map((block) => ({ offset: block.offset, content: memory(block) })),
  ]
  for (const { content } of byOffset(blocks)) body.append(content)
  return withHeader('IVRS', ivrs.revision, body)
}

function hardware(block: Ivhd): Writer {
  const content = new Writer()
    .u16(block.deviceId)
    .u16(block.capabilityOffset)
    .u64(block.base)
    .u16(block.segment)
    .u16(block.info)
    .u32(block.attributes)
  if (block.type !== 0x10) content.u64(block.efr ?? '0x0').u64(block.efr2 ?? '0x0')
  for (const entry of block.entries) content.append(entryOf(entry))
  return new Writer()
    .u8(block.type, block.flags)
    .u16(4 + content.length)
    .append(content)
}

function entryOf(entry: IvhdEntry): Writer {
  const writer = new Writer().u8(entry.type).u16(entry.deviceId).u8(entry.data)
  switch (entry.kind) {
    case 'alias-select':
    case 'alias-range-start':
      return writer
        .u8(0)
        .u16(entry.sourceId ?? 0)
        .u8(0)
    case 'extended-select':
    case 'extended-range-start':
      return writer.u32(entry.extended ?? 0)
    case 'special':
      return writer
        .u8(entry.special?.handle ?? 0)
        .u16(entry.special?.sourceId ?? 0)
        .u8(entry.special?.code ?? 0)
    case 'acpi-hid': {
      const { hid = '', cid = '', uidType = 0, uid } = entry.acpi ?? {}
      const name = uidType === 2 ? (uid ?? '') : ''
      writer.text(hid, 8).text(cid, 8).u8(uidType)
      return uidType === 1 ? writer.u8(8).u64(uid ?? '0x0') : writer.u8(name.length).text(name, name.length)
    }
    case 'pad':
    case 'all':
    case 'select':
    case 'range-start':
    case 'range-end':
    case 'unknown':
      return entry.type >= 0x40 ? writer.zeros(4) : writer
  }
}

const memory = (block: Ivmd): Writer =>
  new Writer()
    .u8(block.type, block.flags)
    .u16(32)
    .u16(block.deviceId)
    .u16(block.auxiliary)
    .u16(block.segment)
    .zeros(6)
    .u64(block.start)
    .u64(block.length)
