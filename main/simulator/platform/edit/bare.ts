/** A board to begin with: one root bus and its host bridge, and on x86 the local APICs' window, which every machine has. */
import type { PciFunction, Platform } from '../schema'

/** QEMU's host bridges of q35 and virt; on powerpc the root port of the controller is the host. */
const HOST: Readonly<Record<'x86' | 'arm64', Pick<PciFunction, 'vendor' | 'device'>>> = {
  x86: { vendor: 0x8086, device: 0x29c0 },
  arm64: { vendor: 0x1b36, device: 0x0008 },
}

export function barePlatform(arch: 'x86' | 'arm64' | 'powerpc', name: string): Platform {
  const functions: PciFunction[] =
    arch === 'powerpc'
      ? []
      : [
          {
            bdf: '0000:00:00.0',
            parent: 'pci0000:00',
            ...HOST[arch],
            class: 0x060000,
            headerType: 0,
            multifunction: false,
            configSize: 256,
            busMaster: false,
            interruptPin: 0,
            unknown: [],
          },
        ]
  return {
    doorbellPlatform: 1,
    name,
    arch,
    source: 'drawn',
    kernel: {},
    roots: [{ id: 'pci0000:00', segment: 0, bus: 0 }],
    functions,
    iommus: [],
    msiControllers:
      arch === 'x86'
        ? [
            {
              name: 'x86-apic',
              kind: 'x86-apic',
              doorbell: '0xfee00000',
              size: '0x100000',
              serves: functions.map((fn) => fn.bdf),
              source: 'architecture',
            },
          ]
        : [],
    regions: [],
    unknown: [],
    assumptions: [],
    warnings: [],
  }
}
