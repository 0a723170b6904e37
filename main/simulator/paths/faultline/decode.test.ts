import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DMA_REASONS, INTERRUPT_REASONS } from '../../hardware/vtd/reasons'
import { AMD_EVENTS, REQUEST_TYPES } from './amd'
import { decodeFault } from './decode'
import { SW_ERRORS } from './idxd'
import { MAX_LINE, type FaultLine } from './line'
import { FSR, SMMU_EVENTS } from './smmu'
import { VIRTIO_FAULTS } from './virtio'
import { PLACES } from './vtd-places'
import { FSTS } from './vtd-status'

function read(text: string): FaultLine {
  const found = decodeFault(text)
  if (!found.ok) throw new Error(found.error.message)
  return found.value
}
const reason = (text: string) => read(text).hop.refusal
const hex = (n: number | bigint, width = 2) => n.toString(16).padStart(width, '0')
const word = (n: bigint) => `0x${hex(n, 16)}`

describe('VT-d lines', () => {
  it('reads the lines of every era alike: two lines, decimal reasons, hex reasons, Xen', () => {
    const lines = [
      'dmar: DMAR:[DMA Read] Request device [00:02.0] fault addr 1a45aa9000 \nDMAR:[fault reason 12] non-zero reserved fields in PTE',
      '[ 1.0] DMAR: [DMA Read] Request device [00:02.0] fault addr 1a45aa9000 [fault reason 12] non-zero reserved fields in PTE',
      'DMAR: [DMA Read] Request device [00:02.0] PASID ffffffff fault addr 1a45aa9000 [fault reason 12] non-zero reserved fields in PTE',
      'DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x1a45aa9000 [fault reason 0x0c] non-zero reserved fields in PTE',
      '(XEN) [VT-D]DMAR:[DMA Read] Request device [0000:00:02.0] fault addr 1a45aa9000\n(XEN) [VT-D]DMAR: reason 0c - non-zero reserved',
    ]
    for (const line of lines) {
      expect(reason(line)).toMatchObject({ code: '0x0c', name: 'LSS.2' })
      expect(read(line)).toMatchObject({ address: '0x1a45aa9000', access: 'read' })
      expect(read(line).device).toMatch(/00:02\.0$/)
      expect(read(line).pasid).toBeUndefined()
    }
  })

  it('reads interrupt lines, whose reason 38 of old kernels is 0x26', () => {
    const old =
      'DRHD: handling fault status reg 2\nINTR-REMAP: Request device [[f0:1f.7] fault index 10\nINTR-REMAP:[fault reason 38] Blocked an interrupt request due to source-id verification failure'
    const now =
      'DMAR: [INTR-REMAP] Request device [f0:1f.7] fault index 0x10 [fault reason 0x26] Blocked an interrupt request due to source-id verification failure'
    for (const line of [old, now]) {
      expect(read(line)).toMatchObject({
        device: 'f0:1f.7',
        hop: { block: 'remapping', register: 'IRTE', fields: { 'fault index': '0x10' } },
      })
      expect(reason(line)?.code).toBe('0x26')
    }
    expect(
      reason(
        'INTR-REMAP: Request device[[42:00.1] fault index b0 INTR-REMAP:[] Present field in the IRTE entry is clear',
      )?.code,
    ).toBe('0x22')
    expect(
      reason(
        '(XEN) [VT-D]INTR-REMAP: Request device [0000:00:1f.0] fault index 0\n(XEN) [VT-D]INTR-REMAP: reason 25 - Blocked a compatibility format interrupt request',
      )?.code,
    ).toBe('0x25')
  })

  it('reads the fault status register alone: each bit by its name, the most severe as the reason, and the record index', () => {
    for (const { bit, name } of FSTS) {
      const line = read(`[ 3.1] DMAR: DRHD: handling fault status reg ${hex(1 << bit, 1)}`)
      expect(line.hop).toMatchObject({
        block: 'iommu',
        register: 'FSTS_REG',
        fields: { [name]: '1' },
        refusal: { name, code: `bit ${bit}` },
      })
      expect(FSTS.filter((b) => line.hop.fields?.[b.name] === '1')).toHaveLength(1)
    }
    const several = read('DMAR: DRHD: handling fault status reg 313')
    expect(several.hop.refusal?.name).toBe('IQE')
    expect(several.hop.fields).toMatchObject({ PFO: '1', PPF: '1', IQE: '1', ITE: '0', FRI: '3' })
    expect(several.hop.because[0]?.facts.join()).toContain('FRCD_REG[3]')
    expect(decodeFault('DMAR: DRHD: handling fault status reg 0').ok).toBe(false)
    const announced = read(
      'DMAR: DRHD: handling fault status reg 2\nDMAR: [DMA Write NO_PASID] Request device [0x6a:0x01.0] fault addr 0x1000 [fault reason 0x05] PTE Write access is not set',
    )
    expect([announced.device, announced.hop.refusal?.code]).toEqual(['6a:01.0', '0x05'])
  })

  it('reads the reason that old kernels print in a line of its own', () => {
    const { hop, device, address } = read('DMAR:[fault reason 12] non-zero reserved fields in PTE')
    expect([hop.refusal?.code, hop.register, device, address]).toEqual([
      '0x0c',
      'SSPTE (second-stage paging entry)',
      undefined,
      undefined,
    ])
  })

  it('says nothing of a register that the line does not show: an address or an index is none of its value', () => {
    const dma = 'DMAR: [DMA Read NO_PASID] Request device [6a:01.0] fault addr 0x1000 [fault reason 0x3a] words'
    expect([read(dma).hop.register, read(dma).hop.value, read(dma).address]).toEqual([
      'SMROOT (scalable root entry)',
      '',
      '0x1000',
    ])
    const irq = 'DMAR: [INTR-REMAP] Request device [01:00.0] fault index 0x1c [fault reason 0x22] words'
    expect([read(irq).hop.value, read(irq).hop.fields]).toEqual(['', { field: 'P', 'fault index': '0x1c' }])
    const error = 'idxd 0000:6a:01.0: err[0]: 0x00002a030000190d'
    expect([read(error).hop.value, read(error).hop.fields?.['SWERROR']]).toEqual(['', '0x2a030000190d'])
    expect(read('arm-smmu e0200000.iommu: Unhandled context fault: fsr=0x402, iova=0xffff0000').hop).toMatchObject({
      register: 'CBn_FSR',
      value: '0x402',
    })
  })

  it('knows the place of every reason of Tables 15 and 30, and no other', () => {
    const codes = [...DMA_REASONS.keys(), ...INTERRUPT_REASONS.keys()].sort((a, b) => a - b)
    expect([...PLACES.keys()].sort((a, b) => a - b)).toEqual(codes)
    for (const n of codes) {
      const line = INTERRUPT_REASONS.has(n)
        ? `DMAR: [INTR-REMAP] Request device [01:00.0] fault index 0x1 [fault reason 0x${hex(n)}] words`
        : `DMAR: [DMA Write PASID 0x5] Request device [01:00.0] fault addr 0x1000 [fault reason 0x${hex(n)}] words`
      const { hop, pasid } = read(line)
      const known = DMA_REASONS.get(n) ?? INTERRUPT_REASONS.get(n)
      expect(hop.refusal).toEqual({ code: `0x${hex(n)}`, name: known?.name, condition: known?.condition })
      expect(hop.fields?.['field']).toBe(PLACES.get(n)?.field)
      expect(pasid).toBe(INTERRUPT_REASONS.has(n) ? undefined : '0x5')
    }
    for (let n = 0; n < 256; n++) {
      const line = `DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x0 [fault reason 0x${hex(n)}] Unknown`
      expect(decodeFault(line).ok).toBe(codes.includes(n))
    }
  })
})

