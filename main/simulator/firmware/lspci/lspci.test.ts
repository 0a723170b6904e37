import { describe, expect, test } from 'vitest'
import { checkPlatform } from '../../platform/check'
import type { PciFunction } from '../../platform/schema'
import { parseLspci, type Lspci } from './lspci'

/** An invented board: a root port with ACS, an endpoint with a PASID below it, an integrated endpoint, a conventional bridge. */
const BOARD = `00:00.0 Host bridge [0600]: Intel Corporation Invented Host Bridge [8086:7d14] (rev 04)
	Subsystem: Example Ltd Board [1d05:1234]
	Control: I/O- Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR- FastB2B- DisINTx-
	Status: Cap- 66MHz- UDF- FastB2B+ ParErr- DEVSEL=fast >TAbort- <TAbort- <MAbort+ >SERR- <PERR- INTx-
	IOMMU group: 0

00:02.0 VGA compatible controller [0300]: Intel Corporation Invented Graphics [8086:7d55] (rev 08) (prog-if 00 [VGA controller])
	Status: Cap+ 66MHz- UDF- FastB2B- ParErr- DEVSEL=fast >TAbort- <TAbort- <MAbort- >SERR- <PERR- INTx-
	IOMMU group: 1
	Capabilities: [70] Express (v2) Root Complex Integrated Endpoint, IntMsgNum 0
		DevCap:	MaxPayload 128 bytes, PhantFunc 0
	Capabilities: [ac] MSI: Enable+ Count=1/1 Maskable+ 64bit-
		Address: fee00018  Data: 0000
		Masking: 00000000  Pending: 00000000
	Capabilities: [100 v1] Process Address Space ID (PASID)
		PASIDCap: Exec+ Priv-, Max PASID Width: 14
		PASIDCtl: Enable+ Exec- Priv-
	Capabilities: [200 v1] Address Translation Service (ATS)
		ATSCap:	Invalidate Queue Depth: 00
		ATSCtl:	Enable+, Smallest Translation Unit: 0c
	Capabilities: [300 v1] Page Request Interface (PRI)
		PRICtl: Enable+ Reset-
		PRISta: RF- UPRGI- Stopped- PASID+
	Kernel driver in use: i915
	Kernel modules: i915, xe

00:1c.0 PCI bridge [0604]: Intel Corporation Invented Root Port #1 [8086:7e38] (rev 10) (prog-if 00 [Normal decode])
	Control: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR- FastB2B- DisINTx+
	Status: Cap+ 66MHz- UDF- FastB2B- ParErr- DEVSEL=fast >TAbort- <TAbort- <MAbort- >SERR- <PERR- INTx-
	NUMA node: 0
	IOMMU group: 2
	Bus: primary=00, secondary=01, subordinate=01, sec-latency=0
	Capabilities: [40] Express (v2) Root Port (Slot+), MSI 00
		DevCap2: Completion Timeout: Range ABC, TimeoutDis+, LTR+, OBFF Not Supported ARIFwd+
	Capabilities: [80] MSI: Enable- Count=1/2 Maskable- 64bit-
		Address: 00000000  Data: 0000
	Capabilities: [a0] Power Management version 3
		Flags: PMEClk- DSI- D1- D2- AuxCurrent=0mA PME(D0+,D1-,D2-,D3hot+,D3cold+)
		Status: D0 NoSoftRst- PME-Enable- DSel=0 DScale=0 PME-
	Capabilities: [220 v1] Access Control Services
		ACSCap:	SrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-
		ACSCtl:	SrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-
	Kernel driver in use: pcieport

01:00.0 Ethernet controller [0200]: Example Ltd Gigabit [1d05:0001] (rev 01)
	Status: Cap+ 66MHz- UDF- FastB2B- ParErr- DEVSEL=fast >TAbort- <TAbort- <MAbort- >SERR- <PERR- INTx-
	IOMMU group: 3
	Capabilities: [70] MSI-X: Enable+ Count=5 Masked-
		Vector table: BAR=3 offset=00000000
		PBA: BAR=3 offset=00002000
	Capabilities: [a0] Express (v2) Endpoint, MSI 00
	Capabilities: [140 v1] Alternative Routing-ID Interpretation (ARI)
		ARICap:	MFVC- ACS-, Next Function: 0
	Capabilities: [160 v1] Single Root I/O Virtualization (SR-IOV)
		IOVCap:	Migration-, Interrupt Message Number: 000
		IOVCtl:	Enable+ Migration- Interrupt- MSE+ ARIHierarchy+
		IOVSta:	Migration-
		Initial VFs: 8, Total VFs: 8, Number of VFs: 2, Function Dependency Link: 00
		VF offset: 128, stride: 2, Device ID: 1520
	Kernel driver in use: igb

01:10.0 Ethernet controller [0200]: Example Ltd Virtual Function [1d05:1520]
	Capabilities: [70] MSI-X: Enable- Count=3 Masked-
		Vector table: BAR=3 offset=00000000
		PBA: BAR=3 offset=00002000
	Capabilities: [a0] Express (v2) Endpoint, MSI 00
	Capabilities: [100 v1] Advanced Error Reporting

01:10.2 Ethernet controller [0200]: Example Ltd Virtual Function [1d05:1520]
	Capabilities: <access denied>
`

