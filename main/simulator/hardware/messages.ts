/**
 * How a platform carries a device's messages, and what stands in its message store then: address and data in the format
 * of the interrupt controller that the function is wired to.
 */

export interface InterruptRoute {
  readonly controller: 'x86-apic' | 'vt-d-ir' | 'amd-ir' | 'gicv2m' | 'gicv3-its' | 'mpic' | 'assumed'
  /** From the device to the CPU, in words. */
  readonly hops: readonly string[]
  /** Requester ID (bus, device, function) of the function. */
  readonly requesterId: number
  /** Address that messages go to, where it is not the x86 interrupt window. */
  readonly doorbell?: bigint
  /** GICv2m: the first interrupt of the frame. */
  readonly firstSpi?: number
}

const WINDOW = 0xfee00000n

/**
 * VT-d remappable format (60 §2): handle in 19:5, bit 4 set, SHV in bit 3, the position in the block as data. AMD (60 §6):
 * the table index in the data. Compatibility format (60 §1): destination APIC ID in 19:12, vector in the data.
 * GICv2m and ITS (60 §7, §8): the controller's doorbell, with the SPI or the EventID. Which handle, vector or EventID a
 * kernel would choose is ours to choose: message n gets number n, vector 0 of the device being its own.
 */
export function messageOf(route: InterruptRoute, n: number): { address: bigint; data: bigint } {
  switch (route.controller) {
    case 'vt-d-ir':
    case 'assumed':
      return { address: WINDOW | (BigInt(n) << 5n) | (1n << 4n) | (1n << 3n), data: 0n }
    case 'amd-ir':
      return { address: WINDOW, data: BigInt(n) }
    case 'x86-apic':
      return { address: WINDOW, data: BigInt(0x20 + n) }
    case 'gicv2m':
      return { address: route.doorbell ?? 0n, data: BigInt((route.firstSpi ?? 32) + n - 1) }
    case 'gicv3-its':
    case 'mpic':
      return { address: route.doorbell ?? 0n, data: BigInt(n) }
  }
}

/**
 * Codes of the names of one half of a message on this route: of a name that ends in a number (`irq0`, `address0`), the
 * half of that message; behind `_odd`, the same with bit 0 turned over. Other names keep their codes.
 */
export function routed(
  half: 'address' | 'data',
  names: readonly (readonly [string, bigint])[],
  route: InterruptRoute,
): (readonly [string, bigint])[] {
  return names.map(([name, code]) => {
    const m = /(\d+)(_odd)?$/.exec(name)
    if (!m) return [name, code]
    const value = messageOf(route, Number(m[1]) + 1)[half]
    return [name, m[2] ? value ^ 1n : value]
  })
}