describe('AMD-Vi lines', () => {
  it('reads every event, with the function before it, in it, or not at all', () => {
    for (const e of AMD_EVENTS) {
      const line = `AMD-Vi: Event logged [${e.name} device=0000:02:00.0 domain=0x000d address=0xfffe0000 flags=0x0000]`
      expect(read(line)).toMatchObject({
        device: '0000:02:00.0',
        address: '0xfffe0000',
        hop: { refusal: { name: e.name, code: `0x${hex(e.code)}` } },
      })
    }
    expect(
      read('nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000b address=0xffeb0000 flags=0x0020]'),
    ).toMatchObject({
      device: '0000:01:00.0',
      access: 'write',
      hop: { fields: { field: 'PR', DomainID: '0xb' } },
    })
    expect(
      read('AMD-Vi: Event logged [IO_PAGE_FAULT device=02:00.0 domain=0x0000 address=0x0 flags=0x0050]').hop.fields?.[
        'field'
      ],
    ).toBe('IR')
    expect(
      read('AMD-Vi: Event logged [IO_PAGE_FAULT device=02:00.0 domain=0x0000 address=0x0 flags=0x00b0]').hop.fields?.[
        'field'
      ],
    ).toBe('reserved bits')
  })

  it('tells an interrupt from DMA, and names which request a device may not make', () => {
    const io = (flags: string) =>
      `AMD-Vi: Event logged [IO_PAGE_FAULT device=02:00.0 domain=0x0000 address=0xfdf8000000 flags=${flags}]`
    expect(read(io('0x0008')).hop).toMatchObject({ block: 'remapping', fields: { field: 'RemapEn' } })
    expect(read(io('0x0018')).hop).toMatchObject({ block: 'remapping', fields: { field: 'IntType, reserved bits' } })
    REQUEST_TYPES.forEach((condition, n) => {
      const line = `iommu ivhd0: AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0000:00:00.0 pasid=0x00000 address=0xfffffffdf8000000 flags=0x${hex(n << 9, 4)}]`
      expect(reason(line)?.condition).toBe(condition)
    })
  })
})

