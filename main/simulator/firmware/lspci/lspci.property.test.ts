/** Whatever board: printed in any of lspci's manners it reads back; damaged in any way there is an answer. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPlatform } from '../../platform/check'
import type { PciFunction } from '../../platform/schema'
import { parseLspci } from './lspci'

type Fields = Pick<PciFunction, 'express' | 'msi' | 'msix' | 'pm' | 'af' | 'acs' | 'ats' | 'pri' | 'pasid' | 'ari'>
interface Drawn {
  device: number
  slot: number
  fields: Fields
}

const express = fc
  .record({
    type: fc.constantFrom('root-port' as const, 'rc-integrated-endpoint' as const, 'endpoint' as const),
    version: fc.constantFrom(1, 2),
    slot: fc.constant(false),
    flr: fc.boolean(),
    tlpPrefix: fc.boolean(),
  })
  .map((e) => ({ ...e, tlpPrefix: e.version > 1 && e.tlpPrefix }))
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const fields: fc.Arbitrary<Fields> = fc
  .record({
    express,
    msi: optional(
      fc.record({
        vectors: fc.constantFrom(1, 2, 4, 8, 16, 32),
        enabled: fc.boolean(),
        maskable: fc.boolean(),
        address64: fc.boolean(),
      }),
    ),
    msix: optional(
      fc.record({
        vectors: fc.integer({ min: 1, max: 2048 }),
        enabled: fc.boolean(),
        tableBir: fc.nat(5),
        tableOffset: fc.nat(0x1fffffff).map((n) => n * 8),
        pbaBir: fc.nat(5),
        pbaOffset: fc.nat(0x1fffffff).map((n) => n * 8),
      }),
    ),
    pm: optional(fc.record({ noSoftReset: fc.boolean() })),
    af: optional(fc.record({ tp: fc.boolean(), flr: fc.boolean() })),
    acs: optional(fc.record({ cap: fc.nat(0x7f), ctrl: fc.nat(0x7f) })),
    ats: optional(fc.record({ enabled: fc.boolean(), stu: fc.nat(31), queueDepth: fc.integer({ min: 1, max: 32 }) })),
    pri: optional(fc.record({ enabled: fc.boolean() })),
    pasid: optional(fc.record({ width: fc.nat(20), exec: fc.boolean(), priv: fc.boolean(), enabled: fc.boolean() })),
    ari: optional(fc.constant(true)),
  })
  .map((drawn) => Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)) as Fields)
const boards = fc.uniqueArray(
  fc.record({ device: fc.integer({ min: 0x1000, max: 0x1fff }), slot: fc.integer({ min: 1, max: 31 }), fields }),
  { minLength: 1, maxLength: 5, selector: (one) => one.slot },
)
const style = fc.record({
  comma: fc.constantFrom('', ','),
  number: fc.constantFrom('MSI 00', 'IntMsgNum 0'),
  end: fc.constantFrom('\n', '\r\n'),
  before: fc.constantFrom('', '> ', '  ', '>> '),
  tab: fc.constantFrom('\t', '        ', ' '),
  domain: fc.constantFrom('', '0000:'),
})

const TYPES = {
  'root-port': 'Root Port (Slot-)',
  'rc-integrated-endpoint': 'Root Complex Integrated Endpoint',
  endpoint: 'Endpoint',
}
const ACS = ['SrcValid', 'TransBlk', 'ReqRedir', 'CmpltRedir', 'UpstreamFwd', 'EgressCtrl', 'DirectTrans']
const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0')

function print(board: readonly Drawn[], how: typeof style extends fc.Arbitrary<infer S> ? S : never): string {
  const sign = (on: boolean): string => (on ? '+' : '-')
  const flags = (...list: [string, boolean][]): string =>
    list.map(([name, on]) => `${name}${sign(on)}`).join(`${how.comma} `)
  const acs = (word: number): string =>
    flags(...ACS.map((name, i): [string, boolean] => [name, (word & (1 << i)) !== 0]))
  const one = ({ device, slot, fields: f }: Drawn): string[] => {
    const lines = [
      `${how.domain}00:${hex(slot, 2)}.0 System peripheral [0880]: Example Ltd Thing [1d05:${hex(device, 4)}] (rev 02)`,
      'T' + 'Status: Cap+ 66MHz- UDF-',
    ]
    if (f.express) {
      const type = TYPES[f.express.type as keyof typeof TYPES]
      lines.push(
        `TCapabilities: [40] Express (v${f.express.version}) ${type}, ${how.number}`,
        `TTDevCap:	MaxPayload 128 bytes, ${flags(['ExtTag', false], ['RBE', true], ['FLReset', f.express.flr === true])}`,
        `TTDevCtl:	${flags(['CorrErr', false], ['FLReset', false])}`,
      )
      if (f.express.version > 1)
        lines.push(
          `TTDevCap2: Completion Timeout: Range ABCD, ${flags(['TimeoutDis', true])}`,
          `TTT ${flags(['ExtFmt', true], ['EETLPPrefix', f.express.tlpPrefix === true])}, MaxEETLPPrefixes 1`,
          `TTDevCtl2: Completion Timeout: 50us to 50ms, ${flags(['EETLPPrefixBlk', false])}`,
        )
    }
    if (f.pm)
      lines.push(
        'TCapabilities: [c8] Power Management version 3',
        `TTFlags: ${flags(['PMEClk', false], ['DSI', true])} PME(D0-,D1-,D2-,D3hot-,D3cold-)`,
        `TTStatus: D0 ${flags(['NoSoftRst', f.pm.noSoftReset], ['PME-Enable', false])} DSel=0 DScale=0 PME-`,
      )
    if (f.af)
      lines.push(
        'TCapabilities: [d8] PCI Advanced Features',
        `TTAFCap: ${flags(['TP', f.af.tp], ['FLR', f.af.flr])}`,
        `TTAFCtrl: ${flags(['FLR', false])}`,
        `TTAFStatus: ${flags(['TP', false])}`,
      )
    if (f.msi) {
      const { enabled, vectors, maskable, address64 } = f.msi
      lines.push(
        `TCapabilities: [50] MSI: Enable${sign(enabled)} Count=1/${vectors} Maskable${sign(maskable)} 64bit${sign(address64)}`,
      )
    }
    if (f.msix) {
      lines.push(
        `TCapabilities: [70] MSI-X: Enable${sign(f.msix.enabled)} Count=${f.msix.vectors} Masked-`,
        `TTVector table: BAR=${f.msix.tableBir} offset=${hex(f.msix.tableOffset, 8)}`,
        `TTPBA: BAR=${f.msix.pbaBir} offset=${hex(f.msix.pbaOffset, 8)}`,
      )
    }
    lines.push('TCapabilities: [100 v1] Advanced Error Reporting', 'TTUESta:	DLP- SDES- TLP- ACSViol-')
    if (f.acs)
      lines.push(
        'TCapabilities: [150 v1] Access Control Services',
        `TTACSCap:	${acs(f.acs.cap)}`,
        `TTACSCtl:	${acs(f.acs.ctrl)}`,
      )
    if (f.ari) lines.push('TCapabilities: [160 v1] Alternative Routing-ID Interpretation (ARI)')
    if (f.ats)
      lines.push(
        'TCapabilities: [170 v1] Address Translation Service (ATS)',
        `TTATSCap:	Invalidate Queue Depth: ${hex(f.ats.queueDepth & 0x1f, 2)}`,
        `TTATSCtl:	Enable${sign(f.ats.enabled)}, Smallest Translation Unit: ${hex(f.ats.stu, 2)}`,
      )
    if (f.pri)
      lines.push(
        'TCapabilities: [180 v1] Page Request Interface (PRI)',
        `TTPRICtl: ${flags(['Enable', f.pri.enabled], ['Reset', false])}`,
      )
    if (f.pasid)
      lines.push(
        'TCapabilities: [190 v1] Process Address Space ID (PASID)',
        `TTPASIDCap: ${flags(['Exec', f.pasid.exec], ['Priv', f.pasid.priv])}, Max PASID Width: ${hex(f.pasid.width, 2)}`,
        `TTPASIDCtl: ${flags(['Enable', f.pasid.enabled], ['Exec', false], ['Priv', false])}`,
      )
    return [...lines, '']
  }
  return (
    board
      .flatMap(one)
      .map((line) => how.before + line.replace(/^TT?/, (tabs) => how.tab.repeat(tabs.length)))
      .join(how.end) + how.end
  )
}

/** An answer of some kind: a coded fault, or a tree with warnings. */
function judge(text: string): void {
  const parsed = parseLspci(text)
  if (!parsed.ok) {
    expect(parsed.error.code).toBe('LSPCI_EMPTY')
    return
  }
  const { roots, functions } = parsed.value.pci
  expect(
    checkPlatform({
      doorbellPlatform: 1,
      name: '',
      arch: 'x86',
      source: '',
      kernel: {},
      roots,
      functions,
      iommus: [],
      msiControllers: [],
      regions: [],
      unknown: [],
      assumptions: [],
      warnings: [],
    }),
  ).toEqual([])
}

