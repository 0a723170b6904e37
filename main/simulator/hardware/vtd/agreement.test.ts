import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inline } from '../../../../test/support/inline'
import { encodeEntry, memoryOf } from '../entry'
import { FAULT_RECORD, IRTE_REMAPPED, PASID_DIRECTORY, PASID_ENTRY, SCALABLE_CONTEXT, SCALABLE_ROOT } from './entries'
import { bitsAt, Entry } from '../entry'
import { deliver } from './interrupt'
import { faultRecord, interruptRecord } from './record'
import { translate } from './translate'
import type { Request, Unit } from './unit'
import { encodeRemappable } from '../x86/message'

const UNIT: Unit = {
  ttm: 1,
  rootTable: 0x1000n,
  major: 6,
  haw: 46,
  mgaw: 48,
  sagaw: [2],
  scalable: true,
  abort: true,
  passThrough: true,
  deviceTlb: true,
  firstStage: true,
  secondStage: true,
  nested: true,
  executeRequests: true,
  fiveLevel: false,
  zeroLengthRead: true,
  pss: 19,
}

/** The same tables twice: as registers of the blocks in a scenario, and as bits in memory. */
interface Tables {
  present: boolean
  pasids: boolean
  clash: boolean
  entry: boolean
  mapped: boolean
  explicit: boolean
}

function byBlocks(t: Tables): string {
  const pasid = t.clash ? 0 : 1
  const host = [
    ...(t.entry ? [`{ pasid.set_up: { pasid: ${pasid}, owner: before } }`] : []),
    ...(t.mapped ? [] : ['{ pasid.unmap: { owner: before } }']),
    ...(t.pasids ? [] : ['context.disable_pasid']),
    ...(t.present ? [] : ['context.clear']),
    '{ unit.wait: {}, id: READY }',
  ]
  const r = inline(`
blocks: { unit: { kind: vtd-unit }, context: { kind: vtd-context }, pasid: { kind: vtd-pasid } }
programs:
  host: [${host.join(', ')}]
  device: [{ wait: { until: done(READY) } }, { pasid.dma: { pasid: ${pasid}, job: before, explicit: ${t.explicit} } }]
properties:
${['none', 'h41', 'h45', 'h48', 'h59', 'h71'].map((f) => `  - { name: ${f}, end: pasid.fault == ${f} }`).join('\n')}
`)
  return Object.entries(r.verdicts()).find(([name, v]) => v === 'holds' && name !== 'complete')?.[0] ?? 'nothing'
}

function byBits(t: Tables): string {
  const pasid = t.clash ? 0 : 1
  const context = { P: t.present, DTE: 1, PASIDE: t.pasids, PRE: 1, PASIDDIRPTR: 3, RID_PASID: 0 }
  const memory = memoryOf([
    { at: 0x1000, bits: 128, value: encodeEntry(SCALABLE_ROOT, { LP: 1, LCTP: 2 }) },
    { at: 0x2000, bits: 256, value: encodeEntry(SCALABLE_CONTEXT, context) },
    { at: 0x3000, value: encodeEntry(PASID_DIRECTORY, { P: 1, SMPTBLPTR: 4 }) },
    {
      at: 0x4000 + pasid * 64,
      bits: 512,
      value: encodeEntry(PASID_ENTRY, { P: t.entry, PGTT: 1, PWSNP: 1, FSPTPTR: 0x10 }),
    },
    ...[0, 1, 2].map((n) => ({ at: 0x10000 + n * 0x1000, value: BigInt(0x11000 + n * 0x1000 + 0x27) })),
    { at: 0x13000, value: t.mapped ? 0x7067n : 0n },
  ])
  const d = translate(UNIT, memory, {
    source: 0,
    kind: 'untranslated',
    access: 'write',
    address: 0n,
    ...(t.explicit ? { pasid } : {}),
  })
  return d.reason ? `h${d.reason.code.toString(16)}` : 'none'
}