function read(text: string): Lspci {
  const parsed = parseLspci(text)
  if (!parsed.ok) throw new Error(`${parsed.error.code}: ${parsed.error.message}`)
  const { pci } = parsed.value
  const board = { ...pci, iommus: [], msiControllers: [], regions: [] }
  expect(
    checkPlatform({
      ...board,
      doorbellPlatform: 1,
      name: '',
      arch: 'x86',
      source: '',
      kernel: {},
      unknown: [],
      assumptions: [],
      warnings: [],
    }),
  ).toEqual([])
  return parsed.value
}
const fn = (lspci: Lspci, bdf: string): PciFunction => {
  const found = lspci.pci.functions.find((one) => one.bdf === bdf)
  if (!found) throw new Error(`no ${bdf}`)
  return found
}
const codes = (lspci: Lspci): string[] => lspci.warnings.map((entry) => entry.code)

describe('lspci -vvvnn as root', () => {
  const board = read(BOARD)

  test('names every function with its ids and its driver', () => {
    expect(board.arch).toBe('x86')
    expect(board.pci.functions.map((one) => one.bdf)).toEqual([
      '0000:00:00.0',
      '0000:00:02.0',
      '0000:00:1c.0',
      '0000:01:00.0',
      '0000:01:10.0',
      '0000:01:10.2',
    ])
    expect(fn(board, '0000:00:02.0')).toMatchObject({
      vendor: 0x8086,
      device: 0x7d55,
      class: 0x030000,
      revision: 8,
      driver: 'i915',
      name: 'Intel Corporation Invented Graphics',
    })
    expect(fn(board, '0000:00:00.0')).toMatchObject({ subsystem: { vendor: 0x1d05, device: 0x1234 }, unknown: [] })
  })

  test('shows capabilities as the registers have them', () => {
    expect(fn(board, '0000:00:02.0')).toMatchObject({
      express: { type: 'rc-integrated-endpoint', version: 2, slot: false },
      msi: { vectors: 1, enabled: true, maskable: true, address64: false },
      pasid: { width: 20, exec: true, priv: false, enabled: true },
      ats: { enabled: true, stu: 12, queueDepth: 32 },
      pri: { enabled: true },
      unknown: [],
    })
    expect(fn(board, '0000:00:1c.0')).toMatchObject({
      headerType: 1,
      bridge: { primary: 0, secondary: 1, subordinate: 1 },
      express: { type: 'root-port', slot: true },
      acs: { cap: 0x1f, ctrl: 0x1d },
      numaNode: 0,
      busMaster: true,
    })
    expect(fn(board, '0000:01:00.0')).toMatchObject({
      parent: '0000:00:1c.0',
      msix: { vectors: 5, enabled: true, tableBir: 3, tableOffset: 0, pbaBir: 3, pbaOffset: 0x2000 },
      ari: true,
      sriov: { total: 8, initial: 8, enabled: 2, firstOffset: 128, stride: 2, vfDevice: 0x1520 },
    })
    expect(fn(board, '0000:01:00.0').acs).toBeUndefined()
  })

  test('virtual functions belong to their physical function and are single', () => {
    expect(fn(board, '0000:01:10.0')).toMatchObject({ physfn: '0000:01:00.0', multifunction: false, unknown: [] })
    expect(fn(board, '0000:01:10.2').physfn).toBe('0000:01:00.0')
  })

  test('what a user may not read is unknown', () => {
    expect(fn(board, '0000:01:10.2')).toMatchObject({ configSize: 64 })
    expect(fn(board, '0000:01:10.2').unknown).toContain('acs')
    expect(codes(board)).toEqual(['LSPCI_ACCESS_DENIED'])
  })
})

