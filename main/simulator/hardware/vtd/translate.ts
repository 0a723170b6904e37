/**
 * How a VT-d unit decides about one request: root table, context entry, PASID directory and table, page tables, each
 * with its conditions in order. Pure: entries are read from the memory that is given, nothing is cached.
 * Source: VT-d 5.10 chapters 3 and 7 (reference 80 §2–§5). Where the reference gives no order of two conditions on the
 * same structure, they stand here in the order of their numbers, but for the PASID's (RID_PASID, PDTS, PSS).
 */
import { bitsAt, type Entry, type Memory } from '../entry'
import { LEGACY_CONTEXT, LEGACY_ROOT, PASID_DIRECTORY, PASID_ENTRY, SCALABLE_CONTEXT, SCALABLE_ROOT } from './entries'
import { beyond, inInterruptRange, Trail, type Decision, type Request, type Unit } from './unit'
import { LEGACY_CODES, SCALABLE_CODES, walkFirst, walkSecond, widthOf, type Reached, type Walk } from './walk'

/** Decides about a request. A write without PASID to 0xfeexxxxx is an interrupt request: see interrupt.ts. */
export function translate(unit: Unit, memory: Memory, request: Request): Decision {
  const trail = new Trail(memory)
  const aimsAtInterrupts = request.pasid === undefined && inInterruptRange(request.address)
  // A device that translates everything learns here that its interrupt writes go out untranslated.
  if (aimsAtInterrupts && request.kind === 'translation')
    return trail.pass('success', { permission: { read: false, write: !request.noWrite } })
  if (aimsAtInterrupts && request.kind !== 'page') return trail.pass('interrupt')
  const { ttm } = unit
  const mode = trail.first(
    [
      0x30,
      ttm === 2 || (ttm === 3 && !unit.abort) || (ttm === 1 && !unit.scalable) || (ttm === 0 && unit.ssirwe === true),
    ],
    [0x33, ttm === 3],
    [0x31, ttm === 0 && request.pasid !== undefined],
    [0x32, ttm === 0 && request.kind === 'page'],
    [0x34, request.execute === true && unit.major >= 8],
  )
  if (mode !== undefined) return trail.refuse(mode, request)
  return ttm === 0 ? legacy(unit, trail, request) : scalable(unit, trail, request)
}

const needsWrite = (r: Request): boolean => r.access === 'write' || r.access === 'atomic'
const needsRead = (r: Request): boolean => r.access !== 'write'
const isAts = (r: Request): boolean => r.kind === 'translation' || r.kind === 'translated'

function legacy(unit: Unit, trail: Trail, request: Request): Decision {
  const [bus, devfn] = [request.source >> 8, request.source & 0xff]
  const root = trail.fetch(LEGACY_ROOT, unit.rootTable + BigInt(bus * 16))
  const rootFault = trail.first([0x08, !root], [0x01, !root?.flag('P')], [0x0a, root?.reserved === true])
  if (!root || rootFault !== undefined) return trail.refuse(rootFault ?? 0x08, request)
  const context = trail.fetch(LEGACY_CONTEXT, root.pointer('CTP') + BigInt(devfn * 16))
  if (!context) return trail.refuse(trail.fail(0x09), request)
  const [tt, aw] = [context.number('TT'), context.number('AW')]
  const wrong = !unit.sagaw.includes(aw) || tt === 3 || (tt === 1 && !unit.deviceTlb) || (tt === 2 && !unit.passThrough)
  const fault = trail.first(
    [0x09, false],
    [0x02, !context.flag('P')],
    [0x0b, context.reserved],
    [0x03, wrong],
    [0x0d, isAts(request) && tt !== 1],
  )
  if (fault !== undefined) return trail.refuse(fault, request)
  if (request.kind === 'translated' || tt === 2) {
    const wide = trail.first([0x04, beyond(request.address, unit.haw)])
    return wide === undefined ? trail.pass('forwarded', { address: request.address }) : trail.refuse(wide, request)
  }
  const width = Math.min(unit.mgaw, widthOf(aw + 2))
  const wide = trail.first([0x04, beyond(request.address, width)])
  if (wide !== undefined) return trail.refuse(wide, request)
  const reached = walkSecond(
    trail,
    { root: context.pointer('SSPTPTR'), levels: aw + 2, haw: unit.haw, ade: false, snooped: true, codes: LEGACY_CODES },
    request.address,
    needsWrite(request),
  )
  return finish(unit, trail, request, reached, { write: 0x05, read: 0x06, output: 0x0e })
}

