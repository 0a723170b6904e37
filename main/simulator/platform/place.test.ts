import { describe, expect, test } from 'vitest'
import { placeable } from './place'
import { Platform } from './schema'

/** DSA at 6a:01.0 behind a VT-d unit; an NVMe drive behind a PCIe-to-PCI bridge behind a root port; one function unserved. */
const board = (more: Record<string, unknown> = {}): Platform =>
  Platform.parse({
    doorbellPlatform: 1,
    name: 'board',
    arch: 'x86',
    source: 'test',
    roots: [{ id: 'pci0000:00', segment: 0, bus: 0 }],
    functions: [
      {
        bdf: '0000:00:01.0',
        parent: 'pci0000:00',
        vendor: 0x8086,
        device: 0x0b25,
        class: 0x088000,
        headerType: 0,
        configSize: 4096,
        pasid: { width: 20, exec: false, priv: true, enabled: true },
        siov: { ims: true },
      },
      {
        bdf: '0000:00:02.0',
        parent: 'pci0000:00',
        vendor: 1,
        device: 2,
        class: 0x060400,
        headerType: 1,
        configSize: 4096,
        express: { type: 'root-port', version: 2 },
        bridge: { primary: 0, secondary: 1, subordinate: 2 },
      },
      {
        bdf: '0000:01:00.0',
        parent: '0000:00:02.0',
        vendor: 1,
        device: 2,
        class: 0x060400,
        headerType: 1,
        configSize: 4096,
        express: { type: 'pcie-to-pci-bridge', version: 2 },
        bridge: { primary: 1, secondary: 2, subordinate: 2 },
      },
      {
        bdf: '0000:02:00.0',
        parent: '0000:01:00.0',
        vendor: 1,
        device: 2,
        class: 0x010802,
        headerType: 0,
        configSize: 64,
        unknown: ['acs', 'express', 'pasid', 'siov'],
      },
      {
        bdf: '0000:00:1f.0',
        parent: 'pci0000:00',
        vendor: 1,
        device: 2,
        class: 0x060100,
        headerType: 0,
        configSize: 256,
      },
    ],
    iommus: [
      {
        name: 'dmar0',
        kind: 'vt-d',
        registers: { ECAP_REG: '0xc998a4f050df' },
        interruptRemapping: true,
        serves: ['0000:00:01.0', '0000:00:02.0', '0000:01:00.0', '0000:02:00.0'],
        source: 'test',
      },
    ],
    msiControllers: [
      {
        name: 'x86-apic',
        kind: 'x86-apic',
        doorbell: '0xfee00000',
        serves: ['0000:00:01.0', '0000:00:02.0', '0000:01:00.0', '0000:02:00.0', '0000:00:1f.0'],
        source: 'test',
      },
      {
        name: 'dmar0-ir',
        kind: 'vt-d-ir',
        doorbell: '0xfee00000',
        serves: ['0000:00:01.0', '0000:02:00.0'],
        source: 'test',
      },
    ],
    ...more,
  })

const codes = (platform: Platform, bdf: string): string[] => {
  const placed = placeable(platform, bdf)
  if (!placed.ok) throw new Error(placed.error.message)
  return placed.value.warnings.map((warning) => warning.code)
}

describe('a mediated device', () => {
  test('goes under a DSA behind VT-d without any assumption, and its message through remapping', () => {
    const placed = placeable(board(), '0000:00:01.0')
    expect(placed.ok && placed.value).toEqual({
      iommu: 'dmar0',
      msiController: 'dmar0-ir',
      route: [
        '0000:00:01.0 writes the message, requester ID 00:01.0',
        'IOMMU unit dmar0: a write without PASID to 0xfeexxxxx is an interrupt request, not DMA',
        'dmar0-ir: the handle selects an IRTE, which checks the requester ID',
        'local APIC of the CPU that the IRTE names',
      ],
      warnings: [],
    })
  })

  test('may be placed by an address as people write it', () => {
    expect(placeable(board(), '00:01.0').ok).toBe(true)
  })

  test('passes every bridge on its way, nearest first', () => {
    const placed = placeable(board(), '0000:02:00.0')
    expect(placed.ok && placed.value.route.slice(1, 3)).toEqual([
      'pcie to pci bridge 0000:01:00.0, which puts its own requester ID on it',
      'root port 0000:00:02.0',
    ])
  })

  test('is told where the function is not known well enough', () => {
    expect(codes(board(), '0000:02:00.0')).toEqual(['PLACE_CONFIG_UNKNOWN'])
  })
})