describe('the same text', () => {
  const plain = read(BOARD)
  const dressed: Record<string, string> = {
    'with CRLF': BOARD.replaceAll('\n', '\r\n'),
    'with old Macintosh line ends': BOARD.replaceAll('\n', '\r'),
    'quoted in a mail': BOARD.replace(/^/gm, '> > '),
    'quoted tightly': BOARD.replace(/^/gm, '>>'),
    'indented as code': BOARD.replace(/^/gm, '    '),
    'in a markdown fence, with the prompt': `Here is mine:\n\n\`\`\`\n$ sudo lspci -vvvnn\n${BOARD}\`\`\`\n`,
    'with every indentation lost': BOARD.replace(/^\s+/gm, (gap) => gap.replace(/[^\n]/g, '')),
    'with no-break spaces and a byte order mark': `\ufeff${BOARD.replaceAll('\t', '\u00a0\u00a0')}`,
    'copied from a page with entities': BOARD.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    'with terminal colours': BOARD.replace(
      /^(\d\S+)/gm,
      `${String.fromCharCode(27)}[1;32m$1${String.fromCharCode(27)}[0m`,
    ),
    'double-spaced': BOARD.replaceAll('\n', '\n\n'),
    'with domains': BOARD.replace(/^(?=[0-9a-f]{2}:)/gm, '0000:'),
    'with new words': BOARD.replaceAll('MSI 00', 'IntMsgNum 0'),
    'with commas between flags': BOARD.replace(/([a-z][+-]) (?=[A-Z])/g, '$1, '),
    'given twice': BOARD + '\n' + BOARD,
    'behind a short list of the same machine': BOARD.replace(/^\t.*\n/gm, '') + '\n' + BOARD,
  }
  test.each(Object.keys(dressed))('%s is the same machine', (how) => {
    const again = read(dressed[how] ?? '')
    // The order of Flags and names is lspci's own; only what they say counts.
    expect(again.pci.functions.filter((one) => one.bdf !== '0000:01:10.2')).toEqual(
      plain.pci.functions.filter((one) => one.bdf !== '0000:01:10.2'),
    )
    expect(again.pci.roots).toEqual(plain.pci.roots)
  })
})

