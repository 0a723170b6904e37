/** What a boot log says of the kernel that wrote it: release, command line, architecture. Facts of the machine, not observations. */
import type { Platform } from '../../platform/schema'
import type { PastedLine } from '../pasted'

export interface KernelFacts {
  readonly release?: string
  readonly cmdline?: string
  readonly arch?: Platform['arch']
}

/** Of several boots the last one counts. */
export function kernelIn(lines: readonly PastedLine[]): KernelFacts {
  let release: string | undefined
  let cmdline: string | undefined
  let arch: Platform['arch'] | undefined
  for (const { text } of lines) {
    const version = /\bLinux version (\d+\.\d+\S*)/.exec(text)
    if (version) {
      release = version[1]
      if (/x86_64|amd64/.test(text)) arch = 'x86'
      else if (/aarch64|arm64/.test(text)) arch = 'arm64'
      else if (/powerpc|ppc64/.test(text)) arch = 'powerpc'
    }
    const line =
      /\b(?:Kernel command line|Command line): (.*)$/.exec(text)?.[1] ?? /^\s*(BOOT_IMAGE=\S+ .*)$/.exec(text)?.[1]
    if (line !== undefined) cmdline = line.trim()
    if (/\bBIOS-e820: /.test(text)) arch = 'x86'
    if (/\bBooting Linux on physical CPU 0x\d+ \[0x/.test(text)) arch = 'arm64'
  }
  return {
    ...(release === undefined ? {} : { release: release.slice(0, 200) }),
    ...(cmdline === undefined ? {} : { cmdline: cmdline.slice(0, 4096) }),
    ...(arch === undefined ? {} : { arch }),
  }
}
