/**
 * The kernel's command line, as far as it decides DMA and interrupts (reference 20 §3, 10 §5). Options are read in
 * order; where two speak of one thing the last wins.
 */
import type { AcsOverride } from './board'

export interface CommandLine {
  readonly text: string
  /** intel_iommu=on / off; undefined: the build decides. */
  readonly intel: boolean | undefined
  readonly scalable: boolean | undefined
  readonly graphicsOff: boolean
  readonly amd: boolean
  /** amd_iommu=force_isolation: what devices can do is not looked at, so none is identity mapped for it. */
  readonly forceIsolation: boolean
  /** amd_iommu=pgtbl_v1 / pgtbl_v2 (6.2); undefined: v1. */
  readonly amdPageTables: 1 | 2 | undefined
  /** iommu=off (x86): no IOMMU at all. */
  readonly off: boolean
  /** intel_iommu=intgpu_off, of Debian's kernels. */
  readonly integratedOff: boolean
  /** iommu=pt / nopt of x86: before 5.4 a switch of its own, which VT-d and AMD look at. */
  readonly pt: boolean | undefined
  /** Default domain from the command line, by whichever option. */
  readonly passthrough: boolean | undefined
  readonly strict: boolean | undefined
  readonly interruptRemapping: boolean
  readonly acsOverride: AcsOverride
  /** pci=disable_acs_redir= and pci=config_acs=, as written. */
  readonly disableAcsRedir: string | undefined
  readonly configAcs: string | undefined
  /** pci=noats */
  readonly ats: boolean
  /** elfcorehdr=: this kernel was started by one that crashed (is_kdump_kernel). */
  readonly kdump: boolean
  readonly unsafeInterrupts: boolean
  /** iommufd.allow_unsafe_interrupts, a parameter of its own. */
  readonly unsafeIommufd: boolean
}

export function readCommandLine(text: string): CommandLine {
  const c: { -readonly [K in keyof CommandLine]: CommandLine[K] } = {
    text,
    intel: undefined,
    scalable: undefined,
    graphicsOff: false,
    integratedOff: false,
    pt: undefined,
    amd: true,
    forceIsolation: false,
    amdPageTables: undefined,
    off: false,
    passthrough: undefined,
    strict: undefined,
    interruptRemapping: true,
    acsOverride: { downstream: false, multifunction: false, ids: [] },
    disableAcsRedir: undefined,
    configAcs: undefined,
    ats: true,
    kdump: false,
    unsafeInterrupts: false,
    unsafeIommufd: false,
  }
  for (const word of text.split(/\s+/)) {
    const at = word.indexOf('=')
    const key = (at < 0 ? word : word.slice(0, at)).replaceAll('-', '_')
    const value = at < 0 ? '' : word.slice(at + 1)
    for (const part of key === 'pci' ? [] : value.split(',')) option(c, key, part)
    if (key === 'pci') pciOptions(c, value)
    if (key === 'elfcorehdr' && value !== '') c.kdump = true
    if (key === 'pcie_acs_override') c.acsOverride = override(value)
  }
  return c
}

type Mutable = { -readonly [K in keyof CommandLine]: CommandLine[K] }
const truth = (v: string): boolean => v === '1' || v === 'y' || v === 'Y' || v === 'on' || v === 'true'

function option(c: Mutable, key: string, v: string): void {
  switch (key) {
    case 'intel_iommu':
      if (v === 'on') {
        c.intel = true
        c.integratedOff = false
      }
      if (v === 'intgpu_off') {
        c.intel = true
        c.integratedOff = true
      }
      if (v === 'off') c.intel = false
      if (v === 'sm_on') c.scalable = true
      if (v === 'sm_off') c.scalable = false
      if (v === 'igfx_off') c.graphicsOff = true
      if (v === 'strict') c.strict = true
      return
    case 'amd_iommu':
      if (v === 'off') c.amd = false
      if (v === 'force_isolation') c.forceIsolation = true
      if (v === 'pgtbl_v1') c.amdPageTables = 1
      if (v === 'pgtbl_v2') c.amdPageTables = 2
      if (v === 'fullflush') c.strict = true
      return
    case 'iommu':
      if (v === 'off') c.off = true
      if (v === 'pt') c.pt = c.passthrough = true
      if (v === 'nopt') c.pt = c.passthrough = false
      return
    case 'iommu.passthrough':
      c.passthrough = truth(v)
      return
    case 'iommu.strict':
      c.strict = truth(v)
      return
    case 'intremap':
      if (v === 'off') c.interruptRemapping = false
      if (v === 'on') c.interruptRemapping = true
      return
    case 'nointremap':
      c.interruptRemapping = false
      return
    case 'vfio_iommu_type1.allow_unsafe_interrupts':
      c.unsafeInterrupts = truth(v)
      return
    case 'iommufd.allow_unsafe_interrupts':
      c.unsafeIommufd = truth(v)
      return
  }
}

function pciOptions(c: Mutable, value: string): void {
  for (const part of value.split(',')) {
    if (part === 'noats') c.ats = false
    if (part.startsWith('disable_acs_redir=')) c.disableAcsRedir = part.slice('disable_acs_redir='.length)
    if (part.startsWith('config_acs=')) c.configAcs = part.slice('config_acs='.length)
  }
}

function override(value: string): AcsOverride {
  const parts = value.split(',')
  const ids = parts.flatMap((p) => {
    const m = /^id:([0-9a-fA-F]{4}):([0-9a-fA-F]{4})$/.exec(p)
    return m ? [{ vendor: parseInt(m[1] ?? '0', 16), device: parseInt(m[2] ?? '0', 16) }] : []
  })
  return { downstream: parts.includes('downstream'), multifunction: parts.includes('multifunction'), ids }
}