describe('what lspci does not show', () => {
  test('a short list: capabilities are unknown, and so is the bridge above', () => {
    const list = read(
      '00:1c.0 PCI bridge: Intel Corporation Some Root Port\n01:00.0 Ethernet controller: Example Ltd Thing\n',
    )
    expect(fn(list, '0000:00:1c.0')).toMatchObject({
      vendor: 0x8086,
      device: 0xffff,
      class: 0x060400,
      headerType: 1,
      configSize: 0,
    })
    expect(fn(list, '0000:00:1c.0').unknown).toEqual(expect.arrayContaining(['acs', 'bridge', 'device', 'express']))
    expect(fn(list, '0000:01:00.0')).toMatchObject({ parent: 'pci0000:01' })
    expect(fn(list, '0000:01:00.0').unknown).toContain('parent')
    expect(codes(list)).toEqual(['CAPTURE_INCOMPLETE', 'LSPCI_NAMES_ONLY', 'TOPOLOGY_GUESSED'])
  })

  test('-v names extended capabilities without contents: they are present and unknown', () => {
    const list = read(`00:01.0 PCI bridge: Intel Corporation Root Port (rev 04) (prog-if 00 [Normal decode])
	Flags: bus master, fast devsel, latency 0, IRQ 25, NUMA node 0,
 IOMMU group 13
	Bus: primary=00, secondary=01, subordinate=01, sec-latency=0
	Capabilities: [60] MSI: Enable+ Count=1/2 Maskable+ 64bit-
	Capabilities: [90] Express Root Port (Slot+), MSI 00
	Capabilities: [110] Access Control Services
	Capabilities: [140] MSI-X: Enable+ Count=10 Masked-
	Kernel driver in use: pcieport
`)
    expect(fn(list, '0000:00:01.0')).toMatchObject({ busMaster: true, present: ['acs', 'msix'], msi: { vectors: 2 } })
    expect(fn(list, '0000:00:01.0').unknown).toEqual(['acs', 'device', 'msix'])
  })

  test('ports whose ACS registers lspci misreads keep them unknown, unless the bytes are there', () => {
    const text = (id: string): string => `00:1d.0 PCI bridge [0604]: Intel Corporation Port [8086:${id}] (rev f0)
	Status: Cap+ 66MHz-
	Capabilities: [40] Express (v2) Root Port (Slot+), MSI 00
	Capabilities: [140 v1] Access Control Services
		ACSCap:	SrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd- EgressCtrl- DirectTrans-
		ACSCtl:	SrcValid- TransBlk- ReqRedir- CmpltRedir- UpstreamFwd- EgressCtrl- DirectTrans-
`
    expect(fn(read(text('7e38')), '0000:00:1d.0').acs).toEqual({ cap: 0x0d, ctrl: 0 })
    const wide = read(text('a298'))
    expect(fn(wide, '0000:00:1d.0')).toMatchObject({ present: ['acs'] })
    expect(fn(wide, '0000:00:1d.0').unknown).toContain('acs')
    expect(codes(wide)).toContain('LSPCI_ACS_LAYOUT')
  })

  test('a machine whose extended configuration space the kernel cannot reach', () => {
    const list = read(`03:00.0 Ethernet controller [0200]: Example Ltd Thing [1d05:0002]
	Status: Cap+ 66MHz-
	Capabilities: [a0] Express (v2) Endpoint, MSI 00
`)
    expect(fn(list, '0000:03:00.0').unknown).toEqual(['acs', 'ari', 'ats', 'parent', 'pasid', 'pri', 'siov', 'sriov'])
    expect(codes(list)).toContain('LSPCI_NO_EXTENDED')
  })

  test('ACS control that mail software cut behind the bits that count is read', () => {
    const cut = BOARD.replace(/(ACSCtl:.*UpstreamFwd\+).*/, '$1\n')
    expect(fn(read(cut), '0000:00:1c.0').acs).toEqual({ cap: 0x1f, ctrl: 0x1d })
    const more = read(BOARD.replace(/(ACSCtl:.*ReqRedir\+).*/, '$1\n'))
    expect(fn(more, '0000:00:1c.0').unknown).toEqual(['acs'])
  })

  test('a text that ends in the middle of a line says so of its last function', () => {
    const list = read(BOARD.slice(0, BOARD.indexOf('DevCap2:')))
    expect(codes(list)).toContain('LSPCI_TRUNCATED')
    expect(fn(list, '0000:00:1c.0').unknown).toContain('acs')
    expect(fn(list, '0000:00:1c.0').express?.type).toBe('root-port')
  })

  test('capabilities that the status register promises and the text lacks', () => {
    const list = read('00:18.0 Host bridge: Example Ltd X\n\tStatus: Cap+ 66MHz- UDF-\n')
    expect(fn(list, '0000:00:18.0').unknown).toContain('express')
  })

  test('a header that mail software broke', () => {
    const list = read(
      '00:1f.0 ISA bridge [0601]: Intel Corporation A Very Long Name Of A\nController [8086:7e02] (rev 03)\n',
    )
    expect(fn(list, '0000:00:1f.0')).toMatchObject({ device: 0x7e02, revision: 3 })
  })
})

