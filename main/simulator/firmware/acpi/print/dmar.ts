import type { DeviceScope, Dmar } from '../../../platform/tables'
import { Writer, byOffset, withHeader } from './writer'

/** Parsing what this prints gives the same table, offsets included. */
export function printDmar(dmar: Dmar): Uint8Array {
  const flags = (dmar.interruptRemapping ? 1 : 0) | (dmar.x2apicOptOut ? 2 : 0) | (dmar.dmaControlOptIn ? 4 : 0)
  const body = new Writer().u8(dmar.hostAddressWidth - 1, flags).zeros(10)
  const parts: { offset: number; type: number; content: Writer }[] = [
    ...dmar.units.map(({ offset, flags: unitFlags, sizeCode, segment, base, scopes }) => ({
      offset,
      type: 0,
      content: new Writer().u8(unitFlags, sizeCode).u16(segment).u64(base).append(scopesOf(scopes)),
    })),
    ...dmar.reservedMemory.map(({ offset, segment, base, limit, scopes }) => ({
      offset,
      type: 1,
      content: new Writer().u16(0).u16(segment).u64(base).u64(limit).append(scopesOf(scopes)),
    })),
    ...dmar.rootPortAts.map(({ offset, allPorts, segment, scopes }) => ({
      offset,
      type: 2,
      content: flagged(allPorts, segment, scopes),
    })),
    ...dmar.affinity.map(({ offset, base, proximityDomain }) => ({
      offset,
      type: 3,
      content: new Writer().u32(0).u64(base).u32(proximityDomain),
    })),
    ...dmar.namespaceDevices.map(({ offset, deviceNumber, name }) => ({
      offset,
      type: 4,
      content: new Writer()
        .zeros(3)
        .u8(deviceNumber)
        .text(name, name.length + 1),
    })),
    ...dmar.soc.map(({ offset, atcRequired, segment, scopes }) => ({
      offset,
      type: 5,
      content: flagged(atcRequired, segment, scopes),
    })),
    ...dmar.properties.map(({ offset, segment, scopes }) => ({
      offset,
      type: 6,
      content: flagged(false, segment, scopes),
    })),
  ]
  for (const { type, content } of byOffset(parts))
    body
      .u16(type)
      .u16(4 + content.length)
      .append(content)
  return withHeader('DMAR', dmar.revision, body)
}

const flagged = (flag: boolean, segment: number, scopes: readonly DeviceScope[]): Writer =>
  new Writer()
    .u8(flag ? 1 : 0, 0)
    .u16(segment)
    .append(scopesOf(scopes))

function scopesOf(scopes: readonly DeviceScope[]): Writer {
  const writer = new Writer()
  for (const { code, flags, enumerationId, startBus, path } of scopes) {
    writer.u8(code, 6 + 2 * path.length, flags, 0, enumerationId, startBus)
    for (const step of path) writer.u8(step.device, step.function)
  }
  return writer
}