describe('SMMU lines', () => {
  const record = (n: number) => [
    BigInt(n) | (1n << 11n) | (7n << 12n) | (0x100n << 32n),
    (1n << 35n) | (2n << 40n),
    0xdead_b000n,
    0n,
  ]

  it('reads every event, from the words and from the decoded line', () => {
    for (const e of SMMU_EVENTS) {
      const raw = `arm-smmu-v3 2b400000.iommu: event 0x${hex(e.code)} received:\n${record(e.code)
        .map((w) => `arm-smmu-v3 2b400000.iommu: \t${word(w)}`)
        .join('\n')}`
      expect(read(raw)).toMatchObject({
        device: 'StreamID 0x100',
        pasid: '0x7',
        hop: { block: e.block, refusal: { name: e.name } },
      })
      const line = `arm-smmu-v3 arm-smmu-v3.0.auto: event: ${e.name} client: 0000:01:00.0 sid: 0x100 ssid: 0x7 iova: 0xdeadb000 ipa: 0x0`
      expect(read(line)).toMatchObject({
        device: '0000:01:00.0',
        pasid: '0x7',
        hop: { refusal: { code: `0x${hex(e.code)}` } },
      })
    }
    const translation = read(record(0x10).map(word).join(' '))
    expect(translation).toMatchObject({
      address: '0xdeadb000',
      access: 'read',
      hop: { fields: { class: 'IN', stage: '1' } },
    })
  })

  it('does not believe a header that its words contradict', () => {
    expect(decodeFault(`arm-smmu-v3 x: event 0x10 received: ${record(0x02).map(word).join(' ')}`)).toMatchObject({
      ok: false,
      error: { code: 'FAULT_LINE_UNKNOWN' },
    })
  })

  it('reads each bit of FSR, and the way of the access off FSYNR', () => {
    for (const { code: n, name } of FSR) {
      const line = `arm-smmu e0200000.iommu: Unhandled context fault: fsr=0x${hex(1 << n)}, iova=0xffff0000, fsynr=0x10, cbfrsynra=0x1402, cb=3`
      expect(read(line)).toMatchObject({
        device: 'StreamID 0x1402',
        access: 'write',
        hop: { refusal: { name, code: `bit ${n}` } },
      })
    }
  })
})