describe('hex dumps', () => {
  const row = (offset: number, bytes: readonly number[]): string =>
    `${offset.toString(16).padStart(2, '0')}: ${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`
  /** A root port with ACS at 0x100, as bytes. */
  const space = new Uint8Array(4096)
  space.set([0x86, 0x80, 0x38, 0x7e, 0x07, 0, 0x10, 0, 0x10, 0, 0x04, 0x06, 0, 0, 0x81])
  space.set([0, 1, 2], 0x18)
  space[0x34] = 0x40
  space.set([0x10, 0, 0x42, 0x01], 0x40)
  space.set([0x0d, 0, 1, 0, 0x1f, 0, 0x1d, 0], 0x100)
  const dump = (size: number): string =>
    Array.from({ length: size / 16 }, (_, i) => row(i * 16, [...space.subarray(i * 16, i * 16 + 16)])).join('\n')
  const header = '00:1c.0 PCI bridge: Intel Corporation Port (rev 10)\n'

  test('win over the text, and need none', () => {
    const list = read(header + dump(4096) + '\n')
    expect(fn(list, '0000:00:1c.0')).toMatchObject({
      device: 0x7e38,
      multifunction: true,
      configSize: 4096,
      bridge: { primary: 0, secondary: 1, subordinate: 2 },
      acs: { cap: 0x1f, ctrl: 0x1d },
      unknown: [],
    })
    expect(list.warnings).toEqual([])
  })

  test('of 256 bytes leave the rest to the text', () => {
    const text = `	Status: Cap+ 66MHz-
	Capabilities: [40] Express (v2) Root Port (Slot+), MSI 00
	Capabilities: [100 v1] Access Control Services
		ACSCap:	SrcValid+ TransBlk- ReqRedir- CmpltRedir- UpstreamFwd- EgressCtrl- DirectTrans-
		ACSCtl:	SrcValid+ TransBlk- ReqRedir- CmpltRedir- UpstreamFwd- EgressCtrl- DirectTrans-
`
    expect(fn(read(header + dump(256) + '\n'), '0000:00:1c.0').unknown).toContain('acs')
    expect(fn(read(header + text + dump(256) + '\n'), '0000:00:1c.0')).toMatchObject({
      acs: { cap: 1, ctrl: 1 },
      unknown: [],
    })
  })

  test('of 64 bytes say nothing about capabilities', () => {
    const list = read(header + dump(64) + '\n')
    expect(fn(list, '0000:00:1c.0')).toMatchObject({ configSize: 64, multifunction: true })
    expect(fn(list, '0000:00:1c.0').unknown).toEqual(expect.arrayContaining(['express', 'acs']))
  })

  test('with a line missing count up to the gap', () => {
    const lines = dump(4096).split('\n')
    const list = read(header + [...lines.slice(0, 20), ...lines.slice(21)].join('\n') + '\n')
    expect(fn(list, '0000:00:1c.0').configSize).toBe(256)
    expect(fn(list, '0000:00:1c.0').unknown).toContain('acs')
  })

  test('with rubbish behind the bytes, or beyond the end of configuration space, are told', () => {
    expect(codes(read(`${header}00: 86 80 zz\n`))).toContain('LSPCI_HEX_MALFORMED')
    expect(codes(read(`${header}ffffffff: 86 80\n`))).toContain('LSPCI_HEX_MALFORMED')
  })
})