describe('the blocks and the decision procedure', () => {
  const flags = [false, true]
  const all = flags.flatMap((present) =>
    flags.flatMap((pasids) =>
      flags.flatMap((clash) =>
        flags.flatMap((entry) =>
          flags.flatMap((mapped) =>
            // Without a PASID on the wire the entry is that of RID_PASID, which is 0 here.
            flags.filter((e) => e || clash).map((explicit) => ({ present, pasids, clash, entry, mapped, explicit })),
          ),
        ),
      ),
    ),
  )
  it('refuse the same requests for the same reasons', () => {
    expect(all.map((t) => [t, byBlocks(t)])).toEqual(all.map((t) => [t, byBits(t)]))
    expect(new Set(all.map(byBits))).toEqual(new Set(['none', 'h41', 'h45', 'h48', 'h59', 'h71']))
  })

  it('block the same interrupts for the same reasons', () => {
    const svts = ['none', 'requester', 'bus']
    for (const present of flags)
      for (const svt of svts)
        for (const [from, source] of [
          ['own', 0x0010],
          ['neighbour', 0x0018],
        ] as const) {
          const up = present ? `{ ir.program: { entry: 0, cpu: old_cpu, sid: own, svt: ${svt} } }, ` : ''
          const r = inline(`
blocks: { unit: { kind: vtd-unit }, ir: { kind: vtd-irte } }
programs:
  host: [${up}{ unit.wait: {}, id: READY }]
  device: [{ wait: { until: done(READY) } }, { ir.signal: { entry: 0, from: ${from}, owner: own } }]
properties:
  - { name: none, end: ir.fault == none }
  - { name: h22, end: ir.fault == h22 }
  - { name: h26, end: ir.fault == h26 }
`).verdicts()
          // A bus range names start and end bus: bus 0 here, where both functions are.
          const SID = svt === 'bus' ? 0 : 0x0010
          const value = encodeEntry(IRTE_REMAPPED, { P: present, V: 0x41, DST: 1, SID, SVT: svts.indexOf(svt) })
          const d = deliver(
            { ires: true, cfis: false, table: 0x1000n, eime: false, size: 15, haw: 46 },
            memoryOf([{ at: 0x1000, bits: 128, value }]),
            { source, ...encodeRemappable(0, 0) },
          )
          const code = d.reason ? `h${d.reason.code.toString(16)}` : 'none'
          expect([present, svt, from, r[code]]).toEqual([present, svt, from, 'holds'])
        }
  })
})

describe('a fault record', () => {
  const request = fc.record<Request>({
    source: fc.nat(0xffff),
    kind: fc.constant('untranslated'),
    access: fc.constantFrom('read', 'write', 'atomic'),
    address: fc.bigInt(0n, 2n ** 48n - 1n).filter((a) => a >> 20n !== 0xfeen),
    pasid: fc.option(fc.nat(0xfffff), { nil: undefined }),
    privileged: fc.boolean(),
    execute: fc.boolean(),
  })

  it('says who wanted what with which PASID, and why not', () => {
    fc.assert(
      fc.property(request, (r) => {
        const raw = faultRecord(r, translate(UNIT, memoryOf([]), r))
        const e = new Entry(FAULT_RECORD, raw ?? 0n)
        expect([e.number('SID'), e.number('FR'), e.flag('F'), e.reserved]).toEqual([r.source, 0x39, true, false])
        expect([e.flag('PP'), e.number('PV')]).toEqual([r.pasid !== undefined, r.pasid ?? 0])
        expect(e.bits('FI')).toBe(r.address >> 12n)
        expect([e.flag('T1'), e.flag('T2')]).toEqual([r.access !== 'write', r.access === 'atomic'])
      }),
    )
  })

  it('has the index of an interrupt in 63:48', () => {
    const unit = { ires: true, cfis: false, table: 0x1000n, eime: false, size: 15, haw: 46 }
    const d = deliver(unit, memoryOf([]), { source: 0x0123, ...encodeRemappable(0x4567) })
    const raw = interruptRecord(0x0123, d) ?? 0n
    expect([bitsAt(raw, 63, 48), bitsAt(raw, 79, 64), bitsAt(raw, 103, 96)]).toEqual([0x4567n, 0x0123n, 0x22n])
  })

  it('is not made for what is let through, nor under FPD', () => {
    const r: Request = { source: 0, kind: 'untranslated', access: 'read', address: 0n }
    expect(faultRecord(r, { outcome: 'forwarded', logged: false, walked: [], checked: [] })).toBeUndefined()
  })
})
