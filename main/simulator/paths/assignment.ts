/** The hop that a person meets before any request: VFIO hands the function over, or does not. */
import { because } from '../linux/reason'
import { accepted, refused, type Hop } from './hop'
import type { Scene } from './situation'

export function handedOver({ vfio, fn }: Scene): Hop[] {
  if (!vfio) return []
  const failed = vfio.steps.findLast((s) => !s.ok)
  const said = {
    block: 'vfio',
    at: fn.bdf,
    register: vfio.stage === 9 ? 'VFIO_GROUP_GET_DEVICE_FD' : (failed?.op ?? 'open-group'),
    value: vfio.stage === 9 ? '0' : `-${failed?.errno ?? 'ENOENT'}`,
    because:
      vfio.because.length > 0 ? vfio.because : [because('every step of the attach ladder succeeds', '40', fn.bdf)],
  } as const
  if (vfio.stage === 9) return [accepted(said)]
  return [
    refused(said, {
      name: said.value,
      condition: vfio.because.at(-1)?.rule ?? 'the function has no group to open',
    }),
  ]
}