describe('where functions hang', () => {
  test('-t draws it', () => {
    const list = read(`-+-[0001:00]---00.0-[01]----00.0  Example Ltd Far [1d05:0009]
 \\-[0000:00]-+-00.0  Example Ltd Host [1d05:0001]
             +-02.0-[03-05]--+-00.0-[04]----00.0  Example Ltd A [1d05:0002]
             |               \\-00.1-[05]--+-00.0  Example Ltd B
             |                            \\-00.1  Example Ltd C
             +-1c.0-[06]--
             \\-1f.0  Example Ltd ISA
`)
    expect(list.pci.functions.map(({ bdf, parent }) => `${parent} ${bdf}`)).toEqual([
      'pci0000:00 0000:00:00.0',
      'pci0000:00 0000:00:02.0',
      'pci0000:00 0000:00:1c.0',
      'pci0000:00 0000:00:1f.0',
      '0000:00:02.0 0000:03:00.0',
      '0000:00:02.0 0000:03:00.1',
      '0000:03:00.0 0000:04:00.0',
      '0000:03:00.1 0000:05:00.0',
      '0000:03:00.1 0000:05:00.1',
      'pci0001:00 0001:00:00.0',
      '0001:00:00.0 0001:01:00.0',
    ])
    expect(fn(list, '0000:00:02.0').bridge).toEqual({ primary: 0, secondary: 3, subordinate: 5 })
    expect(fn(list, '0000:04:00.0')).toMatchObject({ vendor: 0x1d05, device: 2 })
  })

  test('a drawing beside a short list gives the list its tree', () => {
    const list = read(`01:00.0 Ethernet controller [0200]: Example Ltd X [1d05:0001]
00:1c.0 PCI bridge [0604]: Example Ltd Y [1d05:0002]

-[0000:00]---1c.0-[01]----00.0  Example Ltd X
`)
    expect(fn(list, '0000:01:00.0').parent).toBe('0000:00:1c.0')
    expect(codes(list)).not.toContain('TOPOLOGY_GUESSED')
  })

  test('-PP and -P write the path', () => {
    for (const last of ['00:1c.0/01:00.0/02:08.0', '00:1c.0/00.0/08.0']) {
      const list = read(
        `00:1c.0 PCI bridge: Example Ltd A\n${last.slice(0, last.lastIndexOf('/'))} PCI bridge: Example Ltd B\n${last} PCI bridge: Example Ltd C\n`,
      )
      expect(list.pci.functions.map(({ bdf, parent }) => `${parent} ${bdf}`)).toEqual([
        'pci0000:00 0000:00:1c.0',
        '0000:00:1c.0 0000:01:00.0',
        '0000:01:00.0 0000:02:08.0',
      ])
    }
  })

  test('behind a volume management device is a domain of its own', () => {
    const list =
      read(`0000:00:0e.0 RAID bus controller [0104]: Intel Corporation Volume Management Device NVMe RAID Controller [8086:467f]
	Kernel driver in use: vmd
10000:e0:06.0 PCI bridge [0604]: Intel Corporation Port [8086:464d]
	Bus: primary=e0, secondary=e1, subordinate=e1, sec-latency=0
10000:e1:00.0 Non-Volatile memory controller [0108]: Example Ltd SSD [1d05:0003] (prog-if 02 [NVM Express])
`)
    expect(list.pci.roots).toEqual([
      { id: 'pci0000:00', segment: 0, bus: 0 },
      { id: 'pci10000:e0', segment: 0x10000, bus: 0xe0, behind: '0000:00:0e.0' },
    ])
    expect(fn(list, '10000:e1:00.0')).toMatchObject({ parent: '10000:e0:06.0', class: 0x010802 })
  })
})

describe('other shapes', () => {
  test('-n, -mm, -vmm and listings of groups name functions, too', () => {
    const expected = { vendor: 0x8086, device: 0x7e02, class: 0x060100 }
    for (const text of [
      '00:1f.0 0601: 8086:7e02 (rev 01)',
      '00:1f.0 Class 0601: 8086:7e02 (rev 01)',
      '00:1f.0 "ISA bridge [0601]" "Intel Corporation [8086]" "Controller [7e02]" -r01 "Example [1d05]" ""',
      'Slot:\t00:1f.0\nClass:\tISA bridge [0601]\nVendor:\tIntel Corporation [8086]\nDevice:\tController [7e02]\nRev:\t01\nIOMMUGroup:\t7',
      'IOMMU Group 7 00:1f.0 ISA bridge [0601]: Intel Corporation Controller [8086:7e02] (rev 01)',
      ' (7) 00:1f.0 ISA bridge [0601]: Intel Corporation Controller [8086:7e02] (rev 01)',
      '    Group Device: 0000:00:1f.0 - ISA bridge [0601]: Intel Corporation Controller [8086:7e02] (rev 01)',
    ])
      expect(fn(read(`${text}\n`), '0000:00:1f.0'), text).toMatchObject({ ...expected, revision: 1 })
  })

  test('of another device under an address that was there the first counts', () => {
    const list = read('00:1f.0 0601: 8086:7e02\n00:1f.0 0601: 8086:a2c9\n')
    expect(fn(list, '0000:00:1f.0').device).toBe(0x7e02)
    expect(codes(list)).toContain('LSPCI_CONFLICT')
  })

  test('text without a function is refused', () => {
    for (const text of [
      '',
      'hello',
      'at 10:15.3 we met: nothing',
      '[    0.1] pci 0000:00:1f.0: [8086:7e02] type 00 class 0x060100',
    ])
      expect(parseLspci(text)).toMatchObject({ ok: false, error: { code: 'LSPCI_EMPTY' } })
  })
})
