/** What differs between kernels, as data. Each switch names the source of the difference. */

/** [major, minor] */
export type Version = readonly [number, number]

export interface KernelPolicy {
  readonly id: string
  readonly title: string
  /** Lowest release, as [major, minor]. */
  readonly from: Version
  /** The release that is planned for: the one that was asked for, else the one that the era is called after. */
  readonly version: Version
  /** Firmware regions of USB and graphics devices are marked relaxable (5.3; reference 30 §2.1). */
  readonly relaxableRegions: boolean
  /**
   * Who chooses the domain that the kernel's own DMA goes through (20 §4, §5). `driver`: VT-d, a domain for each device
   * (up to 5.2); `first-device`: the first device of a group may have its default exchanged (5.3 … 5.7; AMD from 4.2 on);
   * `core`: drivers are asked about every device, then the core decides (5.8).
   */
  readonly defaultDomains: 'driver' | 'first-device' | 'core'
  /** Two opinions in one group: the stored one is cleared (6.1), or identity wins (6.12; 20 §5). */
  readonly conflict: 'use-default' | 'identity-wins'
  /** Behind an external-facing port: nothing (before 5.0), everything (before 6.12), or all but a built-in switch (6.12; arch_pci_dev_is_removable). */
  readonly untrusted: 'none' | 'all-below' | 'tunnelled'
  /** Isolation of MSIs: one answer for the system (4.11 … 6.2) or each device's own (6.3; 40 §5, §6). */
  readonly isolation: 'bus-capability' | 'system' | 'device'
  /** A group with a host driver in it is refused when its device is opened (up to 5.18), or when it joins a container (40 §8). */
  readonly viability: 'device-fd' | 'container'
  /** User space is told the usable IOVA ranges, and mappings outside them are refused (5.4; 40 §5). */
  readonly iovaList: boolean
  /** A `direct` region refuses assignment: where and with which errno (05.1, 05.6, 05.7; 40 §7). */
  readonly directRegion: {
    readonly at: 'SET_CONTAINER' | 'SET_IOMMU'
    readonly errno: string
    readonly units: 'vt-d' | 'all'
  }
  /**
   * What decides that interrupts are safe enough to assign a device (00 S0.5, S0.10):
   * `isolation` asks for isolation only (as merged); `three-branch` also accepts a doorbell that can be mapped;
   * `two-branch` takes remapping, or a controller that isolates and whose doorbell can be mapped.
   */
  readonly msiVerdict: 'isolation' | 'three-branch' | 'two-branch'
  /** Relaxable regions inside or across direct ones: both listed (as merged), or cut to what lies outside (00 S2.6). */
  readonly relaxableOverlap: 'list' | 'truncate'
  /** A device that must be identity mapped: shares its group's domain, gets a group of its own (S3.10), or a private domain (S3.7, S3.8). */
  readonly identity: 'group' | 'own-group' | 'private-domain'
  /**
   * How the ways to reset a function are found: tried when a reset is asked for, or listed once when the function is
   * discovered, with ACPI's _RST among them (5.15; pci_init_reset_methods); `cxl_bus` came with 6.11.
   */
  readonly reset: { readonly listed: 'at-reset' | 'at-discovery'; readonly acpi: boolean; readonly cxlBus: boolean }
  /** What enabling MSI or MSI-X answers where no MSI domain takes the device (05.9; drivers/pci/msi). */
  readonly noMsiDomain: 'EINVAL' | 'ENODEV' | 'ENOTSUPP'
  /** vfio takes only devices whose DMA can be cache coherent (5.19; commit e8ae0e140c05). */
  readonly coherentOnly: boolean
  /** Devices have character devices of their own, /dev/vfio/devices/vfioN, to be bound to an iommufd (6.6). */
  readonly cdev: boolean
}

/** `6.12.107+deb13-amd64` → [6, 12]. Undefined: not understood. */
export function versionOf(release: string): Version | undefined {
  const m = /^v?(\d+)\.(\d+)/.exec(release)
  return m ? [Number(m[1]), Number(m[2])] : undefined
}

export const atLeast = (version: Version, major: number, minor: number): boolean =>
  version[0] > major || (version[0] === major && version[1] >= minor)
