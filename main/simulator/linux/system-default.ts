/**
 * The system-wide default domain, before anybody's opinion: command line, build, virtual IOMMUs, firmware's opt-in.
 * Sources: drivers/iommu/iommu.c iommu_subsys_init, arch/x86/kernel/pci-dma.c iommu_setup,
 * drivers/iommu/intel/iommu.c platform_optin_force_iommu (reference 20 §2, §3).
 */
import type { Platform } from '../platform/schema'
import type { Board } from './board'
import type { CommandLine } from './cmdline'
import { bit, type Decision } from './decision'
import { atLeast, type KernelPolicy, type Version } from './policies/policy'
import { because, type Reason } from './reason'
import { forcedByFirmware } from './units'

const CAP_CM = 7n
const AMD_CAP_NPCACHE = 26n

export function systemDefault(board: Board, c: CommandLine, policy: KernelPolicy): Decision {
  const { platform } = board
  const { version } = policy
  const forced = atLeast(version, 5, 6) && forcedByFirmware(board, c, version)
  if (forced)
    return {
      type: 'identity',
      because: [
        because(
          'VT-d runs only because firmware opts in: what is trusted passes through',
          '20 §3; platform_optin_force_iommu',
          forced,
        ),
      ],
    }
  const { passthrough, why } = wanted(platform, c, version)
  if (passthrough) return { type: 'identity', because: [because('default domain passthrough', '20 §2', why)] }
  const strict = strictness(platform, c)
  const reasons = [because('default domain translated', '20 §2', why), strict.reason]
  if (strict.strict || atLeast(version, 5, 15)) return { type: strict.strict ? 'DMA' : 'DMA-FQ', because: reasons }
  const word = because('lazy or strict, the type is called DMA before 5.15', '20 §9; IOMMU_DOMAIN_DMA_FQ')
  return { type: 'DMA', because: [...reasons, word] }
}

/** iommu.passthrough= came with 4.12 (fccb4e3b8ab0), the build option with 4.19; iommu=pt of x86 is older than both. */
function wanted({ kernel, arch }: Platform, c: CommandLine, version: Version): { passthrough: boolean; why: string } {
  const asked = atLeast(version, 4, 12) ? c.passthrough : arch === 'x86' ? c.pt : undefined
  if (asked === undefined) {
    const passthrough = atLeast(version, 4, 19) && kernel.config?.['CONFIG_IOMMU_DEFAULT_PASSTHROUGH'] === 'y'
    return { passthrough, why: 'no passthrough option on the command line' }
  }
  const words = c.text.split(/\s+/).filter((w) => /^iommu[.=]/.test(w))
  return { passthrough: asked, why: `command line: ${words.join(' ')}` }
}

function strictness(platform: Platform, c: CommandLine): { strict: boolean; reason: Reason } {
  const virtual = platform.iommus.find(
    (u) =>
      (u.kind === 'vt-d' && bit(u.registers['CAP_REG'], CAP_CM)) ||
      (u.kind === 'amd-vi' && bit(u.registers['CAP_HEADER'], AMD_CAP_NPCACHE)),
  )
  if (virtual)
    return {
      strict: true,
      reason: because(
        'strict invalidation: the IOMMU is virtual',
        '20 §2 step 4; 05.20, 05.6',
        `${virtual.name} says that it caches non-present entries`,
      ),
    }
  const answer = (strict: boolean, cite: string, fact: string) => ({
    strict,
    reason: because(strict ? 'strict invalidation' : 'lazy invalidation', cite, fact),
  })
  if (c.strict !== undefined) return answer(c.strict, '20 §3', 'command line')
  const config = platform.kernel.config
  if (config) {
    const strict = config['CONFIG_IOMMU_DEFAULT_DMA_STRICT'] === 'y'
    return answer(strict, '20 §2', `CONFIG_IOMMU_DEFAULT_DMA_STRICT is ${strict ? 'set' : 'not set'}`)
  }
  return answer(platform.arch !== 'x86', '20 §2', `the default of ${platform.arch} builds`)
}