describe('a board', () => {
  test('printed and read is the same', () => {
    fc.assert(
      fc.property(boards, style, (board, how) => {
        const parsed = parseLspci(print(board, how))
        if (!parsed.ok) throw new Error(parsed.error.message)
        for (const { slot, device, fields: expected } of board) {
          const fn = parsed.value.pci.functions.find((one) => one.bdf === `0000:00:${hex(slot, 2)}.0`)
          expect(fn).toMatchObject({ device, vendor: 0x1d05, unknown: [], ...expected })
          const rest = { msi: 0, msix: 0, pm: 0, af: 0, acs: 0, ats: 0, pri: 0, pasid: 0, ari: 0 }
          for (const name of Object.keys(rest) as (keyof Fields)[])
            if (!(name in expected)) expect(fn?.[name]).toBeUndefined()
        }
      }),
      { numRuns: 200 },
    )
  })

  const SAMPLE = fc.sample(fc.tuple(boards, style), { numRuns: 3, seed: 7 }).map(([board, how]) => print(board, how))

  test('cut every 64 characters gives an answer, and never loses a capability without a word', () => {
    for (const text of SAMPLE)
      for (let size = 0; size < text.length; size += 64) {
        judge(text.slice(0, size))
        const whole = parseLspci(text)
        const cut = parseLspci(text.slice(0, size))
        if (!whole.ok || !cut.ok || /[\r\n][ >]*$/.test(text.slice(0, size))) continue
        for (const fn of cut.value.pci.functions) {
          const full = whole.value.pci.functions.find((one) => one.bdf === fn.bdf)
          for (const name of ['acs', 'ats', 'pasid', 'pri', 'express', 'msi', 'pm', 'af'] as const)
            if (full?.[name] && !fn[name]) expect(fn.unknown).toContain(name)
        }
      }
  })

  test('with any characters changed gives an answer', () => {
    const text = SAMPLE.join('')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        (changes) => {
          const letters = [...text]
          for (const [at, code] of changes) letters[at] = String.fromCharCode(code)
          judge(letters.join(''))
        },
      ),
      { numRuns: 200 },
    )
  })

  test('of nonsense gives an answer', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), judge), { numRuns: 200 })
    fc.assert(
      fc.property(
        fc
          .array(
            fc.constantFrom(
              '00:1c.0 ',
              'PCI bridge: ',
              '\n',
              '\t',
              'Capabilities: [100',
              ']',
              'Bus: primary=00, secondary=',
              '01',
              '-[0000:00]-+-',
              '+-',
              '00.0',
              '-[01]-',
              '40: ff ff',
              'Status: Cap+',
            ),
            { maxLength: 60 },
          )
          .map((parts) => parts.join('')),
        judge,
      ),
      { numRuns: 500 },
    )
  })
})