describe('idxd and virtio-iommu lines', () => {
  it('reads every SWERROR code from the driver’s four lines', () => {
    for (const { code: n, condition, block } of SW_ERRORS) {
      const words = [0x4dn | (BigInt(n) << 8n) | (2n << 16n) | (3n << 32n) | (0x1234n << 40n), 0n, 0xabc000n, 0n]
      const text = words.map((w, i) => `idxd 0000:6a:01.0: err[${i}]: ${word(w)}`).join('\n')
      expect(read(text)).toMatchObject({
        device: '0000:6a:01.0',
        address: '0xabc000',
        pasid: '0x1234',
        hop: { block, fields: { WQ: '2', operation: '0x03', PASID: '0x1234' }, refusal: { condition } },
      })
    }
  })

  it('reads every reason of virtio-iommu', () => {
    for (const [word, f] of Object.entries(VIRTIO_FAULTS))
      expect(read(`virtio_iommu virtio3: ${word} fault from EP 256 at 0x1000 [W]`)).toMatchObject({
        device: 'endpoint 0x100',
        access: 'write',
        hop: { refusal: { name: f.name } },
      })
  })

  it('reads the first of several faults, takes nothing from the others, and says how many there are', () => {
    const dmesg = [
      '[1.0] DMAR: DRHD: handling fault status reg 2',
      '[1.1] DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x7a000000 [fault reason 0x06] PTE Read access is not set',
      '[1.2] DMAR: [INTR-REMAP] Request device [03:00.0] fault index 0x10 [fault reason 0x22] words',
      '[1.3] AMD-Vi: Event logged [IO_PAGE_FAULT device=02:00.0 domain=0x0000 address=0x0 flags=0x0050]',
    ].join('\n')
    const { device, address, hop, further } = read(dmesg)
    expect([device, address, hop.refusal?.code, further]).toEqual(['00:02.0', '0x7a000000', '0x06', 2])
    expect(hop.fields).toEqual({ field: 'R' })
    expect(read('DMAR:[fault reason 12] words').further).toBeUndefined()
  })

  it('refuses to guess between two records that bare words could be', () => {
    const both = [0x11n | (0x19n << 8n), 0n, 0n, 0n].map(word).join(' ')
    expect(decodeFault(both)).toMatchObject({ ok: false, error: { code: 'FAULT_LINE_AMBIGUOUS' } })
    expect(read(`err[0]: ${word(0x11n | (0x19n << 8n))}`).hop.block).toBe('permission')
  })
})

describe('anything else', () => {
  it('is a coded fault with a hint', () => {
    for (const text of [
      '',
      'hello',
      'err[0]: 0x0',
      'DMAR: [DMA Read] Request device [01:00.0] fault addr 0',
      'Event logged [UNKNOWN event[0]=0x0',
    ])
      expect(decodeFault(text)).toMatchObject({
        ok: false,
        error: { code: 'FAULT_LINE_UNKNOWN', hint: expect.stringContaining('err[0]') as string },
      })
  })

  it('is read in bounded time, whatever it is', () => {
    const pieces = [
      'DMAR:',
      '[DMA Read',
      'Request device [',
      '[fault reason ',
      '0x',
      'err[0]: ',
      'Event logged [IO_PAGE_FAULT ',
      'event: F_',
      ' client: ',
      ' sid: ',
      '0x0000000000000011 ',
      ' ',
      '\n',
      'f',
      '01:00.0',
    ]
    const noise = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 60 })
    fc.assert(
      fc.property(noise, (parts) => {
        decodeFault(parts.join(''))
      }),
      { numRuns: 300 },
    )
    for (const piece of pieces) {
      const found = decodeFault(piece.repeat(200_000))
      if (!found.ok) expect(found.error.code).toMatch(/^FAULT_LINE_/)
    }
    const line = 'DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x0 [fault reason 0x06] PTE'
    expect(decodeFault(' '.repeat(MAX_LINE) + line).ok).toBe(false)
  })
})