function scalable(unit: Unit, trail: Trail, request: Request): Decision {
  const [bus, devfn] = [request.source >> 8, request.source & 0xff]
  const root = trail.fetch(SCALABLE_ROOT, unit.rootTable + BigInt(bus * 16))
  const upper = devfn >= 0x80
  const [present, pointer] = upper ? ['UP', 'UCTP'] : ['LP', 'LCTP']
  const half = root ? bitsAt(root.raw, upper ? 75 : 11, upper ? 65 : 1) : 0n
  const rootFault = trail.first([0x38, !root], [0x39, !root?.flag(present)], [0x3a, half !== 0n])
  if (!root || rootFault !== undefined) return trail.refuse(rootFault ?? 0x38, request)
  const context = trail.fetch(SCALABLE_CONTEXT, root.pointer(pointer) + BigInt((devfn & 0x7f) * 32))
  if (!context) return trail.refuse(trail.fail(0x40), request)
  const fault = contextFault(unit, trail, request, context)
  if (fault !== undefined) return trail.refuse(fault, request)
  if (request.kind === 'page') return trail.pass('queued')
  if (request.kind === 'translated' && !context.flag('HPTE')) {
    const wide = trail.first([0x83, beyond(request.address, unit.haw)])
    return wide === undefined ? trail.pass('forwarded', { address: request.address }) : trail.refuse(wide, request)
  }
  const entry = pasidEntry(unit, trail, request, context)
  if (typeof entry === 'number') return trail.refuse(entry, request)
  return request.kind === 'translated'
    ? hostPermission(unit, trail, request)
    : byEntry(unit, trail, request, context, entry)
}

function contextFault(unit: Unit, trail: Trail, request: Request, context: Entry): number | undefined {
  const { pasid } = request
  const largest = 2 ** (context.number('PDTS') + 13) - 1
  const inconsistent =
    (!context.flag('DTE') && context.flag('PRE')) ||
    context.number('RID_PASID') > largest ||
    (context.flag('EPTR') && !context.flag('PASIDE'))
  return trail.first(
    [0x40, false],
    [0x41, !context.flag('P')],
    [0x42, context.reserved],
    [0x43, inconsistent],
    [0x44, isAts(request) && !context.flag('DTE')],
    [0x47, request.kind === 'page' && !context.flag('PRE')],
    [0x45, pasid !== undefined && !context.flag('PASIDE')],
    [0x49, request.kind === 'translated' && pasid !== undefined && !context.flag('EPTR')],
    [0x48, pasid === context.number('RID_PASID')],
    [0x46, (pasid ?? 0) > largest],
    [0x89, (pasid ?? 0) >= 2 ** (unit.pss + 1)],
  )
}

/** The PASID table entry that the request is translated by, or the number of the condition. */
function pasidEntry(unit: Unit, trail: Trail, request: Request, context: Entry): Entry | number {
  const pasid = request.pasid ?? context.number('RID_PASID')
  const directory = trail.fetch(PASID_DIRECTORY, context.pointer('PASIDDIRPTR') + BigInt((pasid >> 6) * 8))
  const absent = trail.first([0x50, !directory], [0x51, !directory?.flag('P')], [0x52, directory?.reserved === true])
  if (!directory || absent !== undefined) return absent ?? 0x50
  const entry = trail.fetch(PASID_ENTRY, directory.pointer('SMPTBLPTR') + BigInt((pasid & 0x3f) * 64))
  if (!entry) return trail.fail(0x58)
  const privileged = request.pasid === undefined ? context.flag('RID_PRIV') : request.privileged === true
  const fault = trail.first(
    [0x58, false],
    [0x59, !entry.flag('P')],
    [0x5a, entry.reserved],
    [0x5b, programmedWrong(unit, entry)],
    [0x5c, request.execute === true && !unit.executeRequests],
    [0x5d, privileged && !entry.flag('SRE')],
  )
  return fault ?? entry
}

function programmedWrong(unit: Unit, entry: Entry): boolean {
  const pgtt = entry.number('PGTT')
  const [first, second] = [pgtt === 1 || pgtt === 3, pgtt === 2 || pgtt === 3]
  const supported = [false, unit.firstStage, unit.secondStage, unit.nested, unit.passThrough][pgtt] ?? false
  const fspm = entry.number('FSPM')
  const width = widthOf(entry.number('AW') + 2)
  return (
    !supported ||
    (second && !unit.sagaw.includes(entry.number('AW'))) ||
    (first && (fspm > 1 || (fspm === 1 && !unit.fiveLevel))) ||
    (pgtt === 3 && beyond(entry.pointer('FSPTPTR'), width))
  )
}