describe('a very large text', () => {
  test.each<[string, string]>([
    ['one endless line', 'x'.repeat(4_000_000)],
    [
      'one function with endless lines',
      `00:00.0 Host bridge: Example Ltd X\n${'\tCapabilities: [40] Express\n'.repeat(100_000)}`,
    ],
    ['one function again and again', '00:00.0 Host bridge: Example Ltd X\n'.repeat(100_000)],
    ['spaces', `00:00.0 Host bridge: Example Ltd X\n\tFlags: ${' '.repeat(100_000)}\n`.repeat(10)],
    ['quote marks', `${'>'.repeat(100_000)}\n`.repeat(10)],
    [
      'every address of a segment, each claiming 65535 virtual functions',
      Array.from(
        { length: 8192 },
        (_, i) =>
          `${hex(i >> 5, 2)}:${hex(i & 31, 2)}.0 0604: 1d05:0001\n\tBus: primary=00, secondary=${hex(i >> 5, 2)}, subordinate=ff, sec-latency=0\n\tCapabilities: [100 v1] Single Root I/O Virtualization (SR-IOV)\n\t\tIOVCtl:	Enable+\n\t\tInitial VFs: 65535, Total VFs: 65535, Number of VFs: 65535\n\t\tVF offset: 0, stride: 1, Device ID: 0001\n`,
      ).join(''),
    ],
  ])('%s is read in bounded time', (_name, text) => judge(text), 10_000)
})

