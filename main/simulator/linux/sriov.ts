/**
 * Virtual functions that do not exist yet: what `echo N > sriov_numvfs` would add.
 * Source: PCIe SR-IOV capability (first offset and stride count from the physical function's requester ID);
 * drivers/pci/iov.c sriov_enable; VT-d and the others look a virtual function's unit up by its physical function.
 */
import { err, fault, ok, type Result } from '../faults'
import { addressOfRequester, formatAddress, parseAddress, requesterId } from '../platform/address'
import type { PciFunction, Platform } from '../platform/schema'

export function withVirtualFunctions(platform: Platform, bdf: string, count: number): Result<Platform> {
  const pf = platform.functions.find((f) => f.bdf === bdf)
  const address = parseAddress(bdf)
  if (!pf || !address) return err(fault('PLATFORM_UNKNOWN_BDF', `the machine has no function ${bdf}`))
  if (!pf.sriov) {
    const unknown = pf.unknown.includes('sriov')
    return err(
      fault(
        'PLATFORM_NOT_PLACEABLE',
        `${bdf} has no SR-IOV capability${unknown ? ' that the input could show' : ''}`,
        unknown ? { hint: 'capture the machine again as root' } : {},
      ),
    )
  }
  if (count < 1 || count > pf.sriov.total)
    return err(fault('PLATFORM_NOT_PLACEABLE', `${bdf} can have 1 … ${pf.sriov.total} virtual functions, not ${count}`))
  const { firstOffset, stride, vfDevice } = pf.sriov
  const last = (requesterId(address) + firstOffset + (count - 1) * stride) >> 8
  const end = platform.functions.find((f) => f.bdf === pf.parent)?.bridge?.subordinate ?? 0xff
  if (last > end)
    return err(
      fault(
        'PLATFORM_NOT_PLACEABLE',
        `${bdf}: can't enable ${count} virtual functions: the last one’s bus 0x${last.toString(16)} lies beyond the last of the bridge above, 0x${end.toString(16)}: sriov_numvfs answers -ENOMEM`,
        { hint: 'reserve bus numbers below the bridge: in the firmware, or with pci=assign-busses' },
      ),
    )
  const added = Array.from({ length: count }, (_, i): PciFunction => {
    const rid = requesterId(address) + firstOffset + i * stride
    return {
      bdf: formatAddress(addressOfRequester(address.segment, rid)),
      parent: pf.parent,
      vendor: pf.vendor,
      device: vfDevice,
      class: pf.class,
      headerType: 0,
      multifunction: false,
      configSize: 0,
      // PCIe 6.0 §9.2.2.2, §9.3.4: every virtual function has FLR, and none has INTx. Its own capabilities show only then.
      express: { type: 'endpoint', version: 2, slot: false, flr: true },
      interruptPin: 0,
      physfn: pf.bdf,
      unknown: ['af', 'msi', 'msix', 'pm'],
    }
  }).filter((f) => !platform.functions.some((x) => x.bdf === f.bdf))
  const join = <T extends { serves: string[] }>(list: readonly T[]): T[] =>
    list.map((x) => (x.serves.includes(pf.bdf) ? { ...x, serves: [...x.serves, ...added.map((f) => f.bdf)] } : x))
  return ok({
    ...platform,
    functions: [...platform.functions, ...added],
    iommus: join(platform.iommus),
    msiControllers: join(platform.msiControllers),
    assumptions: [
      ...platform.assumptions,
      `${bdf}: ${count} virtual functions are enabled, each a PCIe endpoint of its own`,
    ],
  })
}