describe('what is assumed is said', () => {
  const [dsa, ...others] = board().functions
  const without = (...keys: string[]) =>
    board({
      functions: [Object.fromEntries(Object.entries(dsa ?? {}).filter(([key]) => !keys.includes(key))), ...others],
    })
  const unit = (more: object) => board({ iommus: [{ ...board().iommus[0], ...more }] })

  const assumed: [string, Platform, string[]][] = [
    ['no PASID capability', without('pasid'), ['PLACE_NO_PASID']],
    ['no SIOV capability', without('siov'), ['PLACE_NO_IMS']],
    [
      'SIOV without interrupt message store',
      board({ functions: [{ ...dsa, siov: { ims: false } }, ...others] }),
      ['PLACE_NO_IMS'],
    ],
    ['a unit without PASID', unit({ registers: { ECAP_REG: '0x480080f00f4a' } }), ['PLACE_NO_SCALABLE_MODE']],
    ['a unit that cannot remap', unit({ interruptRemapping: false }), ['PLACE_NO_REMAPPING']],
    ['a unit of which that is not known', unit({ interruptRemapping: undefined }), ['PLACE_NO_REMAPPING']],
    ['remapping turned off', board({ kernel: { cmdline: 'quiet intremap=off' } }), ['PLACE_NO_REMAPPING']],
    ['the unit turned off', board({ kernel: { cmdline: 'intel_iommu=sm_on,off' } }), ['PLACE_UNIT_OFF']],
  ]
  test.each(assumed)('%s', (_what, platform, expected) => {
    expect(codes(platform, '0000:00:01.0')).toEqual(expected)
  })

  test('a GICv2m frame checks nobody', () => {
    const platform = board({
      arch: 'arm64',
      iommus: [{ name: 'smmu3.0x0000000009050000', kind: 'smmu-v3', serves: ['0000:00:01.0'], source: 'test' }],
      msiControllers: [
        { name: 'gicv2m@0x8020000', kind: 'gicv2m', doorbell: '0x8020040', serves: ['0000:00:01.0'], source: 'test' },
      ],
    })
    expect(codes(platform, '0000:00:01.0')).toEqual(['PLACE_NO_REMAPPING'])
  })
})

describe('it is refused', () => {
  const refused = (platform: Platform, bdf: string) => {
    const placed = placeable(platform, bdf)
    return placed.ok ? 'placed' : placed.error
  }

  test('under a function that is not there, with the nearest one', () => {
    expect(refused(board(), '0000:00:1f.1')).toMatchObject({
      code: 'PLATFORM_UNKNOWN_BDF',
      hint: 'did you mean 0000:00:1f.0?',
    })
    expect(refused(board(), 'nonsense')).toMatchObject({ code: 'PLATFORM_UNKNOWN_BDF' })
  })

  test('under a bridge, with an endpoint below it', () => {
    expect(refused(board(), '0000:00:02.0')).toMatchObject({
      code: 'PLATFORM_NOT_PLACEABLE',
      hint: 'place it under an endpoint, such as 0000:02:00.0',
    })
  })

  test('under a function that no IOMMU serves, or of which that is not known', () => {
    expect(refused(board(), '0000:00:1f.0')).toMatchObject({
      code: 'PLATFORM_NOT_PLACEABLE',
      message: '0000:00:1f.0 is served by no IOMMU unit, so it can have no PASID domain',
    })
    expect(refused(board({ iommus: [], unknown: ['iommus'] }), '0000:00:01.0')).toMatchObject({
      code: 'PLATFORM_NOT_PLACEABLE',
      hint: 'firmware tables are missing or damaged in the input: capture the machine again as root',
    })
  })

  test('where nobody takes its messages', () => {
    expect(refused(board({ msiControllers: [] }), '0000:00:01.0')).toMatchObject({ code: 'PLATFORM_NOT_PLACEABLE' })
  })

  test('on a platform that is none: functions in a circle', () => {
    const [dsa, port, ...rest] = board().functions
    const circle = board({ functions: [dsa, { ...port, parent: '0000:01:00.0' }, ...rest] })
    expect(refused(circle, '0000:00:01.0')).toMatchObject({ code: 'PLATFORM_INVALID' })
  })
})
