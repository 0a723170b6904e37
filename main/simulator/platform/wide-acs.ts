/** Intel Sunrise and Union Point root ports: both registers are 32 bits wide, so control stands at +8 (10 §4, Linux quirks.c). */
const WIDE_ACS: readonly (readonly [number, number])[] = [
  [0xa110, 0xa11f],
  [0xa167, 0xa16a],
  [0xa290, 0xa29f],
  [0xa2e7, 0xa2ee],
  [0x9d10, 0x9d1b],
]
/** Whether the two ACS registers are 32 bits wide, so that lspci shows the upper half of the first as the second. */
export const hasWideAcs = ({ vendor, device }: { vendor?: number; device?: number }): boolean =>
  vendor === 0x8086 && device !== undefined && WIDE_ACS.some(([first, last]) => device >= first && device <= last)
