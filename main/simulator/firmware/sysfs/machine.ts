/** The rest that a capture tells of the machine: kernel, architecture, registers of IOMMU units, what could not be read. */
import type { Platform, PlatformWarning } from '../../platform/schema'
import { hex } from '../../platform/address'
import type { Files } from '../tree'
import { warning } from '../warnings'

export type Kernel = Platform['kernel']

export function readKernel(files: Files): Kernel {
  const release = files.text('proc/sys/kernel/osrelease')
  const cmdline = files.text('proc/cmdline')
  const config = readConfig(files)
  const ramEnd = lastByteOfRam(files.text('proc/iomem'))
  return {
    ...(release === undefined ? {} : { release }),
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(config === undefined ? {} : { config }),
    ...(ramEnd === undefined ? {} : { ramEnd }),
  }
}

/** Without root every address in iomem reads as zero: then it is not known. */
function lastByteOfRam(iomem: string | undefined): string | undefined {
  let last = 0n
  for (const [, end = '0'] of (iomem ?? '').matchAll(/^[0-9a-f]{1,16}-([0-9a-f]{1,16}) : System RAM$/gim)) {
    const value = BigInt(`0x${end}`)
    if (value > last) last = value
  }
  return last === 0n ? undefined : hex(last)
}

function readConfig(files: Files): Record<string, string> | undefined {
  const name = files.list('boot').find((entry) => entry.startsWith('config-'))
  const text = name === undefined ? undefined : files.text(`boot/${name}`)
  if (text === undefined) return undefined
  const config: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const set = /^(CONFIG_\w+)=(.*)$/.exec(line)
    const unset = /^# (CONFIG_\w+) is not set/.exec(line)
    if (set?.[1] !== undefined) config[set[1]] = set[2] ?? ''
    else if (unset?.[1] !== undefined) config[unset[1]] = 'n'
  }
  return config
}

/** From what the CPU says of itself, else from the kernel's build. */
export function readArchitecture(files: Files, kernel: Kernel): Platform['arch'] {
  const cpu = files.text('proc/cpuinfo') ?? ''
  if (/^vendor_id\s*:/m.test(cpu)) return 'x86'
  if (/^CPU implementer\s*:/m.test(cpu)) return 'arm64'
  if (/^cpu\s*:\s*(e\d|POWER|PPC)/m.test(cpu)) return 'powerpc'
  if (kernel.config?.['CONFIG_X86'] === 'y' || kernel.config?.['CONFIG_X86_64'] === 'y') return 'x86'
  if (kernel.config?.['CONFIG_ARM64'] === 'y') return 'arm64'
  if (kernel.config?.['CONFIG_PPC'] === 'y') return 'powerpc'
  const release = kernel.release ?? ''
  if (/amd64|x86_64/.test(release)) return 'x86'
  return /arm64|aarch64/.test(release) ? 'arm64' : 'unknown'
}

/** Those that decide what a PASID can do: 1 GiB pages, five levels, and the two ways to submit work to a queue. */
const FLAGS = new Set(['pdpe1gb', 'la57', 'movdir64b', 'enqcmd'])

/** x86: of the flags of the first CPU those that decide something; undefined where the capture has none. */
export function readCpuFlags(files: Files): string[] | undefined {
  const line = /^flags\s*:(.*)$/m.exec(files.text('proc/cpuinfo') ?? '')?.[1]
  return line?.split(/\s+/).filter((f) => FLAGS.has(f))
}

/** An entry of sys/class/iommu: facts of the hardware that the driver read. Whom it serves is an observation: not read. */
export interface UnitRegisters {
  readonly name: string
  readonly kind: 'vt-d' | 'amd-vi' | 'other'
  /** VT-d only: tells which DRHD this is. */
  readonly base?: string
  readonly registers: Readonly<Record<string, string>>
}

export function readUnits(files: Files, kernel: Kernel): UnitRegisters[] {
  return files.list('sys/class/iommu').map((name): UnitRegisters => {
    const folder = `sys/class/iommu/${name}`
    const value = (file: string): string | undefined => hexWord(files.text(`${folder}/${file}`))
    const registers: Record<string, string> = {}
    const keep = (register: string, text: string | undefined): void => {
      if (text !== undefined) registers[register] = text
    }
    if (files.has(`${folder}/intel-iommu`)) {
      keep('VER_REG', version(files.text(`${folder}/intel-iommu/version`)))
      keep('CAP_REG', value('intel-iommu/cap'))
      keep('ECAP_REG', value('intel-iommu/ecap'))
      const base = value('intel-iommu/address')
      return { name, kind: 'vt-d', ...(base === undefined ? {} : { base }), registers }
    }
    if (files.has(`${folder}/amd-iommu`)) {
      keep('CAP_HEADER', value('amd-iommu/cap'))
      const [first, second] = (files.text(`${folder}/amd-iommu/features`) ?? '').split(':')
      // Up to Linux 6.6 the file has EFR2:EFR, from 6.7 on EFR:EFR2 (drivers/iommu/amd/init.c amd_iommu_show_features).
      const swapped = atLeastRelease(kernel.release, 6, 7)
      keep('EFR', hexWord(second === undefined || swapped ? first : second))
      keep('EFR2', hexWord(second === undefined ? undefined : swapped ? second : first))
      return { name, kind: 'amd-vi', registers }
    }
    return { name, kind: 'other', registers }
  })
}

const hexWord = (text: string | undefined): string | undefined =>
  text !== undefined && /^(0x)?[0-9a-f]{1,16}$/i.test(text) ? hex(BigInt(`0x${text.replace(/^0x/i, '')}`)) : undefined

/** "1:0" is major 1, minor 0: the register has them in bits 7:4 and 3:0. */
function version(text: string | undefined): string | undefined {
  const match = /^(\d{1,2}):(\d{1,2})$/.exec(text ?? '')
  return match ? hex((Number(match[1]) << 4) | Number(match[2])) : undefined
}

/** Whether "6.12.107+deb13-amd64" is at least 6.7; an unknown release counts as new. */
export function atLeastRelease(release: string | undefined, major: number, minor: number): boolean {
  const match = /^(\d+)\.(\d+)/.exec(release ?? '')
  if (!match) return true
  return Number(match[1]) > major || (Number(match[1]) === major && Number(match[2]) >= minor)
}

/** What the capture script could not read, as it says itself (one path a line); empty when it says nothing. */
export function readNotRead(files: Files, warnings: PlatformWarning[]): string[] {
  const paths = (files.text('not-read.txt') ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  if (paths.length > 0)
    warnings.push(
      warning(
        'CAPTURE_INCOMPLETE',
        `the capture was made without the rights to read ${paths.length} files, such as ${paths[0]}: run it as root`,
        { file: 'not-read.txt' },
      ),
    )
  return paths
}