const DATASETS = join(process.cwd(), '../shared/datasets')

// The body of a skipped block is read all the same.
const filesBelow = (folder: string) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []

describe.skipIf(!existsSync(DATASETS))('the lspci texts of ../shared/datasets (skipped where it is absent)', () => {
  const files = filesBelow(DATASETS)
    .filter((entry) => entry.isFile() && /lspci|^tests_/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))

  test('are read, every one', () => {
    expect(files.length).toBeGreaterThan(40)
    for (const file of files) {
      const text = readFileSync(file, 'latin1')
      const parsed = parseLspci(text)
      if (!parsed.ok) throw new Error(`${file}: ${parsed.error.code}`)
      judge(text)
      // As many functions as lines that begin with an address, where it is a listing.
      const addresses = new Set(text.match(/^(?:[0-9a-f]{4,}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7](?= )/gim))
      if (addresses.size > 0) expect(parsed.value.pci.functions).toHaveLength(addresses.size)
    }
  })

  test('whole machines have one tree, of which every bridge is shown', () => {
    for (const name of [
      'm01-suspend-6.19.4/lspci.txt',
      'm13-tb4/lspci-vv.txt',
      'n05-deatcs-noiommu/lspci-nnDvvvxxxx.txt',
    ]) {
      const parsed = parseLspci(readFileSync(join(DATASETS, name), 'latin1'))
      if (!parsed.ok) throw new Error(parsed.error.message)
      expect(parsed.value.pci.roots.map((root) => root.id)).toEqual(['pci0000:00'])
      expect(parsed.value.pci.functions.filter((fn) => fn.unknown.includes('parent'))).toEqual([])
    }
  })

  test('say the same in text and in bytes', () => {
    for (const file of files) {
      const text = readFileSync(file, 'latin1')
      const bytes = parseLspci(text)
      const words = parseLspci(text.replace(/^[0-9a-f]{2,3}: [0-9a-f ]+$/gm, ''))
      if (!bytes.ok || !words.ok) throw new Error(file)
      for (const fn of bytes.value.pci.functions) {
        const said = words.value.pci.functions.find((one) => one.bdf === fn.bdf)
        if (fn.configSize < 256 || !said) continue
        const { msi, msix, pm, af, ats, pri, pasid, ari, bridge } = fn
        const interruptPin = said.interruptPin === undefined ? undefined : fn.interruptPin // -vv only
        const acs = fn.acs && { cap: fn.acs.cap & 0x7f, ctrl: fn.acs.ctrl & 0x7f } // lspci omits the egress vector's size
        const express = fn.express && { ...fn.express }
        if (express && said.express?.flr === undefined) delete express.flr // lspci says it of endpoints only
        if (express && said.express?.tlpPrefix === undefined) delete express.tlpPrefix // lspci 3.6 and newer
        const all = { express, msi, msix, pm, af, ats, pri, pasid, ari, bridge, interruptPin, acs }
        for (const [name, value] of Object.entries(all))
          if (!said.unknown.includes(name) && !fn.unknown.includes(name)) {
            const word = said[name as keyof typeof all]
            expect({ [name]: word }, `${file} ${fn.bdf}`).toEqual({ [name]: value })
          }
      }
    }
  })
})
