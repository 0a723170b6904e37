/**
 * How long a step takes in timed runs, nanoseconds, both ends inclusive. Orders of magnitude for planning, chosen by
 * us and not measured on any machine: what matters to a race is which intervals can overlap.
 */
export const LATENCY = {
  guestCode: [50, 400],
  trap: [1200, 4000],
  vmm: [800, 6000],
  ioctl: [500, 3000],
  hostCode: [100, 900],
  mmioPost: [20, 120],
  mmioArrive: [150, 900],
  mmioRead: [400, 1800],
  portalArrive: [150, 900],
  dispatch: [80, 500],
  execute: [200, 5000],
  message: [100, 700],
  inject: [300, 2500],
} as const satisfies Record<string, readonly [number, number]>