function byEntry(unit: Unit, trail: Trail, request: Request, context: Entry, entry: Entry): Decision {
  const pgtt = entry.number('PGTT')
  const { address } = request
  const codes = { write: 0x85, read: 0x86, output: 0x87 }
  if (pgtt === 4) {
    const wide = trail.first([0x83, beyond(address, unit.haw)])
    if (wide !== undefined) return trail.refuse(wide, request)
    return finish(unit, trail, request, { address, read: true, write: true, user: true }, codes)
  }
  const levels = entry.number('AW') + 2
  const [write, snooped] = [needsWrite(request), entry.flag('PWSNP')]
  const second = {
    root: entry.pointer('SSPTPTR'),
    levels,
    haw: unit.haw,
    ade: entry.flag('SSADE'),
    snooped,
    codes: SCALABLE_CODES,
  }
  if (pgtt === 2) {
    const wide = trail.first([0x84, beyond(address, Math.min(unit.mgaw, widthOf(levels)))])
    if (wide !== undefined) return trail.refuse(wide, request)
    return finish(unit, trail, request, walkSecond(trail, second, address, write), codes)
  }
  const depth = entry.number('FSPM') === 1 ? 5 : 4
  const top = address >> BigInt(widthOf(depth) - 1)
  const all = (1n << BigInt(64 - widthOf(depth) + 1)) - 1n
  const canonical = trail.first([0x80, top !== 0n && top !== all])
  if (canonical !== undefined) return trail.refuse(canonical, request)
  const reached = walkFirst(
    trail,
    { root: entry.pointer('FSPTPTR'), levels: depth, haw: unit.haw, snooped, ...(pgtt === 3 ? { second } : {}) },
    address,
    write,
  )
  if ('fault' in reached) return trail.refuse(trail.fail(reached.fault), request)
  const privileged = request.pasid === undefined ? context.flag('RID_PRIV') : request.privileged === true
  const supervisor = trail.first([0x81, !privileged && !reached.user])
  if (supervisor !== undefined) return trail.refuse(supervisor, request)
  // A supervisor may write to what is read-only, unless WPE says otherwise; the second stage is not asked again.
  const freed = privileged && !entry.flag('WPE') && pgtt === 1
  return finish(unit, trail, request, freed ? { ...reached, write: true } : reached, codes)
}

/** Permissions and the output address; a translation request gets what there is. */
function finish(
  unit: Unit,
  trail: Trail,
  request: Request,
  walk: Walk,
  codes: { readonly write: number; readonly read: number; readonly output: number },
): Decision {
  if ('fault' in walk) return trail.refuse(trail.fail(walk.fault), request)
  const exempt = request.access === 'zero-length-read' && unit.zeroLengthRead && (walk.read || walk.write)
  const wantsWrite = request.kind === 'translation' ? !request.noWrite : needsWrite(request)
  const fault = trail.first(
    [codes.write, wantsWrite && !walk.write],
    [codes.read, needsRead(request) && !walk.read && !exempt],
  )
  const permission = effective(request, walk)
  if (fault !== undefined) return trail.refuse(fault, request, permission)
  const output = trail.first([codes.output, inInterruptRange(walk.address)])
  if (output !== undefined) return trail.refuse(output, request)
  return trail.pass(request.kind === 'translation' ? 'success' : 'forwarded', { address: walk.address, permission })
}

const effective = (request: Request, walk: Reached) => ({ read: walk.read, write: walk.write && !request.noWrite })

/** Translated requests under HPTE: the host permission table has the last word. */
function hostPermission(unit: Unit, trail: Trail, request: Request): Decision {
  const answer = unit.hpt?.(request.address) ?? { k: 'permission', read: true, write: true }
  const fault = trail.first(
    [0x83, beyond(request.address, unit.haw)],
    [0x60, answer.k === 'beyond-size'],
    [0xa2, answer.k === 'root-unreadable'],
    [0xa0, answer.k === 'entry-unreadable'],
    [0xa1, answer.k === 'reserved'],
    [0xa3, answer.k === 'ended-early' && request.access === 'zero-length-read'],
    [0xa4, answer.k === 'permission' && needsWrite(request) && !answer.write],
    [0xa5, answer.k === 'permission' && needsRead(request) && !answer.read],
  )
  return fault === undefined ? trail.pass('forwarded', { address: request.address }) : trail.refuse(fault, request)
}
